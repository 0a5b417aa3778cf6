/*
 * listener.h: one compiled listener: where it listens and which route configuration its requests
 * are matched against. Immutable and counted; any thread reads it.
 */
#ifndef XDS_LISTENER_H
#define XDS_LISTENER_H

#include "envoy/config/listener/v3/listener.pb-c.h"
#include "xds/address.h"
#include "xds/route_table.h"

typedef struct listener {
    ref_count_t ref; /* private */
    slice_t name;
    /* What counters and logs call it: "NAMESPACE/GATEWAY/LISTENER", "NAMESPACE/GATEWAY:PORT" where
     * several of the Gateway's listeners share the port, the name where there is no Gateway. */
    slice_t label;
    address_t address;                       /* where it listens */
    slice_t routes;                          /* name of the route configuration */
    slice_t gateway_namespace, gateway_name; /* empty for a foreign configuration */
    const slice_t *gateway_listeners;        /* names in the Gateway's spec */
    const route_table_t *inline_routes;      /* held; NULL: they come by name */
    uint32_t gateway_listener_count;
    uint32_t gateway_port; /* in the Gateway's spec; 0 for a foreign configuration */
    uint32_t series;       /* number of the name */
} listener_t;

/*
 * listener_compile gives a listener with one reference, the caller's, or NULL with the fault
 * noted. `scratch` is reset; c->arena is not used. The message must have passed support_check.
 */
listener_t *listener_compile(const compile_t *c,
                             const Envoy__Config__Listener__V3__Listener *message,
                             arena_t *scratch);

/* listener_ref adds a reference. Any thread. */
listener_t *listener_ref(const listener_t *listener);

/* listener_unref gives one back; the last one frees the listener. Any thread. NULL is legal. */
void listener_unref(const listener_t *listener);

#endif
