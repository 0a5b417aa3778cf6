#include "tests/unit/xds/world.h"

#include "core/mem.h"

void world_apply(world_t *world)
{
    xds_rejects_fini(&world->rejects);
    snapshot_unref(world->snapshot);
    world->snapshot = snapshot_builder_apply(world->builder, &world->update, &world->rejects);
    xds_update_fini(&world->update);
}

int world_new(void **state)
{
    world_t *world = xcalloc(1, sizeof(*world));
    world->builder = snapshot_builder_new(1);
    change_listener(&world->update, make_listener(&world->arena, "l", 80, "rc"));
    world_apply(world);
    *state = world;
    return 0;
}

int world_free(void **state)
{
    world_t *world = *state;
    xds_update_fini(&world->update);
    xds_rejects_fini(&world->rejects);
    snapshot_builder_free(world->builder);
    snapshot_unref(world->snapshot); /* outlives its builder */
    arena_fini(&world->arena);
    free(world);
    return 0;
}

void world_try(world_t *world, const vhost_message_t *vhost)
{
    change_vhost(&world->update, "rc", vhost);
    world_apply(world);
}

void world_try_route(world_t *world, route_message_t *route)
{
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    make_vhost_route(&world->arena, vhost, route);
    world_try(world, vhost);
}

static const route_table_t *routes(const world_t *world)
{
    return snapshot_find_listener(world->snapshot, SLICE("l"))->routes;
}

const route_t *world_route(const world_t *world)
{
    return route_table_find_vhost(routes(world), SLICE("v"))->routes;
}

const route_t *world_match(const world_t *world, const char *host, const char *path)
{
    route_request_t request = {
        .method = SLICE("GET"), .host = slice_of(host), .path = slice_of(path)};
    return route_match(routes(world), &request);
}

const char *world_goes_to(const world_t *world, const char *host, const char *path)
{
    const route_t *route = world_match(world, host, path);
    if (route == NULL)
        return "none";
    slice_t name =
        snapshot_series_name(world->snapshot, SERIES_CLUSTER, route->forward.clusters[0].cluster);
    return make_text((arena_t *)(uintptr_t)&world->arena, "%.*s", SLICE_ARG(name));
}

const char *world_reject_field(const world_t *world)
{
    return world->rejects.count == 1 ? world->rejects.at[0].field.base : "";
}

const char *world_reject_reason(const world_t *world)
{
    return world->rejects.count == 1 ? world->rejects.at[0].reason.base : "";
}
