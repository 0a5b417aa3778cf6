/*
 * path_tree.h: the paths that a virtual host's routes ask for, as a compressed tree of bytes: one
 * walk down a request's path meets every group of routes whose exact path, path prefix or prefix
 * it satisfies, and no other.
 */
#ifndef XDS_PATH_TREE_H
#define XDS_PATH_TREE_H

#include "core/arena.h"
#include "xds/match_group.h"

/* The nodes are in order of their depth, and the children of a node side by side. */
typedef struct path_node {
    const char *label; /* the bytes from the parent to here */
    uint32_t label_len;
    uint32_t first_child;
    uint32_t child_count;
    uint32_t lowest;                   /* position of all routes in here and below */
    uint32_t groups[ROUTE_PATH_KINDS]; /* or ROUTE_NONE */
} path_node_t;

typedef struct path_tree {
    const path_node_t *nodes; /* the first one is the root; NULL: an empty tree */
    const char *first_bytes;  /* of the nodes' labels, to find a child by */
} path_tree_t;

/* A path and the groups that ask for it. */
typedef struct path_entry {
    slice_t path;
    uint32_t lowest;                   /* position of all routes in the groups */
    uint32_t groups[ROUTE_PATH_KINDS]; /* or ROUTE_NONE */
} path_entry_t;

/*
 * path_tree_build makes a tree of entries that are sorted by slice_compare and have different
 * paths. Labels point into the entries' paths. `arena` keeps the tree, `temp` is for the making.
 */
path_tree_t path_tree_build(const path_entry_t *entries, size_t count, arena_t *arena,
                            arena_t *temp);

/* path_tree_child gives the child whose label begins with that byte, or NULL. */
static inline const path_node_t *path_tree_child(const path_tree_t *tree, const path_node_t *node,
                                                 char byte)
{
    const char *first = tree->first_bytes + node->first_child;
    if (node->child_count == 0)
        return NULL;
    const char *at = memchr(first, byte, node->child_count);
    return at ? &tree->nodes[node->first_child + (size_t)(at - first)] : NULL;
}

#endif
