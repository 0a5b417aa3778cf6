/* snapshot_msg.c: the catalogue of snapshot_msg.h and its bodies. */
#include "actors/snapshot_msg.h"

#include "core/mem.h"

void resources_free(resources_t *resources)
{
    if (!resources)
        return;
    xds_update_fini(&resources->update);
    free(resources);
}

void applied_free(applied_t *applied)
{
    if (!applied)
        return;
    xds_rejects_fini(&applied->rejects);
    bound_list_free(applied->bound);
    free(applied);
}

void snapshot_view_free(snapshot_view_t *view)
{
    if (!view)
        return;
    snapshot_unref(view->snapshot);
    bound_list_free(view->bound);
    free(view);
}

bound_list_t *bound_list_copy(const bound_list_t *list)
{
    if (!list)
        return NULL;
    size_t size = sizeof(*list) + list->count * sizeof(list->listeners[0]);
    bound_list_t *copy = xmalloc(size);
    memcpy(copy, list, size);
    return copy;
}

const bound_t *bound_list_find(const bound_list_t *list, slice_t name)
{
    for (uint32_t i = 0; list && i < list->count; i++) {
        if (slice_eq(slice_of(list->listeners[i].name), name))
            return &list->listeners[i];
    }
    return NULL;
}

MSG_DEFINE(snapshot, 14, SNAPSHOT_MESSAGES)
