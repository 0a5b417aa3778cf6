/*
 * snapshot_counts.h: how many of what a snapshot has.
 */
#ifndef ACTORS_SNAPSHOT_COUNTS_H
#define ACTORS_SNAPSHOT_COUNTS_H

#include "xds/snapshot.h"

typedef struct snapshot_counts {
    uint32_t listeners, routes, backends, endpoints; /* routes: Kubernetes objects, each once */
} snapshot_counts_t;

/* snapshot_count walks the whole snapshot: some microseconds per hundred routes. */
snapshot_counts_t snapshot_count(const snapshot_t *snapshot);

#endif
