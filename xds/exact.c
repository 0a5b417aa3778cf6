#include "xds/exact.h"

#include "core/check.h"
#include "core/mem.h"

void *exact_new(arena_t *scratch, exact_build_t *build, void *arg)
{
    void *trial = build(scratch, arg);
    size_t size = arena_used(scratch);
    arena_reset(scratch);
    if (trial == NULL)
        return NULL;
    char *memory = xmalloc(size);
    arena_t arena;
    arena_init_with(&arena, memory, size);
    void *object = build(&arena, arg);
    GW_ASSERT(object == memory && arena_heap_size(&arena) == 0);
    return object;
}
