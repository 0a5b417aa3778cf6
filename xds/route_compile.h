/*
 * route_compile.h: from a Route of the public API to a route_t (route.h).
 */
#ifndef XDS_ROUTE_COMPILE_H
#define XDS_ROUTE_COMPILE_H

#include "envoy/config/route/v3/route_components.pb-c.h"
#include "xds/compile.h"
#include "xds/route.h"

/*
 * route_compile fills *ret, except its virtual host and its position. The message must have
 * passed support_check. It returns 0, or GW_EINVAL with the fault noted.
 */
int route_compile(const compile_t *c, const Envoy__Config__Route__V3__Route *message,
                  const field_path_t *path, route_t *ret);

/* route_compile_match is the part of it about the request: path and matchers. */
int route_compile_match(const compile_t *c, const Envoy__Config__Route__V3__RouteMatch *message,
                        const field_path_t *path, route_t *ret);

typedef Envoy__Config__Core__V3__HeaderValueOption header_option_t;

/* The two lists that together change the header fields of a message. */
typedef struct header_lists {
    char **remove;
    header_option_t **add;
    size_t remove_count, add_count;
    const char *remove_field, *add_field; /* their names, for faults */
} header_lists_t;

/* header_edits_compile makes one list of changes: removals first, as the public API has it. */
int header_edits_compile(const compile_t *c, const header_lists_t *lists, const field_path_t *path,
                         header_edits_t *ret);

#endif
