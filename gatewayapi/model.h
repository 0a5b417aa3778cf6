/*
 * model.h: for the files of the translator: what it knows between two runs. Each Gateway, route
 * and used Service of the store has a state here, and states point at each other: a route at the
 * listeners and virtual hosts it is attached to, a virtual host at its routes, a route at the
 * clusters it holds. A run detaches what may have changed, makes it anew and attaches it again.
 */
#ifndef GATEWAYAPI_MODEL_H
#define GATEWAYAPI_MODEL_H

#include "core/arena.h"
#include "gatewayapi/precedence.h"
#include "gatewayapi/publish.h"
#include "gatewayapi/translator.h"

typedef struct gateway_state gateway_state_t;
typedef struct route_state route_state_t;

/* A listener of one of our Gateways. */
typedef struct listener_state {
    const gateway_listener_t *spec;
    gateway_state_t *gateway;
    bool supported;   /* its protocol is served */
    bool conflicted;  /* it is not distinct from another one */
    bool bad_kinds;   /* it allows kinds that its protocol does not have */
    bool http_routes; /* HTTPRoutes may attach */
    bool unbound;     /* there was no port left for it */
    uint32_t attached;
    table_t vhosts; /* by hostname */
} listener_state_t;

struct gateway_state {
    table_node_t node; /* namespace, name */
    list_t dirty;      /* to be made anew */
    list_t dirty_status;
    object_t *object;            /* NULL until it is made, and when the object is gone */
    bool ours;                   /* its class has our controller */
    bool accepted;               /* it gives a configuration */
    listener_state_t *listeners; /* of ours only */
    size_t listener_count;
    object_status_t *status;
    slice_t namespace_, name;
    char text[]; /* the key */
};

/* A hostname of a listener: what becomes a virtual host. */
typedef struct contribution {
    route_state_t *route;
    uint32_t rank; /* hostname_rank of the hostname that the route names */
} contribution_t;

typedef struct vhost {
    table_node_t node; /* hostname */
    list_t dirty;
    listener_state_t *listener;
    bool shadowed; /* a more specific listener has its hosts */
    bool claim;    /* it is the listener's own hostname: it stays without routes */
    contribution_t *contributions;
    uint32_t count, capacity;
    slice_t hostname;
    char text[];
} vhost_t;

/* A port of a Service that accepted routes use. */
typedef struct cluster {
    struct cluster *next; /* of the same Service */
    list_t dirty;
    struct backend *backend;
    uint16_t port;
    bool published;
    uint32_t holders;
} cluster_t;

typedef struct backend {
    table_node_t node; /* namespace, Service */
    cluster_t *clusters;
    slice_t namespace_, name;
    char text[];
} backend_t;

struct route_state {
    table_node_t node; /* namespace, name */
    list_t dirty;
    list_t cross;               /* in translator.cross if it refers to another namespace */
    object_t *object;           /* NULL until it is made, and when the object is gone */
    bool rebuild;               /* entries and resolution are to be made anew */
    const char *resolve_reason; /* NULL: all references are good */
    char *resolve_message;
    route_entry_t *entries; /* one per rule and match, in one block with their bytes */
    size_t entry_count;
    listener_state_t **listeners; /* attached to */
    vhost_t **vhosts;
    size_t listener_count, vhost_count;
    size_t listener_room, vhost_room;
    const backend_ref_t **used; /* of the object: the references that get traffic */
    cluster_t **clusters;       /* held while it is attached */
    size_t used_count, cluster_count;
    object_status_t *status;
    slice_t namespace_, name;
    char text[];
};

/* A GatewayClass of ours. */
typedef struct class_state {
    table_node_t node; /* "", name */
    object_t *object;
    object_status_t *status;
} class_state_t;

struct translator {
    translator_options_t options;
    table_t classes, gateways, routes, backends;
    list_t dirty_gateways, dirty_gateway_status, dirty_routes, dirty_vhosts, dirty_clusters;
    list_t cross; /* routes with references to other namespaces */
    port_map_t *ports;
    publisher_t publisher;
    bool ports_due; /* the listeners are to be published, even if no Gateway changed */
    /* of the current run */
    arena_t scratch;
    store_t *store;
    status_update_t *status;
};

/* gateway.c */

/* mark_gateway puts a Gateway, known or not, on the list of those to be made anew. */
void mark_gateway(translator_t *translator, slice_t namespace_, slice_t name);

/* change_class takes a changed GatewayClass and marks its Gateways. */
void change_class(translator_t *translator, const store_change_t *change);

/* find_gateway gives the state of a Gateway, or NULL. */
gateway_state_t *find_gateway(const translator_t *translator, slice_t namespace_, slice_t name);

/* make_gateway makes one anew from the store; nothing is attached to it then. If its object is
 * gone, its state is freed. */
void make_gateway(translator_t *translator, gateway_state_t *gateway);

/* listener_serves says whether a listener takes requests. */
bool listener_serves(const listener_state_t *listener);

/* report_gateway emits its status if it differs. */
void report_gateway(translator_t *translator, gateway_state_t *gateway);

/* free_gateway frees a state to which nothing is attached. */
void free_gateway(translator_t *translator, gateway_state_t *gateway);

/* free_class frees a state. */
void free_class(translator_t *translator, class_state_t *class);

/* listener.c */

/* publish_listeners brings the port mappings, Listeners and RouteConfigurations up to date. */
void publish_listeners(translator_t *translator);

/* route_configuration_name gives "NAMESPACE/GATEWAY/PORT" in the scratch arena. */
slice_t route_configuration_name(translator_t *translator, const gateway_state_t *gateway,
                                 uint16_t port);

/* attach.c */

/* mark_route puts a route on the list of those to be attached anew; `rebuild`: its entries too. */
void mark_route(translator_t *translator, slice_t namespace_, slice_t name, bool rebuild);

/* detach_route takes a route off all listeners and virtual hosts. */
void detach_route(translator_t *translator, route_state_t *route);

/* attach_route makes what is to be made anew, attaches the route and emits its status if it
 * differs. If its object is gone, its state is freed. */
void attach_route(translator_t *translator, route_state_t *route);

/* free_route frees a detached state. */
void free_route(translator_t *translator, route_state_t *route);

/* vhost.c */

/* vhost_for gives the virtual host of a listener's hostname; it is made if need be. */
vhost_t *vhost_for(translator_t *translator, listener_state_t *listener, slice_t hostname);

/* vhost_add lets a route contribute. If it does already, the higher rank counts, and false comes
 * back. The caller adds the contributions of one route one after the other. */
bool vhost_add(translator_t *translator, vhost_t *vhost, route_state_t *route, uint32_t rank);

/* vhost_drop takes a route's contribution away. */
void vhost_drop(translator_t *translator, vhost_t *vhost, const route_state_t *route);

/* publish_vhost makes its resource anew; one without routes that claims nothing is freed. */
void publish_vhost(translator_t *translator, vhost_t *vhost);

/* free_vhosts removes all virtual hosts of a listener; they have no contributions. */
void free_vhosts(translator_t *translator, listener_state_t *listener);

/* resolve.c */

/* resolve_backend judges a reference of a route. NULL: it is good; else the reason (static), and
 * *ret_message in the scratch arena. */
const char *resolve_backend(translator_t *translator, const object_t *route,
                            const backend_ref_t *ref, slice_t *ret_message);

/* entries.c */

/* make_entries makes a route's entries and its resolution from its object. */
void make_entries(translator_t *translator, route_state_t *route);

/* cluster.c */

/* cluster_hold gives the cluster of a Service's port with one holder more. */
cluster_t *cluster_hold(translator_t *translator, slice_t namespace_, slice_t name, uint16_t port);

/* cluster_release takes a holder away. */
void cluster_release(translator_t *translator, cluster_t *cluster);

/* mark_backend marks the clusters of a Service, if there are any. */
void mark_backend(translator_t *translator, slice_t namespace_, slice_t name);

/* publish_cluster publishes a dirty cluster, or frees it when nobody holds it. */
void publish_cluster(translator_t *translator, cluster_t *cluster);

/* cluster_name gives "NAMESPACE/SERVICE:PORT" in the scratch arena. */
slice_t cluster_name(translator_t *translator, slice_t namespace_, slice_t name, uint16_t port);

/* free_backend frees a Service's state and clusters without publishing anything. */
void free_backend(translator_t *translator, backend_t *backend);

/* translator.c */

/* scratch_printf gives a formatted text in the scratch arena, with a NUL behind it. */
slice_t scratch_printf(translator_t *translator, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* set_status replaces *status by a copy of the draft, and emits it if it differs; NULL: the object
 * has none any more. */
void set_status(translator_t *translator, object_status_t **status, const object_status_t *draft);

#endif
