/*
 * traffic.h: what one connection actor has seen: the counters of listeners and of requests. Plain
 * counters of one worker.
 *
 * Requests are counted by listener, route and backend. What the configuration names comes and
 * goes: a series is held for as long as the snapshot knows all three names, or a response is on
 * its way. Beyond a limit the rest of a listener is counted as route and backend "other".
 */
#ifndef ACTORS_TRAFFIC_H
#define ACTORS_TRAFFIC_H

#include "actors/exchange.h"
#include "metrics/metric_set.h"

/* The listener's number; of route and backend what no two names ever had in common (series_id_t),
 * or 0: none. */
typedef struct traffic_key {
    uint32_t listener, route, backend;
} traffic_key_t;

typedef struct traffic_slot {
    traffic_key_t key;
    uint32_t route, backend; /* the numbers that go with it */
    metric_place_t place;    /* METRIC_NO_PLACE: "other", there was no room */
    http_series_t *series;   /* NULL: empty */
} traffic_slot_t;

typedef struct traffic_listener {
    char *name; /* NULL: the number is not in use */
    metric_place_t place;
    listener_series_t *series;
} traffic_listener_t;

/* Members are private, except `set`. */
typedef struct traffic {
    metric_set_t *set;
    const snapshot_t *snapshot; /* the latest, held; NULL: none yet */
    traffic_slot_t *slots;      /* open addressing */
    uint32_t mask, used;
    uint32_t hand;                 /* where to look next for a slot that is not needed any more */
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

/* traffic_configure takes a snapshot (moved): its listeners' names, and which routes and backends
 * there are from now on. */
void traffic_configure(traffic_t *traffic, snapshot_t **snapshot);

/* Counting under a listener's number that no snapshot has named is legal. */
void traffic_opened(traffic_t *traffic, uint32_t listener);
void traffic_closed(traffic_t *traffic, uint32_t listener);
void traffic_refused(traffic_t *traffic, uint32_t listener);
void traffic_idle_closed(traffic_t *traffic, uint32_t listener);

/* traffic_began counts a request in flight, until traffic_left. */
void traffic_began(traffic_t *traffic, uint32_t listener);
void traffic_left(traffic_t *traffic, uint32_t listener);

/* traffic_streams counts a response whose body comes later: in the series that it gives, which
 * stays until the caller has taken it back there with traffic_streamed. */
http_series_t *traffic_streams(traffic_t *traffic, uint32_t listener, const exchange_t *exchange);
void traffic_streamed(http_series_t *series);

/* traffic_ended counts one request. */
void traffic_ended(traffic_t *traffic, const traffic_end_t *end);

/* traffic_listener_name borrows the listener's name. */
slice_t traffic_listener_name(const traffic_t *traffic, uint32_t listener);

#endif
