/*
 * problem.h: what is wrong with a manifest, for people: where (file, line, object, field) and why.
 */
#ifndef GATEWAYAPI_PROBLEM_H
#define GATEWAYAPI_PROBLEM_H

#include "core/arena.h"
#include "core/strbuf.h"

typedef struct problem {
    slice_t file;
    uint32_t line;  /* 1-based */
    slice_t object; /* "HTTPRoute default/web"; empty if the file as a whole is meant */
    slice_t field;  /* "spec.rules[0].matches[1].path.value"; may be empty */
    slice_t reason;
} problem_t;

/* A list that owns its texts. A zeroed one is empty and valid. Members may be read. */
typedef struct problems {
    arena_t arena;
    problem_t *at;
    size_t count, capacity;
} problems_t;

/* problems_add appends a copy of `problem`. */
void problems_add(problems_t *problems, const problem_t *problem);

/* problems_clear empties the list and frees its memory; it may be used again. */
void problems_clear(problems_t *problems);

/* problem_print appends "file:line: object: field: reason", without what is empty. */
void problem_print(const problem_t *problem, strbuf_t *out);

#endif
