/*
 * compile.h: what the compilers of resources share: where they allocate, where they note what is
 * wrong, and the small conversions that all of them need.
 */
#ifndef XDS_COMPILE_H
#define XDS_COMPILE_H

#include "core/arena.h"
#include "google/protobuf/duration.pb-c.h"
#include "xds/reject.h"
#include "xds/series.h"

/* What is counted or looked up by a dense number. Connections keep the number of their listener,
 * so that one is not given to another name. */
typedef enum series_kind {
    SERIES_LISTENER, /* by the listener resource's name */
    SERIES_ROUTE,    /* by "Http/NAMESPACE/NAME" */
    SERIES_BACKEND,  /* by "NAMESPACE/NAME" of the Service */
    SERIES_CLUSTER,  /* by the cluster's or load assignment's name */
    SERIES_KINDS
} series_kind_t;

typedef struct compile {
    arena_t *arena;   /* of the object that is built */
    arena_t *message; /* for messages; given up after the resource */
    fault_t *fault;
    series_t *series; /* SERIES_KINDS of them */
    uint64_t seed;    /* of all hashes in a snapshot */
} compile_t;

/* compile_text copies a text into the object. */
slice_t compile_text(const compile_t *c, const char *text);

/* compile_lower is compile_text in ASCII lower case. */
slice_t compile_lower(const compile_t *c, const char *text);

/*
 * compile_milliseconds converts a span of time, rounded up, with `absent` for none. It returns 0,
 * or GW_EINVAL with the fault noted for a negative or malformed one.
 */
int compile_milliseconds(const compile_t *c, const Google__Protobuf__Duration *duration,
                         uint32_t absent, const field_path_t *path, uint32_t *ret);

/* text_is_token: the text can be a header field's name or a method (RFC 9110 section 5.6.2). */
bool text_is_token(const char *text);

/* text_is_value: the text can be a header field's value: no control bytes but the tab. */
bool text_is_value(const char *text);

/* text_is_visible: no control bytes and no space: the text can stand in a request line. */
bool text_is_visible(const char *text);

#endif
