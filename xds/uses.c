#include "xds/uses.h"

static void count(series_t *series, series_kind_t kind, uint32_t number, use_t use)
{
    if (use == USE_BEGINS)
        series_use(&series[kind], number);
    else
        series_drop(&series[kind], number);
}

static void count_route(series_t *series, const route_t *route, use_t use)
{
    count(series, SERIES_ROUTE, route->series.number, use);
    uint32_t clusters = route->action == ROUTE_FORWARD ? route->forward.cluster_count : 0;
    for (uint32_t i = 0; i < clusters; i++)
        count(series, SERIES_CLUSTER, route->forward.clusters[i].cluster, use);
}

void uses_of_vhost(series_t *series, const vhost_t *vhost, use_t use)
{
    for (uint32_t i = 0; vhost && i < vhost->route_count; i++)
        count_route(series, &vhost->routes[i], use);
}

void uses_of_table(series_t *series, const route_table_t *table, use_t use)
{
    uint32_t at = 0;
    const vhost_t *vhost;
    while (table && (vhost = route_table_next(table, &at)))
        uses_of_vhost(series, vhost, use);
}

void uses_of_listener(series_t *series, const listener_t *listener, use_t use)
{
    if (!listener)
        return;
    count(series, SERIES_LISTENER, listener->series, use);
    uses_of_table(series, listener->inline_routes, use);
}

void uses_of_cluster(series_t *series, const cluster_t *cluster, use_t use)
{
    if (!cluster)
        return;
    count(series, SERIES_BACKEND, cluster->series.number, use);
    count(series, SERIES_CLUSTER, cluster->number, use);
    count(series, SERIES_CLUSTER, cluster->endpoints, use);
}

void uses_of_endpoints(series_t *series, const endpoints_t *endpoints, use_t use)
{
    if (endpoints)
        count(series, SERIES_CLUSTER, endpoints->number, use);
}
