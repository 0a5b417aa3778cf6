/*
 * snapshot_msg.h: the protocol of the snapshot actor, on the control worker, which builds the
 * route snapshot from xDS resources and brings it to every worker.
 */
#ifndef ACTORS_SNAPSHOT_MSG_H
#define ACTORS_SNAPSHOT_MSG_H

#include "actors/listener_msg.h"
#include "core/core_msg.h"
#include "xds/reject.h"
#include "xds/snapshot.h"
#include "xds/update.h"

/* The arguments of the actor. */
typedef struct snapshot_args {
    const char *version;        /* of the program, for the log */
    uint32_t worker_timeout_ms; /* how long a worker may take to apply a snapshot */
} snapshot_args_t;

/* Resources that changed. `version` is the asker's number for them; the answer names it. */
typedef struct resources {
    uint64_t version;
    uint64_t seen_ns; /* monotonic: when the change that caused it was seen; 0: unknown */
    bool everything;  /* what is not in the update is gone */
    xds_update_t update;
} resources_t;
void resources_free(resources_t *resources);

/* What became of them: applied on every worker, apart from what is rejected here. */
typedef struct applied {
    uint64_t version;
    int code;        /* 0, or why a worker does not run it: GW_EDEADLINE ... */
    uint32_t worker; /* the one that does not */
    xds_rejects_t rejects;
    bound_list_t *bound; /* listeners, merged over the workers */
} applied_t;
void applied_free(applied_t *applied);

/* bound_list_copy copies a list, which may be NULL; the caller frees the copy. */
bound_list_t *bound_list_copy(const bound_list_t *list);

/* bound_list_find gives what became of a listener, borrowed from the list (which may be NULL), or
 * NULL. */
const bound_t *bound_list_find(const bound_list_t *list, slice_t name);

/* What admin pages show: a reference to the snapshot and how it stands. */
typedef struct snapshot_view {
    const snapshot_t *snapshot; /* NULL before the first */
    uint64_t version;           /* applied last on every worker */
    uint64_t applied_wall_ns;
    bool applied; /* a first configuration is applied and every listener is
                   * bound or rejected */
    uint64_t applied_total, rejected_total;
    bound_list_t *bound; /* a copy */
} snapshot_view_t;
void snapshot_view_free(snapshot_view_t *view);

#define SNAPSHOT_MESSAGES(X)                                                                       \
    X(RESOURCES, resources_t, resources_free,                                                      \
      "translator -> snapshot: these changed; answer APPLIED")                                     \
    X(APPLIED, applied_t, applied_free, "snapshot -> translator: every worker runs it")            \
    X(ROUTES_WANTED, msg_none_t, msg_none_free,                                                    \
      "router -> snapshot: I have started anew; answer with ROUTES")                               \
    X(LISTENERS_WANTED, msg_none_t, msg_none_free,                                                 \
      "listener -> snapshot: I have started anew; answer with LISTENERS")                          \
    X(SNAPSHOT_ASK, msg_none_t, msg_none_free, "admin, metrics -> snapshot: answer SNAPSHOT_VIEW") \
    X(SNAPSHOT_VIEW, snapshot_view_t, snapshot_view_free, "snapshot -> asker: how it stands")

MSG_DECLARE(snapshot, 14, SNAPSHOT_MESSAGES)

#endif
