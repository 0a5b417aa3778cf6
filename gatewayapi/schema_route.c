/* schema_route.c: HTTPRoute; see schemas.h. */
#include "gatewayapi/schemas.h"

enum { MAX_MATCHES = 128 }; /* of all rules together */

static const schema_t header_name = {
    .type = SCHEMA_STRING, .min = 1, .max = 256, .syntax = syntax_header_name};
static const schema_t header_value = {.type = SCHEMA_STRING, .min = 1, .max = 4096};
static const schema_t query_value = {.type = SCHEMA_STRING, .min = 1, .max = 1024};

/* matches */
static const char *const value_types[] = {"Exact", "RegularExpression", NULL};
static const schema_t value_type = {
    .type = SCHEMA_STRING, .values = value_types, .unsupported = "RegularExpression"};
static const char *const path_types[] = {"Exact", "PathPrefix", "RegularExpression", NULL};
static const schema_t path_type = {
    .type = SCHEMA_STRING, .values = path_types, .unsupported = "RegularExpression"};
static const schema_t path_value = {.type = SCHEMA_STRING, .max = 1024};
static const schema_field_t path_fields[] = {FIELD("type", path_type), FIELD("value", path_value),
                                             SCHEMA_END};

static void check_path(schema_walk_t *walk, const node_t *path)
{
    const node_t *value = node_get(path, "value");
    if (value == NULL || slice_eq(node_text(path, "type", SLICE("")), SLICE("RegularExpression")))
        return;
    const char *wrong = syntax_path(value->text);
    if (wrong)
        schema_fail(walk, value, wrong, ".value");
}

static const schema_t path = {.type = SCHEMA_OBJECT, .fields = path_fields, .rule = check_path};
static const schema_field_t header_fields[] = {REQUIRED("name", header_name),
                                               REQUIRED("value", header_value),
                                               FIELD("type", value_type), SCHEMA_END};
static const schema_t header = {.type = SCHEMA_OBJECT, .fields = header_fields};
static const schema_t headers = {
    .type = SCHEMA_LIST, .max = 16, .items = &header, .unique = "name"};
static const schema_field_t query_fields[] = {REQUIRED("name", header_name),
                                              REQUIRED("value", query_value),
                                              FIELD("type", value_type), SCHEMA_END};
static const schema_t query = {.type = SCHEMA_OBJECT, .fields = query_fields};
static const schema_t queries = {.type = SCHEMA_LIST, .max = 16, .items = &query, .unique = "name"};
static const char *const methods[] = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                      "CONNECT", "OPTIONS", "TRACE", "PATCH", NULL};
static const schema_t method = {.type = SCHEMA_STRING, .values = methods};
static const schema_field_t match_fields[] = {FIELD("path", path), FIELD("headers", headers),
                                              FIELD("queryParams", queries),
                                              FIELD("method", method), SCHEMA_END};
static const schema_t match = {.type = SCHEMA_OBJECT, .fields = match_fields};
static const schema_t matches = {.type = SCHEMA_LIST, .max = 64, .items = &match};

/* backendRefs */
static const schema_t weight = {.type = SCHEMA_INTEGER, .min = 0, .max = 1000000};
static const schema_field_t backend_fields[] = {FIELD("group", schema_group),
                                                FIELD("kind", schema_kind),
                                                REQUIRED("name", schema_name),
                                                FIELD("namespace", schema_namespace_name),
                                                FIELD("port", schema_port),
                                                FIELD("weight", weight),
                                                UNSUPPORTED("filters", schema_filters),
                                                SCHEMA_END};

static void check_backend(schema_walk_t *walk, const node_t *backend)
{
    bool service = node_text(backend, "group", SLICE("")).len == 0 &&
                   slice_eq(node_text(backend, "kind", SLICE("Service")), SLICE("Service"));
    if (service && !node_get(backend, "port"))
        schema_fail(walk, backend, "is required for a Service", ".port");
}

static const schema_t backend = {
    .type = SCHEMA_OBJECT, .fields = backend_fields, .rule = check_backend};
static const schema_t backends = {.type = SCHEMA_LIST, .max = 16, .items = &backend};

/* timeouts, retry */
static const schema_t duration = {.type = SCHEMA_STRING, .syntax = syntax_duration};
static const schema_field_t timeouts_fields[] = {FIELD("request", duration),
                                                 FIELD("backendRequest", duration), SCHEMA_END};

static void check_timeouts(schema_walk_t *walk, const node_t *timeouts)
{
    uint64_t request = 0, backend_request = 0;
    duration_parse(node_text(timeouts, "request", SLICE("0s")), &request);
    duration_parse(node_text(timeouts, "backendRequest", SLICE("0s")), &backend_request);
    if (request != 0 && backend_request > request)
        schema_fail(walk, timeouts, "must not be longer than the request timeout",
                    ".backendRequest");
}

static const schema_t timeouts = {
    .type = SCHEMA_OBJECT, .fields = timeouts_fields, .rule = check_timeouts};
static const schema_t attempts = {.type = SCHEMA_INTEGER, .min = 0, .max = INT32_MAX};
static const schema_t code = {.type = SCHEMA_INTEGER, .min = 400, .max = 599};
static const schema_t codes = {.type = SCHEMA_LIST, .max = 200, .items = &code};
static const schema_field_t retry_fields[] = {FIELD("codes", codes), FIELD("attempts", attempts),
                                              FIELD("backoff", duration), SCHEMA_END};
static const schema_t retry = {.type = SCHEMA_OBJECT, .fields = retry_fields};

/* rules */
static const schema_field_t rule_fields[] = {FIELD("name", schema_section_name),
                                             FIELD("matches", matches),
                                             UNSUPPORTED("filters", schema_filters),
                                             FIELD("backendRefs", backends),
                                             FIELD("timeouts", timeouts),
                                             UNSUPPORTED("retry", retry),
                                             UNSUPPORTED("sessionPersistence", schema_any),
                                             SCHEMA_END};
static const schema_t rule = {.type = SCHEMA_OBJECT, .fields = rule_fields};

static void check_rules(schema_walk_t *walk, const node_t *rules)
{
    size_t count = 0;
    NODE_EACH (item, rules) {
        const node_t *its_matches = node_get(item, "matches");
        count += its_matches && its_matches->count ? its_matches->count : 1;
    }
    if (count > MAX_MATCHES)
        schema_fail(walk, rules, "have more than 128 matches in total", "%s", "");
}

static const schema_t rules = {.type = SCHEMA_LIST,
                               .min = 1,
                               .max = 16,
                               .items = &rule,
                               .unique = "name",
                               .rule = check_rules};

/* parentRefs */
static const schema_field_t parent_fields[] = {FIELD("group", schema_group),
                                               FIELD("kind", schema_kind),
                                               REQUIRED("name", schema_name),
                                               FIELD("namespace", schema_namespace_name),
                                               FIELD("port", schema_port),
                                               FIELD("sectionName", schema_section_name),
                                               SCHEMA_END};
static const schema_t parent = {.type = SCHEMA_OBJECT, .fields = parent_fields};

static bool same_text(const node_t *a, const node_t *b, const char *key, slice_t fallback)
{
    return slice_eq(node_text(a, key, fallback), node_text(b, key, fallback));
}

/* check_parents: several references to one parent need section names, all of them different. */
static void check_parents(schema_walk_t *walk, const node_t *parents)
{
    size_t index = 0;
    NODE_EACH (ref, parents) {
        for (const node_t *other = parents->first; other != ref; other = other->next) {
            if (!same_text(ref, other, "group", SLICE(GATEWAY_GROUP)) ||
                !same_text(ref, other, "kind", SLICE("Gateway")) ||
                !same_text(ref, other, "name", SLICE("")) ||
                !same_text(ref, other, "namespace", SLICE("")))
                continue;
            if (!same_text(ref, other, "sectionName", SLICE("")) &&
                !node_get(ref, "sectionName") == !node_get(other, "sectionName"))
                continue;
            schema_fail(walk, ref,
                        "must be set and unique when two references name the same parent",
                        "[%zu].sectionName", index);
            break;
        }
        index++;
    }
}

static const schema_t parents = {
    .type = SCHEMA_LIST, .max = 32, .items = &parent, .rule = check_parents};

/* HTTPRoute */
static const schema_t hostname = {
    .type = SCHEMA_STRING, .min = 1, .max = 253, .syntax = syntax_hostname};
static const schema_t hostnames = {.type = SCHEMA_LIST, .max = 16, .items = &hostname};
static const schema_field_t spec_fields[] = {
    FIELD("parentRefs", parents), FIELD("hostnames", hostnames), FIELD("rules", rules),
    UNSUPPORTED("useDefaultGateways", schema_string), SCHEMA_END};
static const schema_t spec = {.type = SCHEMA_OBJECT, .fields = spec_fields};
static const schema_field_t route_fields[] = {SCHEMA_OBJECT_FIELDS, REQUIRED("spec", spec),
                                              SCHEMA_END};
const schema_t schema_http_route = {.type = SCHEMA_OBJECT, .fields = route_fields};
