/*
 * snapshot_bound.h: what became of the listeners, put together from the answers of all workers,
 * and what there is to tell people when that changes.
 */
#ifndef ACTORS_SNAPSHOT_BOUND_H
#define ACTORS_SNAPSHOT_BOUND_H

#include "actors/snapshot_msg.h"

/*
 * bound_merge adds the answer of one worker to *merged (NULL: it is the first). A listener that
 * is not bound on one worker is not bound: the first worker's reason counts.
 */
void bound_merge(bound_list_t **merged, const bound_list_t *answer);

/* A configuration with what became of its listeners; both may be NULL. */
typedef struct announced {
    const snapshot_t *snapshot;
    const bound_list_t *bound;
} announced_t;

/*
 * bound_announce logs what differs: LISTENER-BOUND for each listener of each Gateway that has a
 * socket now ("NAMESPACE/GATEWAY/LISTENER"; what has no Gateway goes by its resource's name, and
 * the one on the fixed port as "traffic"), LISTENER-NOT-BOUND, LISTENER-GONE.
 */
void bound_announce(const announced_t *before, const announced_t *now);

#endif
