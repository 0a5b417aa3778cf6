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

/* Resources that changed. `version` counts up; the answer names it. */
typedef struct resources {
    uint64_t version;
    uint64_t seen_ns; /* monotonic: when the change that caused it was seen; 0: unknown */
    xds_update_t update;
} resources_t;
void resources_free(resources_t *resources);

/* What became of them: applied on every worker, apart from what is rejected here. */
typedef struct applied {
    uint64_t version;
    int code;        /* 0, or GW_EDEADLINE when a worker did not answer */
    uint32_t worker; /* the one that did not */
    xds_rejects_t rejects;
    bound_list_t *bound; /* listeners, merged over the workers */
} applied_t;
void applied_free(applied_t *applied);

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
    X(SNAPSHOT_ASK, msg_none_t, msg_none_free, "admin, metrics -> snapshot: answer SNAPSHOT_VIEW") \
    X(SNAPSHOT_VIEW, snapshot_view_t, snapshot_view_free, "snapshot -> asker: how it stands")

MSG_DECLARE(snapshot, 14, SNAPSHOT_MESSAGES)

#endif
