/*
 * vhost.c: the virtual hosts of a listener: which routes contribute, in which order, and what
 * they inherit. See model.h and translator.h.
 */
#include "core/mem.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "gatewayapi/hostname.h"
#include "gatewayapi/model.h"
#include "gatewayapi/pb.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "nantian/xds/v1/inherits.pb-c.h"

typedef Envoy__Config__Route__V3__VirtualHost pb_vhost_t;
typedef Envoy__Config__Route__V3__VirtualHost__TypedPerFilterConfigEntry pb_config_t;

enum { ROUTES_FIELD = 3 }; /* VirtualHost.routes */

/* is_shadowed: whether a more specific listener of the same port has all hosts of the hostname. */
static bool is_shadowed(const listener_state_t *listener, slice_t hostname)
{
    const gateway_state_t *gateway = listener->gateway;
    uint32_t rank = hostname_rank(listener->spec->hostname);
    for (size_t i = 0; i < gateway->listener_count; i++) {
        const listener_state_t *other = &gateway->listeners[i];
        if (other->spec->port == listener->spec->port && listener_serves(other) &&
            hostname_rank(other->spec->hostname) > rank &&
            hostname_covers(other->spec->hostname, hostname))
            return true;
    }
    return false;
}

static void mark(translator_t *translator, vhost_t *vhost)
{
    if (list_empty(&vhost->dirty))
        list_append(&translator->dirty_vhosts, &vhost->dirty);
}

vhost_t *vhost_for(translator_t *translator, listener_state_t *listener, slice_t hostname)
{
    table_node_t *node = table_find(&listener->vhosts, hostname, (slice_t){NULL, 0});
    if (node)
        return GW_CONTAINER_OF(node, vhost_t, node);
    vhost_t *vhost = xcalloc(1, sizeof(*vhost) + hostname.len);
    if (hostname.len)
        memcpy(vhost->text, hostname.base, hostname.len);
    vhost->hostname = slice_make(vhost->text, hostname.len);
    vhost->listener = listener;
    vhost->shadowed = is_shadowed(listener, hostname);
    list_init(&vhost->dirty);
    table_add(&listener->vhosts, &vhost->node, vhost->hostname, (slice_t){NULL, 0});
    mark(translator, vhost);
    return vhost;
}

bool vhost_add(translator_t *translator, vhost_t *vhost, route_state_t *route, uint32_t rank)
{
    mark(translator, vhost);
    contribution_t *last = vhost->count ? &vhost->contributions[vhost->count - 1] : NULL;
    if (last && last->route == route) {
        last->rank = rank > last->rank ? rank : last->rank;
        return false;
    }
    if (vhost->count == vhost->capacity) {
        vhost->capacity = vhost->capacity ? vhost->capacity * 2 : 1;
        vhost->contributions =
            xrealloc(vhost->contributions, vhost->capacity * sizeof(*vhost->contributions));
    }
    vhost->contributions[vhost->count++] = (contribution_t){route, rank};
    return true;
}

void vhost_drop(translator_t *translator, vhost_t *vhost, const route_state_t *route)
{
    uint32_t i = 0;
    while (vhost->contributions[i].route != route)
        i++;
    vhost->contributions[i] = vhost->contributions[--vhost->count];
    mark(translator, vhost);
}

/* ---- the resource ---- */

static slice_t display_name(const vhost_t *vhost)
{
    return vhost->hostname.len ? vhost->hostname : SLICE("*");
}

static slice_t resource_name(translator_t *translator, const vhost_t *vhost)
{
    const listener_state_t *listener = vhost->listener;
    slice_t routes = route_configuration_name(translator, listener->gateway, listener->spec->port);
    return scratch_printf(translator, "%.*s/%.*s", SLICE_ARG(routes),
                          SLICE_ARG(display_name(vhost)));
}

/* inherits gives the less specific hostnames of the listener, most specific first; NULL: none. */
static pb_config_t *inherits(translator_t *translator, const vhost_t *vhost)
{
    arena_t *arena = &translator->scratch;
    slice_t limit = vhost->listener->spec->hostname, at = vhost->hostname;
    Nantian__Xds__V1__Inherits *message = pb_new(arena, &nantian__xds__v1__inherits__descriptor);
    message->virtual_hosts = arena_alloc(arena, (vhost->hostname.len / 2 + 2) * sizeof(char *));
    while (!slice_eq(at, limit)) {
        at = hostname_parent(at, arena_bytes(arena, at.len + 2));
        message->virtual_hosts[message->n_virtual_hosts++] =
            pb_text(arena, at.len ? at : SLICE("*"));
    }
    if (message->n_virtual_hosts == 0)
        return NULL;
    pb_config_t *config = pb_new(
        arena, &envoy__config__route__v3__virtual_host__typed_per_filter_config_entry__descriptor);
    config->key = "nantian.xds.v1.inherits";
    config->value = pb_any(arena, &message->base);
    return config;
}

static candidate_t *sorted_candidates(translator_t *translator, const vhost_t *vhost,
                                      size_t *ret_count)
{
    size_t count = 0;
    for (uint32_t i = 0; i < vhost->count; i++)
        count += vhost->contributions[i].route->entry_count;
    candidate_t *candidates = arena_alloc(&translator->scratch, (count + 1) * sizeof(*candidates));
    candidate_t *at = candidates;
    for (uint32_t i = 0; i < vhost->count; i++) {
        const contribution_t *contribution = &vhost->contributions[i];
        const route_state_t *route = contribution->route;
        for (size_t j = 0; j < route->entry_count; j++)
            *at++ = (candidate_t){&route->entries[j], route->object, contribution->rank};
    }
    if (count > 1)
        qsort(candidates, count, sizeof(*candidates), precedence_compare);
    *ret_count = count;
    return candidates;
}

/*
 * add_routes puts the routes into the message as they were packed when the HTTPRoute last
 * changed: protobuf-c packs an "unknown field" as the bytes that it is. So a virtual host of many
 * routes costs a copy of each and not its making.
 */
static void add_routes(translator_t *translator, const vhost_t *vhost, pb_vhost_t *message)
{
    size_t count;
    candidate_t *candidates = sorted_candidates(translator, vhost, &count);
    ProtobufCMessageUnknownField *fields =
        arena_alloc(&translator->scratch, (count + 1) * sizeof(*fields));
    for (size_t i = 0; i < count; i++)
        fields[i] = (ProtobufCMessageUnknownField){
            .tag = ROUTES_FIELD,
            .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
            .len = candidates[i].entry->message_len,
            .data = (uint8_t *)(uintptr_t)candidates[i].entry->message};
    message->base.unknown_fields = fields;
    message->base.n_unknown_fields = (unsigned)count;
}

static void make_resource(translator_t *translator, const vhost_t *vhost)
{
    arena_t *arena = &translator->scratch;
    pb_vhost_t *message = pb_new(arena, &envoy__config__route__v3__virtual_host__descriptor);
    message->name = pb_text(arena, display_name(vhost));
    message->n_domains = 1;
    message->domains = &message->name;
    Nantian__Xds__V1__VirtualHostInfo *info =
        pb_new(arena, &nantian__xds__v1__virtual_host_info__descriptor);
    info->listener_name = pb_text(arena, vhost->listener->spec->name);
    message->metadata = pb_metadata(arena, "nantian.xds.v1.virtual_host", &info->base);
    pb_config_t *config = inherits(translator, vhost);
    if (config) {
        message->n_typed_per_filter_config = 1;
        message->typed_per_filter_config = &config;
    }
    add_routes(translator, vhost, message);
    publish(&translator->publisher, XDS_VIRTUAL_HOST, resource_name(translator, vhost),
            &message->base);
}

static void free_vhost(translator_t *translator, vhost_t *vhost)
{
    if (!vhost->shadowed)
        publish_remove(&translator->publisher, XDS_VIRTUAL_HOST, resource_name(translator, vhost));
    list_remove(&vhost->dirty);
    free(vhost->contributions);
    free(vhost);
}

void publish_vhost(translator_t *translator, vhost_t *vhost)
{
    if (vhost->count == 0 && !vhost->claim) {
        table_remove(&vhost->listener->vhosts, &vhost->node);
        free_vhost(translator, vhost);
    } else if (!vhost->shadowed) {
        make_resource(translator, vhost);
    }
}

void free_vhosts(translator_t *translator, listener_state_t *listener)
{
    TABLE_EACH (node, &listener->vhosts) {
        table_remove(&listener->vhosts, node);
        free_vhost(translator, GW_CONTAINER_OF(node, vhost_t, node));
    }
    table_fini(&listener->vhosts);
}
