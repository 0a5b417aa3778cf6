/*
 * traffic.h: what one connection actor has seen: the counters of listeners and of requests, and
 * the access log. Plain counters of one worker.
 */
#ifndef ACTORS_TRAFFIC_H
#define ACTORS_TRAFFIC_H

#include "actors/exchange.h"
#include "metrics/metric_set.h"

/* Numbers instead of names; 0: none (route and cluster count from 1). */
typedef struct traffic_key {
    uint32_t listener, route, cluster;
} traffic_key_t;

typedef struct traffic_slot {
    traffic_key_t key;
    http_series_t *series; /* NULL: empty */
} traffic_slot_t;

typedef struct traffic_listener {
    char *name;
    listener_series_t *series;
} traffic_listener_t;

/* Members are private, except `set`. */
typedef struct traffic {
    metric_set_t *set;
    traffic_slot_t *slots; /* open addressing */
    uint32_t mask, used, limit;
    traffic_listener_t *listeners; /* by dense number */
    uint32_t listener_count;
} traffic_t;

/* How an exchange ended. */
typedef struct traffic_end {
    const exchange_t *exchange;
    uint32_t listener;
    slice_t client_ip;
    response_flag_t flag;
    unsigned status;
    uint64_t received, sent; /* bytes of the bodies */
    uint64_t duration_ns;
} traffic_end_t;

/* traffic_init starts counting; at most `limit` series of requests have labels of their own. */
void traffic_init(traffic_t *traffic, uint32_t limit);
void traffic_fini(traffic_t *traffic);

void traffic_opened(traffic_t *traffic, uint32_t listener);
void traffic_closed(traffic_t *traffic, uint32_t listener);
void traffic_refused(traffic_t *traffic, uint32_t listener);
void traffic_idle_closed(traffic_t *traffic, uint32_t listener);

/* traffic_began counts a request in flight, until traffic_left. */
void traffic_began(traffic_t *traffic, uint32_t listener);
void traffic_left(traffic_t *traffic, uint32_t listener);

/* traffic_streams counts a response whose body comes later (+1), until it ends (-1). */
void traffic_streams(traffic_t *traffic, const traffic_end_t *end, int change);

/* traffic_ended counts one request. */
void traffic_ended(traffic_t *traffic, const traffic_end_t *end);

/* traffic_name gives a listener its name; counting under a number without one is legal. */
void traffic_name(traffic_t *traffic, uint32_t listener, slice_t name);

/* traffic_listener_name borrows it. */
slice_t traffic_listener_name(const traffic_t *traffic, uint32_t listener);

#endif
