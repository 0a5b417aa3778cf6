/* pb.c: see pb.h. */
#include "gatewayapi/pb.h"

void *pb_new(arena_t *arena, const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCMessage *message = arena_alloc(arena, descriptor->sizeof_message);
    protobuf_c_message_init(descriptor, message);
    return message;
}

char *pb_text(arena_t *arena, slice_t text)
{
    return (char *)(uintptr_t)arena_dup(arena, text).base;
}

Google__Protobuf__Any *pb_any(arena_t *arena, const ProtobufCMessage *message)
{
    static const char prefix[] = "type.googleapis.com/";
    const char *name = message->descriptor->name;
    Google__Protobuf__Any *any = pb_new(arena, &google__protobuf__any__descriptor);
    size_t len = sizeof(prefix) - 1 + strlen(name);
    any->type_url = arena_bytes(arena, len + 1);
    snprintf(any->type_url, len + 1, "%s%s", prefix, name);
    any->value.len = protobuf_c_message_get_packed_size(message);
    any->value.data = (uint8_t *)arena_bytes(arena, any->value.len + 1);
    protobuf_c_message_pack(message, any->value.data);
    return any;
}

Envoy__Config__Core__V3__Metadata *pb_metadata(arena_t *arena, const char *key,
                                               const ProtobufCMessage *message)
{
    Envoy__Config__Core__V3__Metadata *metadata =
        pb_new(arena, &envoy__config__core__v3__metadata__descriptor);
    Envoy__Config__Core__V3__Metadata__TypedFilterMetadataEntry *entry =
        pb_new(arena, &envoy__config__core__v3__metadata__typed_filter_metadata_entry__descriptor);
    entry->key = (char *)(uintptr_t)key;
    entry->value = pb_any(arena, message);
    metadata->n_typed_filter_metadata = 1;
    metadata->typed_filter_metadata = arena_alloc(arena, sizeof(entry));
    metadata->typed_filter_metadata[0] = entry;
    return metadata;
}

Envoy__Config__Core__V3__ConfigSource *pb_ads(arena_t *arena)
{
    Envoy__Config__Core__V3__ConfigSource *source =
        pb_new(arena, &envoy__config__core__v3__config_source__descriptor);
    source->config_source_specifier_case =
        ENVOY__CONFIG__CORE__V3__CONFIG_SOURCE__CONFIG_SOURCE_SPECIFIER_ADS;
    source->ads = pb_new(arena, &envoy__config__core__v3__aggregated_config_source__descriptor);
    source->resource_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
    return source;
}

Google__Protobuf__Duration *pb_duration(arena_t *arena, uint64_t ms)
{
    Google__Protobuf__Duration *duration = pb_new(arena, &google__protobuf__duration__descriptor);
    duration->seconds = (int64_t)(ms / 1000);
    duration->nanos = (int32_t)(ms % 1000) * 1000000;
    return duration;
}

Google__Protobuf__BoolValue *pb_bool(arena_t *arena, bool value)
{
    Google__Protobuf__BoolValue *wrapped = pb_new(arena, &google__protobuf__bool_value__descriptor);
    wrapped->value = value;
    return wrapped;
}

Google__Protobuf__UInt32Value *pb_uint32(arena_t *arena, uint32_t value)
{
    Google__Protobuf__UInt32Value *wrapped =
        pb_new(arena, &google__protobuf__uint32_value__descriptor);
    wrapped->value = value;
    return wrapped;
}
