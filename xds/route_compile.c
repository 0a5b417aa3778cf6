/* What happens to a request: the actions of a Route, and where the route comes from. */
#include "xds/route_compile.h"

#include "core/error.h"
#include "core/strbuf.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "xds/any.h"

typedef Envoy__Config__Route__V3__Route route_message_t;
typedef Envoy__Config__Route__V3__RouteAction action_message_t;
typedef Envoy__Config__Route__V3__RetryPolicy retry_message_t;
typedef Envoy__Config__Route__V3__WeightedCluster__ClusterWeight weight_message_t;
typedef Envoy__Config__Route__V3__RedirectAction redirect_message_t;
typedef Envoy__Config__Route__V3__DirectResponseAction respond_message_t;
typedef Nantian__Xds__V1__RouteInfo info_message_t;

enum {
    DEFAULT_TIMEOUT_MS = 15000, /* of the public API, for an absent timeout */
    BODY_MAX = 4096             /* of a direct response, likewise */
};

/* The two pairs of lists have the same fields in a Route and in a ClusterWeight. */
#define HEADER_LISTS(message, direction)                                                           \
    (&(header_lists_t){                                                                            \
        .remove = (message)->direction##_headers_to_remove,                                        \
        .add = (message)->direction##_headers_to_add,                                              \
        .remove_count = (message)->n_##direction##_headers_to_remove,                              \
        .add_count = (message)->n_##direction##_headers_to_add,                                    \
        .remove_field = #direction "_headers_to_remove",                                           \
        .add_field = #direction "_headers_to_add",                                                 \
    })

/* Copies a text that will stand in a request line or a Host, or in a Location. */
static int visible_text(const compile_t *c, const char *text, const field_path_t *path,
                        slice_t *ret)
{
    if (!text_is_visible(text))
        return fault_at(c->fault, path, "has a space or a control byte in it");
    *ret = compile_text(c, text);
    return 0;
}

static int path_text(const compile_t *c, const char *text, const field_path_t *path, slice_t *ret)
{
    if (text[0] != '/')
        return fault_at(c->fault, path, "must begin with '/'");
    return visible_text(c, text, path, ret);
}

static uint32_t cluster_number(const compile_t *c, const char *name)
{
    return series_number(&c->series[SERIES_CLUSTER], slice_of(name));
}

static int compile_weight(const compile_t *c, const weight_message_t *message,
                          const field_path_t *path, route_cluster_t *ret)
{
    if (message->name[0] == '\0')
        return fault_at(c->fault, FIELD(path, "name"), "must be set");
    if (message->weight == NULL)
        return fault_at(c->fault, FIELD(path, "weight"), "must be set");
    ret->cluster = cluster_number(c, message->name);
    int error = 0;
    if (message->host_rewrite_specifier_case ==
        ENVOY__CONFIG__ROUTE__V3__WEIGHTED_CLUSTER__CLUSTER_WEIGHT__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL)
        error = visible_text(c, message->host_rewrite_literal, FIELD(path, "host_rewrite_literal"),
                             &ret->host_rewrite);
    if (!error)
        error = header_edits_compile(c, HEADER_LISTS(message, request), path, &ret->request_edits);
    if (!error)
        error =
            header_edits_compile(c, HEADER_LISTS(message, response), path, &ret->response_edits);
    return error;
}

static int compile_weights(const compile_t *c,
                           const Envoy__Config__Route__V3__WeightedCluster *message,
                           const field_path_t *path, route_forward_t *ret)
{
    size_t count = message->n_clusters;
    route_cluster_t *clusters = arena_zalloc(c->arena, count * sizeof(*clusters));
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        int error =
            compile_weight(c, message->clusters[i], ELEMENT(path, "clusters", i), &clusters[i]);
        if (error)
            return error;
        sum += message->clusters[i]->weight->value;
        clusters[i].upto = (uint32_t)sum;
        if (sum > UINT32_MAX)
            return fault_at(c->fault, ELEMENT(path, "clusters", i),
                            "the weights' sum is too large");
    }
    if (sum == 0)
        return fault_at(c->fault, FIELD(path, "clusters"), "the weights' sum is 0");
    ret->clusters = clusters;
    ret->cluster_count = (uint32_t)count;
    ret->total_weight = (uint32_t)sum;
    return 0;
}

static int compile_one_cluster(const compile_t *c, const char *name, const field_path_t *path,
                               route_forward_t *ret)
{
    if (name[0] == '\0')
        return fault_at(c->fault, path, "must be set");
    route_cluster_t *cluster = arena_zalloc(c->arena, sizeof(*cluster));
    cluster->cluster = cluster_number(c, name);
    cluster->upto = 1;
    ret->clusters = cluster;
    ret->cluster_count = ret->total_weight = 1;
    return 0;
}

static int compile_clusters(const compile_t *c, const action_message_t *message,
                            const field_path_t *path, route_forward_t *ret)
{
    static const uint16_t missing[] = {503, 404, 500};
    if ((unsigned)message->cluster_not_found_response_code >= 3)
        return fault_at(c->fault, FIELD(path, "cluster_not_found_response_code"), "unknown");
    ret->missing_status = missing[message->cluster_not_found_response_code];
    switch (message->cluster_specifier_case) {
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER:
        return compile_one_cluster(c, message->cluster, FIELD(path, "cluster"), ret);
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS:
        return compile_weights(c, message->weighted_clusters, FIELD(path, "weighted_clusters"),
                               ret);
    default:
        return fault_at(c->fault, FIELD(path, "cluster_specifier"), "must be set");
    }
}

/* Of a retry policy, only the timeout of a try is honoured yet. */
static int compile_tries(const compile_t *c, const retry_message_t *message,
                         const field_path_t *path, route_forward_t *ret)
{
    if (message == NULL)
        return 0;
    if (message->retry_on[0] && !(message->num_retries && message->num_retries->value == 0))
        return fault_at(c->fault, FIELD(path, "retry_on"), "retries are not supported");
    return compile_milliseconds(c, message->per_try_timeout, 0, FIELD(path, "per_try_timeout"),
                                &ret->backend_timeout_ms);
}

static int compile_rewrites(const compile_t *c, const action_message_t *message,
                            const field_path_t *path, route_forward_t *ret)
{
    int error = 0;
    ret->append_x_forwarded_host = message->append_x_forwarded_host;
    if (message->prefix_rewrite[0])
        error = path_text(c, message->prefix_rewrite, FIELD(path, "prefix_rewrite"),
                          &ret->prefix_rewrite);
    if (!error &&
        message->host_rewrite_specifier_case ==
            ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL)
        error = visible_text(c, message->host_rewrite_literal, FIELD(path, "host_rewrite_literal"),
                             &ret->host_rewrite);
    return error;
}

static int compile_forward(const compile_t *c, const action_message_t *message,
                           const field_path_t *path, route_t *ret)
{
    route_forward_t *forward = &ret->forward;
    ret->action = ROUTE_FORWARD;
    int error = compile_clusters(c, message, path, forward);
    if (!error)
        error = compile_milliseconds(c, message->timeout, DEFAULT_TIMEOUT_MS,
                                     FIELD(path, "timeout"), &forward->timeout_ms);
    if (!error)
        error = compile_tries(c, message->retry_policy, FIELD(path, "retry_policy"), forward);
    if (!error)
        error = compile_rewrites(c, message, path, forward);
    return error;
}

static int compile_redirect_path(const compile_t *c, const redirect_message_t *message,
                                 const field_path_t *path, route_redirect_t *ret)
{
    switch (message->path_rewrite_specifier_case) {
    case ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_PATH_REDIRECT:
        ret->has_path = true;
        return path_text(c, message->path_redirect, FIELD(path, "path_redirect"), &ret->path);
    case ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_PREFIX_REWRITE:
        ret->has_prefix = true;
        return path_text(c, message->prefix_rewrite, FIELD(path, "prefix_rewrite"), &ret->prefix);
    default:
        return 0;
    }
}

static int compile_redirect_scheme(const compile_t *c, const redirect_message_t *message,
                                   const field_path_t *path, route_redirect_t *ret)
{
    const char *scheme = "";
    if (message->scheme_rewrite_specifier_case ==
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__SCHEME_REWRITE_SPECIFIER_SCHEME_REDIRECT)
        scheme = message->scheme_redirect;
    else if (message->scheme_rewrite_specifier_case ==
             ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__SCHEME_REWRITE_SPECIFIER_HTTPS_REDIRECT)
        scheme = message->https_redirect ? "https" : "";
    return visible_text(c, scheme, FIELD(path, "scheme_redirect"), &ret->scheme);
}

static int compile_redirect(const compile_t *c, const redirect_message_t *message,
                            const field_path_t *path, route_t *ret)
{
    static const uint16_t codes[] = {301, 302, 303, 307, 308};
    route_redirect_t *redirect = &ret->redirect;
    ret->action = ROUTE_REDIRECT;
    if ((unsigned)message->response_code >= sizeof(codes) / sizeof(codes[0]))
        return fault_at(c->fault, FIELD(path, "response_code"), "unknown");
    if (message->port_redirect > UINT16_MAX)
        return fault_at(c->fault, FIELD(path, "port_redirect"), "not a port");
    redirect->status = codes[message->response_code];
    redirect->port = (uint16_t)message->port_redirect;
    redirect->strip_query = message->strip_query;
    int error = compile_redirect_scheme(c, message, path, redirect);
    if (!error)
        error =
            visible_text(c, message->host_redirect, FIELD(path, "host_redirect"), &redirect->host);
    if (!error)
        error = compile_redirect_path(c, message, path, redirect);
    return error;
}

static slice_t body_of(const Envoy__Config__Core__V3__DataSource *source)
{
    if (source->specifier_case == ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING)
        return slice_of(source->inline_string);
    return slice_make((const char *)source->inline_bytes.data, source->inline_bytes.len);
}

static int compile_respond(const compile_t *c, const respond_message_t *message,
                           const field_path_t *path, route_t *ret)
{
    ret->action = ROUTE_RESPOND;
    if (message->status < 200 || message->status > 599)
        return fault_at(c->fault, FIELD(path, "status"), "must be from 200 to 599");
    ret->respond.status = (uint16_t)message->status;
    if (message->body == NULL)
        return 0;
    if (message->body->specifier_case == ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER__NOT_SET)
        return fault_at(c->fault, FIELD(FIELD(path, "body"), "specifier"), "must be set");
    slice_t body = body_of(message->body);
    if (body.len > BODY_MAX)
        return fault_at(c->fault, FIELD(path, "body"), "longer than %d bytes", BODY_MAX);
    ret->respond.body = arena_dup(c->arena, body);
    return 0;
}

static int compile_action(const compile_t *c, const route_message_t *message,
                          const field_path_t *path, route_t *ret)
{
    switch (message->action_case) {
    case ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_ROUTE:
        return compile_forward(c, message->route, FIELD(path, "route"), ret);
    case ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_REDIRECT:
        return compile_redirect(c, message->redirect, FIELD(path, "redirect"), ret);
    case ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_DIRECT_RESPONSE:
        return compile_respond(c, message->direct_response, FIELD(path, "direct_response"), ret);
    default:
        return fault_at(c->fault, FIELD(path, "action"), "must be set");
    }
}

/* "HTTPRoute" is counted as "Http". */
static void write_kind(strbuf_t *text, slice_t kind)
{
    if (slice_ends_with(kind, SLICE("Route")))
        kind.len -= 5;
    for (size_t i = 0; i < kind.len; i++)
        strbuf_add_char(text, i ? slice_lower(kind.base[i]) : kind.base[i]);
}

/* A route of a foreign configuration is counted under its own name. */
static series_id_t series_of(const compile_t *c, const route_info_t *info, slice_t route_name)
{
    strbuf_t text = {0};
    if (info->name.len) {
        write_kind(&text, info->kind);
        strbuf_printf(&text, "/%.*s/%.*s", SLICE_ARG(info->namespace), SLICE_ARG(info->name));
    } else {
        strbuf_add(&text, route_name);
    }
    series_id_t id = series_identify(&c->series[SERIES_ROUTE], strbuf_slice(&text));
    strbuf_fini(&text);
    return id;
}

static int compile_info(const compile_t *c, const route_message_t *message,
                        const field_path_t *path, route_t *ret)
{
    ProtobufCMessage *found;
    int error =
        metadata_find(message->metadata, XDS_KEY_ROUTE, &nantian__xds__v1__route_info__descriptor,
                      c->message, path, c->fault, &found);
    if (error)
        return error;
    const info_message_t *info = (const info_message_t *)found;
    if (info) {
        ret->info.kind = compile_text(c, info->kind);
        ret->info.namespace = compile_text(c, info->namespace_);
        ret->info.name = compile_text(c, info->name);
        ret->info.rule_name = compile_text(c, info->rule_name);
        ret->info.rule_index = info->rule_index;
    }
    ret->name = compile_text(c, message->name);
    ret->series = series_of(c, &ret->info, ret->name);
    return 0;
}

int route_compile(const compile_t *c, const route_message_t *message, const field_path_t *path,
                  route_t *ret)
{
    if (message->match == NULL)
        return fault_at(c->fault, FIELD(path, "match"), "must be set");
    int error = compile_info(c, message, path, ret);
    if (!error)
        error = route_compile_match(c, message->match, FIELD(path, "match"), ret);
    if (!error)
        error = compile_action(c, message, path, ret);
    if (!error)
        error = header_edits_compile(c, HEADER_LISTS(message, request), path, &ret->request_edits);
    if (!error)
        error =
            header_edits_compile(c, HEADER_LISTS(message, response), path, &ret->response_edits);
    return error;
}
