/*
 * table.h: an intrusive hash table whose keys are pairs of texts (a namespace and a name, a
 * listener and a hostname). uthash wants one piece of memory as a key; this saves joining the two
 * for every look-up. The table owns nothing: nodes are members of the caller's objects, and keys
 * point into memory that lives as long as the node is in the table.
 */
#ifndef GATEWAYAPI_TABLE_H
#define GATEWAYAPI_TABLE_H

#include "core/check.h"
#include "core/slice.h"

typedef struct table_node {
    struct table_node *next; /* private */
    uint64_t hash;           /* private */
    slice_t a, b;            /* the key; may be read */
} table_node_t;

/* A zeroed table is empty and valid. `count` may be read; the rest is private. */
typedef struct table {
    table_node_t **buckets;
    size_t bucket_count;
    size_t count;
} table_t;

/* table_find gives the node with that key, or NULL. */
table_node_t *table_find(const table_t *table, slice_t a, slice_t b);

/* table_add puts a node in under a key that is not in the table. */
void table_add(table_t *table, table_node_t *node, slice_t a, slice_t b);

/* table_remove takes a node out that is in the table. */
void table_remove(table_t *table, table_node_t *node);

/* table_next gives the node behind another one, in no order: NULL gives the first, the last gives
 * NULL. */
table_node_t *table_next(const table_t *table, const table_node_t *node);

/* TABLE_EACH walks the nodes; the current one may be removed on the way, and none added. */
#define TABLE_EACH(node, table)                                                                    \
    for (table_node_t *node = table_next(table, NULL),                                             \
                      *node##_next = node ? table_next(table, node) : NULL;                        \
         node != NULL; node = node##_next, node##_next = node ? table_next(table, node) : NULL)

/* table_fini frees the table's own memory; the nodes are no longer in it. */
void table_fini(table_t *table);

#endif
