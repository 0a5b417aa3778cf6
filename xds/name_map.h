/*
 * name_map.h: a hash table from names to counted objects, on a cow array: its views are
 * immutable and share what did not change. An object is known by a slice_t inside it, its name;
 * the user gets from there to the object with GW_CONTAINER_OF.
 *
 * The seed of the hash is the user's: names that clients or tenants choose must not collide on
 * purpose.
 */
#ifndef XDS_NAME_MAP_H
#define XDS_NAME_MAP_H

#include "core/slice.h"
#include "xds/cow.h"

/* Members are private, except `count`. */
typedef struct name_map {
    cow_t slots;
    uint32_t count;
} name_map_t;

/* name_map_init makes an empty map; the class counts objects through the slice of their name. */
void name_map_init(name_map_t *map, const cow_class_t *class);

/* name_map_fini drops every object. */
void name_map_fini(name_map_t *map);

/* name_map_find gives the name's slice inside its object, borrowed, or NULL. */
const slice_t *name_map_find(const name_map_t *map, uint64_t hash, slice_t name);

/* name_map_put holds an object under its name; one of the same name is dropped. */
void name_map_put(name_map_t *map, uint64_t hash, const slice_t *name);

/* name_map_remove drops the object of that name and says whether there was one. */
bool name_map_remove(name_map_t *map, uint64_t hash, slice_t name);

/* name_map_view gives the present state; the caller owns a reference. */
cow_view_t *name_map_view(name_map_t *map);

/* name_map_view_next walks a view in no particular order: *at starts at 0, NULL is the end. */
const slice_t *name_map_view_next(const cow_view_t *view, uint32_t *at);

/* name_map_next is the same for the map itself, which must not change on the way. */
const slice_t *name_map_next(const name_map_t *map, uint32_t *at);

/* name_map_view_find is name_map_find for a view. Any thread, no lock; on the way of requests. */
static inline const slice_t *name_map_view_find(const cow_view_t *view, uint64_t hash, slice_t name)
{
    uint32_t mask = view->size - 1;
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        const cow_slot_t *slot = cow_view_at(view, i);
        if (slot->object == NULL)
            return NULL;
        if (slot->key == hash && slice_eq(*(const slice_t *)slot->object, name))
            return slot->object;
    }
}

#endif
