/*
 * store.c: see store.h. A slot stands for one (kind, namespace, name) and holds the candidates of
 * all sources, ordered by the source's name: the first one counts.
 */
#include "gatewayapi/store.h"

#include "core/mem.h"
#include "gatewayapi/index.h"

typedef struct slot {
    table_node_t node; /* the key is that of `identity` */
    object_t
        *identity; /* a version of the object, mostly the one that counts: keeps the key alive */
    object_t **candidates;
    uint32_t count, capacity;
    bool incoming;    /* in store_apply_manifest: the source will have it */
    bool kept;        /* during a replacement: the source's object stays */
    bool changed;     /* it is in the list of changes */
    object_t *before; /* what counted when it got into that list, or NULL */
} slot_t;

typedef struct source {
    table_node_t node;
    char *name;
    object_t **objects; /* borrowed from the slots */
    size_t count;
} source_t;

typedef struct sorted {
    object_t **at;
    size_t count;
    bool valid;
} sorted_t;

struct store {
    table_t slots[KIND_COUNT];
    size_t live[KIND_COUNT]; /* slots with a candidate */
    table_t sources;
    index_t indexes[STORE_INDEX_COUNT];
    sorted_t sorted[KIND_COUNT];
    slot_t **changed;
    size_t changed_count, changed_capacity;
    store_change_t *changes;
};

static slot_t *slot_of(table_node_t *node)
{
    return GW_CONTAINER_OF(node, slot_t, node);
}

static object_t *winner(const slot_t *slot)
{
    return slot->count ? slot->candidates[0] : NULL;
}

static slot_t *find_slot(const store_t *store, object_kind_t kind, slice_t namespace_, slice_t name)
{
    table_node_t *node = table_find(&store->slots[kind], namespace_, name);
    return node ? slot_of(node) : NULL;
}

static slot_t *slot_for(store_t *store, object_t *object)
{
    slot_t *slot = find_slot(store, object->kind, object->namespace_, object->name);
    if (slot == NULL) {
        slot = xcalloc(1, sizeof(*slot));
        slot->identity = object_ref(object);
        table_add(&store->slots[object->kind], &slot->node, object->namespace_, object->name);
    }
    return slot;
}

/* ---- the indexes ---- */

typedef void (*index_edit_t)(index_t *index, slice_t namespace_, slice_t name, object_t *object);

static void edit_remove(index_t *index, slice_t namespace_, slice_t name, object_t *object)
{
    index_remove(index, namespace_, name, object);
}

static void edit_route(store_t *store, object_t *object, index_edit_t edit)
{
    const http_route_t *route = object->http_route;
    slice_t none = {NULL, 0};
    edit(&store->indexes[STORE_ROUTES_BY_NAMESPACE], none, object->namespace_, object);
    for (size_t i = 0; i < route->parent_count; i++)
        edit(&store->indexes[STORE_ROUTES_BY_GATEWAY], route->parents[i].namespace_,
             route->parents[i].name, object);
    for (size_t i = 0; i < route->rule_count; i++)
        for (size_t j = 0; j < route->rules[i].backend_count; j++)
            edit(&store->indexes[STORE_ROUTES_BY_SERVICE], route->rules[i].backends[j].namespace_,
                 route->rules[i].backends[j].name, object);
}

/* edit_indexes adds or removes an object at all keys it has. */
static void edit_indexes(store_t *store, object_t *object, index_edit_t edit)
{
    slice_t none = {NULL, 0};
    switch (object->kind) {
    case KIND_GATEWAY:
        edit(&store->indexes[STORE_GATEWAYS_BY_CLASS], none, object->gateway->class_name, object);
        break;
    case KIND_HTTP_ROUTE:
        edit_route(store, object, edit);
        break;
    case KIND_ENDPOINT_SLICE:
        edit(&store->indexes[STORE_SLICES_BY_SERVICE], object->namespace_,
             object->endpoint_slice->service, object);
        break;
    case KIND_REFERENCE_GRANT:
        edit(&store->indexes[STORE_GRANTS_BY_NAMESPACE], none, object->namespace_, object);
        break;
    default:
        break;
    }
}

/* ---- changes ---- */

/* note_change puts a slot into the list of changes, with what counts before the change. */
static void note_change(store_t *store, slot_t *slot)
{
    store->sorted[slot->identity->kind].valid = false;
    if (slot->changed)
        return;
    slot->changed = true;
    slot->before = winner(slot) ? object_ref(winner(slot)) : NULL;
    if (store->changed_count == store->changed_capacity) {
        store->changed_capacity = store->changed_capacity ? store->changed_capacity * 2 : 16;
        store->changed =
            xrealloc(store->changed, store->changed_capacity * sizeof(*store->changed));
    }
    store->changed[store->changed_count++] = slot;
}

/* set_winner moves the indexes from what counted to what counts now. */
static void set_winner(store_t *store, object_t *old, object_t *now)
{
    if (old == now)
        return;
    if (old) {
        edit_indexes(store, old, edit_remove);
        store->live[old->kind]--;
    }
    if (now) {
        edit_indexes(store, now, index_add);
        store->live[now->kind]++;
    }
}

/* ---- candidates ---- */

static void insert_candidate(store_t *store, slot_t *slot, object_t *object)
{
    note_change(store, slot);
    object_t *old = winner(slot);
    if (slot->count == slot->capacity) {
        slot->capacity = slot->capacity ? slot->capacity * 2 : 1;
        slot->candidates = xrealloc(slot->candidates, slot->capacity * sizeof(*slot->candidates));
    }
    uint32_t at = slot->count++;
    while (at > 0 && slice_compare(slot->candidates[at - 1]->source, object->source) > 0) {
        slot->candidates[at] = slot->candidates[at - 1];
        at--;
    }
    slot->candidates[at] = object_ref(object);
    set_winner(store, old, winner(slot));
}

static void remove_candidate(store_t *store, slot_t *slot, object_t *object)
{
    note_change(store, slot);
    object_t *old = winner(slot);
    uint32_t at = 0;
    while (slot->candidates[at] != object)
        at++;
    memmove(&slot->candidates[at], &slot->candidates[at + 1],
            (--slot->count - at) * sizeof(*slot->candidates));
    set_winner(store, old, winner(slot));
    object_unref(object);
}

static void free_slot(store_t *store, slot_t *slot)
{
    table_remove(&store->slots[slot->identity->kind], &slot->node);
    object_unref(slot->identity);
    object_unref(slot->before);
    free(slot->candidates);
    free(slot);
}

/* ---- sources ---- */

static source_t *source_for(store_t *store, slice_t name)
{
    table_node_t *node = table_find(&store->sources, name, (slice_t){NULL, 0});
    if (node)
        return GW_CONTAINER_OF(node, source_t, node);
    source_t *source = xcalloc(1, sizeof(*source));
    source->name = xstrndup(name.base, name.len);
    table_add(&store->sources, &source->node, slice_make(source->name, name.len),
              (slice_t){NULL, 0});
    return source;
}

static void drop_source(store_t *store, source_t *source)
{
    table_remove(&store->sources, &source->node);
    free(source->objects);
    free(source->name);
    free(source);
}

/* report_shadowed names every candidate of a slot that does not count. */
static void report_shadowed(const slot_t *slot, problems_t *problems)
{
    for (uint32_t i = 1; problems && i < slot->count; i++) {
        const object_t *object = slot->candidates[i];
        strbuf_t title = {0}, reason = {0};
        strbuf_printf(&title, "%s %.*s%s%.*s", kind_name(object->kind),
                      SLICE_ARG(object->namespace_), object->namespace_.len ? "/" : "",
                      SLICE_ARG(object->name));
        strbuf_printf(&reason, "is ignored: %.*s line %u defines it too",
                      SLICE_ARG(slot->candidates[0]->source), slot->candidates[0]->line);
        problems_add(problems, &(problem_t){.file = object->source,
                                            .line = object->line,
                                            .object = strbuf_slice(&title),
                                            .reason = strbuf_slice(&reason)});
        strbuf_fini(&title);
        strbuf_fini(&reason);
    }
}

/* candidate_of gives the slot's candidate from a source, or NULL. */
static object_t *candidate_of(const slot_t *slot, slice_t source)
{
    for (uint32_t i = 0; i < slot->count; i++)
        if (slice_eq(slot->candidates[i]->source, source))
            return slot->candidates[i];
    return NULL;
}

/* mark_kept finds the objects that are as they were: the old one stays, so that nothing moves. */
static void mark_kept(store_t *store, slice_t source, object_t **objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slot_t *slot = slot_for(store, objects[i]);
        object_t *old = candidate_of(slot, source);
        if (old && old->hash == objects[i]->hash && old->line == objects[i]->line) {
            slot->kept = true;
            objects[i] = old;
        }
    }
}

static void remove_stale(store_t *store, const source_t *source)
{
    for (size_t i = 0; i < source->count; i++) {
        object_t *old = source->objects[i];
        slot_t *slot = find_slot(store, old->kind, old->namespace_, old->name);
        if (!slot->kept)
            remove_candidate(store, slot, old);
    }
}

void store_replace_source(store_t *store, slice_t name, object_t *const *objects, size_t count,
                          problems_t *problems)
{
    source_t *source = source_for(store, name);
    object_t **next = xmalloc((count + 1) * sizeof(*next));
    if (count)
        memcpy(next, objects, count * sizeof(*next));
    mark_kept(store, name, next, count);
    remove_stale(store, source);
    for (size_t i = 0; i < count; i++) {
        slot_t *slot = find_slot(store, next[i]->kind, next[i]->namespace_, next[i]->name);
        if (!slot->kept)
            insert_candidate(store, slot, next[i]);
        slot->kept = false;
        report_shadowed(slot, problems);
    }
    free(source->objects);
    source->objects = next;
    source->count = count;
    if (count == 0)
        drop_source(store, source);
}

void store_apply_manifest(store_t *store, slice_t source, const manifest_t *manifest,
                          problems_t *problems)
{
    size_t count = manifest->count;
    object_t **objects = xmalloc((count + manifest->refused_count + 1) * sizeof(*objects));
    if (count)
        memcpy(objects, manifest->objects, count * sizeof(*objects));
    for (size_t i = 0; i < manifest->count; i++)
        slot_for(store, objects[i])->incoming = true;
    for (size_t i = 0; i < manifest->refused_count; i++) {
        const refused_object_t *refused = &manifest->refused[i];
        slot_t *slot = find_slot(store, refused->kind, refused->namespace_, refused->name);
        object_t *old = slot && !slot->incoming ? candidate_of(slot, source) : NULL;
        if (old == NULL)
            continue;
        slot->incoming = true;
        objects[count++] = old;
    }
    for (size_t i = 0; i < count; i++)
        slot_for(store, objects[i])->incoming = false;
    store_replace_source(store, source, objects, count, problems);
    free(objects);
}

/* ---- reading ---- */

const object_t *store_get(const store_t *store, object_kind_t kind, slice_t namespace_,
                          slice_t name)
{
    slot_t *slot = find_slot(store, kind, namespace_, name);
    return slot ? winner(slot) : NULL;
}

static int compare_objects(const void *a, const void *b)
{
    const object_t *left = *(object_t *const *)a, *right = *(object_t *const *)b;
    int order = slice_compare(left->namespace_, right->namespace_);
    return order ? order : slice_compare(left->name, right->name);
}

store_list_t store_list_kind(store_t *store, object_kind_t kind)
{
    sorted_t *sorted = &store->sorted[kind];
    if (!sorted->valid) {
        sorted->at = xrealloc(sorted->at, (store->live[kind] + 1) * sizeof(*sorted->at));
        sorted->count = 0;
        TABLE_EACH (node, &store->slots[kind])
            if (winner(slot_of(node)))
                sorted->at[sorted->count++] = winner(slot_of(node));
        qsort(sorted->at, sorted->count, sizeof(*sorted->at), compare_objects);
        sorted->valid = true;
    }
    return (store_list_t){sorted->at, sorted->count};
}

store_list_t store_find(const store_t *store, store_index_t index, slice_t namespace_, slice_t name)
{
    return index_find(&store->indexes[index], namespace_, name);
}

size_t store_count(const store_t *store, object_kind_t kind)
{
    return store->live[kind];
}

const store_change_t *store_changes(store_t *store, size_t *ret_count)
{
    size_t count = 0;
    store->changes = xrealloc(store->changes, (store->changed_count + 1) * sizeof(*store->changes));
    for (size_t i = 0; i < store->changed_count; i++) {
        const slot_t *slot = store->changed[i];
        const object_t *before = slot->before, *after = winner(slot);
        if (before == after || (before && after && before->hash == after->hash))
            continue;
        store->changes[count++] = (store_change_t){before, after};
    }
    *ret_count = count;
    return store->changes;
}

/* renew lets go of an old version that nothing but the key holds. */
static void renew(store_t *store, slot_t *slot)
{
    object_t *old = slot->identity, *now = winner(slot);
    if (old == now)
        return;
    table_remove(&store->slots[now->kind], &slot->node);
    slot->identity = object_ref(now);
    table_add(&store->slots[now->kind], &slot->node, now->namespace_, now->name);
    object_unref(old);
}

void store_changes_done(store_t *store)
{
    for (size_t i = 0; i < store->changed_count; i++) {
        slot_t *slot = store->changed[i];
        slot->changed = false;
        object_unref(slot->before);
        slot->before = NULL;
        if (slot->count == 0)
            free_slot(store, slot);
        else
            renew(store, slot);
    }
    store->changed_count = 0;
}

void store_mark_all_changed(store_t *store)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        TABLE_EACH (node, &store->slots[kind]) {
            slot_t *slot = slot_of(node);
            note_change(store, slot);
            object_unref(slot->before);
            slot->before = NULL;
        }
    }
}

/* ---- life ---- */

store_t *store_new(void)
{
    return xcalloc(1, sizeof(store_t));
}

static void free_all_slots(store_t *store, object_kind_t kind)
{
    TABLE_EACH (node, &store->slots[kind]) {
        slot_t *slot = slot_of(node);
        for (uint32_t i = 0; i < slot->count; i++)
            object_unref(slot->candidates[i]);
        free_slot(store, slot);
    }
    table_fini(&store->slots[kind]);
}

void store_free(store_t *store)
{
    if (store == NULL)
        return;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        free_all_slots(store, (object_kind_t)kind);
        free(store->sorted[kind].at);
    }
    TABLE_EACH (node, &store->sources)
        drop_source(store, GW_CONTAINER_OF(node, source_t, node));
    table_fini(&store->sources);
    for (int i = 0; i < STORE_INDEX_COUNT; i++)
        index_fini(&store->indexes[i]);
    free(store->changed);
    free(store->changes);
    free(store);
}
