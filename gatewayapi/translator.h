/*
 * translator.h: objects in, xDS resources and conditions out. Pure: no I/O, no clock, no thread,
 * and the same objects give the same output on every replica.
 *
 * It is incremental. The store says which objects changed; from there the translator finds the
 * routes, virtual hosts, clusters and statuses that may be affected, makes only those anew, and
 * emits only those that differ. A changed EndpointSlice touches one load assignment and no route.
 *
 * What becomes what:
 *
 *   Gateway + port    one Listener, named by its data plane port ("tcp/10080": it keeps its sockets
 *                     when another Gateway takes the port over), and one RouteConfiguration
 *                     "NAMESPACE/GATEWAY/PORT", whose virtual hosts come by VHDS. All listeners of
 *                     the Gateway on that port share them.
 *   hostname          one VirtualHost "NAMESPACE/GATEWAY/PORT/HOSTNAME", "*" for any host. Its
 *                     routes are those of the HTTPRoutes that have this hostname after intersection
 *                     with the listener's, ordered by what hostname the HTTPRoute names itself, and
 *                     then by the precedence of the Gateway API. Its Inherits names every less
 *                     specific hostname of the same listener, also those that do not exist: so a
 * new wildcard changes no other virtual host. A listener's own hostname always has a virtual host,
 * so that no other listener answers for it. A virtual host for which a more specific listener of
 * the port exists is not emitted: its requests belong to that listener. rule + match      one Route
 * "Http/NAMESPACE/NAME" with a RouteInfo. backend           one Cluster and ClusterLoadAssignment
 * "NAMESPACE/SERVICE:PORT".
 *
 * A backend reference that cannot be used keeps its share of the weight in the reserved cluster
 * name TRANSLATOR_INVALID_BACKEND. No such cluster exists, and the route's
 * cluster_not_found_response_code is INTERNAL_SERVER_ERROR: so that share is answered with 500,
 * by our data plane (flag IB) and by an unmodified Envoy. A rule without usable backends has that
 * name as its only cluster. A Service without ready endpoints is a cluster with an empty
 * assignment (503).
 *
 * If no Gateway uses port 10080, a Listener on it with an empty RouteConfiguration
 * TRANSLATOR_DEFAULT_ROUTES answers 404.
 */
#ifndef GATEWAYAPI_TRANSLATOR_H
#define GATEWAYAPI_TRANSLATOR_H

#include "gatewayapi/ports.h"
#include "gatewayapi/status.h"
#include "gatewayapi/store.h"
#include "xds/update.h"

#define TRANSLATOR_INVALID_BACKEND "nantian-invalid-backend"
#define TRANSLATOR_DEFAULT_ROUTES  "default"

typedef struct translator_options {
    const char *address;   /* listeners bind it, such as "0.0.0.0" */
    uint16_t http_port;    /* what is bound for data plane port 10080; 0: any free one */
    uint16_t https_port;   /* the same for 10443 */
    const uint16_t *taken; /* ports that listeners must not get, besides the reserved ones */
    size_t taken_count;
    bool allow_loopback;         /* endpoints on this machine are fine (manifests from files) */
    uint64_t request_timeout_ms; /* of a rule that sets none; 0: no timeout */
    uint64_t connect_timeout_ms;
} translator_options_t;

/* The defaults: 0.0.0.0, the fixed ports as they are, no loopback, 60 s and 5 s. */
#define TRANSLATOR_OPTIONS_DEFAULT                                                                 \
    ((translator_options_t){.address = "0.0.0.0",                                                  \
                            .http_port = PORT_HTTP,                                                \
                            .https_port = PORT_HTTPS,                                              \
                            .request_timeout_ms = 60000,                                           \
                            .connect_timeout_ms = 5000})

typedef struct translator translator_t;

/* translator_new makes a translator that has emitted nothing; the options are copied. */
translator_t *translator_new(const translator_options_t *options);

/* translator_free frees it and gives its resources and objects back; NULL is fine. */
void translator_free(translator_t *translator);

/*
 * translator_seed_port tells, before the first run, a port mapping of an earlier life that must be
 * kept.
 */
void translator_seed_port(translator_t *translator, const port_mapping_t *mapping);

/*
 * translator_take_port says that a data plane port cannot be had, since somebody else has it: the
 * next run gives the Gateway that got it another one. The default listener keeps PORT_HTTP.
 */
void translator_take_port(translator_t *translator, uint16_t bound);

/*
 * translator_run takes the store's changes (and calls store_changes_done) and adds to `update` and
 * `status` what differs from the last run, ordered by type and name. The first run of a translator
 * must see every object as changed: a fresh store, or store_mark_all_changed.
 */
void translator_run(translator_t *translator, store_t *store, xds_update_t *update,
                    status_update_t *status);

/* translator_ports gives the port mappings, oldest Gateway first; valid until the next run. */
const port_mapping_t *translator_ports(const translator_t *translator, size_t *ret_count);

/* translator_resource borrows the current resource of a type and name, or gives NULL. */
const xds_resource_t *translator_resource(const translator_t *translator, xds_type_t type,
                                          slice_t name);

/*
 * translator_status borrows the current status of an object (by kind and name), or gives NULL. It
 * may be equal to the one that was emitted and be about a later version of the object: whoever
 * keeps statuses gets rid of old versions with it.
 */
const object_status_t *translator_status(const translator_t *translator, const object_t *object);

/* translator_resource_count gives how many resources of a type there are. */
size_t translator_resource_count(const translator_t *translator, xds_type_t type);

/* translator_all adds every current resource to the update, for a receiver that has none. */
void translator_all(const translator_t *translator, xds_update_t *update);

#endif
