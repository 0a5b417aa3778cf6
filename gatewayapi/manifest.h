/*
 * manifest.h: the text of one file (YAML with any number of documents, or JSON) as objects.
 *
 * A syntax error makes the whole file bad: it gives no object, and the caller keeps what the file
 * gave before. Everything else is judged object by object: a bad one is a problem and the others
 * of the file stand. Objects of kinds that the gateway does not read are noted and passed over. A
 * `kind: List` stands for its items.
 */
#ifndef GATEWAYAPI_MANIFEST_H
#define GATEWAYAPI_MANIFEST_H

#include "gatewayapi/object.h"
#include "gatewayapi/problem.h"

/* An object that was refused, as far as it is known which one it is. */
typedef struct refused_object {
    object_kind_t kind;
    slice_t namespace_, name; /* owned by the manifest */
} refused_object_t;

/* Members may be read. */
typedef struct manifest {
    object_t **objects; /* each with one reference of the manifest's */
    size_t count, capacity;
    refused_object_t *refused;
    size_t refused_count, refused_capacity;
    arena_t arena;       /* private: texts of `refused` */
    problems_t problems; /* objects that were refused, and why */
    problems_t notes;    /* what was passed over */
} manifest_t;

/*
 * manifest_parse reads `text`, which came from `file` (a name for messages and object.source).
 * *ret is set in every case and must be given to manifest_fini. It returns 0, also if objects were
 * refused; or GW_EPARSE or GW_ELIMIT if the file as a whole is bad: then there is no object and
 * one problem. No I/O; any thread.
 */
int manifest_parse(slice_t file, slice_t text, manifest_t *ret);

/* manifest_fini gives the references back and frees the rest. */
void manifest_fini(manifest_t *manifest);

#endif
