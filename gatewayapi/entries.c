/*
 * entries.c: a route's rules and matches as packed Route messages. They depend on the route and
 * on what its references resolve to, and not on where the route is attached. See model.h.
 */
#include "core/mem.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "gatewayapi/model.h"
#include "gatewayapi/pb.h"
#include "nantian/xds/v1/info.pb-c.h"

typedef Envoy__Config__Route__V3__Route pb_route_t;
typedef Envoy__Config__Route__V3__RouteMatch pb_match_t;
typedef Envoy__Config__Route__V3__RouteAction pb_action_t;
typedef Envoy__Config__Route__V3__HeaderMatcher pb_header_t;
typedef Envoy__Config__Route__V3__QueryParameterMatcher pb_query_t;
typedef Envoy__Config__Route__V3__WeightedCluster pb_weighted_t;
typedef Envoy__Config__Route__V3__WeightedCluster__ClusterWeight pb_weight_t;
typedef Envoy__Type__Matcher__V3__StringMatcher pb_string_t;

/* ---- matches ---- */

static pb_string_t *exactly(arena_t *arena, slice_t value)
{
    pb_string_t *matcher = pb_new(arena, &envoy__type__matcher__v3__string_matcher__descriptor);
    matcher->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT;
    matcher->exact = pb_text(arena, value);
    return matcher;
}

static pb_header_t *header_matcher(arena_t *arena, slice_t name, slice_t value)
{
    pb_header_t *header = pb_new(arena, &envoy__config__route__v3__header_matcher__descriptor);
    header->name = pb_text(arena, name);
    header->header_match_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH;
    header->string_match = exactly(arena, value);
    return header;
}

static pb_query_t *query_matcher(arena_t *arena, const name_value_t *query)
{
    pb_query_t *matcher =
        pb_new(arena, &envoy__config__route__v3__query_parameter_matcher__descriptor);
    matcher->name = pb_text(arena, query->name);
    matcher->query_parameter_match_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH;
    matcher->string_match = exactly(arena, query->value);
    return matcher;
}

/* set_path: "/" as a prefix is everything; any other prefix ends at a path element. */
static void set_path(arena_t *arena, pb_match_t *message, const route_match_t *match)
{
    if (match->path_type == PATH_EXACT) {
        message->path_specifier_case = ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH;
        message->path = pb_text(arena, match->path);
    } else if (match->path.len == 1) {
        message->path_specifier_case = ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX;
        message->prefix = pb_text(arena, match->path);
    } else {
        message->path_specifier_case =
            ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH_SEPARATED_PREFIX;
        message->path_separated_prefix = pb_text(arena, match->path);
    }
}

static pb_match_t *make_match(arena_t *arena, const route_match_t *match)
{
    pb_match_t *message = pb_new(arena, &envoy__config__route__v3__route_match__descriptor);
    set_path(arena, message, match);
    message->headers = arena_alloc(arena, (match->header_count + 1u) * sizeof(pb_header_t *));
    if (match->method.len > 0)
        message->headers[message->n_headers++] =
            header_matcher(arena, SLICE(":method"), match->method);
    for (size_t i = 0; i < match->header_count; i++)
        message->headers[message->n_headers++] =
            header_matcher(arena, match->headers[i].name, match->headers[i].value);
    message->query_parameters =
        arena_alloc(arena, (match->query_count + 1u) * sizeof(pb_query_t *));
    for (size_t i = 0; i < match->query_count; i++)
        message->query_parameters[message->n_query_parameters++] =
            query_matcher(arena, &match->queries[i]);
    return message;
}

/* ---- actions ---- */

/* note_resolution keeps the first bad reference for the route's condition. */
static void note_resolution(translator_t *translator, route_state_t *route, size_t rule,
                            size_t backend, const char *reason, slice_t message)
{
    if (route->resolve_reason)
        return;
    slice_t text = scratch_printf(translator, "spec.rules[%zu].backendRefs[%zu]: %.*s", rule,
                                  backend, SLICE_ARG(message));
    route->resolve_reason = reason;
    route->resolve_message = xstrndup(text.base, text.len);
}

static pb_weight_t *make_weight(arena_t *arena, slice_t cluster, uint32_t weight)
{
    pb_weight_t *message =
        pb_new(arena, &envoy__config__route__v3__weighted_cluster__cluster_weight__descriptor);
    message->name = pb_text(arena, cluster);
    message->weight = pb_uint32(arena, weight);
    return message;
}

/* make_weights gives the rule's backends with a share, the unusable ones under the reserved name,
 * and says whether there is one of those. */
static pb_weighted_t *make_weights(translator_t *translator, route_state_t *route, size_t index,
                                   bool *ret_invalid)
{
    arena_t *arena = &translator->scratch;
    const route_rule_t *rule = &route->object->http_route->rules[index];
    pb_weighted_t *weighted =
        pb_new(arena, &envoy__config__route__v3__weighted_cluster__descriptor);
    weighted->clusters = arena_alloc(arena, (rule->backend_count + 1) * sizeof(pb_weight_t *));
    *ret_invalid = false;
    for (size_t i = 0; i < rule->backend_count; i++) {
        const backend_ref_t *ref = &rule->backends[i];
        slice_t message, name = SLICE(TRANSLATOR_INVALID_BACKEND);
        const char *reason = resolve_backend(translator, route->object, ref, &message);
        if (reason)
            note_resolution(translator, route, index, i, reason, message);
        if (ref->weight == 0)
            continue;
        if (reason)
            *ret_invalid = true;
        else {
            name = cluster_name(translator, ref->namespace_, ref->name, ref->port);
            route->used[route->used_count++] = ref;
        }
        weighted->clusters[weighted->n_clusters++] = make_weight(arena, name, ref->weight);
    }
    return weighted;
}

/* timeout_of: without retries, the shorter one of the whole request's and one try's holds. */
static uint64_t timeout_of(const translator_t *translator, const route_rule_t *rule)
{
    uint64_t request =
        rule->has_request ? rule->request_ms : translator->options.request_timeout_ms;
    uint64_t backend = rule->has_backend_request ? rule->backend_request_ms : 0;
    if (backend == 0)
        return request;
    return request == 0 || backend < request || !rule->has_request ? backend : request;
}

static pb_action_t *make_action(translator_t *translator, route_state_t *route, size_t index)
{
    arena_t *arena = &translator->scratch;
    const route_rule_t *rule = &route->object->http_route->rules[index];
    pb_action_t *action = pb_new(arena, &envoy__config__route__v3__route_action__descriptor);
    bool invalid;
    pb_weighted_t *weighted = make_weights(translator, route, index, &invalid);
    if (weighted->n_clusters > 1) {
        action->cluster_specifier_case =
            ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS;
        action->weighted_clusters = weighted;
    } else {
        action->cluster_specifier_case =
            ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER;
        action->cluster =
            weighted->n_clusters ? weighted->clusters[0]->name : TRANSLATOR_INVALID_BACKEND;
        invalid = invalid || weighted->n_clusters == 0;
    }
    if (invalid)
        action->cluster_not_found_response_code =
            ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_NOT_FOUND_RESPONSE_CODE__INTERNAL_SERVER_ERROR;
    action->timeout = pb_duration(arena, timeout_of(translator, rule));
    return action;
}

/* ---- entries ---- */

static Envoy__Config__Core__V3__Metadata *make_info(translator_t *translator,
                                                    const object_t *object, size_t index)
{
    arena_t *arena = &translator->scratch;
    Nantian__Xds__V1__RouteInfo *info = pb_new(arena, &nantian__xds__v1__route_info__descriptor);
    info->kind = (char *)(uintptr_t)kind_name(object->kind);
    info->namespace_ = pb_text(arena, object->namespace_);
    info->name = pb_text(arena, object->name);
    info->rule_index = (uint32_t)index;
    info->rule_name = pb_text(arena, object->http_route->rules[index].name);
    return pb_metadata(arena, "nantian.xds.v1.route", &info->base);
}

/* make_rule makes the Route messages of one rule and gives where the next ones go. */
static pb_route_t **make_rule(translator_t *translator, route_state_t *route, size_t index,
                              pb_route_t **out)
{
    arena_t *arena = &translator->scratch;
    const object_t *object = route->object;
    const route_rule_t *rule = &object->http_route->rules[index];
    pb_action_t *action = make_action(translator, route, index);
    Envoy__Config__Core__V3__Metadata *info = make_info(translator, object, index);
    slice_t name = scratch_printf(translator, "Http/%.*s/%.*s", SLICE_ARG(object->namespace_),
                                  SLICE_ARG(object->name));
    for (size_t i = 0; i < rule->match_count; i++) {
        pb_route_t *message = pb_new(arena, &envoy__config__route__v3__route__descriptor);
        message->name = (char *)(uintptr_t)name.base;
        message->match = make_match(arena, &rule->matches[i]);
        message->metadata = info;
        message->action_case = ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_ROUTE;
        message->route = action;
        *out++ = message;
    }
    return out;
}

/* put_varint writes a length as protobuf does and gives the bytes it took. */
static uint32_t put_varint(uint8_t *out, size_t value)
{
    uint32_t len = 0;
    for (; value >= 0x80; value >>= 7)
        out[len++] = (uint8_t)(value | 0x80);
    out[len++] = (uint8_t)value;
    return len;
}

enum { VARINT_MAX = 5 };

/* pack_entries puts the messages into one block, behind the entries that describe them. */
static void pack_entries(route_state_t *route, pb_route_t *const *messages, size_t count)
{
    const http_route_t *spec = route->object->http_route;
    size_t size = count * sizeof(route_entry_t);
    for (size_t i = 0; i < count; i++)
        size += VARINT_MAX + protobuf_c_message_get_packed_size(&messages[i]->base);
    route->entries = xmalloc(size);
    route->entry_count = count;
    uint8_t *at = (uint8_t *)(route->entries + count);
    route_entry_t *entry = route->entries;
    for (size_t rule = 0; rule < spec->rule_count; rule++) {
        for (size_t match = 0; match < spec->rules[rule].match_count; match++, entry++) {
            const ProtobufCMessage *message = &messages[entry - route->entries]->base;
            *entry =
                (route_entry_t){.rule = (uint16_t)rule, .match = (uint16_t)match, .message = at};
            route_entry_measure(entry, &spec->rules[rule].matches[match]);
            uint32_t prefix = put_varint(at, protobuf_c_message_get_packed_size(message));
            entry->message_len = prefix + (uint32_t)protobuf_c_message_pack(message, at + prefix);
            at += entry->message_len;
        }
    }
}

static void clear_entries(route_state_t *route)
{
    free(route->resolve_message);
    free(route->entries);
    free(route->used);
    route->resolve_message = NULL;
    route->resolve_reason = NULL;
    route->entries = NULL;
    route->used = NULL;
    route->entry_count = route->used_count = 0;
}

void make_entries(translator_t *translator, route_state_t *route)
{
    const http_route_t *spec = route->object->http_route;
    size_t matches = 0, backends = 0;
    clear_entries(route);
    for (size_t i = 0; i < spec->rule_count; i++) {
        matches += spec->rules[i].match_count;
        backends += spec->rules[i].backend_count;
    }
    route->used = xmalloc((backends + 1) * sizeof(*route->used));
    pb_route_t **messages = arena_alloc(&translator->scratch, (matches + 1) * sizeof(*messages));
    pb_route_t **end = messages;
    for (size_t i = 0; i < spec->rule_count; i++)
        end = make_rule(translator, route, i, end);
    pack_entries(route, messages, matches);
}
