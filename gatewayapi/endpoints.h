/*
 * endpoints.h: the addresses behind a Service's port, from all its EndpointSlices.
 */
#ifndef GATEWAYAPI_ENDPOINTS_H
#define GATEWAYAPI_ENDPOINTS_H

#include "core/arena.h"
#include "gatewayapi/store.h"

typedef struct endpoint {
    const char *address; /* in its canonical form */
    uint16_t port;
} endpoint_t;

typedef struct endpoints {
    endpoint_t *at;
    size_t count;
} endpoints_t;

/*
 * endpoints_of gives the endpoints of a Service's port, made in `arena`, in order of address and
 * port and each once. Slices belong to the port by the port's name, as in Kubernetes; the port
 * number is theirs. Of an endpoint's addresses, which are interchangeable, the first is taken.
 * Ready endpoints count; if there is none, those that are still serving while they terminate. An
 * endpoint that has addresses of both families (the same targetRef) counts with IPv4. Without
 * `allow_loopback`, loopback, link-local and unspecified addresses are left out.
 */
endpoints_t endpoints_of(const store_t *store, slice_t namespace_, slice_t service, uint16_t port,
                         bool allow_loopback, arena_t *arena);

#endif
