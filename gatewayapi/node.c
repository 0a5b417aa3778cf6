/* node.c: see node.h. */
#include "gatewayapi/node.h"

const char *node_type_name(node_type_t type)
{
    static const char *const names[] = {
        [NODE_NULL] = "null",           [NODE_BOOL] = "a boolean",  [NODE_INT] = "an integer",
        [NODE_FLOAT] = "a number",      [NODE_STRING] = "a string", [NODE_LIST] = "a list",
        [NODE_MAP] = "a map of fields",
    };
    return names[type];
}

const node_t *node_get(const node_t *map, const char *key)
{
    if (map == NULL || map->type != NODE_MAP)
        return NULL;
    slice_t wanted = slice_of(key);
    NODE_EACH (child, map)
        if (slice_eq(child->key, wanted))
            return child->type == NODE_NULL ? NULL : child;
    return NULL;
}

slice_t node_text(const node_t *map, const char *key, slice_t fallback)
{
    const node_t *node = node_get(map, key);
    return node && node->type == NODE_STRING ? node->text : fallback;
}

int64_t node_integer(const node_t *map, const char *key, int64_t fallback)
{
    const node_t *node = node_get(map, key);
    return node && node->type == NODE_INT ? node->integer : fallback;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash *= 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

uint64_t node_hash(const node_t *node, const char *skip)
{
    uint64_t hash = mix(0x6e616e7469616e00u, (uint64_t)node->type);
    hash = mix(hash, slice_hash(node->text, 0));
    hash = mix(hash, node->count);
    NODE_EACH (child, node) {
        if (skip != NULL && slice_eq(child->key, slice_of(skip)))
            continue;
        hash = mix(hash, slice_hash(child->key, 1));
        hash = mix(hash, node_hash(child, NULL));
    }
    return hash;
}
