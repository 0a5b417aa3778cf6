/* status_book.c: see status_book.h. */
#include "actors/status_book.h"

#include "core/mem.h"

/* The key points into the object that the status holds. */
typedef struct status_entry {
    table_node_t node;
    object_status_t *status;
} status_entry_t;

static status_entry_t *find(const status_book_t *book, const object_t *object)
{
    table_node_t *node = table_find(&book->entries[object->kind], object->namespace_, object->name);
    return node ? GW_CONTAINER_OF(node, status_entry_t, node) : NULL;
}

static void set(status_book_t *book, const object_status_t *status)
{
    const object_t *object = status->object;
    table_t *table = &book->entries[object->kind];
    status_entry_t *entry = find(book, object);
    object_status_t *old = entry ? entry->status : NULL;
    if (entry)
        table_remove(table, &entry->node);
    else
        entry = xcalloc(1, sizeof(*entry));
    entry->status = status_ref(status);
    table_add(table, &entry->node, object->namespace_, object->name);
    status_unref(old);
}

static void drop(table_t *table, status_entry_t *entry)
{
    table_remove(table, &entry->node);
    status_unref(entry->status);
    free(entry);
}

void status_book_update(status_book_t *book, const status_update_t *update)
{
    for (size_t i = 0; i < update->removed_count; i++) {
        status_entry_t *entry = find(book, update->removed[i]);
        if (entry)
            drop(&book->entries[update->removed[i]->kind], entry);
    }
    for (size_t i = 0; i < update->changed_count; i++)
        set(book, update->changed[i]);
}

const object_status_t *status_book_find(const status_book_t *book, const object_t *object)
{
    const status_entry_t *entry = find(book, object);
    return entry ? entry->status : NULL;
}

const object_status_t *status_book_next(const status_book_t *book, object_kind_t kind,
                                        const object_status_t *status)
{
    const status_entry_t *before = status ? find(book, status->object) : NULL;
    const table_node_t *node = table_next(&book->entries[kind], before ? &before->node : NULL);
    return node ? GW_CONTAINER_OF(node, const status_entry_t, node)->status : NULL;
}

void status_book_clear(status_book_t *book)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        table_node_t *node;
        while ((node = table_next(&book->entries[kind], NULL)) != NULL)
            drop(&book->entries[kind], GW_CONTAINER_OF(node, status_entry_t, node));
        table_fini(&book->entries[kind]);
        book->entries[kind] = (table_t){0};
    }
}
