/* index.c: see index.h. */
#include "gatewayapi/index.h"

#include "core/mem.h"

typedef struct entry {
    table_node_t node; /* its key follows the struct */
    object_t **objects;
    size_t count, capacity;
    char key[];
} entry_t;

static entry_t *entry_of(table_node_t *node)
{
    return GW_CONTAINER_OF(node, entry_t, node);
}

static entry_t *make_entry(index_t *index, slice_t namespace_, slice_t name)
{
    entry_t *entry = xcalloc(1, sizeof(*entry) + namespace_.len + name.len);
    slice_t a = {entry->key, namespace_.len}, b = {entry->key + namespace_.len, name.len};
    if (a.len)
        memcpy(entry->key, namespace_.base, a.len);
    if (b.len)
        memcpy(entry->key + a.len, name.base, b.len);
    table_add(&index->table, &entry->node, a, b);
    return entry;
}

/* position gives the object's place in the entry, or its count. */
static size_t position(const entry_t *entry, const object_t *object)
{
    size_t i = 0;
    while (i < entry->count && entry->objects[i] != object)
        i++;
    return i;
}

void index_add(index_t *index, slice_t namespace_, slice_t name, object_t *object)
{
    table_node_t *node = table_find(&index->table, namespace_, name);
    entry_t *entry = node ? entry_of(node) : make_entry(index, namespace_, name);
    if (entry->count > 0 && entry->objects[entry->count - 1] == object)
        return; /* one object adds its keys one after the other, so a repeated one is the last */
    if (entry->count == entry->capacity) {
        entry->capacity = entry->capacity ? entry->capacity * 2 : 1;
        entry->objects = xrealloc(entry->objects, entry->capacity * sizeof(*entry->objects));
    }
    entry->objects[entry->count++] = object;
}

void index_remove(index_t *index, slice_t namespace_, slice_t name, const object_t *object)
{
    table_node_t *node = table_find(&index->table, namespace_, name);
    if (node == NULL)
        return;
    entry_t *entry = entry_of(node);
    size_t at = position(entry, object);
    if (at == entry->count)
        return;
    entry->objects[at] = entry->objects[--entry->count];
    if (entry->count > 0)
        return;
    table_remove(&index->table, node);
    free(entry->objects);
    free(entry);
}

store_list_t index_find(const index_t *index, slice_t namespace_, slice_t name)
{
    table_node_t *node = table_find(&index->table, namespace_, name);
    if (node == NULL)
        return (store_list_t){NULL, 0};
    return (store_list_t){entry_of(node)->objects, entry_of(node)->count};
}

void index_fini(index_t *index)
{
    TABLE_EACH (node, &index->table) {
        table_remove(&index->table, node);
        free(entry_of(node)->objects);
        free(entry_of(node));
    }
    table_fini(&index->table);
}
