/*
 * access_log_msg.h: the protocol of the access log actor, on the control worker. The lines are
 * made where the request ends and come here in bulk.
 */
#ifndef ACTORS_ACCESS_LOG_MSG_H
#define ACTORS_ACCESS_LOG_MSG_H

#include "core/core_msg.h"

/* Whole lines, each with its line end. */
typedef struct log_lines {
    uint32_t count;   /* lines */
    uint32_t len;     /* bytes */
    uint32_t dropped; /* lines that the sender had no room for, since its last message */
    char data[];
} log_lines_t;
void log_lines_free(log_lines_t *lines);

enum {
    LOG_LINES_MAX = 65536, /* bytes in one message */
    LOG_WINDOW = 16        /* messages of one sender that may be on the way, if it is not told */
};

#define ACCESS_LOG_MESSAGES(X)                                                                     \
    X(LOG_LINES, log_lines_t, log_lines_free,                                                      \
      "connection -> access_log: write these; answer LOG_CREDIT (plain, not a request)")           \
    X(LOG_CREDIT, msg_none_t, msg_none_free, "access_log -> connection: one message is written")   \
    X(LOG_WRITABLE, msg_none_t, msg_none_free, "access_log -> itself: try the sink again")

MSG_DECLARE(access_log, 16, ACCESS_LOG_MESSAGES)

#endif
