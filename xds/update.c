#include "xds/update.h"

#include "core/mem.h"

/* Doubles an array when it is full. */
static void *room_for_one(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? 2 * *room : 8;
    return xrealloc(array, *room * size);
}

void xds_update_change(xds_update_t *update, xds_resource_t **resource)
{
    update->changed = room_for_one(update->changed, update->changed_count,
                                   &update->priv.changed_room, sizeof(xds_resource_t *));
    update->changed[update->changed_count++] = *resource;
    *resource = NULL;
}

void xds_update_remove(xds_update_t *update, xds_type_t type, slice_t name)
{
    update->removed = room_for_one(update->removed, update->removed_count,
                                   &update->priv.removed_room, sizeof(xds_removal_t));
    slice_t copy = {xstrndup(name.base, name.len), name.len};
    update->removed[update->removed_count++] = (xds_removal_t){type, copy};
}

bool xds_update_empty(const xds_update_t *update)
{
    return update->changed_count == 0 && update->removed_count == 0;
}

void xds_update_fini(xds_update_t *update)
{
    for (size_t i = 0; i < update->changed_count; i++)
        xds_resource_unref(update->changed[i]);
    for (size_t i = 0; i < update->removed_count; i++)
        free((char *)(uintptr_t)update->removed[i].name.base);
    free(update->changed);
    free(update->removed);
    *update = (xds_update_t){0};
}
