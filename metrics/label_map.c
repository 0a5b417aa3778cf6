#include "metrics/label_map.h"

#include "core/mem.h"

enum { FIRST_SIZE = 16 };

static size_t place_of(const label_map_t *map, const metric_labels_t *labels)
{
    return metric_labels_hash(labels) & (map->size - 1);
}

label_entry_t *label_map_find(const label_map_t *map, const metric_labels_t *labels)
{
    if (map->size == 0)
        return NULL;
    for (size_t at = place_of(map, labels);; at = (at + 1) & (map->size - 1)) {
        label_entry_t *entry = &map->entries[at];
        if (!entry->labels)
            return NULL;
        if (metric_labels_eq(entry->labels, labels))
            return entry;
    }
}

static void put(label_map_t *map, label_entry_t entry)
{
    size_t at = place_of(map, entry.labels);
    while (map->entries[at].labels)
        at = (at + 1) & (map->size - 1);
    map->entries[at] = entry;
}

static void grow(label_map_t *map)
{
    label_map_t bigger = {.size = map->size ? map->size * 2 : FIRST_SIZE, .count = map->count};
    bigger.entries = xcalloc(bigger.size, sizeof(*bigger.entries));
    for (size_t i = 0; i < map->size; i++) {
        if (map->entries[i].labels)
            put(&bigger, map->entries[i]);
    }
    free(map->entries);
    *map = bigger;
}

void label_map_add(label_map_t *map, metric_labels_t *labels, void *value)
{
    if (map->count * 2 >= map->size)
        grow(map);
    put(map, (label_entry_t){labels, value});
    map->count++;
}

void label_map_remove(label_map_t *map, label_entry_t *entry)
{
    size_t hole = (size_t)(entry - map->entries), mask = map->size - 1;
    map->count--;
    /* Close the gap: move up whoever probes across it. */
    for (size_t at = (hole + 1) & mask; map->entries[at].labels; at = (at + 1) & mask) {
        size_t home = place_of(map, map->entries[at].labels);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        map->entries[hole] = map->entries[at];
        hole = at;
    }
    map->entries[hole] = (label_entry_t){0};
}

void label_map_fini(label_map_t *map)
{
    free(map->entries);
    *map = (label_map_t){0};
}
