/*
 * store_json.h: what the store knows as JSON, for /v1/status.
 */
#ifndef ACTORS_STORE_JSON_H
#define ACTORS_STORE_JSON_H

#include "actors/status_book.h"
#include "actors/store_source.h"

/*
 * store_json_write appends
 *
 *     {"files": N, "problems": [{file, line, object, field, reason}, ...],
 *      "objects": [{kind, namespace, name, observedGeneration, conditions, listeners, parents,
 *                   file, line}, ...]}
 *
 * in order of the sources' names. An object that does not count, since an earlier source has it
 * too, is a problem and no object.
 */
void store_json_write(source_t *sources, const status_book_t *book, strbuf_t *out);

#endif
