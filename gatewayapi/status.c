/* status.c: see status.h. */
#include "gatewayapi/status.h"

#include "core/mem.h"

void conditions_add(conditions_t *conditions, const char *type, bool met, const char *reason,
                    slice_t message)
{
    conditions->at[conditions->count++] = (condition_t){type, met, reason, message};
}

/* ---- one block of memory for a status and all its parts ---- */

static size_t conditions_text(const conditions_t *conditions)
{
    size_t size = 0;
    for (size_t i = 0; i < conditions->count; i++)
        size += conditions->at[i].message.len;
    return size;
}

static size_t text_size(const object_status_t *draft)
{
    size_t size = conditions_text(&draft->conditions);
    for (size_t i = 0; i < draft->listener_count; i++)
        size += conditions_text(&draft->listeners[i].conditions);
    for (size_t i = 0; i < draft->parent_count; i++)
        size += conditions_text(&draft->parents[i].conditions);
    return size;
}

/* move_text copies the messages to *at and lets the conditions point there. */
static void move_text(conditions_t *conditions, char **at)
{
    for (size_t i = 0; i < conditions->count; i++) {
        slice_t *message = &conditions->at[i].message;
        if (message->len)
            memcpy(*at, message->base, message->len);
        message->base = *at;
        *at += message->len;
    }
}

object_status_t *status_new(const object_status_t *draft)
{
    size_t listeners = draft->listener_count * sizeof(listener_status_t);
    size_t parents = draft->parent_count * sizeof(parent_status_t);
    size_t kinds = 0;
    for (size_t i = 0; i < draft->listener_count; i++)
        kinds += draft->listeners[i].kind_count;
    char *at = xmalloc(sizeof(*draft) + listeners + parents + kinds * sizeof(route_kind_t) +
                       text_size(draft));
    object_status_t *status = (object_status_t *)(void *)at;
    *status = *draft;
    ref_init(&status->ref);
    object_ref(status->object);
    at += sizeof(*status);

    listener_status_t *own_listeners = (listener_status_t *)(void *)at;
    at += listeners;
    parent_status_t *own_parents = (parent_status_t *)(void *)at;
    at += parents;
    route_kind_t *own_kinds = (route_kind_t *)(void *)at;
    at += kinds * sizeof(*own_kinds);

    move_text(&status->conditions, &at);
    for (size_t i = 0; i < draft->listener_count; i++) {
        listener_status_t *listener = &own_listeners[i];
        *listener = draft->listeners[i];
        for (size_t k = 0; k < listener->kind_count; k++)
            own_kinds[k] = draft->listeners[i].kinds[k];
        listener->kinds = own_kinds;
        own_kinds += listener->kind_count;
        move_text(&listener->conditions, &at);
    }
    for (size_t i = 0; i < draft->parent_count; i++) {
        own_parents[i] = draft->parents[i];
        move_text(&own_parents[i].conditions, &at);
    }
    status->listeners = own_listeners;
    status->parents = own_parents;
    return status;
}

object_status_t *status_ref(const object_status_t *status)
{
    object_status_t *counted = (object_status_t *)(uintptr_t)status;
    ref_hold(&counted->ref);
    return counted;
}

void status_unref(const object_status_t *status)
{
    object_status_t *counted = (object_status_t *)(uintptr_t)status;
    if (counted == NULL || !ref_drop(&counted->ref))
        return;
    object_unref(counted->object);
    free(counted);
}

/* ---- comparing ---- */

static bool same_conditions(const conditions_t *a, const conditions_t *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->at[i].type, b->at[i].type) == 0 && a->at[i].met == b->at[i].met &&
               strcmp(a->at[i].reason, b->at[i].reason) == 0 &&
               slice_eq(a->at[i].message, b->at[i].message);
    return same;
}

static bool same_listener(const listener_status_t *a, const listener_status_t *b)
{
    bool same = slice_eq(a->name, b->name) && a->attached_routes == b->attached_routes &&
                a->kind_count == b->kind_count && same_conditions(&a->conditions, &b->conditions);
    for (size_t i = 0; same && i < a->kind_count; i++)
        same = slice_eq(a->kinds[i].group, b->kinds[i].group) &&
               slice_eq(a->kinds[i].kind, b->kinds[i].kind);
    return same;
}

static bool same_parent(const parent_status_t *a, const parent_status_t *b)
{
    return slice_eq(a->ref->namespace_, b->ref->namespace_) &&
           slice_eq(a->ref->name, b->ref->name) && slice_eq(a->ref->section, b->ref->section) &&
           a->ref->port == b->ref->port && a->ref->has_namespace == b->ref->has_namespace &&
           same_conditions(&a->conditions, &b->conditions);
}

bool status_equal(const object_status_t *a, const object_status_t *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    bool same = a->object->generation == b->object->generation &&
                a->listener_count == b->listener_count && a->parent_count == b->parent_count &&
                same_conditions(&a->conditions, &b->conditions);
    for (size_t i = 0; same && i < a->listener_count; i++)
        same = same_listener(&a->listeners[i], &b->listeners[i]);
    for (size_t i = 0; same && i < a->parent_count; i++)
        same = same_parent(&a->parents[i], &b->parents[i]);
    return same;
}

/* ---- the update ---- */

void status_update_change(status_update_t *update, const object_status_t *status)
{
    if (update->changed_count == update->priv.changed_room) {
        update->priv.changed_room = update->priv.changed_room ? update->priv.changed_room * 2 : 8;
        update->changed =
            xrealloc(update->changed, update->priv.changed_room * sizeof(*update->changed));
    }
    update->changed[update->changed_count++] = status_ref(status);
}

void status_update_remove(status_update_t *update, const object_t *object)
{
    if (update->removed_count == update->priv.removed_room) {
        update->priv.removed_room = update->priv.removed_room ? update->priv.removed_room * 2 : 8;
        update->removed =
            xrealloc(update->removed, update->priv.removed_room * sizeof(*update->removed));
    }
    update->removed[update->removed_count++] = object_ref(object);
}

static int compare_objects(const object_t *a, const object_t *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = slice_compare(a->namespace_, b->namespace_);
    return order ? order : slice_compare(a->name, b->name);
}

static int compare_changed(const void *a, const void *b)
{
    return compare_objects((*(object_status_t *const *)a)->object,
                           (*(object_status_t *const *)b)->object);
}

static int compare_removed(const void *a, const void *b)
{
    return compare_objects(*(object_t *const *)a, *(object_t *const *)b);
}

void status_update_sort(status_update_t *update)
{
    if (update->changed_count > 1)
        qsort(update->changed, update->changed_count, sizeof(*update->changed), compare_changed);
    if (update->removed_count > 1)
        qsort(update->removed, update->removed_count, sizeof(*update->removed), compare_removed);
}

void status_update_fini(status_update_t *update)
{
    for (size_t i = 0; i < update->changed_count; i++)
        status_unref(update->changed[i]);
    for (size_t i = 0; i < update->removed_count; i++)
        object_unref(update->removed[i]);
    free(update->changed);
    free(update->removed);
    *update = (status_update_t){0};
}
