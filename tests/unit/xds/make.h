/*
 * make.h: short ways to write xDS messages in tests, fuzz targets and benchmarks. Everything is
 * allocated in the arena; texts are borrowed.
 */
#ifndef TESTS_UNIT_XDS_MAKE_H
#define TESTS_UNIT_XDS_MAKE_H

#include "xds/any.h"
#include "xds/route_compile.h"
#include "xds/snapshot_builder.h"

typedef Envoy__Config__Route__V3__Route route_message_t;
typedef Envoy__Config__Route__V3__VirtualHost vhost_message_t;
typedef Envoy__Config__Route__V3__HeaderMatcher header_message_t;
typedef Envoy__Config__Route__V3__QueryParameterMatcher query_message_t;
typedef Envoy__Config__Route__V3__RouteAction action_message_t;
typedef Envoy__Config__Listener__V3__Listener listener_message_t;
typedef Envoy__Config__Cluster__V3__Cluster cluster_message_t;
typedef Envoy__Config__Endpoint__V3__ClusterLoadAssignment assignment_message_t;

/* make_text is printf into the arena. */
char *make_text(arena_t *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* make_route gives a route for a path that forwards to a cluster. */
route_message_t *make_route(arena_t *arena, route_path_kind_t kind, const char *path,
                            const char *cluster);

/* make_header adds a condition "NAME is VALUE"; change what it returns for other ones. */
header_message_t *make_header(arena_t *arena, route_message_t *route, const char *name,
                              const char *value);

/* make_presence adds a condition "NAME is there", or is not. */
header_message_t *make_presence(arena_t *arena, route_message_t *route, const char *name,
                                bool present);

/* make_query adds a condition on a query parameter; NULL asks only that it is there. */
query_message_t *make_query(arena_t *arena, route_message_t *route, const char *name,
                            const char *value);

/* make_respond turns the route into one that answers with a status. */
void make_respond(arena_t *arena, route_message_t *route, uint32_t status);

/* make_weights turns the route into one that forwards to "c0", "c1" ... with these weights. */
void make_weights(arena_t *arena, route_message_t *route, const uint32_t *weights, size_t count);

/* make_info says which HTTPRoute a route comes from. */
void make_info(arena_t *arena, route_message_t *route, const char *namespace, const char *name);

/* make_listener_info says that a listener is the one of that name of a Gateway's port 80. */
void make_listener_info(arena_t *arena, listener_message_t *listener, const char *namespace,
                        const char *gateway, const char *name);

/* make_vhost gives a virtual host; domains are separated by spaces. */
vhost_message_t *make_vhost(arena_t *arena, const char *name, const char *domains);

/* make_vhost_route appends a route. */
void make_vhost_route(arena_t *arena, vhost_message_t *vhost, route_message_t *route);

/* make_inherits lets a virtual host inherit others, separated by spaces. */
void make_inherits(arena_t *arena, vhost_message_t *vhost, const char *names);

/* make_listener gives a listener on 0.0.0.0 whose routes come from a route configuration. */
listener_message_t *make_listener(arena_t *arena, const char *name, uint32_t port,
                                  const char *routes);

/* make_cluster gives a cluster that gets its endpoints by its own name. */
cluster_message_t *make_cluster(arena_t *arena, const char *name);

/* make_backend says which Service a cluster comes from. */
void make_backend(arena_t *arena, cluster_message_t *cluster, const char *namespace,
                  const char *name);

/* make_assignment gives endpoints 10.0.0.1, 10.0.0.2 ... with that port. */
assignment_message_t *make_assignment(arena_t *arena, const char *cluster, size_t count,
                                      uint32_t port);

/* The change_* functions add a message to an update, as a resource of its name. */
void change_vhost(xds_update_t *update, const char *configuration, const vhost_message_t *vhost);
void change_listener(xds_update_t *update, const listener_message_t *listener);
void change_cluster(xds_update_t *update, const cluster_message_t *cluster);
void change_assignment(xds_update_t *update, const assignment_message_t *assignment);

/* make_append appends a pointer to an array of a message; the array moves in the arena. */
void make_append(arena_t *arena, void *array, size_t *count, void *element);

#endif
