/*
 * any.h: messages packed in a google.protobuf.Any, and the places where our own ones stand.
 */
#ifndef XDS_ANY_H
#define XDS_ANY_H

#include <protobuf-c/protobuf-c.h>

#include "core/arena.h"
#include "envoy/config/core/v3/base.pb-c.h"
#include "google/protobuf/any.pb-c.h"
#include "xds/reject.h"

/* Keys of typed_filter_metadata and typed_per_filter_config; see proto/nantian/xds/v1. */
#define XDS_KEY_ROUTE        "nantian.xds.v1.route"
#define XDS_KEY_BACKEND      "nantian.xds.v1.backend"
#define XDS_KEY_LISTENER     "nantian.xds.v1.listener"
#define XDS_KEY_VIRTUAL_HOST "nantian.xds.v1.virtual_host"
#define XDS_KEY_INHERITS     "nantian.xds.v1.inherits"

/* any_pack gives an Any that holds the message, all of it allocated in the arena. */
Google__Protobuf__Any *any_pack(const ProtobufCMessage *message, arena_t *arena);

/* any_holds says whether the Any is of that message type. */
bool any_holds(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *descriptor);

/*
 * any_unpack gives the message in the Any, allocated in the arena. It returns 0, or GW_EINVAL
 * with the fault noted when it is of another type or broken.
 */
int any_unpack(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *descriptor,
               arena_t *arena, const field_path_t *path, fault_t *fault, ProtobufCMessage **ret);

/*
 * metadata_find unpacks what stands under the key in typed_filter_metadata, and gives NULL when
 * nothing does; `metadata` may be NULL. It returns what any_unpack returns. The path is that of
 * the message that has the metadata.
 */
int metadata_find(const Envoy__Config__Core__V3__Metadata *metadata, const char *key,
                  const ProtobufCMessageDescriptor *descriptor, arena_t *arena,
                  const field_path_t *path, fault_t *fault, ProtobufCMessage **ret);

#endif
