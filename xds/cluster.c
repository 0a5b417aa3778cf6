#include "xds/cluster.h"

#include "core/check.h"
#include "core/error.h"
#include "core/strbuf.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "xds/any.h"
#include "xds/exact.h"

typedef Envoy__Config__Cluster__V3__Cluster cluster_message_t;
typedef Envoy__Config__Cluster__V3__CircuitBreakers__Thresholds thresholds_message_t;

/* Of the public API, for absent fields. */
enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_MAX = 1024, /* connections, pending requests, requests */
    DEFAULT_MAX_RETRIES = 3
};

static int compile_policy(const compile_t *c, const cluster_message_t *message, cluster_t *cluster)
{
    switch (message->lb_policy) {
    case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__ROUND_ROBIN:
        cluster->policy = CLUSTER_ROUND_ROBIN;
        return 0;
    case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__LEAST_REQUEST:
        cluster->policy = CLUSTER_LEAST_REQUEST;
        return 0;
    case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__RANDOM:
        cluster->policy = CLUSTER_RANDOM;
        return 0;
    default:
        return fault_at(c->fault, FIELD(NULL, "lb_policy"), "%d is not supported",
                        (int)message->lb_policy);
    }
}

static uint32_t value_or(const Google__Protobuf__UInt32Value *value, uint32_t absent)
{
    return value ? value->value : absent;
}

static void set_limits(const thresholds_message_t *limits, cluster_t *cluster)
{
    cluster->max_connections = value_or(limits->max_connections, DEFAULT_MAX);
    cluster->max_pending_requests = value_or(limits->max_pending_requests, DEFAULT_MAX);
    cluster->max_requests = value_or(limits->max_requests, DEFAULT_MAX);
    cluster->max_retries = value_or(limits->max_retries, DEFAULT_MAX_RETRIES);
}

/* There is one priority here: the default one. */
static int compile_limits(const compile_t *c, const cluster_message_t *message, cluster_t *cluster)
{
    thresholds_message_t absent = ENVOY__CONFIG__CLUSTER__V3__CIRCUIT_BREAKERS__THRESHOLDS__INIT;
    set_limits(&absent, cluster);
    size_t count = message->circuit_breakers ? message->circuit_breakers->n_thresholds : 0;
    for (size_t i = 0; i < count; i++) {
        const thresholds_message_t *limits = message->circuit_breakers->thresholds[i];
        if (limits->priority != ENVOY__CONFIG__CORE__V3__ROUTING_PRIORITY__DEFAULT)
            return fault_at(c->fault, ELEMENT(FIELD(NULL, "circuit_breakers"), "thresholds", i),
                            "only the default priority is supported");
        set_limits(limits, cluster);
    }
    return 0;
}

/* A cluster without our metadata is counted under its own name. */
static series_id_t series_of(const compile_t *c, const cluster_t *cluster)
{
    strbuf_t text = {0};
    if (cluster->service.len)
        strbuf_printf(&text, "%.*s/%.*s", SLICE_ARG(cluster->namespace),
                      SLICE_ARG(cluster->service));
    else
        strbuf_add(&text, cluster->name);
    series_id_t id = series_identify(&c->series[SERIES_BACKEND], strbuf_slice(&text));
    strbuf_fini(&text);
    return id;
}

static int compile_backend(const compile_t *c, const cluster_message_t *message, cluster_t *cluster)
{
    ProtobufCMessage *found;
    int error = metadata_find(message->metadata, XDS_KEY_BACKEND,
                              &nantian__xds__v1__backend_info__descriptor, c->message, NULL,
                              c->fault, &found);
    if (error)
        return error;
    const Nantian__Xds__V1__BackendInfo *info = (const Nantian__Xds__V1__BackendInfo *)found;
    if (info) {
        cluster->kind = compile_text(c, info->kind);
        cluster->namespace = compile_text(c, info->namespace_);
        cluster->service = compile_text(c, info->name);
        cluster->port = info->port;
    }
    cluster->series = series_of(c, cluster);
    return 0;
}

static int compile_discovery(const compile_t *c, const cluster_message_t *message,
                             cluster_t *cluster)
{
    const char *assignment = message->name;
    if (message->cluster_discovery_type_case !=
            ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE ||
        message->type != ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__EDS)
        return fault_at(c->fault, FIELD(NULL, "type"), "only EDS is supported");
    if (message->eds_cluster_config && message->eds_cluster_config->service_name[0])
        assignment = message->eds_cluster_config->service_name;
    cluster->number = series_number(&c->series[SERIES_CLUSTER], cluster->name);
    cluster->endpoints = series_number(&c->series[SERIES_CLUSTER], slice_of(assignment));
    return 0;
}

typedef struct build_arg {
    compile_t c;
    const cluster_message_t *message;
} build_arg_t;

static void *build_cluster(arena_t *arena, void *arg)
{
    const build_arg_t *from = arg;
    compile_t c = from->c;
    c.arena = arena;
    cluster_t *cluster = arena_zalloc(arena, sizeof(*cluster));
    ref_init(&cluster->ref);
    cluster->name = compile_text(&c, from->message->name);
    if (compile_discovery(&c, from->message, cluster) ||
        compile_policy(&c, from->message, cluster) || compile_limits(&c, from->message, cluster) ||
        compile_backend(&c, from->message, cluster) ||
        compile_milliseconds(&c, from->message->connect_timeout, DEFAULT_CONNECT_TIMEOUT_MS,
                             FIELD(NULL, "connect_timeout"), &cluster->connect_timeout_ms))
        return NULL;
    return cluster;
}

cluster_t *cluster_compile(const compile_t *c, const cluster_message_t *message, arena_t *scratch)
{
    build_arg_t arg = {*c, message};
    return exact_new(scratch, build_cluster, &arg);
}

/* The count is the one part that changes in an object that is const for everybody else. */
cluster_t *cluster_ref(const cluster_t *cluster)
{
    cluster_t *counted = (cluster_t *)(uintptr_t)cluster;
    ref_hold(&counted->ref);
    return counted;
}

void cluster_unref(const cluster_t *cluster)
{
    cluster_t *counted = (cluster_t *)(uintptr_t)cluster;
    if (counted && ref_drop(&counted->ref))
        free(counted);
}

const char *cluster_policy_text(cluster_policy_t policy)
{
    static const char *const texts[] = {"ROUND_ROBIN", "LEAST_REQUEST", "RANDOM"};
    GW_ASSERT(policy <= CLUSTER_RANDOM);
    return texts[policy];
}
