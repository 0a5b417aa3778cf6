#include "xds/route.h"

#include "core/check.h"

const route_cluster_t *route_pick_cluster(const route_t *route, uint32_t random)
{
    const route_forward_t *forward = &route->forward;
    const route_cluster_t *cluster = forward->clusters;
    uint32_t point = (uint32_t)((uint64_t)random * forward->total_weight >> 32);
    while (point >= cluster->upto)
        cluster++;
    return cluster;
}

const char *route_path_kind_text(route_path_kind_t kind)
{
    static const char *const texts[] = {"exact", "path prefix", "prefix"};
    GW_ASSERT(kind < ROUTE_PATH_KINDS);
    return texts[kind];
}

const char *route_action_text(route_action_t action)
{
    static const char *const texts[] = {"forward", "redirect", "respond"};
    GW_ASSERT(action <= ROUTE_RESPOND);
    return texts[action];
}
