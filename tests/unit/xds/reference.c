#include "tests/unit/xds/reference.h"

#include "core/check.h"
#include "core/strbuf.h"
#include "nantian/xds/v1/inherits.pb-c.h"

#define STRING_MATCH  ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH
#define PRESENT_MATCH ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_PRESENT_MATCH
#define QUERY_STRING_MATCH                                                                         \
    ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH

/* How well a domain fits a host: 0 not at all. */
static size_t fitness(slice_t domain, slice_t host)
{
    if (slice_eq_nocase(domain, host))
        return 100000;
    if (slice_eq(domain, SLICE("*")))
        return 1;
    if (domain.len > 1 && domain.base[0] == '*' && host.len >= domain.len) {
        slice_t end = slice_sub(host, host.len - (domain.len - 1), SIZE_MAX);
        return slice_eq_nocase(end, slice_sub(domain, 1, SIZE_MAX)) ? domain.len : 0;
    }
    return 0;
}

static const vhost_message_t *select_vhost(const reference_t *reference, slice_t host)
{
    const vhost_message_t *best = NULL;
    size_t best_fitness = 0;
    for (size_t i = 0; i < reference->count; i++) {
        const vhost_message_t *vhost = reference->vhosts[i];
        for (size_t d = 0; d < vhost->n_domains; d++) {
            size_t fit = fitness(slice_of(vhost->domains[d]), host);
            if (fit > best_fitness) {
                best_fitness = fit;
                best = vhost;
            }
        }
    }
    return best;
}

static bool path_fits(const Envoy__Config__Route__V3__RouteMatch *match, slice_t path)
{
    switch (match->path_specifier_case) {
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH:
        return slice_eq(path, slice_of(match->path));
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX:
        return slice_starts_with(path, slice_of(match->prefix));
    default: {
        slice_t prefix = slice_of(match->path_separated_prefix);
        return slice_eq(path, prefix) || (slice_starts_with(path, prefix) &&
                                          path.len > prefix.len && path.base[prefix.len] == '/');
    }
    }
}

/* All values of a header joined; false: there is none. */
static bool header_value(const route_request_t *request, const char *name, strbuf_t *value)
{
    bool found = false;
    for (uint32_t i = 0; request->headers && i < request->headers->count; i++) {
        const http_header_t *header = &request->headers->at[i];
        if (!slice_eq_nocase(header->name, slice_of(name)))
            continue;
        if (found)
            strbuf_add_char(value, ',');
        strbuf_add(value, header->value);
        found = true;
    }
    return found;
}

static bool header_fits(const header_message_t *header, const route_request_t *request)
{
    strbuf_t value = {0};
    bool found = true;
    if (strcmp(header->name, ":method") == 0)
        strbuf_add(&value, request->method);
    else
        found = header_value(request, header->name, &value);
    bool fits = found;
    if (header->header_match_specifier_case == PRESENT_MATCH)
        fits = found == header->present_match;
    else if (header->header_match_specifier_case == STRING_MATCH)
        fits = slice_eq(strbuf_slice(&value), slice_of(header->string_match->exact));
    bool ignored = !found && header->header_match_specifier_case == STRING_MATCH &&
                   !header->treat_missing_header_as_empty;
    strbuf_fini(&value);
    return !ignored && fits != header->invert_match;
}

static bool query_fits(const query_message_t *query, const route_request_t *request)
{
    const char *at = request->query.base, *end = at + request->query.len;
    while (at < end) {
        size_t len = 0, name_len;
        while (at + len < end && at[len] != '&')
            len++;
        for (name_len = 0; name_len < len && at[name_len] != '=';)
            name_len++;
        if (slice_eq(slice_make(at, name_len), slice_of(query->name))) {
            size_t skip = name_len < len ? name_len + 1 : len;
            return query->query_parameter_match_specifier_case != QUERY_STRING_MATCH ||
                   slice_eq(slice_make(at + skip, len - skip),
                            slice_of(query->string_match->exact));
        }
        at += len + 1;
    }
    return false;
}

static bool route_fits(const route_message_t *route, const route_request_t *request)
{
    const Envoy__Config__Route__V3__RouteMatch *match = route->match;
    bool fits = path_fits(match, request->path);
    for (size_t i = 0; i < match->n_headers && fits; i++)
        fits = header_fits(match->headers[i], request);
    for (size_t i = 0; i < match->n_query_parameters && fits; i++)
        fits = query_fits(match->query_parameters[i], request);
    return fits;
}

static reference_match_t first_fitting(const vhost_message_t *vhost, const route_request_t *request)
{
    for (size_t i = 0; i < vhost->n_routes; i++) {
        if (route_fits(vhost->routes[i], request))
            return (reference_match_t){vhost, i};
    }
    return (reference_match_t){NULL, 0};
}

static const vhost_message_t *named(const reference_t *reference, const char *name)
{
    for (size_t i = 0; i < reference->count; i++) {
        if (strcmp(reference->vhosts[i]->name, name) == 0)
            return reference->vhosts[i];
    }
    return NULL;
}

static reference_match_t fall_through(const reference_t *reference, const vhost_message_t *vhost,
                                      const route_request_t *request)
{
    const Google__Protobuf__Any *any = vhost->typed_per_filter_config[0]->value;
    Nantian__Xds__V1__Inherits *inherits =
        nantian__xds__v1__inherits__unpack(NULL, any->value.len, any->value.data);
    reference_match_t match = {NULL, 0};
    for (size_t i = 0; i < inherits->n_virtual_hosts && match.vhost == NULL; i++) {
        const vhost_message_t *next = named(reference, inherits->virtual_hosts[i]);
        if (next)
            match = first_fitting(next, request);
    }
    nantian__xds__v1__inherits__free_unpacked(inherits, NULL);
    return match;
}

reference_match_t reference_find(const reference_t *reference, const route_request_t *request)
{
    const vhost_message_t *vhost = select_vhost(reference, request->host);
    if (vhost == NULL)
        return (reference_match_t){NULL, 0};
    reference_match_t match = first_fitting(vhost, request);
    if (match.vhost == NULL && vhost->n_typed_per_filter_config)
        match = fall_through(reference, vhost, request);
    return match;
}
