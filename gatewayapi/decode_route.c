/* decode_route.c: HTTPRoute; see decode.h. */
#include "gatewayapi/decode_priv.h"
#include "gatewayapi/syntax.h"

static const parent_ref_t *decode_parents(decoder_t *decoder, const node_t *list)
{
    parent_ref_t *parents = decode_alloc(decoder, node_length(list), sizeof(*parents));
    parent_ref_t *at = parents;
    NODE_EACH (ref, list) {
        at->group = decode_member(decoder, ref, "group", SLICE(GATEWAY_GROUP));
        at->kind = decode_member(decoder, ref, "kind", SLICE("Gateway"));
        at->namespace_ = decode_member(decoder, ref, "namespace", decoder->namespace_);
        at->has_namespace = node_get(ref, "namespace") != NULL;
        at->name = decode_member(decoder, ref, "name", SLICE(""));
        at->section = decode_member(decoder, ref, "sectionName", SLICE(""));
        at->port = (uint16_t)node_integer(ref, "port", 0);
        at++;
    }
    return parents;
}

/* decode_lower copies a text in lower case. */
static slice_t decode_lower(decoder_t *decoder, slice_t text)
{
    slice_t copy = decode_text(decoder, text);
    for (size_t i = 0; i < copy.len; i++)
        ((char *)copy.base)[i] = slice_lower(copy.base[i]);
    return copy;
}

/* is_repeated: a header that equals an earlier one without regard to case is ignored (the
 * HTTPHeaderMatch documentation of the Gateway API). */
static bool is_repeated(const node_t *list, const node_t *header)
{
    slice_t name = node_text(header, "name", SLICE(""));
    for (const node_t *other = list->first; other != header; other = other->next)
        if (slice_eq_nocase(node_text(other, "name", SLICE("")), name))
            return true;
    return false;
}

static void decode_headers(decoder_t *decoder, route_match_t *match, const node_t *list)
{
    name_value_t *at = decode_alloc(decoder, node_length(list), sizeof(*at));
    match->headers = at;
    NODE_EACH (header, list) {
        if (is_repeated(list, header))
            continue;
        at->name = decode_lower(decoder, node_text(header, "name", SLICE("")));
        at->value = decode_member(decoder, header, "value", SLICE(""));
        at++;
    }
    match->header_count = (uint16_t)(at - match->headers);
}

static void decode_queries(decoder_t *decoder, route_match_t *match, const node_t *list)
{
    name_value_t *at = decode_alloc(decoder, node_length(list), sizeof(*at));
    match->queries = at;
    match->query_count = (uint16_t)node_length(list);
    NODE_EACH (query, list) {
        at->name = decode_member(decoder, query, "name", SLICE(""));
        at->value = decode_member(decoder, query, "value", SLICE(""));
        at++;
    }
}

static void decode_path(decoder_t *decoder, route_match_t *match, const node_t *path)
{
    slice_t value = node_text(path, "value", SLICE("/"));
    bool exact = slice_eq(node_text(path, "type", SLICE("PathPrefix")), SLICE("Exact"));
    match->path_type = exact ? PATH_EXACT : PATH_PREFIX;
    if (!exact && value.len > 1 && value.base[value.len - 1] == '/')
        value.len--; /* "//" is refused, so there is one slash at most */
    match->path = decode_text(decoder, value);
}

static void decode_matches(decoder_t *decoder, route_rule_t *rule, const node_t *list)
{
    rule->match_count = node_length(list) ? node_length(list) : 1;
    route_match_t *at = decode_alloc(decoder, rule->match_count, sizeof(*at));
    rule->matches = at;
    if (node_length(list) == 0)
        decode_path(decoder, at, NULL);
    NODE_EACH (match, list) {
        decode_path(decoder, at, node_get(match, "path"));
        at->method = decode_member(decoder, match, "method", SLICE(""));
        decode_headers(decoder, at, node_get(match, "headers"));
        decode_queries(decoder, at, node_get(match, "queryParams"));
        at++;
    }
}

static void decode_backends(decoder_t *decoder, route_rule_t *rule, const node_t *list)
{
    rule->backend_count = node_length(list);
    backend_ref_t *at = decode_alloc(decoder, rule->backend_count, sizeof(*at));
    rule->backends = at;
    NODE_EACH (ref, list) {
        at->group = decode_member(decoder, ref, "group", SLICE(""));
        at->kind = decode_member(decoder, ref, "kind", SLICE("Service"));
        at->namespace_ = decode_member(decoder, ref, "namespace", decoder->namespace_);
        at->name = decode_member(decoder, ref, "name", SLICE(""));
        at->port = (uint16_t)node_integer(ref, "port", 0);
        at->weight = (uint32_t)node_integer(ref, "weight", 1);
        at++;
    }
}

static void decode_timeouts(route_rule_t *rule, const node_t *timeouts)
{
    slice_t none = {NULL, 0};
    slice_t request = node_text(timeouts, "request", none);
    slice_t backend = node_text(timeouts, "backendRequest", none);
    rule->has_request = duration_parse(request, &rule->request_ms) == 0;
    rule->has_backend_request = duration_parse(backend, &rule->backend_request_ms) == 0;
}

static void decode_rules(decoder_t *decoder, http_route_t *route, const node_t *list)
{
    route->rule_count = list ? node_length(list) : 1;
    route_rule_t *at = decode_alloc(decoder, route->rule_count, sizeof(*at));
    route->rules = at;
    if (list == NULL)
        decode_matches(decoder, at, NULL);
    NODE_EACH (rule, list) {
        at->name = decode_member(decoder, rule, "name", SLICE(""));
        decode_matches(decoder, at, node_get(rule, "matches"));
        decode_backends(decoder, at, node_get(rule, "backendRefs"));
        decode_timeouts(at, node_get(rule, "timeouts"));
        at++;
    }
}

const http_route_t *decode_http_route(decoder_t *decoder, const node_t *object)
{
    const node_t *spec = node_get(object, "spec"), *parents = node_get(spec, "parentRefs");
    http_route_t *route = decode_alloc(decoder, 1, sizeof(*route));
    route->parents = decode_parents(decoder, parents);
    route->parent_count = node_length(parents);
    route->hostnames = decode_strings(decoder, node_get(spec, "hostnames"), &route->hostname_count);
    decode_rules(decoder, route, node_get(spec, "rules"));
    return route;
}
