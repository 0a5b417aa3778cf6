#include "tests/unit/xds/make.h"

#include "core/strbuf.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "nantian/xds/v1/inherits.pb-c.h"

typedef Envoy__Config__Core__V3__Metadata metadata_message_t;
typedef Envoy__Config__Core__V3__Metadata__TypedFilterMetadataEntry metadata_entry_t;
typedef Envoy__Config__Route__V3__WeightedCluster__ClusterWeight weight_message_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager
    manager_message_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__Rds rds_message_t;

/* NEW allocates and initializes a message by the name that its functions have. */
#define NEW(arena, type, name) ((type *)initialized((arena), sizeof(type), name##__init_erased))
#define ERASED(type, name)                                                                         \
    static void name##__init_erased(void *message)                                                 \
    {                                                                                              \
        name##__init((type *)message);                                                             \
    }

static void *initialized(arena_t *arena, size_t size, void (*init)(void *))
{
    void *message = arena_alloc(arena, size);
    init(message);
    return message;
}

ERASED(Google__Protobuf__UInt32Value, google__protobuf__uint32_value)
ERASED(Envoy__Config__Core__V3__Address, envoy__config__core__v3__address)
ERASED(Envoy__Config__Core__V3__SocketAddress, envoy__config__core__v3__socket_address)
ERASED(metadata_message_t, envoy__config__core__v3__metadata)
ERASED(metadata_entry_t, envoy__config__core__v3__metadata__typed_filter_metadata_entry)
ERASED(Envoy__Type__Matcher__V3__StringMatcher, envoy__type__matcher__v3__string_matcher)
ERASED(route_message_t, envoy__config__route__v3__route)
ERASED(Envoy__Config__Route__V3__RouteMatch, envoy__config__route__v3__route_match)
ERASED(action_message_t, envoy__config__route__v3__route_action)
ERASED(header_message_t, envoy__config__route__v3__header_matcher)
ERASED(query_message_t, envoy__config__route__v3__query_parameter_matcher)
ERASED(Envoy__Config__Route__V3__DirectResponseAction,
       envoy__config__route__v3__direct_response_action)
ERASED(Envoy__Config__Route__V3__WeightedCluster, envoy__config__route__v3__weighted_cluster)
ERASED(weight_message_t, envoy__config__route__v3__weighted_cluster__cluster_weight)
ERASED(vhost_message_t, envoy__config__route__v3__virtual_host)
ERASED(Envoy__Config__Route__V3__VirtualHost__TypedPerFilterConfigEntry,
       envoy__config__route__v3__virtual_host__typed_per_filter_config_entry)
ERASED(listener_message_t, envoy__config__listener__v3__listener)
ERASED(Envoy__Config__Listener__V3__FilterChain, envoy__config__listener__v3__filter_chain)
ERASED(Envoy__Config__Listener__V3__Filter, envoy__config__listener__v3__filter)
ERASED(cluster_message_t, envoy__config__cluster__v3__cluster)
ERASED(assignment_message_t, envoy__config__endpoint__v3__cluster_load_assignment)
ERASED(Envoy__Config__Endpoint__V3__LocalityLbEndpoints,
       envoy__config__endpoint__v3__locality_lb_endpoints)
ERASED(Envoy__Config__Endpoint__V3__LbEndpoint, envoy__config__endpoint__v3__lb_endpoint)
ERASED(Envoy__Config__Endpoint__V3__Endpoint, envoy__config__endpoint__v3__endpoint)

char *make_text(arena_t *arena, const char *format, ...)
{
    strbuf_t text = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    slice_t copy = arena_dup(arena, strbuf_slice(&text));
    strbuf_fini(&text);
    return (char *)(uintptr_t)copy.base;
}

static char *borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

void make_append(arena_t *arena, void *array, size_t *count, void *element)
{
    void **elements;
    memcpy(&elements, array, sizeof(elements));
    if ((*count & (*count - 1)) == 0) { /* full at every power of two */
        void **larger = arena_alloc(arena, (*count ? 2 * *count : 1) * sizeof(*larger));
        if (*count)
            memcpy(larger, elements, *count * sizeof(*larger));
        memcpy(array, &larger, sizeof(larger));
        elements = larger;
    }
    elements[(*count)++] = element;
}

static void set_metadata(arena_t *arena, metadata_message_t **metadata, const char *key,
                         const ProtobufCMessage *message)
{
    metadata_entry_t *entry = NEW(arena, metadata_entry_t,
                                  envoy__config__core__v3__metadata__typed_filter_metadata_entry);
    entry->key = borrow(key);
    entry->value = any_pack(message, arena);
    *metadata = NEW(arena, metadata_message_t, envoy__config__core__v3__metadata);
    make_append(arena, &(*metadata)->typed_filter_metadata, &(*metadata)->n_typed_filter_metadata,
                entry);
}

static void set_path(Envoy__Config__Route__V3__RouteMatch *match, route_path_kind_t kind,
                     const char *path)
{
    switch (kind) {
    case ROUTE_PATH_EXACT:
        match->path_specifier_case = ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH;
        match->path = borrow(path);
        break;
    case ROUTE_PATH_SEPARATED:
        match->path_specifier_case =
            ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH_SEPARATED_PREFIX;
        match->path_separated_prefix = borrow(path);
        break;
    default:
        match->path_specifier_case = ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX;
        match->prefix = borrow(path);
    }
}

route_message_t *make_route(arena_t *arena, route_path_kind_t kind, const char *path,
                            const char *cluster)
{
    route_message_t *route = NEW(arena, route_message_t, envoy__config__route__v3__route);
    route->match =
        NEW(arena, Envoy__Config__Route__V3__RouteMatch, envoy__config__route__v3__route_match);
    set_path(route->match, kind, path);
    route->action_case = ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_ROUTE;
    route->route = NEW(arena, action_message_t, envoy__config__route__v3__route_action);
    route->route->cluster_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER;
    route->route->cluster = borrow(cluster);
    return route;
}

static Envoy__Type__Matcher__V3__StringMatcher *exact(arena_t *arena, const char *value)
{
    Envoy__Type__Matcher__V3__StringMatcher *matcher = NEW(
        arena, Envoy__Type__Matcher__V3__StringMatcher, envoy__type__matcher__v3__string_matcher);
    matcher->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT;
    matcher->exact = borrow(value);
    return matcher;
}

static header_message_t *new_header(arena_t *arena, route_message_t *route, const char *name)
{
    header_message_t *header =
        NEW(arena, header_message_t, envoy__config__route__v3__header_matcher);
    header->name = borrow(name);
    make_append(arena, &route->match->headers, &route->match->n_headers, header);
    return header;
}

header_message_t *make_header(arena_t *arena, route_message_t *route, const char *name,
                              const char *value)
{
    header_message_t *header = new_header(arena, route, name);
    header->header_match_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH;
    header->string_match = exact(arena, value);
    return header;
}

header_message_t *make_presence(arena_t *arena, route_message_t *route, const char *name,
                                bool present)
{
    header_message_t *header = new_header(arena, route, name);
    header->header_match_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_PRESENT_MATCH;
    header->present_match = present;
    return header;
}

query_message_t *make_query(arena_t *arena, route_message_t *route, const char *name,
                            const char *value)
{
    query_message_t *query =
        NEW(arena, query_message_t, envoy__config__route__v3__query_parameter_matcher);
    query->name = borrow(name);
    query->query_parameter_match_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_PRESENT_MATCH;
    query->present_match = true;
    if (value) {
        query->query_parameter_match_specifier_case =
            ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH;
        query->string_match = exact(arena, value);
    }
    make_append(arena, &route->match->query_parameters, &route->match->n_query_parameters, query);
    return query;
}

void make_respond(arena_t *arena, route_message_t *route, uint32_t status)
{
    route->action_case = ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_DIRECT_RESPONSE;
    route->direct_response = NEW(arena, Envoy__Config__Route__V3__DirectResponseAction,
                                 envoy__config__route__v3__direct_response_action);
    route->direct_response->status = status;
}

void make_weights(arena_t *arena, route_message_t *route, const uint32_t *weights, size_t count)
{
    Envoy__Config__Route__V3__WeightedCluster *list =
        NEW(arena, Envoy__Config__Route__V3__WeightedCluster,
            envoy__config__route__v3__weighted_cluster);
    for (size_t i = 0; i < count; i++) {
        weight_message_t *weight = NEW(arena, weight_message_t,
                                       envoy__config__route__v3__weighted_cluster__cluster_weight);
        weight->name = make_text(arena, "c%zu", i);
        weight->weight = NEW(arena, Google__Protobuf__UInt32Value, google__protobuf__uint32_value);
        weight->weight->value = weights[i];
        make_append(arena, &list->clusters, &list->n_clusters, weight);
    }
    route->route->cluster_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS;
    route->route->weighted_clusters = list;
}

void make_info(arena_t *arena, route_message_t *route, const char *namespace, const char *name)
{
    Nantian__Xds__V1__RouteInfo info = NANTIAN__XDS__V1__ROUTE_INFO__INIT;
    info.kind = borrow("HTTPRoute");
    info.namespace_ = borrow(namespace);
    info.name = borrow(name);
    set_metadata(arena, &route->metadata, XDS_KEY_ROUTE, &info.base);
}

void make_listener_info(arena_t *arena, listener_message_t *listener, const char *namespace,
                        const char *gateway, const char *name)
{
    Nantian__Xds__V1__ListenerInfo info = NANTIAN__XDS__V1__LISTENER_INFO__INIT;
    char *names[] = {borrow(name)};
    info.gateway_namespace = borrow(namespace);
    info.gateway_name = borrow(gateway);
    info.gateway_port = 80;
    info.listener_names = names;
    info.n_listener_names = 1;
    set_metadata(arena, &listener->metadata, XDS_KEY_LISTENER, &info.base);
}

/* Appends every word of a text. */
static void each_word(arena_t *arena, const char *text, char ***words, size_t *count)
{
    while (*text) {
        size_t len = strcspn(text, " ");
        slice_t word = arena_dup(arena, slice_make(text, len));
        make_append(arena, words, count, borrow(word.base));
        text += len + strspn(text + len, " ");
    }
}

vhost_message_t *make_vhost(arena_t *arena, const char *name, const char *domains)
{
    vhost_message_t *vhost = NEW(arena, vhost_message_t, envoy__config__route__v3__virtual_host);
    vhost->name = borrow(name);
    each_word(arena, domains, &vhost->domains, &vhost->n_domains);
    return vhost;
}

void make_vhost_route(arena_t *arena, vhost_message_t *vhost, route_message_t *route)
{
    make_append(arena, &vhost->routes, &vhost->n_routes, route);
}

void make_inherits(arena_t *arena, vhost_message_t *vhost, const char *names)
{
    Nantian__Xds__V1__Inherits inherits = NANTIAN__XDS__V1__INHERITS__INIT;
    each_word(arena, names, &inherits.virtual_hosts, &inherits.n_virtual_hosts);
    Envoy__Config__Route__V3__VirtualHost__TypedPerFilterConfigEntry *entry =
        NEW(arena, Envoy__Config__Route__V3__VirtualHost__TypedPerFilterConfigEntry,
            envoy__config__route__v3__virtual_host__typed_per_filter_config_entry);
    entry->key = borrow(XDS_KEY_INHERITS);
    entry->value = any_pack(&inherits.base, arena);
    make_append(arena, &vhost->typed_per_filter_config, &vhost->n_typed_per_filter_config, entry);
}

static Envoy__Config__Core__V3__Address *make_address(arena_t *arena, const char *ip, uint32_t port)
{
    Envoy__Config__Core__V3__Address *address =
        NEW(arena, Envoy__Config__Core__V3__Address, envoy__config__core__v3__address);
    address->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS;
    address->socket_address =
        NEW(arena, Envoy__Config__Core__V3__SocketAddress, envoy__config__core__v3__socket_address);
    address->socket_address->address = borrow(ip);
    address->socket_address->port_specifier_case =
        ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
    address->socket_address->port_value = port;
    return address;
}

listener_message_t *make_listener(arena_t *arena, const char *name, uint32_t port,
                                  const char *routes)
{
    manager_message_t manager =
        ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__INIT;
    rds_message_t rds = ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__RDS__INIT;
    rds.route_config_name = borrow(routes);
    manager.route_specifier_case =
        ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__ROUTE_SPECIFIER_RDS;
    manager.rds = &rds;
    Envoy__Config__Listener__V3__Filter *filter =
        NEW(arena, Envoy__Config__Listener__V3__Filter, envoy__config__listener__v3__filter);
    filter->config_type_case = ENVOY__CONFIG__LISTENER__V3__FILTER__CONFIG_TYPE_TYPED_CONFIG;
    filter->typed_config = any_pack(&manager.base, arena);
    Envoy__Config__Listener__V3__FilterChain *chain = NEW(
        arena, Envoy__Config__Listener__V3__FilterChain, envoy__config__listener__v3__filter_chain);
    make_append(arena, &chain->filters, &chain->n_filters, filter);
    listener_message_t *listener =
        NEW(arena, listener_message_t, envoy__config__listener__v3__listener);
    listener->name = borrow(name);
    listener->address = make_address(arena, "0.0.0.0", port);
    make_append(arena, &listener->filter_chains, &listener->n_filter_chains, chain);
    return listener;
}

cluster_message_t *make_cluster(arena_t *arena, const char *name)
{
    cluster_message_t *cluster = NEW(arena, cluster_message_t, envoy__config__cluster__v3__cluster);
    cluster->name = borrow(name);
    cluster->cluster_discovery_type_case =
        ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE;
    cluster->type = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__EDS;
    return cluster;
}

void make_backend(arena_t *arena, cluster_message_t *cluster, const char *namespace,
                  const char *name)
{
    Nantian__Xds__V1__BackendInfo info = NANTIAN__XDS__V1__BACKEND_INFO__INIT;
    info.kind = borrow("Service");
    info.namespace_ = borrow(namespace);
    info.name = borrow(name);
    info.port = 80;
    set_metadata(arena, &cluster->metadata, XDS_KEY_BACKEND, &info.base);
}

assignment_message_t *make_assignment(arena_t *arena, const char *cluster, size_t count,
                                      uint32_t port)
{
    assignment_message_t *assignment =
        NEW(arena, assignment_message_t, envoy__config__endpoint__v3__cluster_load_assignment);
    Envoy__Config__Endpoint__V3__LocalityLbEndpoints *locality =
        NEW(arena, Envoy__Config__Endpoint__V3__LocalityLbEndpoints,
            envoy__config__endpoint__v3__locality_lb_endpoints);
    assignment->cluster_name = borrow(cluster);
    make_append(arena, &assignment->endpoints, &assignment->n_endpoints, locality);
    for (size_t i = 0; i < count; i++) {
        Envoy__Config__Endpoint__V3__LbEndpoint *endpoint =
            NEW(arena, Envoy__Config__Endpoint__V3__LbEndpoint,
                envoy__config__endpoint__v3__lb_endpoint);
        endpoint->host_identifier_case =
            ENVOY__CONFIG__ENDPOINT__V3__LB_ENDPOINT__HOST_IDENTIFIER_ENDPOINT;
        endpoint->endpoint = NEW(arena, Envoy__Config__Endpoint__V3__Endpoint,
                                 envoy__config__endpoint__v3__endpoint);
        endpoint->endpoint->address =
            make_address(arena, make_text(arena, "10.0.0.%zu", i + 1), port);
        make_append(arena, &locality->lb_endpoints, &locality->n_lb_endpoints, endpoint);
    }
    return assignment;
}

static void change(xds_update_t *update, xds_type_t type, const char *name,
                   const ProtobufCMessage *message)
{
    xds_resource_t *resource = xds_resource_new(type, slice_of(name), message);
    xds_update_change(update, &resource);
}

void change_vhost(xds_update_t *update, const char *configuration, const vhost_message_t *vhost)
{
    arena_t arena = {0};
    change(update, XDS_VIRTUAL_HOST, make_text(&arena, "%s/%s", configuration, vhost->name),
           &vhost->base);
    arena_fini(&arena);
}

void change_listener(xds_update_t *update, const listener_message_t *listener)
{
    change(update, XDS_LISTENER, listener->name, &listener->base);
}

void change_cluster(xds_update_t *update, const cluster_message_t *cluster)
{
    change(update, XDS_CLUSTER, cluster->name, &cluster->base);
}

void change_assignment(xds_update_t *update, const assignment_message_t *assignment)
{
    change(update, XDS_LOAD_ASSIGNMENT, assignment->cluster_name, &assignment->base);
}
