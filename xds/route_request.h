/*
 * route_request.h: what matching looks at in a request. All of it is borrowed for the call.
 */
#ifndef XDS_ROUTE_REQUEST_H
#define XDS_ROUTE_REQUEST_H

#include "transport/http.h"
#include "xds/route.h"

typedef struct route_request {
    slice_t method;
    slice_t host;                  /* lower case, without the port */
    slice_t path;                  /* without the query */
    slice_t query;                 /* without the '?' */
    const http_headers_t *headers; /* may be NULL */
    bool has_query;
} route_request_t;

/*
 * Room for a header's value that came in several fields. It is larger than any value that a route
 * compares with, so a value that does not fit whole is equal to none.
 */
typedef struct route_scratch {
    char value[ROUTE_VALUE_MAX + 1];
} route_scratch_t;

/*
 * request_header gives the value of the fields of that name (lower case), joined by ',' if there
 * are several; it returns false when there is none. *ret is in the request or in the scratch.
 */
bool request_header(const route_request_t *request, slice_t name, route_scratch_t *scratch,
                    slice_t *ret);

/*
 * request_header_at is request_header for the name of the i-th field, and returns false when an
 * earlier field has that name: walking a request so meets every name once.
 */
bool request_header_at(const route_request_t *request, uint32_t i, route_scratch_t *scratch,
                       slice_t *ret);

/* request_parameter gives the undecoded value of the first query parameter of that name. */
bool request_parameter(const route_request_t *request, slice_t name, slice_t *ret);

/*
 * query_next takes the next "name=value" from the front of a query; a name alone has an empty
 * value. It returns false at the end.
 */
bool query_next(slice_t *query, slice_t *ret_name, slice_t *ret_value);

/* route_accepts says whether all matchers of a route hold; the path is not looked at. */
bool route_accepts(const route_t *route, const route_request_t *request);

#endif
