/*
 * scalar.h: what type a plain (unquoted) YAML scalar has, by the rules that Kubernetes tools use
 * (YAML 1.1 with 0o octal): a quoted one is always a string.
 */
#ifndef GATEWAYAPI_SCALAR_H
#define GATEWAYAPI_SCALAR_H

#include "gatewayapi/node.h"

/*
 * scalar_resolve gives NODE_NULL, NODE_BOOL, NODE_INT, NODE_FLOAT or NODE_STRING. *ret_integer
 * is set for NODE_INT (an integer beyond 64 bits is a NODE_FLOAT) and NODE_BOOL (0 or 1).
 */
node_type_t scalar_resolve(slice_t text, int64_t *ret_integer);

#endif
