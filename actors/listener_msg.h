/*
 * listener_msg.h: the protocol of the listener actor, one per worker.
 */
#ifndef ACTORS_LISTENER_MSG_H
#define ACTORS_LISTENER_MSG_H

#include "core/core_msg.h"
#include "xds/snapshot.h"

/* What became of one listener on one worker. */
typedef struct bound {
    char name[256];
    char address[64];
    int code; /* 0, or a negative errno */
} bound_t;

typedef struct bound_list {
    uint32_t worker, count;
    bound_t listeners[];
} bound_list_t;
void bound_list_free(bound_list_t *list);

/* The body of messages that carry a snapshot: a counted reference. */
void snapshot_release(snapshot_t *snapshot);

#define LISTENER_MESSAGES(X)                                                                       \
    X(LISTENERS, snapshot_t, snapshot_release,                                                     \
      "snapshot -> listener: listen on these; answer BOUND. listener -> connection: they are "     \
      "listened on")                                                                               \
    X(BOUND, bound_list_t, bound_list_free, "listener -> snapshot: what is bound, what not")       \
    X(LISTENER_RESUME, msg_none_t, msg_none_free, "listener -> itself: try to accept again")

MSG_DECLARE(listener, 10, LISTENER_MESSAGES)

#endif
