/* schema_core.c: the Kubernetes core kinds Namespace, Service and EndpointSlice; see schemas.h. */
#include "gatewayapi/schemas.h"

/* Namespace */
static const schema_field_t namespace_fields[] = {SCHEMA_OBJECT_FIELDS, FIELD("spec", schema_any),
                                                  SCHEMA_END};
const schema_t schema_namespace = {.type = SCHEMA_OBJECT, .fields = namespace_fields};

/* Ports */
static const char *const protocols[] = {"TCP", "UDP", "SCTP", NULL};
static const schema_t protocol = {.type = SCHEMA_STRING, .values = protocols};
static const schema_t target_port = {
    .type = SCHEMA_INT_OR_STRING, .min = 1, .max = 65535, .syntax = syntax_port_name};
static const schema_t node_port = {.type = SCHEMA_INTEGER, .min = 0, .max = 65535};
static const schema_t text63 = {.type = SCHEMA_STRING, .max = 63};
static const schema_field_t service_port_fields[] = {FIELD("name", text63),
                                                     REQUIRED("port", schema_port),
                                                     FIELD("targetPort", target_port),
                                                     FIELD("protocol", protocol),
                                                     FIELD("appProtocol", schema_string),
                                                     FIELD("nodePort", node_port),
                                                     SCHEMA_END};
static const schema_t service_port = {.type = SCHEMA_OBJECT, .fields = service_port_fields};

static void check_service_ports(schema_walk_t *walk, const node_t *ports)
{
    size_t index = 0;
    NODE_EACH (port, ports) {
        if (ports->count > 1 && !node_get(port, "name"))
            schema_fail(walk, port, "is required when a Service has several ports", "[%zu].name",
                        index);
        index++;
    }
}

static const schema_t service_ports = {.type = SCHEMA_LIST,
                                       .max = 1000,
                                       .items = &service_port,
                                       .unique = "name",
                                       .rule = check_service_ports};

/* Service */
static const char *const service_types[] = {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName",
                                            NULL};
static const schema_t service_type = {.type = SCHEMA_STRING, .values = service_types};
static const schema_t strings = {.type = SCHEMA_STRINGS};
static const schema_t integer = {.type = SCHEMA_INTEGER};
static const schema_field_t service_spec_fields[] = {
    FIELD("type", service_type),
    FIELD("ports", service_ports),
    FIELD("selector", strings),
    FIELD("clusterIP", schema_string),
    FIELD("clusterIPs", schema_string_list),
    FIELD("externalName", schema_string),
    FIELD("externalIPs", schema_string_list),
    FIELD("ipFamilies", schema_string_list),
    FIELD("ipFamilyPolicy", schema_string),
    FIELD("sessionAffinity", schema_string),
    FIELD("sessionAffinityConfig", schema_any),
    FIELD("externalTrafficPolicy", schema_string),
    FIELD("internalTrafficPolicy", schema_string),
    FIELD("healthCheckNodePort", integer),
    FIELD("publishNotReadyAddresses", schema_boolean),
    FIELD("allocateLoadBalancerNodePorts", schema_boolean),
    FIELD("loadBalancerClass", schema_string),
    FIELD("loadBalancerIP", schema_string),
    FIELD("loadBalancerSourceRanges", schema_string_list),
    FIELD("trafficDistribution", schema_string),
    SCHEMA_END};
static const schema_t service_spec = {.type = SCHEMA_OBJECT, .fields = service_spec_fields};
static const schema_field_t service_fields[] = {SCHEMA_OBJECT_FIELDS,
                                                REQUIRED("spec", service_spec), SCHEMA_END};
const schema_t schema_service = {.type = SCHEMA_OBJECT, .fields = service_fields};

/* EndpointSlice */
static const char *const address_types[] = {"IPv4", "IPv6", "FQDN", NULL};
static const schema_t address_type = {.type = SCHEMA_STRING, .values = address_types};
static const schema_t addresses = {
    .type = SCHEMA_LIST, .min = 1, .max = 100, .items = &schema_name};
static const schema_field_t condition_fields[] = {FIELD("ready", schema_boolean),
                                                  FIELD("serving", schema_boolean),
                                                  FIELD("terminating", schema_boolean), SCHEMA_END};
static const schema_t conditions = {.type = SCHEMA_OBJECT, .fields = condition_fields};
static const schema_field_t endpoint_fields[] = {REQUIRED("addresses", addresses),
                                                 FIELD("conditions", conditions),
                                                 FIELD("hostname", schema_string),
                                                 FIELD("nodeName", schema_string),
                                                 FIELD("zone", schema_string),
                                                 FIELD("targetRef", schema_any),
                                                 FIELD("hints", schema_any),
                                                 FIELD("deprecatedTopology", strings),
                                                 SCHEMA_END};
static const schema_t endpoint = {.type = SCHEMA_OBJECT, .fields = endpoint_fields};
static const schema_t endpoints = {.type = SCHEMA_LIST, .max = 1000, .items = &endpoint};
static const schema_field_t slice_port_fields[] = {
    FIELD("name", text63), FIELD("port", schema_port), FIELD("protocol", protocol),
    FIELD("appProtocol", schema_string), SCHEMA_END};
static const schema_t slice_port = {.type = SCHEMA_OBJECT, .fields = slice_port_fields};
static const schema_t slice_ports = {.type = SCHEMA_LIST, .max = 20000, .items = &slice_port};
static const schema_field_t slice_fields[] = {
    SCHEMA_OBJECT_FIELDS, REQUIRED("addressType", address_type), FIELD("endpoints", endpoints),
    FIELD("ports", slice_ports), SCHEMA_END};

/* check_slice: the addresses have the form that addressType names. */
static void check_slice(schema_walk_t *walk, const node_t *slice)
{
    slice_t type = node_text(slice, "addressType", SLICE(""));
    if (slice_eq(type, SLICE("FQDN")))
        return;
    bool v6 = slice_eq(type, SLICE("IPv6"));
    size_t index = 0;
    NODE_EACH (item, node_get(slice, "endpoints")) {
        NODE_EACH (address, node_get(item, "addresses")) {
            bool colon = slice_chr(address->text, ':') != address->text.len;
            if (syntax_ip(address->text) != NULL || colon != v6)
                schema_fail(walk, address,
                            v6 ? "must be an IPv6 address" : "must be an IPv4 address",
                            ".endpoints[%zu].addresses", index);
        }
        index++;
    }
}

const schema_t schema_endpoint_slice = {
    .type = SCHEMA_OBJECT, .fields = slice_fields, .rule = check_slice};
