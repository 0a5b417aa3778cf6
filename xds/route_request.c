#include "xds/route_request.h"

static bool same_name(slice_t field, slice_t name)
{
    return field.len == name.len && slice_eq_nocase(field, name);
}

/* Appends what fits; the length goes on counting only up to the end of the room. */
static void append(route_scratch_t *scratch, size_t *len, slice_t part)
{
    size_t left = sizeof(scratch->value) - *len;
    size_t take = part.len < left ? part.len : left;
    if (take)
        memcpy(scratch->value + *len, part.base, take);
    *len += take;
}

static slice_t join(const http_headers_t *headers, uint32_t first, slice_t name,
                    route_scratch_t *scratch)
{
    size_t len = 0;
    append(scratch, &len, headers->at[first].value);
    for (uint32_t i = first + 1; i < headers->count; i++) {
        if (same_name(headers->at[i].name, name)) {
            append(scratch, &len, SLICE(","));
            append(scratch, &len, headers->at[i].value);
        }
    }
    return slice_make(scratch->value, len);
}

static uint32_t find_from(const http_headers_t *headers, uint32_t from, slice_t name)
{
    while (from < headers->count && !same_name(headers->at[from].name, name))
        from++;
    return from;
}

/* The value of the fields of that name, of which this is the first. */
static slice_t value_of(const http_headers_t *headers, uint32_t first, slice_t name,
                        route_scratch_t *scratch)
{
    if (find_from(headers, first + 1, name) == headers->count)
        return headers->at[first].value;
    return join(headers, first, name, scratch);
}

bool request_header(const route_request_t *request, slice_t name, route_scratch_t *scratch,
                    slice_t *ret)
{
    const http_headers_t *headers = request->headers;
    uint32_t first = headers ? find_from(headers, 0, name) : 0;
    if (headers == NULL || first == headers->count)
        return false;
    *ret = value_of(headers, first, name, scratch);
    return true;
}

bool request_header_at(const route_request_t *request, uint32_t i, route_scratch_t *scratch,
                       slice_t *ret)
{
    slice_t name = request->headers->at[i].name;
    if (find_from(request->headers, 0, name) != i)
        return false;
    *ret = value_of(request->headers, i, name, scratch);
    return true;
}

bool query_next(slice_t *query, slice_t *ret_name, slice_t *ret_value)
{
    if (query->len == 0)
        return false;
    size_t end = slice_chr(*query, '&');
    slice_t pair = slice_sub(*query, 0, end);
    size_t equals = slice_chr(pair, '=');
    *ret_name = slice_sub(pair, 0, equals);
    *ret_value = slice_sub(pair, equals + 1, SIZE_MAX);
    *query = slice_sub(*query, end + 1, SIZE_MAX);
    return true;
}

bool request_parameter(const route_request_t *request, slice_t name, slice_t *ret)
{
    slice_t rest = request->query, found, value;
    while (query_next(&rest, &found, &value)) {
        if (slice_eq(found, name)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool accepts_header(const route_matcher_t *matcher, const route_request_t *request)
{
    route_scratch_t scratch;
    slice_t value = {NULL, 0};
    bool present = request_header(request, matcher->name, &scratch, &value);
    if (matcher->test == ROUTE_TEST_HEADER_PRESENT)
        return present != matcher->invert;
    if (!present && !matcher->missing_is_empty)
        return false;
    return slice_eq(value, matcher->value) != matcher->invert;
}

static bool accepts_parameter(const route_matcher_t *matcher, const route_request_t *request)
{
    slice_t value;
    if (!request_parameter(request, matcher->name, &value))
        return false;
    return matcher->test == ROUTE_TEST_QUERY_PRESENT || slice_eq(value, matcher->value);
}

static bool accepts(const route_matcher_t *matcher, const route_request_t *request)
{
    switch ((route_test_t)matcher->test) {
    case ROUTE_TEST_METHOD:
        return slice_eq(request->method, matcher->value) != matcher->invert;
    case ROUTE_TEST_HEADER:
    case ROUTE_TEST_HEADER_PRESENT:
        return accepts_header(matcher, request);
    case ROUTE_TEST_QUERY:
    case ROUTE_TEST_QUERY_PRESENT:
        return accepts_parameter(matcher, request);
    }
    return false;
}

bool route_accepts(const route_t *route, const route_request_t *request)
{
    for (uint32_t i = 0; i < route->matcher_count; i++) {
        if (!accepts(&route->matchers[i], request))
            return false;
    }
    return true;
}
