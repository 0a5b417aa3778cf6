/*
 * route_apply.h: what a route does to a request and to its response, besides where it sends
 * them: changes of header fields, rewritten hosts and paths, redirects. Pure functions; results
 * are in the arena or borrowed from the route.
 */
#ifndef XDS_ROUTE_APPLY_H
#define XDS_ROUTE_APPLY_H

#include "core/arena.h"
#include "transport/http.h"
#include "xds/route.h"

/* header_edits_apply makes the changes in order. Names are compared without case; what is
 * appended stands behind what is there. Fields that frame the message are the writer's, not
 * these. */
void header_edits_apply(const header_edits_t *edits, http_headers_t *headers, arena_t *arena);

/*
 * route_path gives the path that goes to the backend: with the matched prefix, or the whole
 * matched path, replaced if the route says so. Where the rewritten prefix ends in '/' and the
 * rest begins with one, a single one stays.
 */
slice_t route_path(const route_t *route, slice_t path, arena_t *arena);

/* route_host gives the Host that goes to the backend: the cluster's rewrite, the route's, or the
 * request's. */
slice_t route_host(const route_t *route, const route_cluster_t *cluster, slice_t authority);

/*
 * route_location gives the Location of a redirect (RFC 9110 section 10.2.2): an absolute URI of
 * the request with what the route replaces. `scheme` is the request's. A port of the request is
 * kept unless the scheme, host or port is replaced.
 */
slice_t route_location(const route_t *route, slice_t scheme, const http_request_head_t *request,
                       arena_t *arena);

#endif
