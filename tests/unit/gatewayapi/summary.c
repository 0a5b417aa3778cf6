/* summary.c: xDS resources as text; see world.h. */
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "nantian/xds/v1/inherits.pb-c.h"
#include "tests/unit/gatewayapi/world.h"
#include "tests/unit/test.h"

typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager
    manager_t;

static void *unpack_any(const Google__Protobuf__Any *any,
                        const ProtobufCMessageDescriptor *descriptor, arena_t *arena)
{
    assert_non_null(any);
    assert_string_equal(strrchr(any->type_url, '/') + 1, descriptor->name);
    void *message =
        xds_unpack(descriptor, slice_make((const char *)any->value.data, any->value.len), arena);
    assert_non_null(message);
    return message;
}

static void *unpack_info(const Envoy__Config__Core__V3__Metadata *metadata, const char *key,
                         const ProtobufCMessageDescriptor *descriptor, arena_t *arena)
{
    assert_non_null(metadata);
    assert_int_equal(metadata->n_typed_filter_metadata, 1);
    assert_string_equal(metadata->typed_filter_metadata[0]->key, key);
    return unpack_any(metadata->typed_filter_metadata[0]->value, descriptor, arena);
}

static void print_names(strbuf_t *out, const char *title, char **names, size_t count)
{
    strbuf_printf(out, " %s [", title);
    for (size_t i = 0; i < count; i++)
        strbuf_printf(out, "%s%s", i ? ", " : "", names[i]);
    strbuf_add_char(out, ']');
}

static void print_listener(const Envoy__Config__Listener__V3__Listener *listener, strbuf_t *out,
                           arena_t *arena)
{
    const Envoy__Config__Core__V3__SocketAddress *address = listener->address->socket_address;
    manager_t *manager = unpack_any(
        listener->filter_chains[0]->filters[0]->typed_config,
        &envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor,
        arena);
    strbuf_printf(out, "listener %s: %s:%u, routes %s", listener->name, address->address,
                  address->port_value, manager->rds->route_config_name);
    if (listener->metadata) {
        Nantian__Xds__V1__ListenerInfo *info =
            unpack_info(listener->metadata, "nantian.xds.v1.listener",
                        &nantian__xds__v1__listener_info__descriptor, arena);
        strbuf_printf(out, ", Gateway %s/%s port %u", info->gateway_namespace, info->gateway_name,
                      info->gateway_port);
        print_names(out, "listeners", info->listener_names, info->n_listener_names);
    }
    strbuf_add_char(out, '\n');
}

static void print_match(const Envoy__Config__Route__V3__RouteMatch *match, strbuf_t *out)
{
    switch (match->path_specifier_case) {
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH:
        strbuf_printf(out, "exact %s", match->path);
        break;
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX:
        assert_string_equal(match->prefix, "/");
        strbuf_printf(out, "prefix /");
        break;
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH_SEPARATED_PREFIX:
        strbuf_printf(out, "prefix %s", match->path_separated_prefix);
        break;
    default:
        fail_msg("a match without a path");
    }
    for (size_t i = 0; i < match->n_headers; i++)
        strbuf_printf(out, " header %s=%s", match->headers[i]->name,
                      match->headers[i]->string_match->exact);
    for (size_t i = 0; i < match->n_query_parameters; i++)
        strbuf_printf(out, " query %s=%s", match->query_parameters[i]->name,
                      match->query_parameters[i]->string_match->exact);
}

static void print_action(const Envoy__Config__Route__V3__RouteAction *action, strbuf_t *out)
{
    if (action->cluster_specifier_case ==
        ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER)
        strbuf_printf(out, " -> %s", action->cluster);
    else
        for (size_t i = 0; i < action->weighted_clusters->n_clusters; i++)
            strbuf_printf(out, "%s %s*%u", i ? "," : " ->",
                          action->weighted_clusters->clusters[i]->name,
                          action->weighted_clusters->clusters[i]->weight->value);
    if (action->cluster_not_found_response_code)
        strbuf_add_text(out, " else 500");
    int64_t ms = action->timeout->seconds * 1000 + action->timeout->nanos / 1000000;
    if (ms != 60000)
        strbuf_printf(out, " timeout %lldms", (long long)ms);
}

static void print_vhost(slice_t name, const Envoy__Config__Route__V3__VirtualHost *vhost,
                        strbuf_t *out, arena_t *arena)
{
    Nantian__Xds__V1__VirtualHostInfo *info =
        unpack_info(vhost->metadata, "nantian.xds.v1.virtual_host",
                    &nantian__xds__v1__virtual_host_info__descriptor, arena);
    assert_int_equal(vhost->n_domains, 1);
    assert_string_equal(vhost->domains[0], vhost->name);
    strbuf_printf(out, "host %.*s: listener %s", SLICE_ARG(name), info->listener_name);
    if (vhost->n_typed_per_filter_config > 0) {
        assert_string_equal(vhost->typed_per_filter_config[0]->key, "nantian.xds.v1.inherits");
        Nantian__Xds__V1__Inherits *inherits =
            unpack_any(vhost->typed_per_filter_config[0]->value,
                       &nantian__xds__v1__inherits__descriptor, arena);
        print_names(out, "inherits", inherits->virtual_hosts, inherits->n_virtual_hosts);
    }
    strbuf_add_char(out, '\n');
    for (size_t i = 0; i < vhost->n_routes; i++) {
        const Envoy__Config__Route__V3__Route *route = vhost->routes[i];
        Nantian__Xds__V1__RouteInfo *route_info =
            unpack_info(route->metadata, "nantian.xds.v1.route",
                        &nantian__xds__v1__route_info__descriptor, arena);
        strbuf_printf(out, "  ");
        print_match(route->match, out);
        print_action(route->route, out);
        strbuf_printf(out, "  (%s rule %u%s%s)\n", route->name, route_info->rule_index,
                      route_info->rule_name[0] ? " " : "", route_info->rule_name);
    }
}

static void print_assignment(const Envoy__Config__Endpoint__V3__ClusterLoadAssignment *assignment,
                             strbuf_t *out)
{
    strbuf_printf(out, "endpoints %s:", assignment->cluster_name);
    for (size_t i = 0; i < assignment->n_endpoints; i++) {
        for (size_t j = 0; j < assignment->endpoints[i]->n_lb_endpoints; j++) {
            const Envoy__Config__Core__V3__SocketAddress *address =
                assignment->endpoints[i]->lb_endpoints[j]->endpoint->address->socket_address;
            strbuf_printf(out, " [%s]:%u", address->address, address->port_value);
        }
    }
    strbuf_add_text(out, assignment->n_endpoints ? "\n" : " none\n");
}

static void print_cluster(const Envoy__Config__Cluster__V3__Cluster *cluster, strbuf_t *out,
                          arena_t *arena)
{
    Nantian__Xds__V1__BackendInfo *info =
        unpack_info(cluster->metadata, "nantian.xds.v1.backend",
                    &nantian__xds__v1__backend_info__descriptor, arena);
    assert_int_equal(cluster->type, ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__EDS);
    strbuf_printf(out, "cluster %s: %s %s/%s port %u\n", cluster->name, info->kind,
                  info->namespace_, info->name, info->port);
}

void resource_print(const xds_resource_t *resource, strbuf_t *out)
{
    arena_t arena = {0};
    const void *message = xds_resource_unpack(resource, &arena);
    slice_t name = xds_resource_name(resource);
    assert_non_null(message);
    switch (xds_resource_type(resource)) {
    case XDS_LISTENER:
        print_listener(message, out, &arena);
        break;
    case XDS_ROUTE_CONFIGURATION:
        strbuf_printf(out, "routes %.*s\n", SLICE_ARG(name));
        break;
    case XDS_VIRTUAL_HOST:
        print_vhost(name, message, out, &arena);
        break;
    case XDS_CLUSTER:
        print_cluster(message, out, &arena);
        break;
    case XDS_LOAD_ASSIGNMENT:
        print_assignment(message, out);
        break;
    default:
        fail_msg("an unknown type");
    }
    arena_fini(&arena);
}
