/*
 * destination.c: what a router gives to the upstream actors that it starts. Data; it belongs to
 * neither of the two actors.
 */
#include "actors/upstream.h"
#include "core/mem.h"

backend_counters_t *backend_counters_new(uint32_t series_max)
{
    backend_counters_t *counters = xcalloc(1, sizeof(*counters));
    counters->set = metric_set_new();
    metric_set_limit(counters->set, METRIC_GROUP_BACKEND, series_max);
    counters->holders = 1;
    return counters;
}

void backend_counters_unref(backend_counters_t *counters)
{
    if (!counters || --counters->holders > 0)
        return;
    metric_set_free(counters->set);
    free(counters);
}

upstream_args_t *upstream_args_new(destination_t **destination, slice_t backend,
                                   backend_counters_t *counters, const router_args_t *limits)
{
    upstream_args_t *args = xmalloc(sizeof(*args));
    *args = (upstream_args_t){*destination, counters, limits, xstrndup(backend.base, backend.len)};
    *destination = NULL;
    counters->holders++;
    return args;
}

void upstream_args_free(void *args)
{
    upstream_args_t *a = args;
    destination_free(a->destination);
    backend_counters_unref(a->counters);
    free(a->backend);
    free(a);
}

destination_t *destination_new(const cluster_t *cluster, const endpoints_t *endpoints)
{
    destination_t *destination = xmalloc(sizeof(*destination));
    *destination =
        (destination_t){cluster_ref(cluster), endpoints ? endpoints_ref(endpoints) : NULL};
    return destination;
}

void destination_free(destination_t *destination)
{
    if (!destination)
        return;
    cluster_unref(destination->cluster);
    endpoints_unref(destination->endpoints);
    free(destination);
}
