/* table.c: see table.h. Chains in buckets; twice as many buckets when it is full. */
#include "gatewayapi/table.h"

#include "core/mem.h"

enum { FIRST_SIZE = 8 };

static uint64_t hash_of(slice_t a, slice_t b)
{
    return slice_hash(b, slice_hash(a, 0));
}

static table_node_t **bucket_of(const table_t *table, uint64_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

table_node_t *table_find(const table_t *table, slice_t a, slice_t b)
{
    if (table->count == 0)
        return NULL;
    uint64_t hash = hash_of(a, b);
    table_node_t *node = *bucket_of(table, hash);
    while (node && !(node->hash == hash && slice_eq(node->b, b) && slice_eq(node->a, a)))
        node = node->next;
    return node;
}

static void grow(table_t *table)
{
    table_t old = *table;
    table->bucket_count = old.bucket_count ? old.bucket_count * 2 : FIRST_SIZE;
    table->buckets = xcalloc(table->bucket_count, sizeof(*table->buckets));
    for (size_t i = 0; i < old.bucket_count; i++) {
        for (table_node_t *node = old.buckets[i], *next; node; node = next) {
            next = node->next;
            table_node_t **bucket = bucket_of(table, node->hash);
            node->next = *bucket;
            *bucket = node;
        }
    }
    free(old.buckets);
}

void table_add(table_t *table, table_node_t *node, slice_t a, slice_t b)
{
    if (table->count == table->bucket_count)
        grow(table);
    *node = (table_node_t){.hash = hash_of(a, b), .a = a, .b = b};
    table_node_t **bucket = bucket_of(table, node->hash);
    node->next = *bucket;
    *bucket = node;
    table->count++;
}

void table_remove(table_t *table, table_node_t *node)
{
    table_node_t **at = bucket_of(table, node->hash);
    while (*at != node) {
        GW_ASSERT(*at != NULL);
        at = &(*at)->next;
    }
    *at = node->next;
    node->next = NULL;
    table->count--;
}

table_node_t *table_next(const table_t *table, const table_node_t *node)
{
    if (node && node->next)
        return node->next;
    size_t i = node ? (size_t)(node->hash & (table->bucket_count - 1)) + 1 : 0;
    while (i < table->bucket_count && table->buckets[i] == NULL)
        i++;
    return i < table->bucket_count ? table->buckets[i] : NULL;
}

void table_fini(table_t *table)
{
    free(table->buckets);
    *table = (table_t){0};
}
