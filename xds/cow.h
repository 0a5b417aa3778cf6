/*
 * cow.h: an array of counted objects whose versions share what they have in common. One owner
 * edits a cow_t; a cow_view_t is what it was at one moment: immutable, counted, readable by any
 * thread without a lock. Slots lie in chunks, and an edit copies only the chunk it touches, so a
 * view costs a pointer per chunk and a change costs one chunk, however long the array is.
 *
 * It knows nothing of what the objects are, nor what the keys beside them mean.
 */
#ifndef XDS_COW_H
#define XDS_COW_H

#include "core/ref.h"

enum { COW_CHUNK = 32 }; /* slots in a chunk; a power of two */

/* A slot owns one reference of its object; NULL is an empty slot. */
typedef struct cow_slot {
    uint64_t key; /* the user's */
    const void *object;
} cow_slot_t;

/* How the objects are counted. */
typedef struct cow_class {
    void (*hold)(const void *object);
    void (*drop)(const void *object);
} cow_class_t;

/* Members are private to cow.c and to the inline readers. */
typedef struct cow_chunk {
    ref_count_t ref;
    uint64_t epoch; /* of the editor that may write to it */
    cow_slot_t slots[];
} cow_chunk_t;

typedef struct cow_view {
    ref_count_t ref;
    const cow_class_t *class;
    uint32_t size; /* slots */
    cow_chunk_t *chunks[];
} cow_view_t;

/* Members are private, except `size`. */
typedef struct cow {
    const cow_class_t *class;
    cow_chunk_t **chunks;
    uint32_t size;    /* slots */
    uint64_t epoch;   /* chunks of this epoch are in no view */
    cow_view_t *view; /* of the present state, if one was taken since the last edit */
} cow_t;

/* cow_init makes an array of `size` empty slots. The class must outlive it and its views. */
void cow_init(cow_t *cow, const cow_class_t *class, uint32_t size);

/* cow_fini drops every object; views stay valid. */
void cow_fini(cow_t *cow);

/* cow_grow makes it at least `size` slots long; the new ones are empty. */
void cow_grow(cow_t *cow, uint32_t size);

/* cow_at reads a slot; i < size. */
static inline const cow_slot_t *cow_at(const cow_t *cow, uint32_t i)
{
    return &cow->chunks[i / COW_CHUNK]->slots[i % COW_CHUNK];
}

/*
 * cow_edit gives a slot to change, valid until the next call. The caller keeps the rule that a
 * slot owns its object: it moves references between slots, or uses cow_set.
 */
cow_slot_t *cow_edit(cow_t *cow, uint32_t i);

/* cow_set holds the object (NULL for none) in a slot and drops what was there. */
void cow_set(cow_t *cow, uint32_t i, uint64_t key, const void *object);

/* cow_take gives the present state; the caller owns a reference. Taking twice gives the same. */
cow_view_t *cow_take(cow_t *cow);

/* cow_view_ref adds a reference. Any thread. */
cow_view_t *cow_view_ref(const cow_view_t *view);

/* cow_view_unref gives one back; the last one frees the view. Any thread. NULL is legal. */
void cow_view_unref(const cow_view_t *view);

/* cow_view_at reads a slot; i < view->size. Any thread. */
static inline const cow_slot_t *cow_view_at(const cow_view_t *view, uint32_t i)
{
    return &view->chunks[i / COW_CHUNK]->slots[i % COW_CHUNK];
}

#endif
