/*
 * endpoints.h: the compiled endpoints of a cluster, from one load assignment. Immutable and
 * counted; any thread reads them.
 */
#ifndef XDS_ENDPOINTS_H
#define XDS_ENDPOINTS_H

#include "core/ref.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "xds/address.h"

/* What the load assignment says of an endpoint; what is found out about it lives elsewhere. */
typedef enum endpoint_health {
    ENDPOINT_HEALTHY,
    ENDPOINT_DEGRADED, /* used only when there is no healthy one */
    ENDPOINT_DRAINING, /* gets no new requests, finishes the ones it has */
    ENDPOINT_UNHEALTHY
} endpoint_health_t;

typedef struct endpoint {
    address_t address; /* the same text is the same endpoint */
    slice_t zone;      /* of its locality, may be empty */
    uint32_t weight;   /* at least 1 */
    uint8_t health;    /* endpoint_health_t */
} endpoint_t;

typedef struct endpoints {
    ref_count_t ref;      /* private */
    slice_t name;         /* of the load assignment */
    const endpoint_t *at; /* in the order of the load assignment */
    uint32_t count;
    uint32_t healthy_count;
    uint32_t number; /* the dense number of the name */
} endpoints_t;

/*
 * endpoints_compile gives endpoints with one reference, the caller's, or NULL with the fault
 * noted. `scratch` is reset; c->arena is not used. The message must have passed support_check.
 */
endpoints_t *endpoints_compile(const compile_t *c,
                               const Envoy__Config__Endpoint__V3__ClusterLoadAssignment *message,
                               arena_t *scratch);

/* endpoints_ref adds a reference. Any thread. */
endpoints_t *endpoints_ref(const endpoints_t *endpoints);

/* endpoints_unref gives one back; the last one frees them. Any thread. NULL is legal. */
void endpoints_unref(const endpoints_t *endpoints);

/* endpoint_health_text gives the word of the public API. The string is static. */
const char *endpoint_health_text(endpoint_health_t health);

#endif
