/*
 * store_source.h: one file of manifests as the store knows it: its objects, and what is wrong
 * with others. It sends no message.
 */
#ifndef ACTORS_STORE_SOURCE_H
#define ACTORS_STORE_SOURCE_H

#include <uthash.h>

#include "actors/store_msg.h"
#include "core/list.h"

/* Members may be read; `pending`, `sent` and `round` are the store's. */
typedef struct source {
    UT_hash_handle hh;
    list_t pending;     /* it changed and the translator has not been told */
    list_t sent;        /* the translator has been told and has not answered */
    object_t **objects; /* each with a reference */
    size_t count;
    problems_t problems, notes;
    bool gone;
    uint64_t round; /* of the report that named it last */
    char name[];
} source_t;

/* source_new makes a source without objects. */
source_t *source_new(const char *name);
void source_free(source_t *source);

/*
 * source_take replaces what is known of the file by what it holds now; the objects move over. An
 * object that is refused now keeps its old self, and so does every object of a file that is
 * broken as a whole. Returns whether the objects may have changed.
 */
bool source_take(source_t *source, manifest_file_t *file);

#endif
