#include "xds/any.h"

#include "core/error.h"

#define URL_PREFIX "type.googleapis.com/"

Google__Protobuf__Any *any_pack(const ProtobufCMessage *message, arena_t *arena)
{
    Google__Protobuf__Any *any = arena_alloc(arena, sizeof(*any));
    google__protobuf__any__init(any);
    size_t url_size = sizeof(URL_PREFIX) + strlen(message->descriptor->name);
    any->type_url = arena_bytes(arena, url_size);
    snprintf(any->type_url, url_size, URL_PREFIX "%s", message->descriptor->name);
    any->value.len = protobuf_c_message_get_packed_size(message);
    any->value.data = (uint8_t *)arena_bytes(arena, any->value.len);
    protobuf_c_message_pack(message, any->value.data);
    return any;
}

/* What counts in a type URL stands behind its last '/'. */
bool any_holds(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *descriptor)
{
    const char *slash = strrchr(any->type_url, '/');
    return slash && strcmp(slash + 1, descriptor->name) == 0;
}

int any_unpack(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *descriptor,
               arena_t *arena, const field_path_t *path, fault_t *fault, ProtobufCMessage **ret)
{
    if (!any_holds(any, descriptor))
        return fault_at(fault, path, "a message of type \"%s\" where %s is expected", any->type_url,
                        descriptor->name);
    slice_t packed = slice_make((const char *)any->value.data, any->value.len);
    ProtobufCMessage *message = xds_unpack(descriptor, packed, arena);
    if (message == NULL)
        return fault_at(fault, path, "malformed %s", descriptor->name);
    *ret = message;
    return 0;
}

int metadata_find(const Envoy__Config__Core__V3__Metadata *metadata, const char *key,
                  const ProtobufCMessageDescriptor *descriptor, arena_t *arena,
                  const field_path_t *path, fault_t *fault, ProtobufCMessage **ret)
{
    *ret = NULL;
    for (size_t i = 0; metadata && i < metadata->n_typed_filter_metadata; i++) {
        const Envoy__Config__Core__V3__Metadata__TypedFilterMetadataEntry *entry =
            metadata->typed_filter_metadata[i];
        if (strcmp(entry->key, key) == 0 && entry->value)
            return any_unpack(entry->value, descriptor, arena, FIELD(path, "metadata"), fault, ret);
    }
    return 0;
}
