#include "xds/resource.h"

#include "core/check.h"
#include "core/error.h"
#include "core/mem.h"
#include "core/ref.h"
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/config/route/v3/route_components.pb-c.h"

struct xds_resource {
    ref_count_t ref;
    slice_t name; /* in `bytes` */
    uint32_t packed_len;
    uint8_t type;
    char version[17];
    char bytes[]; /* the name, a NUL, the packed message */
};

static const char *const texts[] = {
#define XDS_TYPE_TEXT(type, text, url) [type] = text,
    XDS_TYPES(XDS_TYPE_TEXT)
#undef XDS_TYPE_TEXT
};

static const char *const urls[] = {
#define XDS_TYPE_URL(type, text, url) [type] = url,
    XDS_TYPES(XDS_TYPE_URL)
#undef XDS_TYPE_URL
};

static const ProtobufCMessageDescriptor *const descriptors[] = {
    [XDS_LISTENER] = &envoy__config__listener__v3__listener__descriptor,
    [XDS_ROUTE_CONFIGURATION] = &envoy__config__route__v3__route_configuration__descriptor,
    [XDS_VIRTUAL_HOST] = &envoy__config__route__v3__virtual_host__descriptor,
    [XDS_CLUSTER] = &envoy__config__cluster__v3__cluster__descriptor,
    [XDS_LOAD_ASSIGNMENT] = &envoy__config__endpoint__v3__cluster_load_assignment__descriptor,
};

const char *xds_type_text(xds_type_t type)
{
    GW_ASSERT(type < XDS_TYPE_COUNT);
    return texts[type];
}

const char *xds_type_url(xds_type_t type)
{
    GW_ASSERT(type < XDS_TYPE_COUNT);
    return urls[type];
}

const ProtobufCMessageDescriptor *xds_type_descriptor(xds_type_t type)
{
    GW_ASSERT(type < XDS_TYPE_COUNT);
    return descriptors[type];
}

static xds_resource_t *allocate(xds_type_t type, slice_t name, size_t packed_len)
{
    GW_ASSERT(name.len < UINT32_MAX && packed_len < UINT32_MAX);
    xds_resource_t *resource = xmalloc(sizeof(*resource) + name.len + 1 + packed_len);
    ref_init(&resource->ref);
    resource->type = (uint8_t)type;
    resource->name = slice_make(resource->bytes, name.len);
    resource->packed_len = (uint32_t)packed_len;
    if (name.len)
        memcpy(resource->bytes, name.base, name.len);
    resource->bytes[name.len] = '\0';
    return resource;
}

static char *packed_place(xds_resource_t *resource)
{
    return resource->bytes + resource->name.len + 1;
}

static xds_resource_t *set_version(xds_resource_t *resource)
{
    uint64_t hash = slice_hash(xds_resource_packed(resource), 0);
    snprintf(resource->version, sizeof(resource->version), "%016llx", (unsigned long long)hash);
    return resource;
}

xds_resource_t *xds_resource_new(xds_type_t type, slice_t name, const ProtobufCMessage *message)
{
    GW_ASSERT(message->descriptor == xds_type_descriptor(type));
    size_t len = protobuf_c_message_get_packed_size(message);
    xds_resource_t *resource = allocate(type, name, len);
    protobuf_c_message_pack(message, (uint8_t *)packed_place(resource));
    return set_version(resource);
}

xds_resource_t *xds_resource_from_bytes(xds_type_t type, slice_t name, slice_t packed)
{
    xds_resource_t *resource = allocate(type, name, packed.len);
    if (packed.len)
        memcpy(packed_place(resource), packed.base, packed.len);
    return set_version(resource);
}

/* The count is the one part that changes in an object that is const for everybody else. */
xds_resource_t *xds_resource_ref(const xds_resource_t *resource)
{
    xds_resource_t *counted = (xds_resource_t *)(uintptr_t)resource;
    ref_hold(&counted->ref);
    return counted;
}

void xds_resource_unref(const xds_resource_t *resource)
{
    xds_resource_t *counted = (xds_resource_t *)(uintptr_t)resource;
    if (counted && ref_drop(&counted->ref))
        free(counted);
}

xds_type_t xds_resource_type(const xds_resource_t *resource)
{
    return resource->type;
}

slice_t xds_resource_name(const xds_resource_t *resource)
{
    return resource->name;
}

const slice_t *xds_resource_key(const xds_resource_t *resource)
{
    return &resource->name;
}

const xds_resource_t *xds_resource_of_key(const slice_t *key)
{
    return GW_CONTAINER_OF(key, xds_resource_t, name);
}

const char *xds_resource_version(const xds_resource_t *resource)
{
    return resource->version;
}

slice_t xds_resource_packed(const xds_resource_t *resource)
{
    return slice_make(resource->bytes + resource->name.len + 1, resource->packed_len);
}

bool xds_resource_equal(const xds_resource_t *a, const xds_resource_t *b)
{
    return a == b || (a->type == b->type && slice_eq(xds_resource_name(a), xds_resource_name(b)) &&
                      slice_eq(xds_resource_packed(a), xds_resource_packed(b)));
}

static void *alloc_in_arena(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void keep_in_arena(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

ProtobufCMessage *xds_unpack(const ProtobufCMessageDescriptor *descriptor, slice_t packed,
                             arena_t *arena)
{
    ProtobufCAllocator allocator = {alloc_in_arena, keep_in_arena, arena};
    return protobuf_c_message_unpack(descriptor, &allocator, packed.len,
                                     (const uint8_t *)packed.base);
}

ProtobufCMessage *xds_resource_unpack(const xds_resource_t *resource, arena_t *arena)
{
    return xds_unpack(xds_type_descriptor(resource->type), xds_resource_packed(resource), arena);
}

int xds_split_virtual_host(slice_t name, slice_t *ret_route_configuration, slice_t *ret_host)
{
    const char *slash = name.len ? memrchr(name.base, '/', name.len) : NULL;
    if (slash == NULL)
        return GW_EPARSE;
    size_t at = (size_t)(slash - name.base);
    if (at == 0 || at + 1 == name.len)
        return GW_EPARSE;
    *ret_route_configuration = slice_make(name.base, at);
    *ret_host = slice_sub(name, at + 1, SIZE_MAX);
    return 0;
}
