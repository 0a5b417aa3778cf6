/*
 * pb.h: messages of protobuf-c made in an arena.
 */
#ifndef GATEWAYAPI_PB_H
#define GATEWAYAPI_PB_H

#include <protobuf-c/protobuf-c.h>

#include "core/arena.h"
#include "envoy/config/core/v3/base.pb-c.h"
#include "envoy/config/core/v3/config_source.pb-c.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/wrappers.pb-c.h"

/* pb_new makes an initialised message. */
void *pb_new(arena_t *arena, const ProtobufCMessageDescriptor *descriptor);

/* pb_text copies a text as the C string that protobuf-c wants. */
char *pb_text(arena_t *arena, slice_t text);

/* pb_any packs a message with its type URL. */
Google__Protobuf__Any *pb_any(arena_t *arena, const ProtobufCMessage *message);

/* pb_metadata makes a Metadata whose typed_filter_metadata has one message under a key. */
Envoy__Config__Core__V3__Metadata *pb_metadata(arena_t *arena, const char *key,
                                               const ProtobufCMessage *message);

/* pb_ads makes the ConfigSource that says: from the stream that this came by, in version 3. */
Envoy__Config__Core__V3__ConfigSource *pb_ads(arena_t *arena);

/* pb_duration makes a Duration of milliseconds. */
Google__Protobuf__Duration *pb_duration(arena_t *arena, uint64_t ms);

/* pb_bool and pb_uint32 make the wrapper messages. */
Google__Protobuf__BoolValue *pb_bool(arena_t *arena, bool value);
Google__Protobuf__UInt32Value *pb_uint32(arena_t *arena, uint32_t value);

#endif
