/*
 * route_configuration.h: a RouteConfiguration that lists its virtual hosts itself, as foreign
 * ones do, in a resource of its own or inside a listener.
 */
#ifndef XDS_ROUTE_CONFIGURATION_H
#define XDS_ROUTE_CONFIGURATION_H

#include "envoy/config/route/v3/route.pb-c.h"
#include "xds/route_table.h"

/*
 * route_configuration_compile gives a table with all the virtual hosts of the message, owned by
 * the caller, or NULL with the fault noted; one that is wrong refuses them all. `scratch` is
 * reset; c->arena is not used. The message must have passed support_check.
 */
route_table_t *
route_configuration_compile(const compile_t *c,
                            const Envoy__Config__Route__V3__RouteConfiguration *message,
                            const field_path_t *path, arena_t *scratch);

/*
 * vhost_check_domains says whether the domains of a virtual host are free in the editor: 0, or
 * GW_EINVAL with the fault noted.
 */
int vhost_check_domains(const compile_t *c, const vhost_t *vhost,
                        const route_table_editor_t *editor, const field_path_t *path);

#endif
