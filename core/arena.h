/*
 * arena.h: memory that is freed all at once. An arena belongs to one owner (an exchange, an
 * actor, one translation); nothing in it is freed on its own.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include "core/slice.h"

typedef struct arena_block arena_block_t;

/* Members are private. A zeroed arena is valid and empty. */
typedef struct arena {
    char *next, *end;
    arena_block_t *blocks;   /* heap blocks, newest first */
    char *first, *first_end; /* caller's memory, or NULL */
} arena_t;

/*
 * arena_init_with starts an arena in memory that the caller owns; the heap is used only beyond
 * it. The memory must outlive the arena. An arena that is only zeroed starts with the heap.
 */
void arena_init_with(arena_t *arena, void *memory, size_t size);

/* arena_alloc gives `size` bytes, aligned for any object, not cleared; never NULL. */
void *arena_alloc(arena_t *arena, size_t size) __attribute__((returns_nonnull));

/* arena_zalloc is arena_alloc, cleared. */
void *arena_zalloc(arena_t *arena, size_t size) __attribute__((returns_nonnull));

/* arena_bytes is arena_alloc without alignment, for text. */
char *arena_bytes(arena_t *arena, size_t size) __attribute__((returns_nonnull));

/* arena_dup copies a slice into the arena and adds a NUL behind it. */
slice_t arena_dup(arena_t *arena, slice_t s);

/* arena_reset frees the heap blocks and starts anew in the caller's memory, if there is any. */
void arena_reset(arena_t *arena);

/* arena_fini frees all memory; the arena is empty afterwards and may be used again. */
void arena_fini(arena_t *arena);

/*
 * arena_used tells how many bytes all that was allocated takes, alignment included: a piece of
 * memory of that size and alignment holds the same allocations again, made in the same order. It
 * may say more when a heap block could not be filled to its end.
 */
size_t arena_used(const arena_t *arena);

/* arena_heap_size tells how many bytes the arena holds on the heap. */
size_t arena_heap_size(const arena_t *arena);

#endif
