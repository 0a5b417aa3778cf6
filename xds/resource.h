/*
 * resource.h: one xDS resource as it travels: its type, its name, its version and its packed
 * bytes. The translator makes them, the snapshot builder reads them, and the delta stream carries
 * the same bytes. A resource is immutable and reference-counted; any thread may read it.
 *
 * Packed bytes are kept, and not the message: they take a small part of its memory, are equal
 * exactly when the resources are, and go to the wire as they are.
 */
#ifndef XDS_RESOURCE_H
#define XDS_RESOURCE_H

#include <protobuf-c/protobuf-c.h>

#include "core/arena.h"
#include "core/slice.h"

/*
 * TYPE, short name for people, type URL of the public API.
 *
 * A virtual host is a resource of its own, named "ROUTE_CONFIGURATION/VIRTUAL_HOST": what stands
 * before the last '/' is the name of its route configuration, what stands behind is its
 * VirtualHost.name. (A VirtualHost.name therefore has no '/'.)
 */
#define XDS_TYPES(X)                                                                               \
    X(XDS_LISTENER, "listener", "type.googleapis.com/envoy.config.listener.v3.Listener")           \
    X(XDS_ROUTE_CONFIGURATION, "route configuration",                                              \
      "type.googleapis.com/envoy.config.route.v3.RouteConfiguration")                              \
    X(XDS_VIRTUAL_HOST, "virtual host", "type.googleapis.com/envoy.config.route.v3.VirtualHost")   \
    X(XDS_CLUSTER, "cluster", "type.googleapis.com/envoy.config.cluster.v3.Cluster")               \
    X(XDS_LOAD_ASSIGNMENT, "load assignment",                                                      \
      "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment")

typedef enum xds_type {
#define XDS_TYPE_ENUM(type, text, url) type,
    XDS_TYPES(XDS_TYPE_ENUM)
#undef XDS_TYPE_ENUM
        XDS_TYPE_COUNT
} xds_type_t;

/* Members may be read. Counted: use xds_resource_ref and xds_resource_unref. */
typedef struct xds_resource xds_resource_t;

/* xds_type_text gives the type's name for people. The string is static. */
const char *xds_type_text(xds_type_t type);

/* xds_type_url gives the type URL of the public API. The string is static. */
const char *xds_type_url(xds_type_t type);

/* xds_type_descriptor gives the message type that a resource of this type holds. */
const ProtobufCMessageDescriptor *xds_type_descriptor(xds_type_t type);

/*
 * xds_resource_new packs a message and gives a resource with one reference, the caller's. The
 * message is borrowed for the call: it may stand in an arena or on the stack. It must be of the
 * type's descriptor.
 */
xds_resource_t *xds_resource_new(xds_type_t type, slice_t name, const ProtobufCMessage *message)
    __attribute__((returns_nonnull));

/*
 * xds_resource_from_bytes is xds_resource_new for a message that is packed already, as it came
 * from the wire. The bytes are copied and not looked at: whether they can be unpacked shows in
 * xds_resource_unpack.
 */
xds_resource_t *xds_resource_from_bytes(xds_type_t type, slice_t name, slice_t packed)
    __attribute__((returns_nonnull));

/* xds_resource_ref adds a reference and gives the same resource. Any thread. */
xds_resource_t *xds_resource_ref(const xds_resource_t *resource);

/* xds_resource_unref gives a reference back; the last one frees the resource. NULL is legal. */
void xds_resource_unref(const xds_resource_t *resource);

xds_type_t xds_resource_type(const xds_resource_t *resource);

/* xds_resource_name borrows the name; it has a NUL behind it. */
slice_t xds_resource_name(const xds_resource_t *resource);

/*
 * xds_resource_key gives the slice of the name inside the resource, by which a name_map holds it;
 * xds_resource_of_key is the way back.
 */
const slice_t *xds_resource_key(const xds_resource_t *resource);
const xds_resource_t *xds_resource_of_key(const slice_t *key);

/*
 * xds_resource_version gives 16 hexadecimal digits: a hash of the packed bytes. Equal contents
 * have equal versions, in every process and on every replica.
 */
const char *xds_resource_version(const xds_resource_t *resource);

/* xds_resource_packed borrows the packed message. */
slice_t xds_resource_packed(const xds_resource_t *resource);

/* xds_resource_equal says whether type, name and content are the same, byte by byte. */
bool xds_resource_equal(const xds_resource_t *a, const xds_resource_t *b);

/*
 * xds_resource_unpack gives the message, allocated in the arena, or NULL when the bytes are no
 * such message. It lives as long as the arena's memory; nothing of it is freed on its own.
 */
ProtobufCMessage *xds_resource_unpack(const xds_resource_t *resource, arena_t *arena);

/*
 * xds_unpack is xds_resource_unpack for bytes that stand elsewhere, such as in an Any of the
 * given type.
 */
ProtobufCMessage *xds_unpack(const ProtobufCMessageDescriptor *descriptor, slice_t packed,
                             arena_t *arena);

/*
 * xds_split_virtual_host takes the name of a virtual host resource apart at its last '/'. It
 * returns 0, or GW_EPARSE when there is none or a part is empty; results are untouched then.
 */
int xds_split_virtual_host(slice_t name, slice_t *ret_route_configuration, slice_t *ret_host);

#endif
