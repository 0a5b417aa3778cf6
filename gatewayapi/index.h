/*
 * index.h: for the store: sets of objects under keys of namespace and name. It holds no
 * references; the store does.
 */
#ifndef GATEWAYAPI_INDEX_H
#define GATEWAYAPI_INDEX_H

#include "gatewayapi/store.h"
#include "gatewayapi/table.h"

/* A zeroed index is empty and valid. Members are private. */
typedef struct index {
    table_t table;
} index_t;

/* index_add puts an object under a key; doing so twice is harmless. */
void index_add(index_t *index, slice_t namespace_, slice_t name, object_t *object);

/* index_remove takes it away again; if it is not there nothing happens. */
void index_remove(index_t *index, slice_t namespace_, slice_t name, const object_t *object);

/* index_find gives the objects under a key. */
store_list_t index_find(const index_t *index, slice_t namespace_, slice_t name);

/* index_fini frees the memory. */
void index_fini(index_t *index);

#endif
