#include "xds/cow.h"

#include "core/check.h"
#include "core/mem.h"

static uint32_t chunk_count(uint32_t size)
{
    return (size + COW_CHUNK - 1) / COW_CHUNK;
}

/* A short array has one short chunk, so that a small table is small. */
static uint32_t chunk_slots(uint32_t size)
{
    return size < COW_CHUNK ? size : COW_CHUNK;
}

static cow_chunk_t *chunk_new(uint32_t slots, uint64_t epoch)
{
    cow_chunk_t *chunk = xcalloc(1, sizeof(*chunk) + slots * sizeof(cow_slot_t));
    ref_init(&chunk->ref);
    chunk->epoch = epoch;
    return chunk;
}

static void chunk_unref(const cow_class_t *class, cow_chunk_t *chunk, uint32_t slots)
{
    if (!ref_drop(&chunk->ref))
        return;
    for (uint32_t i = 0; i < slots; i++) {
        if (chunk->slots[i].object)
            class->drop(chunk->slots[i].object);
    }
    free(chunk);
}

void cow_init(cow_t *cow, const cow_class_t *class, uint32_t size)
{
    *cow = (cow_t){.class = class};
    cow_grow(cow, size);
}

static void forget_view(cow_t *cow)
{
    cow_view_unref(cow->view);
    cow->view = NULL;
}

void cow_fini(cow_t *cow)
{
    forget_view(cow);
    for (uint32_t i = 0; i < chunk_count(cow->size); i++)
        chunk_unref(cow->class, cow->chunks[i], chunk_slots(cow->size));
    free(cow->chunks);
    *cow = (cow_t){0};
}

/* Makes a chunk that only this editor has, with room for `to` slots of which `from` are taken. */
static cow_chunk_t *chunk_copy(const cow_t *cow, const cow_chunk_t *old, uint32_t from, uint32_t to)
{
    cow_chunk_t *copy = chunk_new(to, cow->epoch);
    memcpy(copy->slots, old->slots, from * sizeof(cow_slot_t));
    for (uint32_t i = 0; i < from; i++) {
        if (copy->slots[i].object)
            cow->class->hold(copy->slots[i].object);
    }
    return copy;
}

static void replace_chunk(cow_t *cow, uint32_t at, uint32_t from, uint32_t to)
{
    cow_chunk_t *old = cow->chunks[at];
    cow->chunks[at] = chunk_copy(cow, old, from, to);
    chunk_unref(cow->class, old, from);
}

void cow_grow(cow_t *cow, uint32_t size)
{
    uint32_t had = chunk_count(cow->size), need = chunk_count(size);
    if (size <= cow->size)
        return;
    forget_view(cow);
    if (size > COW_CHUNK)
        size = need * COW_CHUNK;
    cow->chunks = xrealloc(cow->chunks, need * sizeof(cow_chunk_t *));
    if (had == 1 && cow->size < COW_CHUNK)
        replace_chunk(cow, 0, cow->size, chunk_slots(size));
    for (uint32_t i = had; i < need; i++)
        cow->chunks[i] = chunk_new(chunk_slots(size), cow->epoch);
    cow->size = size;
}

cow_slot_t *cow_edit(cow_t *cow, uint32_t i)
{
    GW_ASSERT(i < cow->size);
    uint32_t at = i / COW_CHUNK, slots = chunk_slots(cow->size);
    forget_view(cow);
    if (cow->chunks[at]->epoch != cow->epoch)
        replace_chunk(cow, at, slots, slots);
    return &cow->chunks[at]->slots[i % COW_CHUNK];
}

void cow_set(cow_t *cow, uint32_t i, uint64_t key, const void *object)
{
    cow_slot_t *slot = cow_edit(cow, i);
    const void *old = slot->object;
    if (object)
        cow->class->hold(object);
    *slot = (cow_slot_t){key, object};
    if (old)
        cow->class->drop(old);
}

static cow_view_t *view_new(const cow_t *cow)
{
    uint32_t count = chunk_count(cow->size);
    cow_view_t *view = xmalloc(sizeof(*view) + count * sizeof(cow_chunk_t *));
    ref_init(&view->ref);
    view->class = cow->class;
    view->size = cow->size;
    for (uint32_t i = 0; i < count; i++) {
        view->chunks[i] = cow->chunks[i];
        ref_hold(&view->chunks[i]->ref);
    }
    return view;
}

cow_view_t *cow_take(cow_t *cow)
{
    if (cow->view == NULL) {
        cow->view = view_new(cow);
        cow->epoch++; /* from here on, every chunk is shared */
    }
    return cow_view_ref(cow->view);
}

/* The count is the one part that changes in an object that is const for everybody else. */
cow_view_t *cow_view_ref(const cow_view_t *view)
{
    cow_view_t *counted = (cow_view_t *)(uintptr_t)view;
    ref_hold(&counted->ref);
    return counted;
}

void cow_view_unref(const cow_view_t *view)
{
    cow_view_t *counted = (cow_view_t *)(uintptr_t)view;
    if (counted == NULL || !ref_drop(&counted->ref))
        return;
    for (uint32_t i = 0; i < chunk_count(view->size); i++)
        chunk_unref(view->class, view->chunks[i], chunk_slots(view->size));
    free(counted);
}
