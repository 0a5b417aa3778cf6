/* snapshot_counts.c: see snapshot_counts.h. */
#include "actors/snapshot_counts.h"

#include "core/mem.h"

/* Marks a number and says whether it was new. */
static bool mark(uint8_t *seen, uint32_t number)
{
    bool new = !seen[number];
    seen[number] = 1;
    return new;
}

static uint32_t count_vhosts(const route_table_t *table, uint8_t *seen)
{
    uint32_t at = 0, count = 0;
    const vhost_t *vhost;
    while ((vhost = route_table_next(table, &at)) != NULL) {
        for (uint32_t i = 0; i < vhost->route_count; i++)
            count += mark(seen, vhost->routes[i].series.number);
    }
    return count;
}

static uint32_t count_routes(const snapshot_t *snapshot)
{
    uint32_t listener_count, count = 0;
    const snapshot_listener_t *listeners = snapshot_listeners(snapshot, &listener_count);
    uint8_t *seen = xcalloc(snapshot_series_count(snapshot, SERIES_ROUTE) + 1, 1);
    for (uint32_t i = 0; i < listener_count; i++) {
        if (listeners[i].routes)
            count += count_vhosts(listeners[i].routes, seen);
    }
    free(seen);
    return count;
}

static void count_clusters(const snapshot_t *snapshot, snapshot_counts_t *counts)
{
    uint32_t at = 0;
    const cluster_t *cluster;
    uint8_t *seen = xcalloc(snapshot_series_count(snapshot, SERIES_BACKEND) + 1, 1);
    while ((cluster = snapshot_next_cluster(snapshot, &at)) != NULL) {
        const endpoints_t *endpoints = snapshot_endpoints(snapshot, cluster);
        counts->backends += mark(seen, cluster->series.number);
        counts->endpoints += endpoints ? endpoints->count : 0;
    }
    free(seen);
}

snapshot_counts_t snapshot_count(const snapshot_t *snapshot)
{
    snapshot_counts_t counts = {0};
    snapshot_listeners(snapshot, &counts.listeners);
    counts.routes = count_routes(snapshot);
    count_clusters(snapshot, &counts);
    return counts;
}
