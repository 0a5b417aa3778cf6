#include "xds/endpoints.h"

#include "core/check.h"
#include "core/error.h"
#include "xds/exact.h"

typedef Envoy__Config__Endpoint__V3__ClusterLoadAssignment assignment_message_t;
typedef Envoy__Config__Endpoint__V3__LocalityLbEndpoints locality_message_t;
typedef Envoy__Config__Endpoint__V3__LbEndpoint endpoint_message_t;

/* Numbers of the public API that are unknown here are no reason to send requests there. */
static endpoint_health_t health_of(int status)
{
    switch (status) {
    case ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__UNKNOWN:
    case ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__HEALTHY:
        return ENDPOINT_HEALTHY;
    case ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__DEGRADED:
        return ENDPOINT_DEGRADED;
    case ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__DRAINING:
        return ENDPOINT_DRAINING;
    default:
        return ENDPOINT_UNHEALTHY;
    }
}

static int compile_endpoint(const compile_t *c, const endpoint_message_t *message,
                            const field_path_t *path, endpoint_t *ret)
{
    if (message->host_identifier_case !=
        ENVOY__CONFIG__ENDPOINT__V3__LB_ENDPOINT__HOST_IDENTIFIER_ENDPOINT)
        return fault_at(c->fault, FIELD(path, "endpoint"), "must be set");
    ret->weight = message->load_balancing_weight ? message->load_balancing_weight->value : 1;
    if (ret->weight == 0)
        return fault_at(c->fault, FIELD(path, "load_balancing_weight"), "must be at least 1");
    ret->health = (uint8_t)health_of((int)message->health_status);
    int error = address_compile(c, message->endpoint->address, FIELD(path, "endpoint.address"),
                                &ret->address);
    if (!error && ret->address.port == 0)
        error = fault_at(c->fault, FIELD(path, "endpoint.address.socket_address.port_value"),
                         "must not be 0");
    return error;
}

static int compile_locality(const compile_t *c, const locality_message_t *message,
                            const field_path_t *path, endpoints_t *endpoints, endpoint_t *at)
{
    slice_t zone = message->locality ? compile_text(c, message->locality->zone) : SLICE("");
    for (size_t i = 0; i < message->n_lb_endpoints; i++) {
        endpoint_t *endpoint = &at[endpoints->count++];
        endpoint->zone = zone;
        int error = compile_endpoint(c, message->lb_endpoints[i], ELEMENT(path, "lb_endpoints", i),
                                     endpoint);
        if (error)
            return error;
        endpoints->healthy_count += endpoint->health == ENDPOINT_HEALTHY;
    }
    return 0;
}

static int compile_all(const compile_t *c, const assignment_message_t *message,
                       endpoints_t *endpoints)
{
    size_t count = 0;
    for (size_t i = 0; i < message->n_endpoints; i++)
        count += message->endpoints[i]->n_lb_endpoints;
    endpoint_t *at = arena_zalloc(c->arena, count * sizeof(*at));
    endpoints->at = at;
    for (size_t i = 0; i < message->n_endpoints; i++) {
        int error = compile_locality(c, message->endpoints[i], ELEMENT(NULL, "endpoints", i),
                                     endpoints, at);
        if (error)
            return error;
    }
    return 0;
}

typedef struct build_arg {
    compile_t c;
    const assignment_message_t *message;
} build_arg_t;

static void *build_endpoints(arena_t *arena, void *arg)
{
    const build_arg_t *from = arg;
    compile_t c = from->c;
    c.arena = arena;
    endpoints_t *endpoints = arena_zalloc(arena, sizeof(*endpoints));
    ref_init(&endpoints->ref);
    endpoints->name = compile_text(&c, from->message->cluster_name);
    endpoints->number = series_number(&c.series[SERIES_CLUSTER], endpoints->name);
    return compile_all(&c, from->message, endpoints) ? NULL : endpoints;
}

endpoints_t *endpoints_compile(const compile_t *c, const assignment_message_t *message,
                               arena_t *scratch)
{
    build_arg_t arg = {*c, message};
    return exact_new(scratch, build_endpoints, &arg);
}

/* The count is the one part that changes in an object that is const for everybody else. */
endpoints_t *endpoints_ref(const endpoints_t *endpoints)
{
    endpoints_t *counted = (endpoints_t *)(uintptr_t)endpoints;
    ref_hold(&counted->ref);
    return counted;
}

void endpoints_unref(const endpoints_t *endpoints)
{
    endpoints_t *counted = (endpoints_t *)(uintptr_t)endpoints;
    if (counted && ref_drop(&counted->ref))
        free(counted);
}

const char *endpoint_health_text(endpoint_health_t health)
{
    static const char *const texts[] = {"HEALTHY", "DEGRADED", "DRAINING", "UNHEALTHY"};
    GW_ASSERT(health <= ENDPOINT_UNHEALTHY);
    return texts[health];
}
