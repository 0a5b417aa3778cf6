/* schema_gateway.c: GatewayClass, Gateway and ReferenceGrant; see schemas.h. */
#include "gatewayapi/schemas.h"

/* GatewayClass */
static const schema_t controller = {
    .type = SCHEMA_STRING, .min = 1, .max = 253, .syntax = syntax_controller};
static const schema_t description = {.type = SCHEMA_STRING, .max = 64};
static const schema_field_t class_parameters_fields[] = {
    REQUIRED("group", schema_group), REQUIRED("kind", schema_kind), REQUIRED("name", schema_name),
    FIELD("namespace", schema_namespace_name), SCHEMA_END};
static const schema_t class_parameters = {.type = SCHEMA_OBJECT, .fields = class_parameters_fields};
static const schema_field_t class_spec_fields[] = {
    REQUIRED("controllerName", controller), FIELD("description", description),
    UNSUPPORTED("parametersRef", class_parameters), SCHEMA_END};
static const schema_t class_spec = {.type = SCHEMA_OBJECT, .fields = class_spec_fields};
static const schema_field_t class_fields[] = {SCHEMA_OBJECT_FIELDS, REQUIRED("spec", class_spec),
                                              SCHEMA_END};
const schema_t schema_gateway_class = {.type = SCHEMA_OBJECT, .fields = class_fields};

/* Gateway: allowedRoutes and allowedListeners */
static const schema_field_t route_kind_fields[] = {FIELD("group", schema_group),
                                                   REQUIRED("kind", schema_kind), SCHEMA_END};
static const schema_t route_kind = {.type = SCHEMA_OBJECT, .fields = route_kind_fields};
static const schema_t route_kinds = {.type = SCHEMA_LIST, .max = 8, .items = &route_kind};
static const char *const from_names[] = {"All", "Selector", "Same", NULL};
static const schema_t from = {.type = SCHEMA_STRING, .values = from_names};
static const schema_field_t namespaces_fields[] = {
    FIELD("from", from), FIELD("selector", schema_label_selector), SCHEMA_END};
static const schema_t namespaces = {.type = SCHEMA_OBJECT, .fields = namespaces_fields};
static const schema_field_t allowed_routes_fields[] = {FIELD("namespaces", namespaces),
                                                       FIELD("kinds", route_kinds), SCHEMA_END};
static const schema_t allowed_routes = {.type = SCHEMA_OBJECT, .fields = allowed_routes_fields};
static const char *const listeners_from_names[] = {"All", "Selector", "Same", "None", NULL};
static const schema_t listeners_from = {.type = SCHEMA_STRING, .values = listeners_from_names};
static const schema_field_t listener_namespaces_fields[] = {
    FIELD("from", listeners_from), FIELD("selector", schema_label_selector), SCHEMA_END};
static const schema_t listener_namespaces = {.type = SCHEMA_OBJECT,
                                             .fields = listener_namespaces_fields};
static const schema_field_t allowed_listeners_fields[] = {FIELD("namespaces", listener_namespaces),
                                                          SCHEMA_END};
static const schema_t allowed_listeners = {.type = SCHEMA_OBJECT,
                                           .fields = allowed_listeners_fields};

/* Gateway: TLS of a listener */
static const schema_field_t certificate_fields[] = {
    FIELD("group", schema_group), FIELD("kind", schema_kind), REQUIRED("name", schema_name),
    FIELD("namespace", schema_namespace_name), SCHEMA_END};
static const schema_t certificate = {.type = SCHEMA_OBJECT, .fields = certificate_fields};
static const schema_t certificates = {.type = SCHEMA_LIST, .max = 64, .items = &certificate};
static const char *const tls_modes[] = {"Terminate", "Passthrough", NULL};
static const schema_t tls_mode = {.type = SCHEMA_STRING, .values = tls_modes};
static const schema_t tls_options = {.type = SCHEMA_STRINGS, .max = 16};
static const schema_field_t tls_fields[] = {FIELD("mode", tls_mode),
                                            FIELD("certificateRefs", certificates),
                                            FIELD("options", tls_options), SCHEMA_END};

static void check_tls(schema_walk_t *walk, const node_t *tls)
{
    const node_t *refs = node_get(tls, "certificateRefs"), *options = node_get(tls, "options");
    bool terminate = slice_eq(node_text(tls, "mode", SLICE("Terminate")), SLICE("Terminate"));
    if (terminate && (refs == NULL || refs->count == 0) && (options == NULL || options->count == 0))
        schema_fail(walk, tls, "certificateRefs or options are required when mode is Terminate",
                    "%s", "");
}

static const schema_t tls = {.type = SCHEMA_OBJECT, .fields = tls_fields, .rule = check_tls};

/* Gateway: listeners */
static const schema_t hostname = {
    .type = SCHEMA_STRING, .min = 1, .max = 253, .syntax = syntax_hostname};
static const schema_t protocol = {
    .type = SCHEMA_STRING, .min = 1, .max = 255, .syntax = syntax_protocol};

static bool is_protocol(const node_t *listener, const char *name)
{
    return slice_eq(node_text(listener, "protocol", SLICE("")), slice_of(name));
}

static void check_listener(schema_walk_t *walk, const node_t *listener)
{
    const node_t *its_tls = node_get(listener, "tls"), *its_host = node_get(listener, "hostname");
    bool stream = is_protocol(listener, "TCP") || is_protocol(listener, "UDP");
    if (its_tls && (stream || is_protocol(listener, "HTTP")))
        schema_fail(walk, its_tls, "must not be set for the protocols HTTP, TCP and UDP", ".tls");
    if (its_host && stream)
        schema_fail(walk, its_host, "must not be set for the protocols TCP and UDP", ".hostname");
    if (is_protocol(listener, "TLS") && !node_get(its_tls, "mode"))
        schema_fail(walk, listener, "is required for protocol TLS", ".tls.mode");
    if (is_protocol(listener, "HTTPS") &&
        slice_eq(node_text(its_tls, "mode", SLICE("")), SLICE("Passthrough")))
        schema_fail(walk, its_tls, "must be Terminate for protocol HTTPS", ".tls.mode");
}

static const schema_field_t listener_fields[] = {REQUIRED("name", schema_section_name),
                                                 FIELD("hostname", hostname),
                                                 REQUIRED("port", schema_port),
                                                 REQUIRED("protocol", protocol),
                                                 FIELD("tls", tls),
                                                 FIELD("allowedRoutes", allowed_routes),
                                                 UNSUPPORTED("filters", schema_any),
                                                 SCHEMA_END};
static const schema_t listener = {
    .type = SCHEMA_OBJECT, .fields = listener_fields, .rule = check_listener};
static const schema_t listeners = {
    .type = SCHEMA_LIST, .min = 1, .max = 64, .items = &listener, .unique = "name"};

/* Gateway: the rest */
static const schema_t class_name = {.type = SCHEMA_STRING, .min = 1, .max = 253};
static const schema_t address_text = {.type = SCHEMA_STRING, .max = 253};
static const schema_field_t address_fields[] = {FIELD("type", class_name),
                                                FIELD("value", address_text),
                                                FIELD("routability", schema_string), SCHEMA_END};
static const schema_t address = {.type = SCHEMA_OBJECT, .fields = address_fields};
static const schema_t addresses = {.type = SCHEMA_LIST, .max = 16, .items = &address};
static const schema_t infra_labels = {.type = SCHEMA_STRINGS, .max = 8, .syntax = syntax_label_key};
static const schema_t infra_annotations = {
    .type = SCHEMA_STRINGS, .max = 16, .syntax = syntax_label_key};
static const schema_field_t parameters_fields[] = {REQUIRED("group", schema_group),
                                                   REQUIRED("kind", schema_kind),
                                                   REQUIRED("name", schema_name), SCHEMA_END};
static const schema_t parameters = {.type = SCHEMA_OBJECT, .fields = parameters_fields};
static const schema_field_t infrastructure_fields[] = {
    FIELD("labels", infra_labels), FIELD("annotations", infra_annotations),
    UNSUPPORTED("parametersRef", parameters), SCHEMA_END};
static const schema_t infrastructure = {.type = SCHEMA_OBJECT, .fields = infrastructure_fields};
static const schema_field_t gateway_spec_fields[] = {
    REQUIRED("gatewayClassName", class_name),     REQUIRED("listeners", listeners),
    UNSUPPORTED("addresses", addresses),          FIELD("infrastructure", infrastructure),
    FIELD("allowedListeners", allowed_listeners), UNSUPPORTED("tls", schema_any),
    UNSUPPORTED("defaultScope", schema_string),   SCHEMA_END};
static const schema_t gateway_spec = {.type = SCHEMA_OBJECT, .fields = gateway_spec_fields};
static const schema_field_t gateway_fields[] = {SCHEMA_OBJECT_FIELDS,
                                                REQUIRED("spec", gateway_spec), SCHEMA_END};
const schema_t schema_gateway = {.type = SCHEMA_OBJECT, .fields = gateway_fields};

/* ReferenceGrant */
static const schema_field_t grant_from_fields[] = {
    REQUIRED("group", schema_group), REQUIRED("kind", schema_kind),
    REQUIRED("namespace", schema_namespace_name), SCHEMA_END};
static const schema_t grant_from_item = {.type = SCHEMA_OBJECT, .fields = grant_from_fields};
static const schema_t grant_from = {
    .type = SCHEMA_LIST, .min = 1, .max = 16, .items = &grant_from_item};
static const schema_field_t grant_to_fields[] = {REQUIRED("group", schema_group),
                                                 REQUIRED("kind", schema_kind),
                                                 FIELD("name", schema_name), SCHEMA_END};
static const schema_t grant_to_item = {.type = SCHEMA_OBJECT, .fields = grant_to_fields};
static const schema_t grant_to = {
    .type = SCHEMA_LIST, .min = 1, .max = 16, .items = &grant_to_item};
static const schema_field_t grant_spec_fields[] = {REQUIRED("from", grant_from),
                                                   REQUIRED("to", grant_to), SCHEMA_END};
static const schema_t grant_spec = {.type = SCHEMA_OBJECT, .fields = grant_spec_fields};
static const schema_field_t grant_fields[] = {SCHEMA_OBJECT_FIELDS, REQUIRED("spec", grant_spec),
                                              SCHEMA_END};
const schema_t schema_reference_grant = {.type = SCHEMA_OBJECT, .fields = grant_fields};
