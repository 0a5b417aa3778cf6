/*
 * connection.h: how the connection actors are started. Data only.
 */
#ifndef ACTORS_CONNECTION_H
#define ACTORS_CONNECTION_H

#include "transport/http1.h"

/* From the configuration; shared by all of them, read-only. */
typedef struct connection_args {
    http1_limits_t limits;       /* of request heads */
    uint32_t connections_max;    /* per worker */
    uint32_t header_timeout_ms;  /* from the first byte of a head to its last */
    uint32_t idle_timeout_ms;    /* between two requests */
    uint32_t body_timeout_ms;    /* between two pieces of a request's body */
    uint32_t write_timeout_ms;   /* without the client taking a byte */
    uint32_t request_timeout_ms; /* how long a response is waited for, at the very most */
    uint32_t trusted_hops;       /* proxies before us whose X-Forwarded-* are believed */
    bool access_log;
    uint32_t access_log_sample; /* one request of that many is logged; 0 is 1 */
    uint32_t access_log_window; /* messages to the access log under way; 0 is LOG_WINDOW */
    uint32_t series_max;        /* of routes and backends, before "other" */
} connection_args_t;

#endif
