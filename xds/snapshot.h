/*
 * snapshot.h: the whole configuration of the data plane at one moment: listeners with their route
 * tables, clusters, endpoints, and the names of what is counted. Immutable and counted; any
 * thread reads it without a lock. What did not change is shared with the snapshot before.
 *
 * Everything that the functions here return is borrowed from the snapshot.
 */
#ifndef XDS_SNAPSHOT_H
#define XDS_SNAPSHOT_H

#include "xds/cluster.h"
#include "xds/endpoints.h"
#include "xds/listener.h"

typedef struct snapshot snapshot_t;

/* snapshot_ref adds a reference. Any thread. */
const snapshot_t *snapshot_ref(const snapshot_t *snapshot);

/* snapshot_unref gives one back; the last one frees the snapshot. Any thread. NULL is legal. */
void snapshot_unref(const snapshot_t *snapshot);

/* snapshot_sequence gives 0 for the empty one at the start, and one more for each that follows. */
uint64_t snapshot_sequence(const snapshot_t *snapshot);

/* A listener and what its requests are matched against (NULL: nothing is there yet). */
typedef struct snapshot_listener {
    const listener_t *listener;
    const route_table_t *routes;
} snapshot_listener_t;

/* snapshot_listeners gives all listeners, sorted by name. */
const snapshot_listener_t *snapshot_listeners(const snapshot_t *snapshot, uint32_t *ret_count);

/* snapshot_find_listener gives the listener of that name, or NULL. */
const snapshot_listener_t *snapshot_find_listener(const snapshot_t *snapshot, slice_t name);

/* snapshot_cluster gives the cluster with that dense number, or NULL. On the way of requests. */
const cluster_t *snapshot_cluster(const snapshot_t *snapshot, uint32_t number);

/* snapshot_endpoints gives the endpoints of a cluster, or NULL when they are not known (yet). */
const endpoints_t *snapshot_endpoints(const snapshot_t *snapshot, const cluster_t *cluster);

/* snapshot_next_cluster walks the clusters: *at starts at 0, NULL is the end. */
const cluster_t *snapshot_next_cluster(const snapshot_t *snapshot, uint32_t *at);

/*
 * snapshot_series_count tells below what all numbers of that kind are: arrays by number have that
 * size. snapshot_series_name gives the name behind a number, or the empty slice.
 * snapshot_series_has says whether the configuration knows the name of that birth (series.h).
 */
uint32_t snapshot_series_count(const snapshot_t *snapshot, series_kind_t kind);
slice_t snapshot_series_name(const snapshot_t *snapshot, series_kind_t kind, uint32_t number);
bool snapshot_series_has(const snapshot_t *snapshot, series_kind_t kind, series_id_t id);

/* What a snapshot is made of. All references move into it; `listeners` has one of each part. */
typedef struct snapshot_parts {
    uint64_t sequence;
    cow_view_t *clusters, *endpoints; /* by number */
    cow_view_t *series[SERIES_KINDS];
    uint32_t series_count[SERIES_KINDS];
    snapshot_listener_t *listeners; /* sorted by name; heap memory */
    uint32_t listener_count;
} snapshot_parts_t;

/* snapshot_new makes a snapshot with one reference, the caller's. For the builder and its tests. */
const snapshot_t *snapshot_new(const snapshot_parts_t *parts);

#endif
