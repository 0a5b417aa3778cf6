/*
 * snapshot_update.h: what a full state means as an update.
 */
#ifndef ACTORS_SNAPSHOT_UPDATE_H
#define ACTORS_SNAPSHOT_UPDATE_H

#include "xds/snapshot_builder.h"

/* update_complete adds the removal of every resource in effect that the update does not have. */
void update_complete(xds_update_t *update, const snapshot_builder_t *builder);

#endif
