/*
 * store_msg.h: the protocol of the store actor, on the control worker, which knows every object,
 * where it came from and what has been said about it.
 */
#ifndef ACTORS_STORE_MSG_H
#define ACTORS_STORE_MSG_H

#include "core/core_msg.h"
#include "gatewayapi/manifest.h"

/* What a file holds now. */
typedef struct manifest_file {
    char *source;        /* its path in the folder */
    bool gone;           /* and its objects with it; there is no manifest */
    bool broken;         /* as a whole: what it held before stays */
    manifest_t manifest; /* objects, and what is wrong with others */
} manifest_file_t;

/* Files that changed together. */
typedef struct manifest_batch {
    uint64_t seen_ns; /* monotonic: when the first change was noticed; 0: unknown */
    uint64_t round;   /* a number for each time that all files are reported anew */
    bool complete;    /* nothing else is waiting to be read; what this round has not named by the
                       * first complete batch does not exist */
    uint32_t count;
    manifest_file_t files[];
} manifest_batch_t;

/* manifest_batch_new makes an empty batch with room for `capacity` files. */
manifest_batch_t *manifest_batch_new(uint32_t capacity);
void manifest_batch_free(manifest_batch_t *batch);

/* JSON text, NUL-terminated. */
typedef struct status_text {
    char *json;
    size_t len;
} status_text_t;
void status_text_free(status_text_t *text);

#define STORE_MESSAGES(X)                                                                          \
    X(MANIFESTS, manifest_batch_t, manifest_batch_free,                                            \
      "file_watch -> store: these files changed")                                                  \
    X(OBJECTS_WANTED, msg_none_t, msg_none_free,                                                   \
      "translator -> store: I know of no object; send all of them")                                \
    X(STATUS_ASK, msg_none_t, msg_none_free,                                                       \
      "admin -> store: every object and what is said about it; answer STATUS")                     \
    X(STATUS, status_text_t, status_text_free, "store -> admin: {\"files\":[], \"objects\":[]}")

MSG_DECLARE(store, 21, STORE_MESSAGES)

#endif
