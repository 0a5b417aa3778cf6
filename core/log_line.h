/*
 * log_line.h: how one log line looks, as JSON and as text. Pure: no clock, no descriptor.
 */
#ifndef CORE_LOG_LINE_H
#define CORE_LOG_LINE_H

#include "core/log.h"

/*
 * LOG_LINE_MAX is PIPE_BUF: a write of that size into a pipe is whole or not at all.
 * LOG_VALUE_MAX is what one text may take of it, so that one long value leaves room for others.
 */
enum { LOG_LINE_MAX = 4096, LOG_VALUE_MAX = 1024 };

/* What every line has. `wall_ns` is nanoseconds since 1970. */
typedef struct log_event {
    uint64_t wall_ns;
    log_level_t level;
    log_component_t component;
    const char *id, *msg;
    const log_field_t *fields;
    size_t count;
} log_event_t;

/*
 * log_line_format appends the line and its newline, LOG_LINE_MAX bytes at most. A text that is cut
 * ends in an ellipsis, a number that does not fit is left out, and then the line has the field
 * `truncated`.
 */
void log_line_format(const log_event_t *event, log_format_t format, strbuf_t *ret_line);

#endif
