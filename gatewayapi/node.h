/*
 * node.h: a manifest as a generic tree of maps, lists and scalars. yaml.h makes it from YAML (and
 * JSON, which is YAML); schema.h checks it; decode.h turns it into typed objects. A source that
 * reads another format only has to make such a tree.
 *
 * The tree lives in the arena of whoever made it; nothing here allocates.
 */
#ifndef GATEWAYAPI_NODE_H
#define GATEWAYAPI_NODE_H

#include "core/slice.h"

typedef enum node_type {
    NODE_NULL,
    NODE_BOOL,
    NODE_INT,
    NODE_FLOAT, /* only its text is kept: no field of ours is one */
    NODE_STRING,
    NODE_LIST,
    NODE_MAP
} node_type_t;

typedef struct node node_t;

struct node {
    node_type_t type;
    uint32_t line;     /* 1-based; where the value begins */
    slice_t key;       /* in a map: the member's name */
    uint32_t key_line; /* and where that stands */
    slice_t text;      /* a scalar as it was written */
    int64_t integer;   /* NODE_INT: its value; NODE_BOOL: 0 or 1 */
    node_t *first;     /* the first child of a list or map */
    node_t *next;      /* the next child of the same parent */
    uint32_t count;    /* children */
};

/* NODE_EACH walks the children of a list or map; `parent` may be NULL. */
#define NODE_EACH(child, parent)                                                                   \
    for (const node_t *child = (parent) ? (parent)->first : NULL; child != NULL;                   \
         child = child->next)

/* node_type_name gives "a string", "a list" ... for messages. The string is static. */
const char *node_type_name(node_type_t type);

/*
 * node_get gives the member of a map, or NULL if `map` is NULL or no map, or the member is absent
 * or null (which means the same in Kubernetes).
 */
const node_t *node_get(const node_t *map, const char *key);

/* node_text gives a string member, or `fallback` if it is absent or no string. */
slice_t node_text(const node_t *map, const char *key, slice_t fallback);

/* node_integer gives an integer member, or `fallback` if it is absent or no integer. */
int64_t node_integer(const node_t *map, const char *key, int64_t fallback);

/*
 * node_hash hashes the meaning of a tree: types, names, values and order, but no lines; the
 * member `skip` of the top map is left out (NULL leaves out none).
 */
uint64_t node_hash(const node_t *node, const char *skip);

#endif
