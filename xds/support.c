#include "xds/support.h"

#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/extensions/filters/http/router/v3/router.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"

/* A set of field numbers; all of the API's are below 64. */
#define N(number) (UINT64_C(1) << (number))
#define N2(a, b)  (N(a) | N(b))

#define CORE(name)     &envoy__config__core__v3__##name##__descriptor
#define ROUTE(name)    &envoy__config__route__v3__##name##__descriptor
#define CLUSTER(name)  &envoy__config__cluster__v3__##name##__descriptor
#define ENDPOINT(name) &envoy__config__endpoint__v3__##name##__descriptor
#define LISTENER(name) &envoy__config__listener__v3__##name##__descriptor
#define GOOGLE(name)   &google__protobuf__##name##__descriptor
#define HTTP(name)                                                                                 \
    &envoy__extensions__filters__network__http_connection_manager__v3__##name##__descriptor

/*
 * `honoured` fields mean here what they mean in the public API. `harmless` ones do nothing here,
 * and nobody can tell from outside: names of statistics, buffer sizes, foreign metadata, and what
 * is always so in this gateway (the port of a Host does not select a virtual host; a listener's
 * sockets share their port; a request id is kept; the client's address is the peer's). A message
 * that is not listed has no honoured field.
 */
static const struct support {
    const ProtobufCMessageDescriptor *message;
    uint64_t honoured, harmless;
} table[] = {
    {GOOGLE(any), N2(1, 2), 0},
    {GOOGLE(duration), N2(1, 2), 0},
    {GOOGLE(uint32_value), N(1), 0},
    {GOOGLE(bool_value), N(1), 0},
    {&envoy__type__matcher__v3__string_matcher__descriptor, N(1), 0},
    {CORE(metadata), N(2), N(1)},
    {CORE(metadata__typed_filter_metadata_entry), N2(1, 2), 0},
    {CORE(header_value), N2(1, 2), 0},
    {CORE(header_value_option), N(1) | N2(3, 4), 0},
    {CORE(data_source), N2(2, 3), 0},
    {CORE(address), N(1), 0},
    {CORE(socket_address), N(1) | N2(2, 3), 0},
    {CORE(config_source), N2(3, 5), N2(4, 6)},
    {CORE(aggregated_config_source), 0, 0},
    {CORE(self_config_source), 0, N(1)},
    {CORE(locality), N(1) | N2(2, 3), 0},

    {ROUTE(route_configuration), N(1) | N(2) | N2(9, 17), N2(7, 14)},
    {ROUTE(vhds), N(1), 0},
    {ROUTE(virtual_host), N(1) | N(2) | N(3) | N2(15, 24), 0},
    {ROUTE(virtual_host__typed_per_filter_config_entry), N2(1, 2), 0},
    {ROUTE(route), N(1) | N(2) | N(3) | N(4) | N(7) | N(9) | N(10) | N(11) | N2(12, 14), N(19)},
    {ROUTE(route_match), N(1) | N(2) | N(4) | N(6) | N2(7, 14), 0},
    {ROUTE(header_matcher), N(1) | N(7) | N(8) | N2(13, 14), 0},
    {ROUTE(query_parameter_matcher), N(1) | N2(5, 6), 0},
    {ROUTE(route_action), N(1) | N(3) | N(5) | N(6) | N(8) | N(9) | N2(20, 38), 0},
    {ROUTE(weighted_cluster), N(1), 0},
    {ROUTE(weighted_cluster__cluster_weight), N(1) | N(2) | N(4) | N(5) | N(6) | N2(9, 11), 0},
    {ROUTE(retry_policy), N(1) | N2(2, 3), 0},
    {ROUTE(redirect_action), N(1) | N(2) | N(3) | N(4) | N(5) | N(6) | N2(7, 8), 0},
    {ROUTE(direct_response_action), N2(1, 2), 0},

    {CLUSTER(cluster), N(1) | N(2) | N(3) | N(4) | N(6) | N2(10, 25), N2(5, 28)},
    {CLUSTER(cluster__eds_cluster_config), N2(1, 2), 0},
    {CLUSTER(circuit_breakers), N(1), 0},
    {CLUSTER(circuit_breakers__thresholds), N(1) | N(2) | N(3) | N2(4, 5), N(6)},

    {ENDPOINT(cluster_load_assignment), N2(1, 2), N(4)},
    {ENDPOINT(cluster_load_assignment__policy), 0, N(3)},
    {ENDPOINT(locality_lb_endpoints), N2(1, 2), N(3)},
    {ENDPOINT(lb_endpoint), N(1) | N2(2, 4), N(3)},
    {ENDPOINT(endpoint), N(1), N(3)},

    {LISTENER(listener), N(1) | N(2) | N2(3, 6), N(5) | N(16) | N2(28, 29)},
    {LISTENER(filter_chain), N(1) | N2(3, 7), N(5)},
    {LISTENER(filter_chain_match), 0, 0},
    {LISTENER(filter), N2(1, 4), 0},
    {HTTP(http_connection_manager), N(1) | N(3) | N2(4, 5), N(2) | N(14) | N2(32, 42)},
    {HTTP(rds), N2(1, 2), 0},
    {HTTP(http_filter), N(1) | N(4) | N2(6, 7), 0},
    {&envoy__extensions__filters__http__router__v3__router__descriptor, 0,
     N(1) | N(2) | N(4) | N2(6, 7)},
};

static const struct support *support_of(const ProtobufCMessageDescriptor *message)
{
    static const struct support none = {0};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].message == message)
            return &table[i];
    }
    return &none;
}

static bool contains(uint64_t set, uint32_t number)
{
    return number < 64 && (set >> number & 1);
}

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
    return (const char *)message + offset;
}

/* Whether a field without explicit presence differs from the default, which is zero or empty. */
static bool scalar_set(const ProtobufCFieldDescriptor *field, const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return *(char *const *)value && **(char *const *)value;
    case PROTOBUF_C_TYPE_BYTES:
        return ((const ProtobufCBinaryData *)value)->len > 0;
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(ProtobufCMessage *const *)value != NULL;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return *(const uint64_t *)value != 0;
    default:
        return *(const uint32_t *)value != 0;
    }
}

static size_t repeated_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return *(const size_t *)member(message, field->quantifier_offset);
}

static bool field_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return repeated_count(message, field) > 0;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)member(message, field->quantifier_offset) == field->id;
    return scalar_set(field, member(message, field->offset));
}

/* Goes into a field that is set. */
static int check_inside(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                        const field_path_t *path, fault_t *fault)
{
    const void *value = member(message, field->offset);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return 0;
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return support_check(*(ProtobufCMessage *const *)value, FIELD(path, field->name), fault);
    ProtobufCMessage *const *elements = *(ProtobufCMessage *const *const *)value;
    for (size_t i = 0; i < repeated_count(message, field); i++) {
        int error = support_check(elements[i], ELEMENT(path, field->name, i), fault);
        if (error)
            return error;
    }
    return 0;
}

static int check_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                       const struct support *support, const field_path_t *path, fault_t *fault)
{
    if (!field_set(message, field) || contains(support->harmless, field->id))
        return 0;
    if (!contains(support->honoured, field->id))
        return fault_at(fault, FIELD(path, field->name), "not supported");
    return check_inside(message, field, path, fault);
}

int support_check(const ProtobufCMessage *message, const field_path_t *path, fault_t *fault)
{
    const struct support *support = support_of(message->descriptor);
    for (unsigned i = 0; i < message->n_unknown_fields; i++) {
        uint32_t number = message->unknown_fields[i].tag;
        if (!contains(support->harmless, number))
            return fault_at(fault, path, "unknown field number %u in %s", number,
                            message->descriptor->name);
    }
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        int error = check_field(message, &message->descriptor->fields[i], support, path, fault);
        if (error)
            return error;
    }
    return 0;
}
