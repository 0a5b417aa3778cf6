/*
 * listener.c: the Listener and the RouteConfiguration of each port of each Gateway. See model.h.
 */
#include "core/mem.h"
#include "envoy/config/core/v3/address.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/extensions/filters/http/router/v3/router.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "gatewayapi/model.h"
#include "gatewayapi/pb.h"
#include "nantian/xds/v1/info.pb-c.h"

typedef Envoy__Config__Listener__V3__Listener pb_listener_t;
typedef Envoy__Config__Listener__V3__FilterChain pb_chain_t;
typedef Envoy__Config__Listener__V3__Filter pb_filter_t;
typedef Envoy__Config__Core__V3__Address pb_address_t;
typedef Envoy__Config__Core__V3__SocketAddress pb_socket_address_t;
typedef Envoy__Config__Route__V3__RouteConfiguration pb_routes_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager
    pb_manager_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__Rds pb_rds_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpFilter pb_http_filter_t;
typedef Nantian__Xds__V1__ListenerInfo pb_info_t;

slice_t route_configuration_name(translator_t *translator, const gateway_state_t *gateway,
                                 uint16_t port)
{
    return scratch_printf(translator, "%.*s/%.*s/%u", SLICE_ARG(gateway->namespace_),
                          SLICE_ARG(gateway->name), port);
}

static slice_t listener_name(translator_t *translator, uint16_t bound)
{
    return scratch_printf(translator, "tcp/%u", bound);
}

/* ---- messages ---- */

static pb_http_filter_t *router_filter(arena_t *arena)
{
    pb_http_filter_t *filter = pb_new(
        arena,
        &envoy__extensions__filters__network__http_connection_manager__v3__http_filter__descriptor);
    filter->name = "envoy.filters.http.router";
    filter->config_type_case =
        ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_FILTER__CONFIG_TYPE_TYPED_CONFIG;
    filter->typed_config = pb_any(
        arena, pb_new(arena, &envoy__extensions__filters__http__router__v3__router__descriptor));
    return filter;
}

static pb_manager_t *connection_manager(arena_t *arena, slice_t routes)
{
    pb_manager_t *manager = pb_new(
        arena,
        &envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor);
    pb_rds_t *rds = pb_new(
        arena, &envoy__extensions__filters__network__http_connection_manager__v3__rds__descriptor);
    rds->config_source = pb_ads(arena);
    rds->route_config_name = pb_text(arena, routes);
    manager->stat_prefix = rds->route_config_name;
    manager->route_specifier_case =
        ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__ROUTE_SPECIFIER_RDS;
    manager->rds = rds;
    manager->n_http_filters = 1;
    manager->http_filters = arena_alloc(arena, sizeof(*manager->http_filters));
    manager->http_filters[0] = router_filter(arena);
    manager->use_remote_address = pb_bool(arena, true);
    manager->preserve_external_request_id = true; /* X-Request-Id is kept when there is one */
    return manager;
}

static pb_chain_t *filter_chain(arena_t *arena, slice_t routes)
{
    pb_chain_t *chain = pb_new(arena, &envoy__config__listener__v3__filter_chain__descriptor);
    pb_filter_t *filter = pb_new(arena, &envoy__config__listener__v3__filter__descriptor);
    filter->name = "envoy.filters.network.http_connection_manager";
    filter->config_type_case = ENVOY__CONFIG__LISTENER__V3__FILTER__CONFIG_TYPE_TYPED_CONFIG;
    filter->typed_config = pb_any(arena, &connection_manager(arena, routes)->base);
    chain->n_filters = 1;
    chain->filters = arena_alloc(arena, sizeof(*chain->filters));
    chain->filters[0] = filter;
    return chain;
}

static pb_address_t *listen_address(translator_t *translator, uint16_t bound)
{
    const translator_options_t *options = &translator->options;
    arena_t *arena = &translator->scratch;
    pb_address_t *address = pb_new(arena, &envoy__config__core__v3__address__descriptor);
    pb_socket_address_t *socket =
        pb_new(arena, &envoy__config__core__v3__socket_address__descriptor);
    socket->address = (char *)(uintptr_t)options->address;
    socket->port_specifier_case =
        ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
    socket->port_value = bound == PORT_HTTP    ? options->http_port
                         : bound == PORT_HTTPS ? options->https_port
                                               : bound;
    address->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS;
    address->socket_address = socket;
    return address;
}

static void publish_listener(translator_t *translator, uint16_t bound, slice_t routes,
                             const pb_info_t *info)
{
    arena_t *arena = &translator->scratch;
    pb_listener_t *listener = pb_new(arena, &envoy__config__listener__v3__listener__descriptor);
    slice_t name = listener_name(translator, bound);
    listener->name = pb_text(arena, name);
    listener->stat_prefix = pb_text(arena, routes);
    listener->address = listen_address(translator, bound);
    listener->n_filter_chains = 1;
    listener->filter_chains = arena_alloc(arena, sizeof(*listener->filter_chains));
    listener->filter_chains[0] = filter_chain(arena, routes);
    if (info)
        listener->metadata = pb_metadata(arena, "nantian.xds.v1.listener", &info->base);
    publish(&translator->publisher, XDS_LISTENER, name, &listener->base);
}

static void publish_routes(translator_t *translator, slice_t name)
{
    arena_t *arena = &translator->scratch;
    pb_routes_t *routes = pb_new(arena, &envoy__config__route__v3__route_configuration__descriptor);
    routes->name = pb_text(arena, name);
    routes->vhds = pb_new(arena, &envoy__config__route__v3__vhds__descriptor);
    routes->vhds->config_source = pb_ads(arena);
    routes->ignore_port_in_host_matching = true;
    publish(&translator->publisher, XDS_ROUTE_CONFIGURATION, name, &routes->base);
}

/* ---- ports ---- */

static pb_info_t *listener_info(translator_t *translator, const gateway_state_t *gateway,
                                uint16_t port)
{
    arena_t *arena = &translator->scratch;
    pb_info_t *info = pb_new(arena, &nantian__xds__v1__listener_info__descriptor);
    info->gateway_namespace = pb_text(arena, gateway->namespace_);
    info->gateway_name = pb_text(arena, gateway->name);
    info->gateway_port = port;
    info->listener_names = arena_alloc(arena, gateway->listener_count * sizeof(char *));
    for (size_t i = 0; i < gateway->listener_count; i++) {
        const listener_state_t *listener = &gateway->listeners[i];
        if (listener->spec->port == port && listener_serves(listener))
            info->listener_names[info->n_listener_names++] = pb_text(arena, listener->spec->name);
    }
    return info;
}

static void set_unbound(translator_t *translator, gateway_state_t *gateway, uint16_t port,
                        bool unbound)
{
    for (size_t i = 0; i < gateway->listener_count; i++) {
        listener_state_t *listener = &gateway->listeners[i];
        if (listener->spec->port != port || listener->unbound == unbound)
            continue;
        listener->unbound = unbound;
        list_remove(&gateway->dirty_status);
        list_append(&translator->dirty_gateway_status, &gateway->dirty_status);
    }
}

/* serving_port says whether a listener is the first of its Gateway that serves its port. */
static bool serving_port(const gateway_state_t *gateway, size_t index)
{
    if (!listener_serves(&gateway->listeners[index]))
        return false;
    for (size_t i = 0; i < index; i++)
        if (gateway->listeners[i].spec->port == gateway->listeners[index].spec->port &&
            listener_serves(&gateway->listeners[i]))
            return false;
    return true;
}

static int compare_gateways(const void *a, const void *b)
{
    return object_compare_age((*(gateway_state_t *const *)a)->object,
                              (*(gateway_state_t *const *)b)->object);
}

/* gateways_by_age gives those of ours; the caller frees the list. */
static gateway_state_t **gateways_by_age(const translator_t *translator, size_t *ret_count)
{
    size_t count = 0;
    gateway_state_t **list = xmalloc((translator->gateways.count + 1) * sizeof(*list));
    TABLE_EACH (node, &translator->gateways) {
        gateway_state_t *gateway = GW_CONTAINER_OF(node, gateway_state_t, node);
        if (gateway->ours)
            list[count++] = gateway;
    }
    if (count > 1)
        qsort(list, count, sizeof(*list), compare_gateways);
    *ret_count = count;
    return list;
}

/* wanted_ports gives one mapping per Gateway and port, oldest Gateway first; the caller frees it.
 */
static port_mapping_t *wanted_ports(gateway_state_t **gateways, size_t count, size_t *ret_count)
{
    size_t total = 0, room = 0;
    for (size_t i = 0; i < count; i++)
        room += gateways[i]->listener_count;
    port_mapping_t *wanted = xmalloc((room + 1) * sizeof(*wanted));
    for (size_t i = 0; i < count; i++) {
        const gateway_state_t *gateway = gateways[i];
        for (size_t j = 0; j < gateway->listener_count; j++)
            if (serving_port(gateway, j))
                wanted[total++] = (port_mapping_t){gateway->namespace_, gateway->name,
                                                   gateway->listeners[j].spec->port, 0};
    }
    *ret_count = total;
    return wanted;
}

/* withdraw takes back what the old mappings published; what is published again right after
 * this stays the same resource. */
static void withdraw(translator_t *translator)
{
    size_t count;
    const port_mapping_t *old = port_map_list(translator->ports, &count);
    for (size_t i = 0; i < count; i++) {
        slice_t routes = scratch_printf(translator, "%.*s/%.*s/%u", SLICE_ARG(old[i].namespace_),
                                        SLICE_ARG(old[i].name), old[i].port);
        publish_remove(&translator->publisher, XDS_ROUTE_CONFIGURATION, routes);
        publish_remove(&translator->publisher, XDS_LISTENER,
                       listener_name(translator, old[i].bound));
    }
    publish_remove(&translator->publisher, XDS_ROUTE_CONFIGURATION,
                   SLICE(TRANSLATOR_DEFAULT_ROUTES));
    publish_remove(&translator->publisher, XDS_LISTENER, listener_name(translator, PORT_HTTP));
}

static void publish_mapping(translator_t *translator, const port_mapping_t *mapping)
{
    gateway_state_t *gateway = find_gateway(translator, mapping->namespace_, mapping->name);
    slice_t routes = route_configuration_name(translator, gateway, mapping->port);
    set_unbound(translator, gateway, mapping->port, mapping->bound == 0);
    if (mapping->bound == 0)
        return;
    publish_routes(translator, routes);
    publish_listener(translator, mapping->bound, routes,
                     listener_info(translator, gateway, mapping->port));
}

void publish_listeners(translator_t *translator)
{
    size_t gateway_count, count;
    gateway_state_t **gateways = gateways_by_age(translator, &gateway_count);
    port_mapping_t *wanted = wanted_ports(gateways, gateway_count, &count);
    withdraw(translator);
    port_map_update(translator->ports, wanted, count);
    bool default_port = true;
    for (size_t i = 0; i < count; i++) {
        publish_mapping(translator, &wanted[i]);
        default_port = default_port && wanted[i].bound != PORT_HTTP;
        arena_reset(&translator->scratch);
    }
    if (default_port) {
        publish_routes(translator, SLICE(TRANSLATOR_DEFAULT_ROUTES));
        publish_listener(translator, PORT_HTTP, SLICE(TRANSLATOR_DEFAULT_ROUTES), NULL);
    }
    free(wanted);
    free(gateways);
}
