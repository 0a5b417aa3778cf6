/*
 * snapshot_builder.h: turns updates of xDS resources into snapshots. It belongs to one owner and
 * is used by one thread; the snapshots go everywhere.
 *
 * A resource that is wrong is refused alone: the version before it keeps serving, and everything
 * else in the update takes effect.
 */
#ifndef XDS_SNAPSHOT_BUILDER_H
#define XDS_SNAPSHOT_BUILDER_H

#include "xds/reject.h"
#include "xds/snapshot.h"
#include "xds/update.h"

typedef struct snapshot_builder snapshot_builder_t;

/*
 * snapshot_builder_new starts with an empty configuration. The seed is of the hashes in the
 * snapshots; in a process that serves it is random, so that nobody can choose collisions.
 */
snapshot_builder_t *snapshot_builder_new(uint64_t seed);

/* snapshot_builder_free forgets the configuration; snapshots stay valid. NULL is legal. */
void snapshot_builder_free(snapshot_builder_t *builder);

/*
 * snapshot_builder_apply takes an update in and gives the snapshot that follows; the caller owns
 * a reference. It is the same snapshot as before when nothing changed. The update is borrowed;
 * what is kept of it is counted. What was refused is appended to *rejects (may be NULL).
 *
 * Removals count before changes, so a name that is in both is changed. A domain of a virtual
 * host, or the address of a listener, can move to another one in one update; of two that want
 * the same, the one that has it keeps it, else the first by name gets it.
 */
const snapshot_t *snapshot_builder_apply(snapshot_builder_t *builder, const xds_update_t *update,
                                         xds_rejects_t *rejects);

/* snapshot_builder_current gives the last snapshot, borrowed. */
const snapshot_t *snapshot_builder_current(const snapshot_builder_t *builder);

/*
 * snapshot_builder_next walks the resources of a type that are in effect, in no particular order:
 * *at starts at 0, NULL is the end. Borrowed until the next change.
 */
const xds_resource_t *snapshot_builder_next(const snapshot_builder_t *builder, xds_type_t type,
                                            uint32_t *at);

/* snapshot_builder_find gives the resource of that name that is in effect, borrowed, or NULL. */
const xds_resource_t *snapshot_builder_find(const snapshot_builder_t *builder, xds_type_t type,
                                            slice_t name);

#endif
