/*
 * translator_msg.h: the protocol of the translator actor, on the control worker, which makes xDS
 * resources and status conditions of objects.
 */
#ifndef ACTORS_TRANSLATOR_MSG_H
#define ACTORS_TRANSLATOR_MSG_H

#include "core/core_msg.h"
#include "gatewayapi/translator.h"

/* The arguments of the actor. */
typedef struct translator_args {
    translator_options_t options;
} translator_args_t;

/* All objects of a source, now. */
typedef struct source_change {
    char *source;
    object_t **objects; /* each with a reference */
    size_t count;
} source_change_t;

/* Sources that changed, to be translated together. */
typedef struct change_batch {
    uint64_t seen_ns; /* monotonic: when the first change was seen; 0: unknown */
    bool everything;  /* what is not in it is gone, and all statuses are to be reported */
    uint32_t count;
    source_change_t sources[];
} change_batch_t;

/* change_batch_new makes an empty batch with room for `capacity` sources. */
change_batch_t *change_batch_new(uint32_t capacity);

/* change_batch_add adds a source; it takes references of its own. */
void change_batch_add(change_batch_t *batch, const char *source, object_t *const *objects,
                      size_t count);
void change_batch_free(change_batch_t *batch);

/* What became of a batch. */
typedef struct translation {
    status_update_t status;
    problems_t problems; /* objects that do not count, since another source has them too */
} translation_t;
void translation_free(translation_t *translation);

#define TRANSLATOR_MESSAGES(X)                                                                     \
    X(TRANSLATE, change_batch_t, change_batch_free,                                                \
      "store -> translator: these sources changed; answer TRANSLATED")                             \
    X(TRANSLATED, translation_t, translation_free,                                                 \
      "translator -> store: the data plane has applied it; this is to be said of the objects")     \
    X(RESOURCES_WANTED, msg_none_t, msg_none_free,                                                 \
      "snapshot -> translator: I have no resources; send all of them")

MSG_DECLARE(translator, 22, TRANSLATOR_MESSAGES)

#endif
