/*
 * upstream.h: what a router gives to the upstream actors that it starts, and how a router itself
 * is started. Data only.
 */
#ifndef ACTORS_UPSTREAM_H
#define ACTORS_UPSTREAM_H

#include "actors/upstream_msg.h"
#include "metrics/metric_set.h"

/* From the configuration; shared by all routers and upstreams, read-only. */
typedef struct router_args {
    uint32_t response_timeout_ms; /* from the end of a request to the head of its response, where
                                   * the route has no timeout; 0: none */
    uint32_t connect_timeout_ms;
    uint32_t idle_timeout_ms;  /* of a pooled connection */
    uint32_t response_idle_ms; /* between two pieces of a response body */
    uint32_t connections_max;  /* connections of one upstream actor */
    uint32_t pending_max;      /* exchanges that wait for one; beyond that: CB */
    uint32_t pool_max;         /* idle connections per endpoint and worker */
    uint32_t response_head_bytes;
    uint32_t response_field_count;
    uint32_t series_max; /* backends with counters of their own on one worker; the rest: "other" */
} router_args_t;

/* The counters of all backends on one worker. Counted without atomics; it outlives a restart of
 * the router as long as an upstream uses it. */
typedef struct backend_counters {
    metric_set_t *set;
    uint32_t holders;
    uint32_t started; /* upstream actors so far, for their names */
} backend_counters_t;

backend_counters_t *backend_counters_new(uint32_t series_max);
void backend_counters_unref(backend_counters_t *counters);

/* The arguments of one upstream actor; all of it is its own. */
typedef struct upstream_args {
    destination_t *destination;
    backend_counters_t *counters;
    const router_args_t *limits;
    char *backend; /* the label of its counters */
} upstream_args_t;

/* upstream_args_new takes the destination and copies the name. */
upstream_args_t *upstream_args_new(destination_t **destination, slice_t backend,
                                   backend_counters_t *counters, const router_args_t *limits);
void upstream_args_free(void *args);

#endif
