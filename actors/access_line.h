/*
 * access_line.h: one line of the access log. A pure function of what happened, on the way of
 * every request: it writes by hand into memory that the caller has, and allocates nothing.
 *
 * The query of a request is not in it: people put secrets there. Neither are cookies nor
 * credentials.
 */
#ifndef ACTORS_ACCESS_LINE_H
#define ACTORS_ACCESS_LINE_H

#include "core/slice.h"

enum {
    ACCESS_FIELD_MAX = 1024, /* bytes of one text; what is longer is cut, and marked "..." */
    ACCESS_LINE_MAX = 16384  /* no line is longer */
};

typedef struct access_record {
    uint64_t wall_ns; /* end of the response, since 1970 */
    slice_t listener, client_ip;
    slice_t method, host, path, request_id, user_agent, referer, forwarded_for;
    uint8_t minor; /* HTTP/1.minor */
    slice_t route_kind, route_namespace, route_name;
    slice_t backend, endpoint;
    slice_t flag;
    unsigned status, attempts;
    uint64_t duration_ns, connect_ns;
    uint64_t received, sent; /* bytes of the bodies */
    uint64_t trace;
} access_record_t;

/* The text of the last second, so that it is not made anew for each line. Zeroed at first. */
typedef struct access_clock {
    uint64_t second;
    char text[20]; /* "2026-11-24T10:00:00" */
} access_clock_t;

/* access_line_put writes the record as one JSON object with its line end and gives the length;
 * `to` has room for ACCESS_LINE_MAX bytes. */
size_t access_line_put(char *to, const access_record_t *record, access_clock_t *clock);

#endif
