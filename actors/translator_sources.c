/* translator_sources.c: see translator_sources.h. */
#include "actors/translator_sources.h"

#include <uthash.h>

#include "core/mem.h"

/* The table keeps its order: those named last stand at its end. */
struct known_source {
    UT_hash_handle hh;
    uint64_t round; /* of the report that named it last */
    char name[];
};

static known_source_t *find(const known_sources_t *sources, const char *name)
{
    known_source_t *source = NULL;
    HASH_FIND_STR(sources->by_name, name, source);
    return source;
}

static known_source_t *add(known_sources_t *sources, const char *name)
{
    size_t len = strlen(name);
    known_source_t *source = xcalloc(1, sizeof(*source) + len + 1);
    memcpy(source->name, name, len);
    HASH_ADD_STR(sources->by_name, name, source);
    return source;
}

void known_sources_begin(known_sources_t *sources)
{
    sources->round++;
}

void known_sources_note(known_sources_t *sources, const char *name, bool has_objects)
{
    known_source_t *source = find(sources, name);
    if (!source && has_objects)
        source = add(sources, name);
    if (!source)
        return;
    HASH_DEL(sources->by_name, source);
    if (!has_objects) {
        free(source);
        return;
    }
    source->round = sources->round;
    HASH_ADD_STR(sources->by_name, name, source);
}

const char *known_sources_missing(known_sources_t *sources)
{
    const known_source_t *oldest = sources->by_name;
    return oldest && oldest->round != sources->round ? oldest->name : NULL;
}

void known_sources_clear(known_sources_t *sources)
{
    known_source_t *source, *next;
    HASH_ITER (hh, sources->by_name, source, next) {
        HASH_DEL(sources->by_name, source);
        free(source);
    }
}
