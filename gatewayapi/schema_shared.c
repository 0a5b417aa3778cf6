/* schema_shared.c: the pieces that several schemas use; see schemas.h. */
#include "gatewayapi/schemas.h"

const schema_t *schema_of(object_kind_t kind)
{
    static const schema_t *const schemas[KIND_COUNT] = {
        [KIND_GATEWAY_CLASS] = &schema_gateway_class,
        [KIND_GATEWAY] = &schema_gateway,
        [KIND_HTTP_ROUTE] = &schema_http_route,
        [KIND_REFERENCE_GRANT] = &schema_reference_grant,
        [KIND_NAMESPACE] = &schema_namespace,
        [KIND_SERVICE] = &schema_service,
        [KIND_ENDPOINT_SLICE] = &schema_endpoint_slice,
    };
    return schemas[kind];
}

const schema_t schema_any = {.type = SCHEMA_ANY};
const schema_t schema_boolean = {.type = SCHEMA_BOOLEAN};
const schema_t schema_string = {.type = SCHEMA_STRING};
const schema_t schema_string_list = {.type = SCHEMA_LIST, .items = &schema_string};
const schema_t schema_group = {.type = SCHEMA_STRING, .max = 253, .syntax = syntax_group};
const schema_t schema_kind = {.type = SCHEMA_STRING, .min = 1, .max = 63, .syntax = syntax_kind};
const schema_t schema_name = {.type = SCHEMA_STRING, .min = 1, .max = 253};
const schema_t schema_namespace_name = {
    .type = SCHEMA_STRING, .min = 1, .max = 63, .syntax = syntax_dns_label};
const schema_t schema_section_name = {
    .type = SCHEMA_STRING, .min = 1, .max = 253, .syntax = syntax_subdomain};
const schema_t schema_port = {.type = SCHEMA_INTEGER, .min = 1, .max = 65535};

/* metadata */
static const schema_t object_name = {
    .type = SCHEMA_STRING, .min = 1, .max = 253, .syntax = syntax_subdomain};
static const schema_t time_text = {.type = SCHEMA_STRING, .syntax = syntax_time};
static const schema_t natural = {.type = SCHEMA_INTEGER};

static void check_label_values(schema_walk_t *walk, const node_t *labels)
{
    NODE_EACH (label, labels) {
        const char *wrong = syntax_label_value(label->text);
        if (wrong)
            schema_fail(walk, label, wrong, ".%.*s", SLICE_ARG(label->key));
    }
}

static const schema_t labels = {
    .type = SCHEMA_STRINGS, .syntax = syntax_label_key, .rule = check_label_values};
static const schema_t annotations = {.type = SCHEMA_STRINGS, .syntax = syntax_label_key};
static const schema_field_t metadata_fields[] = {
    REQUIRED("name", object_name),
    FIELD("namespace", schema_namespace_name),
    FIELD("labels", labels),
    FIELD("annotations", annotations),
    FIELD("creationTimestamp", time_text),
    FIELD("generation", natural),
    FIELD("generateName", schema_string),
    FIELD("resourceVersion", schema_string),
    FIELD("uid", schema_string),
    FIELD("selfLink", schema_string),
    FIELD("deletionTimestamp", time_text),
    FIELD("deletionGracePeriodSeconds", natural),
    FIELD("finalizers", schema_string_list),
    FIELD("ownerReferences", schema_any),
    FIELD("managedFields", schema_any),
    SCHEMA_END,
};
const schema_t schema_metadata = {.type = SCHEMA_OBJECT, .fields = metadata_fields};

/* metav1.LabelSelector */
static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist", NULL};
static const schema_t label_key = {.type = SCHEMA_STRING, .min = 1, .syntax = syntax_label_key};
static const schema_t operator_name = {.type = SCHEMA_STRING, .values = operators};

static void check_requirement(schema_walk_t *walk, const node_t *node)
{
    slice_t operator= node_text(node, "operator", SLICE(""));
    const node_t *values = node_get(node, "values");
    bool has_values = values && values->count > 0;
    bool needs = slice_eq(operator, SLICE("In")) || slice_eq(operator, SLICE("NotIn"));
    if (needs && !has_values)
        schema_fail(walk, node, "must not be empty when operator is In or NotIn", ".values");
    if (!needs && has_values)
        schema_fail(walk, node, "must be empty when operator is Exists or DoesNotExist", ".values");
}

static const schema_field_t requirement_fields[] = {
    REQUIRED("key", label_key),
    REQUIRED("operator", operator_name),
    FIELD("values", schema_string_list),
    SCHEMA_END,
};
static const schema_t requirement = {
    .type = SCHEMA_OBJECT, .fields = requirement_fields, .rule = check_requirement};
static const schema_t requirements = {.type = SCHEMA_LIST, .items = &requirement};
static const schema_field_t selector_fields[] = {
    FIELD("matchLabels", labels),
    FIELD("matchExpressions", requirements),
    SCHEMA_END,
};
const schema_t schema_label_selector = {.type = SCHEMA_OBJECT, .fields = selector_fields};
