/* decode_gateway.c: GatewayClass, Gateway and ReferenceGrant; see decode.h. */
#include "gatewayapi/decode_priv.h"

const gateway_class_t *decode_gateway_class(decoder_t *decoder, const node_t *object)
{
    gateway_class_t *class = decode_alloc(decoder, 1, sizeof(*class));
    class->controller =
        decode_member(decoder, node_get(object, "spec"), "controllerName", SLICE(""));
    return class;
}

static selector_operator_t operator_of(slice_t name)
{
    if (slice_eq(name, SLICE("NotIn")))
        return SELECTOR_NOT_IN;
    if (slice_eq(name, SLICE("Exists")))
        return SELECTOR_EXISTS;
    return slice_eq(name, SLICE("DoesNotExist")) ? SELECTOR_DOES_NOT_EXIST : SELECTOR_IN;
}

static selector_t decode_selector(decoder_t *decoder, const node_t *node)
{
    const node_t *labels = node_get(node, "matchLabels");
    const node_t *expressions = node_get(node, "matchExpressions");
    selector_t selector = {.count = node_length(labels) + node_length(expressions)};
    selector_requirement_t *at = decode_alloc(decoder, selector.count, sizeof(*at));
    selector.at = at;
    NODE_EACH (label, labels) {
        slice_t *value = decode_alloc(decoder, 1, sizeof(*value));
        *value = decode_text(decoder, label->text);
        *at++ = (selector_requirement_t){.key = decode_text(decoder, label->key),
                                         .operator= SELECTOR_IN,
                                         .values = value,
                                         .value_count = 1};
    }
    NODE_EACH (expression, expressions) {
        at->key = decode_member(decoder, expression, "key", SLICE(""));
        at->operator= operator_of(node_text(expression, "operator", SLICE("")));
        at->values = decode_strings(decoder, node_get(expression, "values"), &at->value_count);
        at++;
    }
    return selector;
}

static void decode_allowed_routes(decoder_t *decoder, gateway_listener_t *listener,
                                  const node_t *node)
{
    const node_t *namespaces = node_get(node, "namespaces"), *kinds = node_get(node, "kinds");
    slice_t from = node_text(namespaces, "from", SLICE("Same"));
    listener->from = slice_eq(from, SLICE("All"))        ? ROUTES_FROM_ALL
                     : slice_eq(from, SLICE("Selector")) ? ROUTES_FROM_SELECTOR
                                                         : ROUTES_FROM_SAME;
    listener->selector = decode_selector(decoder, node_get(namespaces, "selector"));
    route_kind_t *at = decode_alloc(decoder, node_length(kinds), sizeof(*at));
    listener->kinds = at;
    listener->kind_count = node_length(kinds);
    NODE_EACH (kind, kinds) {
        at->group = decode_member(decoder, kind, "group", SLICE(GATEWAY_GROUP));
        at->kind = decode_member(decoder, kind, "kind", SLICE(""));
        at++;
    }
}

static void decode_listener(decoder_t *decoder, gateway_listener_t *listener, const node_t *node)
{
    listener->name = decode_member(decoder, node, "name", SLICE(""));
    listener->hostname = decode_member(decoder, node, "hostname", SLICE(""));
    listener->port = (uint16_t)node_integer(node, "port", 0);
    listener->protocol = decode_member(decoder, node, "protocol", SLICE(""));
    decode_allowed_routes(decoder, listener, node_get(node, "allowedRoutes"));
}

const gateway_t *decode_gateway(decoder_t *decoder, const node_t *object)
{
    const node_t *spec = node_get(object, "spec"), *listeners = node_get(spec, "listeners");
    gateway_t *gateway = decode_alloc(decoder, 1, sizeof(*gateway));
    gateway->class_name = decode_member(decoder, spec, "gatewayClassName", SLICE(""));
    gateway->listener_count = node_length(listeners);
    gateway_listener_t *at = decode_alloc(decoder, gateway->listener_count, sizeof(*at));
    gateway->listeners = at;
    NODE_EACH (listener, listeners)
        decode_listener(decoder, at++, listener);
    return gateway;
}

static void decode_from(decoder_t *decoder, reference_grant_t *grant, const node_t *list)
{
    grant->from_count = node_length(list);
    grant_from_t *at = decode_alloc(decoder, grant->from_count, sizeof(*at));
    grant->from = at;
    NODE_EACH (from, list) {
        at->group = decode_member(decoder, from, "group", SLICE(""));
        at->kind = decode_member(decoder, from, "kind", SLICE(""));
        at->namespace_ = decode_member(decoder, from, "namespace", SLICE(""));
        at++;
    }
}

const reference_grant_t *decode_reference_grant(decoder_t *decoder, const node_t *object)
{
    const node_t *spec = node_get(object, "spec"), *list = node_get(spec, "to");
    reference_grant_t *grant = decode_alloc(decoder, 1, sizeof(*grant));
    decode_from(decoder, grant, node_get(spec, "from"));
    grant->to_count = node_length(list);
    grant_to_t *at = decode_alloc(decoder, grant->to_count, sizeof(*at));
    grant->to = at;
    NODE_EACH (to, list) {
        at->group = decode_member(decoder, to, "group", SLICE(""));
        at->kind = decode_member(decoder, to, "kind", SLICE(""));
        at->name = decode_member(decoder, to, "name", SLICE(""));
        at++;
    }
    return grant;
}
