/*
 * exact.h: builds a long-lived object, with everything it points at, in one piece of heap memory
 * of exactly its size. It is built twice: first on scratch memory, to learn the size.
 */
#ifndef XDS_EXACT_H
#define XDS_EXACT_H

#include "core/arena.h"

/*
 * Builds the object in the arena: its first allocation is the object itself. It is called twice
 * with the same argument and allocates the same both times. NULL: it cannot be built.
 */
typedef void *exact_build_t(arena_t *arena, void *arg);

/*
 * exact_new gives the object, which the caller frees with free(), all of it at once, or NULL.
 * `scratch` must be empty, and is empty afterwards.
 */
void *exact_new(arena_t *scratch, exact_build_t *build, void *arg);

#endif
