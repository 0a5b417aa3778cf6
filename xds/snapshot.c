#include "xds/snapshot.h"

#include "core/mem.h"

struct snapshot {
    ref_count_t ref;
    snapshot_parts_t parts;
};

const snapshot_t *snapshot_new(const snapshot_parts_t *parts)
{
    snapshot_t *snapshot = xmalloc(sizeof(*snapshot));
    ref_init(&snapshot->ref);
    snapshot->parts = *parts;
    return snapshot;
}

/* The count is the one part that changes in an object that is const for everybody else. */
static snapshot_t *counted(const snapshot_t *snapshot)
{
    return (snapshot_t *)(uintptr_t)snapshot;
}

const snapshot_t *snapshot_ref(const snapshot_t *snapshot)
{
    ref_hold(&counted(snapshot)->ref);
    return snapshot;
}

static void parts_drop(snapshot_parts_t *parts)
{
    cow_view_unref(parts->clusters);
    cow_view_unref(parts->endpoints);
    for (int kind = 0; kind < SERIES_KINDS; kind++)
        cow_view_unref(parts->series[kind]);
    for (uint32_t i = 0; i < parts->listener_count; i++) {
        listener_unref(parts->listeners[i].listener);
        route_table_unref(parts->listeners[i].routes);
    }
    free(parts->listeners);
}

void snapshot_unref(const snapshot_t *snapshot)
{
    if (snapshot == NULL || !ref_drop(&counted(snapshot)->ref))
        return;
    parts_drop(&counted(snapshot)->parts);
    free(counted(snapshot));
}

uint64_t snapshot_sequence(const snapshot_t *snapshot)
{
    return snapshot->parts.sequence;
}

const snapshot_listener_t *snapshot_listeners(const snapshot_t *snapshot, uint32_t *ret_count)
{
    *ret_count = snapshot->parts.listener_count;
    return snapshot->parts.listeners;
}

const snapshot_listener_t *snapshot_find_listener(const snapshot_t *snapshot, slice_t name)
{
    uint32_t low = 0, high = snapshot->parts.listener_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const snapshot_listener_t *at = &snapshot->parts.listeners[middle];
        int order = slice_compare(at->listener->name, name);
        if (order == 0)
            return at;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const void *object_at(const cow_view_t *view, uint32_t number)
{
    return number < view->size ? cow_view_at(view, number)->object : NULL;
}

const cluster_t *snapshot_cluster(const snapshot_t *snapshot, uint32_t number)
{
    return object_at(snapshot->parts.clusters, number);
}

const endpoints_t *snapshot_endpoints(const snapshot_t *snapshot, const cluster_t *cluster)
{
    return object_at(snapshot->parts.endpoints, cluster->endpoints);
}

const cluster_t *snapshot_next_cluster(const snapshot_t *snapshot, uint32_t *at)
{
    const cow_view_t *clusters = snapshot->parts.clusters;
    while (*at < clusters->size) {
        const cluster_t *cluster = cow_view_at(clusters, (*at)++)->object;
        if (cluster)
            return cluster;
    }
    return NULL;
}

uint32_t snapshot_series_count(const snapshot_t *snapshot, series_kind_t kind)
{
    return snapshot->parts.series_count[kind];
}

slice_t snapshot_series_name(const snapshot_t *snapshot, series_kind_t kind, uint32_t number)
{
    return series_view_name(snapshot->parts.series[kind], number);
}

bool snapshot_series_has(const snapshot_t *snapshot, series_kind_t kind, series_id_t id)
{
    return series_view_has(snapshot->parts.series[kind], id);
}
