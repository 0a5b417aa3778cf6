/* Open addressing with linear probing; at most two thirds of the slots are taken. */
#include "xds/name_map.h"

enum { SMALLEST = 4 };

void name_map_init(name_map_t *map, const cow_class_t *class)
{
    *map = (name_map_t){0};
    cow_init(&map->slots, class, SMALLEST);
}

void name_map_fini(name_map_t *map)
{
    cow_fini(&map->slots);
    map->count = 0;
}

/* The slot that has the name, or the empty one where it would go. */
static uint32_t locate(const cow_t *slots, uint64_t hash, slice_t name)
{
    uint32_t mask = slots->size - 1, i = (uint32_t)hash & mask;
    for (;; i = (i + 1) & mask) {
        const cow_slot_t *slot = cow_at(slots, i);
        if (slot->object == NULL ||
            (slot->key == hash && slice_eq(*(const slice_t *)slot->object, name)))
            return i;
    }
}

const slice_t *name_map_find(const name_map_t *map, uint64_t hash, slice_t name)
{
    return cow_at(&map->slots, locate(&map->slots, hash, name))->object;
}

/* Moves to a table of another size. Every object is held there before it is dropped here. */
static void resize(name_map_t *map, uint32_t size)
{
    cow_t moved;
    cow_init(&moved, map->slots.class, size);
    for (uint32_t i = 0; i < map->slots.size; i++) {
        const cow_slot_t *slot = cow_at(&map->slots, i);
        if (slot->object) {
            uint32_t to = locate(&moved, slot->key, *(const slice_t *)slot->object);
            cow_set(&moved, to, slot->key, slot->object);
        }
    }
    cow_fini(&map->slots);
    map->slots = moved;
}

void name_map_put(name_map_t *map, uint64_t hash, const slice_t *name)
{
    uint32_t i = locate(&map->slots, hash, *name);
    if (cow_at(&map->slots, i)->object == NULL) {
        if (3 * (map->count + 1) > 2 * map->slots.size) {
            resize(map, 2 * map->slots.size);
            i = locate(&map->slots, hash, *name);
        }
        map->count++;
    }
    cow_set(&map->slots, i, hash, name);
}

/*
 * Fills a hole so that no probe ends too early: an entry further on moves into it unless its own
 * place lies (cyclically) behind the hole.
 */
static void close_hole(cow_t *slots, uint32_t hole)
{
    uint32_t mask = slots->size - 1;
    for (uint32_t i = (hole + 1) & mask; cow_at(slots, i)->object; i = (i + 1) & mask) {
        cow_slot_t moved = *cow_at(slots, i);
        if (((i - (uint32_t)moved.key) & mask) < ((i - hole) & mask))
            continue;
        *cow_edit(slots, hole) = moved;
        *cow_edit(slots, i) = (cow_slot_t){0};
        hole = i;
    }
}

bool name_map_remove(name_map_t *map, uint64_t hash, slice_t name)
{
    uint32_t i = locate(&map->slots, hash, name);
    if (cow_at(&map->slots, i)->object == NULL)
        return false;
    cow_set(&map->slots, i, 0, NULL);
    close_hole(&map->slots, i);
    map->count--;
    if (map->slots.size > SMALLEST && 8 * map->count < map->slots.size)
        resize(map, map->slots.size / 2);
    return true;
}

cow_view_t *name_map_view(name_map_t *map)
{
    return cow_take(&map->slots);
}

const slice_t *name_map_view_next(const cow_view_t *view, uint32_t *at)
{
    while (*at < view->size) {
        const cow_slot_t *slot = cow_view_at(view, (*at)++);
        if (slot->object)
            return slot->object;
    }
    return NULL;
}

const slice_t *name_map_next(const name_map_t *map, uint32_t *at)
{
    while (*at < map->slots.size) {
        const cow_slot_t *slot = cow_at(&map->slots, (*at)++);
        if (slot->object)
            return slot->object;
    }
    return NULL;
}
