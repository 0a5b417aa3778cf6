#include "core/arena.h"

#include "core/mem.h"

enum { BLOCK_SIZE = 4096, ALIGNMENT = 16 };

struct arena_block {
    arena_block_t *next;
    size_t size;
    _Alignas(ALIGNMENT) char memory[];
};

void arena_init_with(arena_t *arena, void *memory, size_t size)
{
    *arena = (arena_t){.first = memory, .first_end = (char *)memory + size};
    arena->next = arena->first;
    arena->end = arena->first_end;
}

static void grow(arena_t *arena, size_t size)
{
    size_t room = size + ALIGNMENT > BLOCK_SIZE ? size + ALIGNMENT : BLOCK_SIZE;
    arena_block_t *block = xmalloc(sizeof(*block) + room);
    block->next = arena->blocks;
    block->size = room;
    arena->blocks = block;
    arena->next = block->memory;
    arena->end = block->memory + room;
}

char *arena_bytes(arena_t *arena, size_t size)
{
    if (arena->next == NULL || (size_t)(arena->end - arena->next) < size)
        grow(arena, size);
    char *memory = arena->next;
    arena->next += size;
    return memory;
}

void *arena_alloc(arena_t *arena, size_t size)
{
    size_t pad = -(uintptr_t)arena->next & (ALIGNMENT - 1);
    if (arena->next == NULL || (size_t)(arena->end - arena->next) < size + pad) {
        grow(arena, size);
        pad = 0; /* a fresh block is aligned */
    }
    arena->next += pad;
    char *memory = arena->next;
    arena->next += size;
    return memory;
}

void *arena_zalloc(arena_t *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

slice_t arena_dup(arena_t *arena, slice_t s)
{
    char *copy = arena_bytes(arena, s.len + 1);
    if (s.len)
        memcpy(copy, s.base, s.len);
    copy[s.len] = '\0';
    return (slice_t){copy, s.len};
}

void arena_reset(arena_t *arena)
{
    for (arena_block_t *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->blocks = NULL;
    arena->next = arena->first;
    arena->end = arena->first_end;
}

void arena_fini(arena_t *arena)
{
    arena_reset(arena);
    *arena = (arena_t){0};
}

size_t arena_used(const arena_t *arena)
{
    size_t used = arena->first ? (size_t)(arena->first_end - arena->first) : 0;
    /* in one piece, padding can be needed where here a new block began */
    for (const arena_block_t *block = arena->blocks; block; block = block->next)
        used += block->size + ALIGNMENT;
    return arena->next ? used - (size_t)(arena->end - arena->next) : used;
}

size_t arena_heap_size(const arena_t *arena)
{
    size_t size = 0;
    for (const arena_block_t *block = arena->blocks; block; block = block->next)
        size += sizeof(*block) + block->size;
    return size;
}
