/*
 * attach.c: which listeners a route attaches to, and what it is told if to none. See model.h.
 */
#include "core/mem.h"
#include "gatewayapi/hostname.h"
#include "gatewayapi/model.h"
#include "gatewayapi/selector.h"

/* ---- states of routes ---- */

static route_state_t *find_route(const translator_t *translator, slice_t namespace_, slice_t name)
{
    table_node_t *node = table_find(&translator->routes, namespace_, name);
    return node ? GW_CONTAINER_OF(node, route_state_t, node) : NULL;
}

static route_state_t *new_route(translator_t *translator, slice_t namespace_, slice_t name)
{
    route_state_t *route = xcalloc(1, sizeof(*route) + namespace_.len + name.len);
    memcpy(route->text, namespace_.base, namespace_.len);
    memcpy(route->text + namespace_.len, name.base, name.len);
    route->namespace_ = slice_make(route->text, namespace_.len);
    route->name = slice_make(route->text + namespace_.len, name.len);
    route->rebuild = true;
    list_init(&route->dirty);
    list_init(&route->cross);
    table_add(&translator->routes, &route->node, route->namespace_, route->name);
    return route;
}

void mark_route(translator_t *translator, slice_t namespace_, slice_t name, bool rebuild)
{
    route_state_t *route = find_route(translator, namespace_, name);
    if (route == NULL)
        route = new_route(translator, namespace_, name);
    route->rebuild = route->rebuild || rebuild;
    if (list_empty(&route->dirty))
        list_append(&translator->dirty_routes, &route->dirty);
}

void free_route(translator_t *translator, route_state_t *route)
{
    table_remove(&translator->routes, &route->node);
    list_remove(&route->dirty);
    list_remove(&route->cross);
    object_unref(route->object);
    status_unref(route->status);
    free(route->resolve_message);
    free(route->entries);
    free(route->listeners);
    free(route->vhosts);
    free(route->used);
    free(route->clusters);
    free(route);
}

/* ---- taking off and putting on ---- */

static void count_attached(translator_t *translator, listener_state_t *listener, int by)
{
    gateway_state_t *gateway = listener->gateway;
    listener->attached += (uint32_t)by;
    list_remove(&gateway->dirty_status);
    list_append(&translator->dirty_gateway_status, &gateway->dirty_status);
}

void detach_route(translator_t *translator, route_state_t *route)
{
    for (size_t i = 0; i < route->vhost_count; i++)
        vhost_drop(translator, route->vhosts[i], route);
    for (size_t i = 0; i < route->listener_count; i++)
        count_attached(translator, route->listeners[i], -1);
    for (size_t i = 0; i < route->cluster_count; i++)
        cluster_release(translator, route->clusters[i]);
    route->vhost_count = route->listener_count = route->cluster_count = 0;
}

static void contribute(translator_t *translator, route_state_t *route, listener_state_t *listener,
                       slice_t hostname)
{
    slice_t common;
    if (!hostname_intersect(listener->spec->hostname, hostname, &common))
        return;
    vhost_t *vhost = vhost_for(translator, listener, common);
    if (!vhost_add(translator, vhost, route, hostname_rank(hostname)))
        return;
    if (route->vhost_count == route->vhost_room) {
        route->vhost_room = route->vhost_room ? route->vhost_room * 2 : 1;
        route->vhosts = xrealloc(route->vhosts, route->vhost_room * sizeof(vhost_t *));
    }
    route->vhosts[route->vhost_count++] = vhost;
}

static bool is_attached(const route_state_t *route, const listener_state_t *listener)
{
    for (size_t i = 0; i < route->listener_count; i++)
        if (route->listeners[i] == listener)
            return true;
    return false;
}

static void attach_to(translator_t *translator, route_state_t *route, listener_state_t *listener)
{
    const http_route_t *spec = route->object->http_route;
    if (is_attached(route, listener))
        return;
    if (route->listener_count == route->listener_room) {
        route->listener_room = route->listener_room ? route->listener_room * 2 : 1;
        route->listeners =
            xrealloc(route->listeners, route->listener_room * sizeof(listener_state_t *));
    }
    route->listeners[route->listener_count++] = listener;
    count_attached(translator, listener, 1);
    if (!listener_serves(listener))
        return;
    for (size_t i = 0; i < spec->hostname_count; i++)
        contribute(translator, route, listener, spec->hostnames[i]);
    if (spec->hostname_count == 0)
        contribute(translator, route, listener, (slice_t){NULL, 0});
}

/* ---- judging ---- */

static bool is_selected(const parent_ref_t *ref, const gateway_listener_t *spec)
{
    return (ref->section.len == 0 || slice_eq(ref->section, spec->name)) &&
           (ref->port == 0 || ref->port == spec->port);
}

static bool allows(const translator_t *translator, const listener_state_t *listener,
                   const object_t *route)
{
    const gateway_listener_t *spec = listener->spec;
    if (!listener->http_routes)
        return false;
    if (spec->from == ROUTES_FROM_ALL)
        return true;
    if (spec->from == ROUTES_FROM_SAME)
        return slice_eq(route->namespace_, listener->gateway->namespace_);
    return selector_matches_namespace(
        &spec->selector, route->namespace_,
        store_get(translator->store, KIND_NAMESPACE, SLICE(""), route->namespace_));
}

static bool shares_host(const gateway_listener_t *spec, const http_route_t *route)
{
    slice_t common;
    for (size_t i = 0; i < route->hostname_count; i++)
        if (hostname_intersect(spec->hostname, route->hostnames[i], &common))
            return true;
    return route->hostname_count == 0;
}

/* judge_parent attaches the route to the listeners that the reference selects, and says in a
 * condition whether it is accepted. */
static void judge_parent(translator_t *translator, route_state_t *route, gateway_state_t *gateway,
                         const parent_ref_t *ref, conditions_t *out)
{
    const object_t *object = route->object;
    size_t selected = 0, allowed = 0, fitting = 0;
    for (size_t i = 0; i < gateway->listener_count; i++) {
        listener_state_t *listener = &gateway->listeners[i];
        bool is_one = is_selected(ref, listener->spec);
        bool is_allowed = is_one && allows(translator, listener, object);
        bool fits = is_allowed && shares_host(listener->spec, object->http_route);
        selected += is_one;
        allowed += is_allowed;
        fitting += fits;
        if (fits && object->unsupported.len == 0)
            attach_to(translator, route, listener);
    }
    if (selected == 0)
        conditions_add(out, "Accepted", false, "NoMatchingParent",
                       SLICE("the Gateway has no listener with that name and port"));
    else if (allowed == 0)
        conditions_add(out, "Accepted", false, "NotAllowedByListeners",
                       SLICE("no listener allows this kind of route from this namespace"));
    else if (fitting == 0)
        conditions_add(out, "Accepted", false, "NoMatchingListenerHostname",
                       SLICE("no listener has a hostname of the route"));
    else if (object->unsupported.len > 0)
        conditions_add(
            out, "Accepted", false, "UnsupportedValue",
            scratch_printf(translator, "%.*s is not supported", SLICE_ARG(object->unsupported)));
    else
        conditions_add(out, "Accepted", true, "Accepted", SLICE("the route is accepted"));
}

static void add_resolution(const route_state_t *route, conditions_t *out)
{
    if (route->resolve_reason)
        conditions_add(out, "ResolvedRefs", false, route->resolve_reason,
                       slice_of(route->resolve_message));
    else
        conditions_add(out, "ResolvedRefs", true, "ResolvedRefs",
                       SLICE("all references are resolved"));
}

/* parent_gateway gives the Gateway of ours that a reference names, or NULL. */
static gateway_state_t *parent_gateway(const translator_t *translator, const parent_ref_t *ref)
{
    if (!slice_eq(ref->group, SLICE(GATEWAY_GROUP)) || !slice_eq(ref->kind, SLICE("Gateway")))
        return NULL;
    gateway_state_t *gateway = find_gateway(translator, ref->namespace_, ref->name);
    return gateway && gateway->ours ? gateway : NULL;
}

/* judge_parents attaches the route and emits its status; without a parent of ours it has none. */
static void judge_parents(translator_t *translator, route_state_t *route)
{
    const http_route_t *spec = route->object->http_route;
    parent_status_t *parents =
        arena_zalloc(&translator->scratch, (spec->parent_count + 1) * sizeof(*parents));
    object_status_t draft = {.object = route->object, .parents = parents};
    for (size_t i = 0; i < spec->parent_count; i++) {
        gateway_state_t *gateway = parent_gateway(translator, &spec->parents[i]);
        if (gateway == NULL)
            continue;
        parent_status_t *parent = &parents[draft.parent_count++];
        parent->ref = &spec->parents[i];
        judge_parent(translator, route, gateway, parent->ref, &parent->conditions);
        add_resolution(route, &parent->conditions);
    }
    set_status(translator, &route->status, draft.parent_count ? &draft : NULL);
}

/* hold_clusters keeps the clusters that the entries name, if any listener takes the route. */
static void hold_clusters(translator_t *translator, route_state_t *route)
{
    if (route->vhost_count == 0)
        return;
    route->clusters = xrealloc(route->clusters, (route->used_count + 1) * sizeof(cluster_t *));
    for (size_t i = 0; i < route->used_count; i++) {
        const backend_ref_t *ref = route->used[i];
        route->clusters[route->cluster_count++] =
            cluster_hold(translator, ref->namespace_, ref->name, ref->port);
    }
}

static void set_object(translator_t *translator, route_state_t *route, const object_t *now)
{
    object_t *old = route->object;
    route->object = now ? object_ref(now) : NULL;
    object_unref(old);
    list_remove(&route->cross);
    const http_route_t *spec = now ? now->http_route : NULL;
    for (size_t i = 0; spec && i < spec->rule_count; i++)
        for (size_t j = 0; j < spec->rules[i].backend_count; j++)
            if (!slice_eq(spec->rules[i].backends[j].namespace_, route->namespace_)) {
                list_remove(&route->cross);
                list_append(&translator->cross, &route->cross);
            }
}

void attach_route(translator_t *translator, route_state_t *route)
{
    const object_t *now =
        store_get(translator->store, KIND_HTTP_ROUTE, route->namespace_, route->name);
    if (now == NULL) {
        set_status(translator, &route->status, NULL);
        free_route(translator, route);
        return;
    }
    if (route->rebuild) {
        set_object(translator, route, now);
        make_entries(translator, route);
        route->rebuild = false;
    }
    judge_parents(translator, route);
    hold_clusters(translator, route);
}
