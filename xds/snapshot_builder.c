#include "xds/snapshot_builder.h"

#include "core/check.h"
#include "core/mem.h"
#include "xds/builder_state.h"
#include "xds/uses.h"

static configuration_t *configuration_of(const void *name)
{
    return GW_CONTAINER_OF(name, configuration_t, name);
}

static void configuration_hold(const void *name)
{
    ref_hold(&configuration_of(name)->ref);
}

static void configuration_drop(const void *name)
{
    configuration_t *configuration = configuration_of(name);
    if (!ref_drop(&configuration->ref))
        return;
    route_table_editor_free(configuration->vhosts);
    route_table_unref(configuration->list);
    free(configuration);
}

static void resource_hold(const void *key)
{
    xds_resource_ref(xds_resource_of_key(key));
}

static void resource_drop(const void *key)
{
    xds_resource_unref(xds_resource_of_key(key));
}

static void listener_hold(const void *name)
{
    listener_ref(GW_CONTAINER_OF(name, listener_t, name));
}

static void listener_drop(const void *name)
{
    listener_unref(GW_CONTAINER_OF(name, listener_t, name));
}

static void cluster_hold(const void *cluster)
{
    cluster_ref(cluster);
}

static void cluster_drop(const void *cluster)
{
    cluster_unref(cluster);
}

static void endpoints_hold(const void *endpoints)
{
    endpoints_ref(endpoints);
}

static void endpoints_drop(const void *endpoints)
{
    endpoints_unref(endpoints);
}

static const cow_class_t configuration_class = {configuration_hold, configuration_drop};
static const cow_class_t resource_class = {resource_hold, resource_drop};
static const cow_class_t listener_class = {listener_hold, listener_drop};
static const cow_class_t cluster_class = {cluster_hold, cluster_drop};
static const cow_class_t endpoints_class = {endpoints_hold, endpoints_drop};

uint64_t builder_hash(const snapshot_builder_t *builder, slice_t name)
{
    return slice_hash(name, builder->seed);
}

const xds_resource_t *snapshot_builder_find(const snapshot_builder_t *builder, xds_type_t type,
                                            slice_t name)
{
    const slice_t *key =
        name_map_find(&builder->resources[type], builder_hash(builder, name), name);
    return key ? xds_resource_of_key(key) : NULL;
}

const xds_resource_t *snapshot_builder_next(const snapshot_builder_t *builder, xds_type_t type,
                                            uint32_t *at)
{
    const slice_t *key = name_map_next(&builder->resources[type], at);
    return key ? xds_resource_of_key(key) : NULL;
}

const snapshot_t *snapshot_builder_current(const snapshot_builder_t *builder)
{
    return builder->current;
}

configuration_t *builder_configuration(const snapshot_builder_t *builder, slice_t name)
{
    const slice_t *found =
        name_map_find(&builder->configurations, builder_hash(builder, name), name);
    return found ? configuration_of(found) : NULL;
}

/* The route configuration of that name, made if need be. */
static configuration_t *need_configuration(snapshot_builder_t *builder, slice_t name)
{
    configuration_t *configuration = builder_configuration(builder, name);
    if (configuration)
        return configuration;
    configuration = xcalloc(1, sizeof(*configuration));
    ref_init(&configuration->ref);
    configuration->vhosts = route_table_editor_new(name, builder->seed);
    configuration->name = route_table_editor_name(configuration->vhosts);
    name_map_put(&builder->configurations, builder_hash(builder, name), &configuration->name);
    configuration_drop(&configuration->name); /* the map holds it */
    return configuration;
}

static void drop_if_empty(snapshot_builder_t *builder, configuration_t *configuration)
{
    if (configuration->list == NULL && route_table_editor_count(configuration->vhosts) == 0)
        name_map_remove(&builder->configurations, builder_hash(builder, configuration->name),
                        configuration->name);
}

static void take_out_vhost(snapshot_builder_t *builder, const candidate_t *candidate)
{
    slice_t scope, name;
    configuration_t *configuration;
    if (xds_split_virtual_host(candidate->name, &scope, &name) == 0 &&
        (configuration = builder_configuration(builder, scope))) {
        uses_of_vhost(builder->series, route_table_editor_find(configuration->vhosts, name),
                      USE_ENDS);
        route_table_editor_remove(configuration->vhosts, name);
        drop_if_empty(builder, configuration);
    }
}

static void put_vhost(snapshot_builder_t *builder, const candidate_t *candidate)
{
    slice_t scope, name;
    if (!candidate->vhost || xds_split_virtual_host(candidate->name, &scope, &name) != 0)
        return;
    route_table_editor_add(need_configuration(builder, scope)->vhosts, candidate->vhost);
    uses_of_vhost(builder->series, candidate->vhost, USE_BEGINS);
}

static void put_configuration(snapshot_builder_t *builder, const candidate_t *candidate)
{
    configuration_t *configuration = need_configuration(builder, candidate->name);
    uses_of_table(builder->series, candidate->list, USE_BEGINS);
    uses_of_table(builder->series, configuration->list, USE_ENDS);
    route_table_unref(configuration->list);
    configuration->list = candidate->list ? route_table_ref(candidate->list) : NULL;
    drop_if_empty(builder, configuration);
}

static void put_listener(snapshot_builder_t *builder, const candidate_t *candidate)
{
    uint64_t hash = builder_hash(builder, candidate->name);
    const slice_t *old = name_map_find(&builder->listeners, hash, candidate->name);
    uses_of_listener(builder->series, candidate->listener, USE_BEGINS);
    uses_of_listener(builder->series, old ? GW_CONTAINER_OF(old, listener_t, name) : NULL,
                     USE_ENDS);
    if (candidate->listener)
        name_map_put(&builder->listeners, hash, &candidate->listener->name);
    else
        name_map_remove(&builder->listeners, hash, candidate->name);
}

/* Puts an object, or NULL, in the place of the name's number; gives what was there, held. */
static const void *put_numbered(snapshot_builder_t *builder, cow_t *objects, slice_t name,
                                const void *object)
{
    uint32_t number = series_number(&builder->series[SERIES_CLUSTER], name);
    if (number >= objects->size)
        cow_grow(objects, number < COW_CHUNK ? 2 * (number + 1) : number + COW_CHUNK);
    const void *old = cow_at(objects, number)->object;
    if (old)
        objects->class->hold(old);
    cow_set(objects, number, 0, object);
    return old;
}

static void put_cluster(snapshot_builder_t *builder, const candidate_t *candidate)
{
    uses_of_cluster(builder->series, candidate->cluster, USE_BEGINS);
    const cluster_t *old =
        put_numbered(builder, &builder->clusters, candidate->name, candidate->cluster);
    uses_of_cluster(builder->series, old, USE_ENDS);
    cluster_unref(old);
}

static void put_endpoints(snapshot_builder_t *builder, const candidate_t *candidate)
{
    uses_of_endpoints(builder->series, candidate->endpoints, USE_BEGINS);
    const endpoints_t *old =
        put_numbered(builder, &builder->endpoints, candidate->name, candidate->endpoints);
    uses_of_endpoints(builder->series, old, USE_ENDS);
    endpoints_unref(old);
}

static void put_resource(snapshot_builder_t *builder, const candidate_t *candidate)
{
    name_map_t *resources = &builder->resources[candidate->type];
    uint64_t hash = builder_hash(builder, candidate->name);
    if (candidate->resource)
        name_map_put(resources, hash, xds_resource_key(candidate->resource));
    else
        name_map_remove(resources, hash, candidate->name);
}

static void commit(snapshot_builder_t *builder, const candidate_t *candidate)
{
    switch (candidate->type) {
    case XDS_LISTENER:
        put_listener(builder, candidate);
        break;
    case XDS_ROUTE_CONFIGURATION:
        put_configuration(builder, candidate);
        break;
    case XDS_VIRTUAL_HOST:
        put_vhost(builder, candidate);
        break;
    case XDS_CLUSTER:
        put_cluster(builder, candidate);
        break;
    case XDS_LOAD_ASSIGNMENT:
        put_endpoints(builder, candidate);
        break;
    case XDS_TYPE_COUNT:
        break;
    }
    put_resource(builder, candidate);
}

/* Old virtual hosts go first, so that a domain can move; says whether anything takes effect. */
static bool commit_all(snapshot_builder_t *builder, const candidates_t *candidates)
{
    bool any = false;
    for (size_t i = 0; i < candidates->count; i++) {
        const candidate_t *candidate = &candidates->at[i];
        if (!candidate->refused && candidate->type == XDS_VIRTUAL_HOST)
            take_out_vhost(builder, candidate);
    }
    for (size_t i = 0; i < candidates->count; i++) {
        if (!candidates->at[i].refused) {
            commit(builder, &candidates->at[i]);
            any = true;
        }
    }
    return any;
}

/* The table that a listener's requests are matched against, held, or NULL. */
static const route_table_t *routes_of(const snapshot_builder_t *builder, const listener_t *listener)
{
    if (listener->inline_routes)
        return route_table_ref(listener->inline_routes);
    const configuration_t *configuration = builder_configuration(builder, listener->routes);
    if (configuration == NULL)
        return NULL;
    return configuration->list ? route_table_ref(configuration->list)
                               : route_table_editor_publish(configuration->vhosts);
}

static int compare_listeners(const void *left, const void *right)
{
    const snapshot_listener_t *a = left, *b = right;
    return slice_compare(a->listener->name, b->listener->name);
}

static void list_listeners(const snapshot_builder_t *builder, snapshot_parts_t *parts)
{
    uint32_t count = 0, at = 0;
    const slice_t *name;
    parts->listeners = xcalloc(builder->listeners.count + 1, sizeof(snapshot_listener_t));
    while ((name = name_map_next(&builder->listeners, &at))) {
        const listener_t *listener = GW_CONTAINER_OF(name, listener_t, name);
        parts->listeners[count++] =
            (snapshot_listener_t){listener_ref(listener), routes_of(builder, listener)};
    }
    qsort(parts->listeners, count, sizeof(snapshot_listener_t), compare_listeners);
    parts->listener_count = count;
}

static const snapshot_t *publish(snapshot_builder_t *builder, uint64_t sequence)
{
    snapshot_parts_t parts = {
        .sequence = sequence,
        .clusters = cow_take(&builder->clusters),
        .endpoints = cow_take(&builder->endpoints),
    };
    for (int kind = 0; kind < SERIES_KINDS; kind++) {
        parts.series[kind] = series_view(&builder->series[kind]);
        parts.series_count[kind] = builder->series[kind].count;
    }
    list_listeners(builder, &parts);
    return snapshot_new(&parts);
}

snapshot_builder_t *snapshot_builder_new(uint64_t seed)
{
    snapshot_builder_t *builder = xcalloc(1, sizeof(*builder));
    builder->seed = seed;
    for (int type = 0; type < XDS_TYPE_COUNT; type++)
        name_map_init(&builder->resources[type], &resource_class);
    name_map_init(&builder->listeners, &listener_class);
    name_map_init(&builder->configurations, &configuration_class);
    cow_init(&builder->clusters, &cluster_class, 4);
    cow_init(&builder->endpoints, &endpoints_class, 4);
    for (int kind = 0; kind < SERIES_KINDS; kind++)
        series_init(&builder->series[kind], seed, kind != SERIES_LISTENER);
    builder->current = publish(builder, 0);
    return builder;
}

void snapshot_builder_free(snapshot_builder_t *builder)
{
    if (builder == NULL)
        return;
    snapshot_unref(builder->current);
    for (int type = 0; type < XDS_TYPE_COUNT; type++)
        name_map_fini(&builder->resources[type]);
    name_map_fini(&builder->listeners);
    name_map_fini(&builder->configurations);
    cow_fini(&builder->clusters);
    cow_fini(&builder->endpoints);
    for (int kind = 0; kind < SERIES_KINDS; kind++)
        series_fini(&builder->series[kind]);
    arena_fini(&builder->message);
    arena_fini(&builder->scratch);
    free(builder);
}

const snapshot_t *snapshot_builder_apply(snapshot_builder_t *builder, const xds_update_t *update,
                                         xds_rejects_t *rejects)
{
    candidates_t candidates = candidates_collect(builder, update);
    for (size_t i = 0; i < candidates.count; i++)
        candidate_compile(builder, &candidates.at[i], rejects);
    conflicts_resolve(builder, &candidates, rejects);
    bool any = commit_all(builder, &candidates);
    for (int kind = 0; kind < SERIES_KINDS; kind++)
        series_settle(&builder->series[kind]);
    if (any) {
        const snapshot_t *next = publish(builder, snapshot_sequence(builder->current) + 1);
        snapshot_unref(builder->current);
        builder->current = next;
    }
    candidates_fini(&candidates);
    return snapshot_ref(builder->current);
}
