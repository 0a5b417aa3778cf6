/*
 * traffic_log.h: the access log of one connection actor: lines are gathered here and handed to
 * the access log actor in bulk, as many messages as it has given credit for. Without credit
 * lines are dropped and counted: a blocked log never holds a request back.
 */
#ifndef ACTORS_TRAFFIC_LOG_H
#define ACTORS_TRAFFIC_LOG_H

#include "actors/access_line.h"
#include "actors/access_log_msg.h"
#include "actors/traffic.h"

/* Members are private. */
typedef struct traffic_log {
    log_lines_t *lines;       /* being filled; NULL: none */
    uint32_t credits, window; /* messages that may go now, and at most */
    uint32_t dropped;         /* and not told yet */
    uint32_t sample, skipped; /* one request of `sample` is logged */
    access_clock_t clock;
} traffic_log_t;

/* traffic_log_init starts with the whole window, that many messages; 0 is LOG_WINDOW. `sample` 0
 * is 1. */
void traffic_log_init(traffic_log_t *log, uint32_t sample, uint32_t window);
void traffic_log_fini(traffic_log_t *log);

/* traffic_log_add writes a line. It returns true when the lines should be taken now. */
bool traffic_log_add(traffic_log_t *log, const traffic_end_t *end, slice_t listener,
                     uint64_t wall_ns);

/* traffic_log_take gives the lines so far, which the caller owns, or NULL; it costs a credit. */
log_lines_t *traffic_log_take(traffic_log_t *log);

/* traffic_log_dropped gives the lines dropped since the last message or call: while the log is
 * blocked there is no message to tell of them. */
uint32_t traffic_log_dropped(traffic_log_t *log);

/* traffic_log_credit: one message has been written. */
void traffic_log_credit(traffic_log_t *log);

#endif
