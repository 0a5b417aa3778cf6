/*
 * slab.h: objects that are found by a small number. An id is a slot and a generation: the id of
 * a freed object finds nothing, also after the slot has been used again: slots are used
 * in turn, so that an id comes back after half a million objects at the earliest (as long as not
 * nearly all 2^20 are live). Objects never move.
 */
#ifndef CORE_SLAB_H
#define CORE_SLAB_H

#include <stddef.h>
#include <stdint.h>

enum {
    SLAB_SLOT_BITS = 20,
    SLAB_CHUNK = 256,
    SLAB_REST = 128, /* so many slots are always at rest */
    SLAB_CHUNKS_MAX = (1 << SLAB_SLOT_BITS) / SLAB_CHUNK
};

/* The first member of every object in a slab. */
typedef struct slab_node {
    uint32_t id;   /* of the live object; generation of the next one when free */
    uint32_t next; /* next free slot + 1 */
} slab_node_t;

/* Members are private. */
typedef struct slab {
    char **chunks;
    size_t size; /* of one object */
    uint32_t slots, live;
    uint32_t first, last; /* free ones, oldest first; slot + 1 */
} slab_t;

/* slab_init makes an empty slab for objects of `size` bytes that begin with a slab_node_t. */
void slab_init(slab_t *slab, size_t size);

/* slab_fini frees the memory of all objects, live or not. */
void slab_fini(slab_t *slab);

/* slab_new gives a cleared object; its id is never 0. NULL when 2^20 objects are live. */
void *slab_new(slab_t *slab);

/* slab_free ends an object; its id finds nothing from here on. */
void slab_free(slab_t *slab, void *object);

/* slab_at gives the node in a slot, live or not; the slot must exist. */
static inline slab_node_t *slab_at(const slab_t *slab, uint32_t slot)
{
    return (slab_node_t *)(void *)(slab->chunks[slot / SLAB_CHUNK] +
                                   slot % SLAB_CHUNK * slab->size);
}

/* slab_get finds a live object by its id, or gives NULL. */
static inline void *slab_get(const slab_t *slab, uint32_t id)
{
    uint32_t slot = id & ((1u << SLAB_SLOT_BITS) - 1);
    if (slot >= slab->slots)
        return NULL;
    slab_node_t *node = slab_at(slab, slot);
    return node->id == id && node->next == 0 ? node : NULL;
}

#endif
