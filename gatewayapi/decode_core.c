/* decode_core.c: Service and EndpointSlice; see decode.h. */
#include "core/strbuf.h"
#include "gatewayapi/decode_priv.h"

static bool is_tcp(const node_t *port)
{
    return slice_eq(node_text(port, "protocol", SLICE("TCP")), SLICE("TCP"));
}

const service_t *decode_service(decoder_t *decoder, const node_t *object)
{
    const node_t *spec = node_get(object, "spec"), *ports = node_get(spec, "ports");
    service_t *service = decode_alloc(decoder, 1, sizeof(*service));
    service->external_name = slice_eq(node_text(spec, "type", SLICE("")), SLICE("ExternalName"));
    service->port_count = node_length(ports);
    service_port_t *at = decode_alloc(decoder, service->port_count, sizeof(*at));
    service->ports = at;
    NODE_EACH (port, ports) {
        at->name = decode_member(decoder, port, "name", SLICE(""));
        at->port = (uint16_t)node_integer(port, "port", 0);
        at->tcp = is_tcp(port);
        at->app_protocol = decode_member(decoder, port, "appProtocol", SLICE(""));
        at++;
    }
    return service;
}

/* condition gives a boolean member, or `fallback` if it is absent. */
static bool condition(const node_t *conditions, const char *key, bool fallback)
{
    const node_t *node = node_get(conditions, key);
    return node ? node->integer != 0 : fallback;
}

/* decode_target names what an endpoint is an address of. */
static slice_t decode_target(decoder_t *decoder, const node_t *ref)
{
    if (node_text(ref, "name", SLICE("")).len == 0)
        return (slice_t){NULL, 0};
    strbuf_t text = {0};
    strbuf_printf(&text, "%.*s/%.*s/%.*s", SLICE_ARG(node_text(ref, "kind", SLICE(""))),
                  SLICE_ARG(node_text(ref, "namespace", SLICE(""))),
                  SLICE_ARG(node_text(ref, "name", SLICE(""))));
    slice_t target = decode_text(decoder, strbuf_slice(&text));
    strbuf_fini(&text);
    return target;
}

static void decode_endpoint(decoder_t *decoder, slice_endpoint_t *endpoint, const node_t *node)
{
    const node_t *conditions = node_get(node, "conditions");
    endpoint->addresses =
        decode_strings(decoder, node_get(node, "addresses"), &endpoint->address_count);
    endpoint->ready = condition(conditions, "ready", true);
    endpoint->serving = condition(conditions, "serving", endpoint->ready);
    endpoint->terminating = condition(conditions, "terminating", false);
    endpoint->target = decode_target(decoder, node_get(node, "targetRef"));
}

static void decode_slice_ports(decoder_t *decoder, endpoint_slice_t *slice, const node_t *list)
{
    slice->port_count = node_length(list);
    slice_port_t *at = decode_alloc(decoder, slice->port_count, sizeof(*at));
    slice->ports = at;
    NODE_EACH (port, list) {
        at->name = decode_member(decoder, port, "name", SLICE(""));
        at->port = (uint16_t)node_integer(port, "port", 0);
        at->tcp = is_tcp(port);
        at++;
    }
}

const endpoint_slice_t *decode_endpoint_slice(decoder_t *decoder, const node_t *object)
{
    const node_t *list = node_get(object, "endpoints");
    const node_t *labels = node_get(node_get(object, "metadata"), "labels");
    endpoint_slice_t *slice = decode_alloc(decoder, 1, sizeof(*slice));
    slice->service = decode_member(decoder, labels, "kubernetes.io/service-name", SLICE(""));
    slice->fqdn = slice_eq(node_text(object, "addressType", SLICE("")), SLICE("FQDN"));
    slice->endpoint_count = node_length(list);
    slice_endpoint_t *at = decode_alloc(decoder, slice->endpoint_count, sizeof(*at));
    slice->endpoints = at;
    NODE_EACH (endpoint, list)
        decode_endpoint(decoder, at++, endpoint);
    decode_slice_ports(decoder, slice, node_get(object, "ports"));
    return slice;
}
