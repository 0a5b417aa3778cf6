/*
 * translator.c: see translator.h. A run in its phases: what changed marks what may be affected;
 * marked routes come off; marked Gateways are made anew; marked routes are attached again; then
 * what they left dirty is published.
 */
#include "gatewayapi/translator.h"

#include "core/mem.h"
#include "gatewayapi/model.h"

slice_t scratch_printf(translator_t *translator, const char *format, ...)
{
    strbuf_t text = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    slice_t copy = arena_dup(&translator->scratch, strbuf_slice(&text));
    strbuf_fini(&text);
    return copy;
}

void set_status(translator_t *translator, object_status_t **status, const object_status_t *draft)
{
    object_status_t *old = *status;
    *status = draft ? status_new(draft) : NULL;
    if (draft && !status_equal(old, *status))
        status_update_change(translator->status, *status);
    if (!draft && old)
        status_update_remove(translator->status, old->object);
    status_unref(old);
}

/* ---- what a change affects ---- */

static void mark_routes(translator_t *translator, store_list_t routes, bool rebuild)
{
    for (size_t i = 0; i < routes.count; i++)
        mark_route(translator, routes.at[i]->namespace_, routes.at[i]->name, rebuild);
}

/* same_for_routes says whether a Service means the same to the routes that refer to it. */
static bool same_for_routes(const object_t *before, const object_t *after)
{
    if (before == NULL || after == NULL)
        return false;
    const service_t *a = before->service, *b = after->service;
    bool same = a->external_name == b->external_name && a->port_count == b->port_count;
    for (size_t i = 0; same && i < a->port_count; i++)
        same = a->ports[i].port == b->ports[i].port && a->ports[i].tcp == b->ports[i].tcp &&
               slice_eq(a->ports[i].app_protocol, b->ports[i].app_protocol);
    return same;
}

static void change_service(translator_t *translator, const store_change_t *change)
{
    const object_t *object = change->after ? change->after : change->before;
    mark_backend(translator, object->namespace_, object->name);
    if (!same_for_routes(change->before, change->after))
        mark_routes(translator,
                    store_find(translator->store, STORE_ROUTES_BY_SERVICE, object->namespace_,
                               object->name),
                    true);
}

static void change_slice(translator_t *translator, const object_t *object)
{
    if (object && object->endpoint_slice->service.len > 0)
        mark_backend(translator, object->namespace_, object->endpoint_slice->service);
}

/* refers_to says whether a route has a backend in a namespace. */
static bool refers_to(const object_t *route, slice_t namespace_)
{
    for (size_t i = 0; i < route->http_route->rule_count; i++) {
        const route_rule_t *rule = &route->http_route->rules[i];
        for (size_t j = 0; j < rule->backend_count; j++)
            if (slice_eq(rule->backends[j].namespace_, namespace_))
                return true;
    }
    return false;
}

static void change_grant(translator_t *translator, const store_change_t *change)
{
    const object_t *grant = change->after ? change->after : change->before;
    list_each (link, &translator->cross) {
        const route_state_t *route = GW_CONTAINER_OF(link, route_state_t, cross);
        if (refers_to(route->object, grant->namespace_))
            mark_route(translator, route->namespace_, route->name, true);
    }
}

static void apply_change(translator_t *translator, const store_change_t *change)
{
    const object_t *object = change->after ? change->after : change->before;
    switch (object->kind) {
    case KIND_GATEWAY_CLASS:
        change_class(translator, change);
        break;
    case KIND_GATEWAY:
        mark_gateway(translator, object->namespace_, object->name);
        break;
    case KIND_HTTP_ROUTE:
        mark_route(translator, object->namespace_, object->name, true);
        break;
    case KIND_REFERENCE_GRANT:
        change_grant(translator, change);
        break;
    case KIND_NAMESPACE: /* its labels decide whether listeners allow its routes */
        mark_routes(
            translator,
            store_find(translator->store, STORE_ROUTES_BY_NAMESPACE, SLICE(""), object->name),
            false);
        break;
    case KIND_SERVICE:
        change_service(translator, change);
        break;
    case KIND_ENDPOINT_SLICE:
        change_slice(translator, change->before);
        change_slice(translator, change->after);
        break;
    case KIND_COUNT:
        break;
    }
}

static void apply_changes(translator_t *translator)
{
    size_t count;
    const store_change_t *changes = store_changes(translator->store, &count);
    for (size_t i = 0; i < count; i++)
        apply_change(translator, &changes[i]);
    list_each (link, &translator->dirty_gateways) {
        const gateway_state_t *gateway = GW_CONTAINER_OF(link, gateway_state_t, dirty);
        mark_routes(translator,
                    store_find(translator->store, STORE_ROUTES_BY_GATEWAY, gateway->namespace_,
                               gateway->name),
                    false);
    }
    store_changes_done(translator->store);
}

/* ---- the run ---- */

static void make_gateways(translator_t *translator)
{
    bool any = !list_empty(&translator->dirty_gateways);
    list_each (link, &translator->dirty_gateways) {
        list_remove(link);
        make_gateway(translator, GW_CONTAINER_OF(link, gateway_state_t, dirty));
        arena_reset(&translator->scratch);
    }
    if (any || translator->ports_due)
        publish_listeners(translator);
    translator->ports_due = false;
}

static void attach_routes(translator_t *translator)
{
    list_each (link, &translator->dirty_routes) {
        list_remove(link);
        attach_route(translator, GW_CONTAINER_OF(link, route_state_t, dirty));
        arena_reset(&translator->scratch);
    }
}

static void publish_rest(translator_t *translator)
{
    list_each (vhost, &translator->dirty_vhosts) {
        list_remove(vhost);
        publish_vhost(translator, GW_CONTAINER_OF(vhost, vhost_t, dirty));
        arena_reset(&translator->scratch);
    }
    list_each (cluster, &translator->dirty_clusters) {
        list_remove(cluster);
        publish_cluster(translator, GW_CONTAINER_OF(cluster, cluster_t, dirty));
        arena_reset(&translator->scratch);
    }
    list_each (gateway, &translator->dirty_gateway_status) {
        list_remove(gateway);
        report_gateway(translator, GW_CONTAINER_OF(gateway, gateway_state_t, dirty_status));
        arena_reset(&translator->scratch);
    }
}

void translator_run(translator_t *translator, store_t *store, xds_update_t *update,
                    status_update_t *status)
{
    translator->store = store;
    translator->status = status;
    apply_changes(translator);
    list_each (link, &translator->dirty_routes)
        detach_route(translator, GW_CONTAINER_OF(link, route_state_t, dirty));
    make_gateways(translator);
    attach_routes(translator);
    publish_rest(translator);
    publisher_flush(&translator->publisher, update);
    status_update_sort(status);
    arena_reset(&translator->scratch);
    translator->store = NULL;
    translator->status = NULL;
}

/* ---- life ---- */

translator_t *translator_new(const translator_options_t *options)
{
    translator_t *translator = xcalloc(1, sizeof(*translator));
    translator->options = *options;
    translator->options.address = xstrdup(options->address);
    translator->options.taken = NULL; /* the port map has them */
    translator->ports = port_map_new(options->taken, options->taken_count);
    publisher_init(&translator->publisher);
    translator->ports_due = true;
    list_init(&translator->dirty_gateways);
    list_init(&translator->dirty_gateway_status);
    list_init(&translator->dirty_routes);
    list_init(&translator->dirty_vhosts);
    list_init(&translator->dirty_clusters);
    list_init(&translator->cross);
    return translator;
}

static void free_states(translator_t *translator)
{
    TABLE_EACH (node, &translator->routes)
        free_route(translator, GW_CONTAINER_OF(node, route_state_t, node));
    TABLE_EACH (node, &translator->gateways)
        free_gateway(translator, GW_CONTAINER_OF(node, gateway_state_t, node));
    TABLE_EACH (node, &translator->classes)
        free_class(translator, GW_CONTAINER_OF(node, class_state_t, node));
    TABLE_EACH (node, &translator->backends)
        free_backend(translator, GW_CONTAINER_OF(node, backend_t, node));
}

void translator_free(translator_t *translator)
{
    if (translator == NULL)
        return;
    free_states(translator);
    table_fini(&translator->routes);
    table_fini(&translator->gateways);
    table_fini(&translator->classes);
    table_fini(&translator->backends);
    publisher_fini(&translator->publisher);
    port_map_free(translator->ports);
    arena_fini(&translator->scratch);
    free((char *)(uintptr_t)translator->options.address);
    free(translator);
}

void translator_seed_port(translator_t *translator, const port_mapping_t *mapping)
{
    port_map_seed(translator->ports, mapping);
}

void translator_take_port(translator_t *translator, uint16_t bound)
{
    port_map_take(translator->ports, bound);
    translator->ports_due = true;
}

const port_mapping_t *translator_ports(const translator_t *translator, size_t *ret_count)
{
    return port_map_list(translator->ports, ret_count);
}

const xds_resource_t *translator_resource(const translator_t *translator, xds_type_t type,
                                          slice_t name)
{
    return publisher_get(&translator->publisher, type, name);
}

const object_status_t *translator_status(const translator_t *translator, const object_t *object)
{
    slice_t none = {NULL, 0};
    const table_node_t *node;
    switch (object->kind) {
    case KIND_GATEWAY_CLASS:
        node = table_find(&translator->classes, none, object->name);
        return node ? GW_CONTAINER_OF(node, class_state_t, node)->status : NULL;
    case KIND_GATEWAY:
        node = table_find(&translator->gateways, object->namespace_, object->name);
        return node ? GW_CONTAINER_OF(node, gateway_state_t, node)->status : NULL;
    case KIND_HTTP_ROUTE:
        node = table_find(&translator->routes, object->namespace_, object->name);
        return node ? GW_CONTAINER_OF(node, route_state_t, node)->status : NULL;
    default:
        return NULL;
    }
}

size_t translator_resource_count(const translator_t *translator, xds_type_t type)
{
    return publisher_count(&translator->publisher, type);
}

void translator_all(const translator_t *translator, xds_update_t *update)
{
    publisher_all(&translator->publisher, update);
}
