/*
 * translator_sources.h: the names of the sources that have objects, so that those can be found
 * that a full report does not name.
 */
#ifndef ACTORS_TRANSLATOR_SOURCES_H
#define ACTORS_TRANSLATOR_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct known_source known_source_t;

/* A zeroed one is empty and valid. Members are private. */
typedef struct known_sources {
    known_source_t *by_name;
    uint64_t round;
} known_sources_t;

/* known_sources_begin begins a report. */
void known_sources_begin(known_sources_t *sources);

/* known_sources_note says that the report names a source, and whether that has objects. The name
 * may be one that known_sources_missing gave; it is dead then. */
void known_sources_note(known_sources_t *sources, const char *name, bool has_objects);

/* known_sources_missing gives a source with objects that the report did not name, or NULL. */
const char *known_sources_missing(known_sources_t *sources);

/* known_sources_clear forgets everything. */
void known_sources_clear(known_sources_t *sources);

#endif
