/*
 * decode.h: a tree of nodes that schema_check found good becomes a typed object.
 */
#ifndef GATEWAYAPI_DECODE_H
#define GATEWAYAPI_DECODE_H

#include "gatewayapi/node.h"
#include "gatewayapi/object.h"

/*
 * object_decode makes an object with one reference, which the caller owns. `node` is a whole
 * object of `kind` without schema problems; everything is copied out of it. `unsupported` is what
 * schema_check said.
 */
object_t *object_decode(object_kind_t kind, const node_t *node, slice_t source,
                        slice_t unsupported);

#endif
