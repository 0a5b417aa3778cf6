/*
 * cluster.c: the clusters of the Services that routes use, and where their endpoints are. An
 * EndpointSlice's change ends here, without a look at any route. See model.h.
 */
#include "core/mem.h"
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "gatewayapi/endpoints.h"
#include "gatewayapi/model.h"
#include "gatewayapi/pb.h"
#include "nantian/xds/v1/info.pb-c.h"

typedef Envoy__Config__Cluster__V3__Cluster pb_cluster_t;
typedef Envoy__Config__Cluster__V3__Cluster__EdsClusterConfig pb_eds_t;
typedef Envoy__Config__Endpoint__V3__ClusterLoadAssignment pb_assignment_t;
typedef Envoy__Config__Endpoint__V3__LocalityLbEndpoints pb_locality_t;
typedef Envoy__Config__Endpoint__V3__LbEndpoint pb_lb_endpoint_t;
typedef Envoy__Config__Endpoint__V3__Endpoint pb_endpoint_t;
typedef Envoy__Config__Core__V3__Address pb_address_t;
typedef Envoy__Config__Core__V3__SocketAddress pb_socket_address_t;

slice_t cluster_name(translator_t *translator, slice_t namespace_, slice_t name, uint16_t port)
{
    return scratch_printf(translator, "%.*s/%.*s:%u", SLICE_ARG(namespace_), SLICE_ARG(name), port);
}

/* ---- holding ---- */

static backend_t *find_backend(const translator_t *translator, slice_t namespace_, slice_t name)
{
    table_node_t *node = table_find(&translator->backends, namespace_, name);
    return node ? GW_CONTAINER_OF(node, backend_t, node) : NULL;
}

static backend_t *backend_for(translator_t *translator, slice_t namespace_, slice_t name)
{
    backend_t *backend = find_backend(translator, namespace_, name);
    if (backend)
        return backend;
    backend = xcalloc(1, sizeof(*backend) + namespace_.len + name.len);
    memcpy(backend->text, namespace_.base, namespace_.len);
    memcpy(backend->text + namespace_.len, name.base, name.len);
    backend->namespace_ = slice_make(backend->text, namespace_.len);
    backend->name = slice_make(backend->text + namespace_.len, name.len);
    table_add(&translator->backends, &backend->node, backend->namespace_, backend->name);
    return backend;
}

static void mark(translator_t *translator, cluster_t *cluster)
{
    if (list_empty(&cluster->dirty))
        list_append(&translator->dirty_clusters, &cluster->dirty);
}

cluster_t *cluster_hold(translator_t *translator, slice_t namespace_, slice_t name, uint16_t port)
{
    backend_t *backend = backend_for(translator, namespace_, name);
    cluster_t *cluster = backend->clusters;
    while (cluster && cluster->port != port)
        cluster = cluster->next;
    if (cluster == NULL) {
        cluster = xcalloc(1, sizeof(*cluster));
        *cluster = (cluster_t){.next = backend->clusters, .backend = backend, .port = port};
        list_init(&cluster->dirty);
        backend->clusters = cluster;
        mark(translator, cluster);
    }
    cluster->holders++;
    return cluster;
}

void cluster_release(translator_t *translator, cluster_t *cluster)
{
    if (--cluster->holders == 0)
        mark(translator, cluster);
}

void mark_backend(translator_t *translator, slice_t namespace_, slice_t name)
{
    backend_t *backend = find_backend(translator, namespace_, name);
    for (cluster_t *cluster = backend ? backend->clusters : NULL; cluster; cluster = cluster->next)
        mark(translator, cluster);
}

static void free_cluster(cluster_t *cluster)
{
    cluster_t **at = &cluster->backend->clusters;
    while (*at != cluster)
        at = &(*at)->next;
    *at = cluster->next;
    list_remove(&cluster->dirty);
    free(cluster);
}

void free_backend(translator_t *translator, backend_t *backend)
{
    while (backend->clusters)
        free_cluster(backend->clusters);
    table_remove(&translator->backends, &backend->node);
    free(backend);
}

/* ---- the resources ---- */

static void publish_cluster_itself(translator_t *translator, const cluster_t *cluster, slice_t name)
{
    arena_t *arena = &translator->scratch;
    pb_cluster_t *message = pb_new(arena, &envoy__config__cluster__v3__cluster__descriptor);
    pb_eds_t *eds =
        pb_new(arena, &envoy__config__cluster__v3__cluster__eds_cluster_config__descriptor);
    eds->eds_config = pb_ads(arena);
    message->name = pb_text(arena, name);
    message->cluster_discovery_type_case =
        ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE;
    message->type = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__EDS;
    message->eds_cluster_config = eds;
    message->connect_timeout = pb_duration(arena, translator->options.connect_timeout_ms);
    Nantian__Xds__V1__BackendInfo *info =
        pb_new(arena, &nantian__xds__v1__backend_info__descriptor);
    info->kind = "Service";
    info->namespace_ = pb_text(arena, cluster->backend->namespace_);
    info->name = pb_text(arena, cluster->backend->name);
    info->port = cluster->port;
    message->metadata = pb_metadata(arena, "nantian.xds.v1.backend", &info->base);
    publish(&translator->publisher, XDS_CLUSTER, name, &message->base);
}

static pb_lb_endpoint_t *make_endpoint(arena_t *arena, const endpoint_t *endpoint)
{
    pb_socket_address_t *socket =
        pb_new(arena, &envoy__config__core__v3__socket_address__descriptor);
    socket->address = (char *)(uintptr_t)endpoint->address;
    socket->port_specifier_case =
        ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
    socket->port_value = endpoint->port;
    pb_address_t *address = pb_new(arena, &envoy__config__core__v3__address__descriptor);
    address->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS;
    address->socket_address = socket;
    pb_endpoint_t *inner = pb_new(arena, &envoy__config__endpoint__v3__endpoint__descriptor);
    inner->address = address;
    pb_lb_endpoint_t *outer = pb_new(arena, &envoy__config__endpoint__v3__lb_endpoint__descriptor);
    outer->host_identifier_case =
        ENVOY__CONFIG__ENDPOINT__V3__LB_ENDPOINT__HOST_IDENTIFIER_ENDPOINT;
    outer->endpoint = inner;
    return outer;
}

static pb_locality_t *make_locality(arena_t *arena, const endpoints_t *endpoints)
{
    pb_locality_t *locality =
        pb_new(arena, &envoy__config__endpoint__v3__locality_lb_endpoints__descriptor);
    locality->n_lb_endpoints = endpoints->count;
    locality->lb_endpoints = arena_alloc(arena, endpoints->count * sizeof(pb_lb_endpoint_t *));
    for (size_t i = 0; i < endpoints->count; i++)
        locality->lb_endpoints[i] = make_endpoint(arena, &endpoints->at[i]);
    return locality;
}

static void publish_assignment(translator_t *translator, const cluster_t *cluster, slice_t name)
{
    arena_t *arena = &translator->scratch;
    endpoints_t endpoints =
        endpoints_of(translator->store, cluster->backend->namespace_, cluster->backend->name,
                     cluster->port, translator->options.allow_loopback, arena);
    pb_assignment_t *message =
        pb_new(arena, &envoy__config__endpoint__v3__cluster_load_assignment__descriptor);
    pb_locality_t *locality = make_locality(arena, &endpoints);
    message->cluster_name = pb_text(arena, name);
    message->n_endpoints = endpoints.count > 0;
    message->endpoints = &locality;
    publish(&translator->publisher, XDS_LOAD_ASSIGNMENT, name, &message->base);
}

void publish_cluster(translator_t *translator, cluster_t *cluster)
{
    backend_t *backend = cluster->backend;
    slice_t name = cluster_name(translator, backend->namespace_, backend->name, cluster->port);
    if (cluster->holders > 0) {
        if (!cluster->published)
            publish_cluster_itself(translator, cluster, name);
        cluster->published = true;
        publish_assignment(translator, cluster, name);
        return;
    }
    publish_remove(&translator->publisher, XDS_CLUSTER, name);
    publish_remove(&translator->publisher, XDS_LOAD_ASSIGNMENT, name);
    free_cluster(cluster);
    if (backend->clusters == NULL)
        free_backend(translator, backend);
}
