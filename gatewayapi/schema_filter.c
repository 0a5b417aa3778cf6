/* schema_filter.c: the filters of an HTTPRoute's rules and backends; see schemas.h. */
#include "gatewayapi/schemas.h"

static const schema_t header_name = {
    .type = SCHEMA_STRING, .min = 1, .max = 256, .syntax = syntax_header_name};
static const schema_t header_value = {.type = SCHEMA_STRING, .min = 1, .max = 4096};
static const schema_t hostname = {
    .type = SCHEMA_STRING, .min = 1, .max = 253, .syntax = syntax_precise_hostname};

/* requestHeaderModifier, responseHeaderModifier */
static const schema_field_t header_fields[] = {REQUIRED("name", header_name),
                                               REQUIRED("value", header_value), SCHEMA_END};
static const schema_t header = {.type = SCHEMA_OBJECT, .fields = header_fields};
static const schema_t headers = {
    .type = SCHEMA_LIST, .max = 16, .items = &header, .unique = "name"};
static const schema_t removed = {.type = SCHEMA_LIST, .max = 16, .items = &schema_string};
static const schema_field_t modifier_fields[] = {FIELD("set", headers), FIELD("add", headers),
                                                 FIELD("remove", removed), SCHEMA_END};
static const schema_t modifier = {.type = SCHEMA_OBJECT, .fields = modifier_fields};

/* requestMirror */
static const schema_t percent = {.type = SCHEMA_INTEGER, .min = 0, .max = 100};
static const schema_t numerator = {.type = SCHEMA_INTEGER, .min = 0, .max = INT32_MAX};
static const schema_t denominator = {.type = SCHEMA_INTEGER, .min = 1, .max = INT32_MAX};
static const schema_field_t fraction_fields[] = {REQUIRED("numerator", numerator),
                                                 FIELD("denominator", denominator), SCHEMA_END};
static const schema_t fraction = {.type = SCHEMA_OBJECT, .fields = fraction_fields};
static const schema_field_t mirror_backend_fields[] = {
    FIELD("group", schema_group),  FIELD("kind", schema_kind),
    REQUIRED("name", schema_name), FIELD("namespace", schema_namespace_name),
    FIELD("port", schema_port),    SCHEMA_END};
static const schema_t mirror_backend = {.type = SCHEMA_OBJECT, .fields = mirror_backend_fields};
static const schema_field_t mirror_fields[] = {REQUIRED("backendRef", mirror_backend),
                                               FIELD("percent", percent),
                                               FIELD("fraction", fraction), SCHEMA_END};
static const schema_t mirror = {.type = SCHEMA_OBJECT, .fields = mirror_fields};

/* requestRedirect, urlRewrite */
static const char *const path_types[] = {"ReplaceFullPath", "ReplacePrefixMatch", NULL};
static const schema_t path_type = {.type = SCHEMA_STRING, .values = path_types};
static const schema_t path_text = {.type = SCHEMA_STRING, .max = 1024};
static const schema_field_t path_fields[] = {REQUIRED("type", path_type),
                                             FIELD("replaceFullPath", path_text),
                                             FIELD("replacePrefixMatch", path_text), SCHEMA_END};

static void check_path(schema_walk_t *walk, const node_t *path)
{
    bool full = slice_eq(node_text(path, "type", SLICE("")), SLICE("ReplaceFullPath"));
    if (!node_get(path, full ? "replaceFullPath" : "replacePrefixMatch"))
        schema_fail(walk, path, "the value that type names is missing", "%s", "");
    if (node_get(path, full ? "replacePrefixMatch" : "replaceFullPath"))
        schema_fail(walk, path, "has a value that type does not name", "%s", "");
}

static const schema_t path = {.type = SCHEMA_OBJECT, .fields = path_fields, .rule = check_path};
static const char *const schemes[] = {"http", "https", NULL};
static const schema_t scheme = {.type = SCHEMA_STRING, .values = schemes};

static void check_status(schema_walk_t *walk, const node_t *status)
{
    static const int64_t codes[] = {301, 302, 303, 307, 308};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (status->integer == codes[i])
            return;
    schema_fail(walk, status, "must be one of 301, 302, 303, 307, 308", "%s", "");
}

static const schema_t status_code = {
    .type = SCHEMA_INTEGER, .min = 100, .max = 599, .rule = check_status};
static const schema_field_t redirect_fields[] = {
    FIELD("scheme", scheme),    FIELD("hostname", hostname),      FIELD("path", path),
    FIELD("port", schema_port), FIELD("statusCode", status_code), SCHEMA_END};
static const schema_t redirect = {.type = SCHEMA_OBJECT, .fields = redirect_fields};
static const schema_field_t rewrite_fields[] = {FIELD("hostname", hostname), FIELD("path", path),
                                                SCHEMA_END};
static const schema_t rewrite = {.type = SCHEMA_OBJECT, .fields = rewrite_fields};

/* cors */
static const schema_t cors_origin = {.type = SCHEMA_STRING, .min = 1, .max = 253};
static const schema_t cors_origins = {.type = SCHEMA_LIST, .max = 64, .items = &cors_origin};
static const schema_t cors_headers = {.type = SCHEMA_LIST, .max = 64, .items = &header_name};
static const char *const methods[] = {"GET",     "HEAD",  "POST",  "PUT", "DELETE", "CONNECT",
                                      "OPTIONS", "TRACE", "PATCH", "*",   NULL};
static const schema_t method = {.type = SCHEMA_STRING, .values = methods};
static const schema_t cors_methods = {.type = SCHEMA_LIST, .max = 9, .items = &method};
static const schema_t max_age = {.type = SCHEMA_INTEGER, .min = 1, .max = INT32_MAX};
static const schema_field_t cors_fields[] = {FIELD("allowOrigins", cors_origins),
                                             FIELD("allowCredentials", schema_boolean),
                                             FIELD("allowMethods", cors_methods),
                                             FIELD("allowHeaders", cors_headers),
                                             FIELD("exposeHeaders", cors_headers),
                                             FIELD("maxAge", max_age),
                                             SCHEMA_END};
static const schema_t cors = {.type = SCHEMA_OBJECT, .fields = cors_fields};

/* extensionRef */
static const schema_field_t extension_fields[] = {REQUIRED("group", schema_group),
                                                  REQUIRED("kind", schema_kind),
                                                  REQUIRED("name", schema_name), SCHEMA_END};
static const schema_t extension = {.type = SCHEMA_OBJECT, .fields = extension_fields};

/* A filter: its type, and the one member that the type names. */
static const char *const filter_types[] = {"RequestHeaderModifier",
                                           "ResponseHeaderModifier",
                                           "RequestMirror",
                                           "RequestRedirect",
                                           "URLRewrite",
                                           "ExtensionRef",
                                           "CORS",
                                           "ExternalAuth",
                                           NULL};
static const char *const filter_members[] = {"requestHeaderModifier",
                                             "responseHeaderModifier",
                                             "requestMirror",
                                             "requestRedirect",
                                             "urlRewrite",
                                             "extensionRef",
                                             "cors",
                                             "externalAuth",
                                             NULL};
static const schema_t filter_type = {.type = SCHEMA_STRING, .values = filter_types};

static void check_filter(schema_walk_t *walk, const node_t *filter)
{
    slice_t type = node_text(filter, "type", SLICE(""));
    for (size_t i = 0; filter_types[i]; i++) {
        bool named = slice_eq(type, slice_of(filter_types[i]));
        const node_t *member = node_get(filter, filter_members[i]);
        if (named && !member)
            schema_fail(walk, filter, "is required by the filter's type", ".%s", filter_members[i]);
        if (!named && member)
            schema_fail(walk, member, "does not belong to the filter's type", ".%s",
                        filter_members[i]);
    }
}

static const schema_field_t filter_fields[] = {REQUIRED("type", filter_type),
                                               FIELD("requestHeaderModifier", modifier),
                                               FIELD("responseHeaderModifier", modifier),
                                               FIELD("requestMirror", mirror),
                                               FIELD("requestRedirect", redirect),
                                               FIELD("urlRewrite", rewrite),
                                               FIELD("extensionRef", extension),
                                               FIELD("cors", cors),
                                               FIELD("externalAuth", schema_any),
                                               SCHEMA_END};
static const schema_t filter = {
    .type = SCHEMA_OBJECT, .fields = filter_fields, .rule = check_filter};
const schema_t schema_filters = {.type = SCHEMA_LIST, .max = 16, .items = &filter};
