/*
 * update.h: what changed between two states of the configuration: resources that are new or have
 * new contents, and resources that are gone. The translator emits it, the snapshot builder
 * consumes it, and a delta stream carries it. It belongs to one owner at a time.
 */
#ifndef XDS_UPDATE_H
#define XDS_UPDATE_H

#include "xds/resource.h"

/* The name is owned by the update. */
typedef struct xds_removal {
    xds_type_t type;
    slice_t name;
} xds_removal_t;

/* Members may be read. A zeroed update is empty and valid. */
typedef struct xds_update {
    xds_resource_t **changed; /* counted, each held by the update */
    size_t changed_count;
    xds_removal_t *removed;
    size_t removed_count;
    struct {
        size_t changed_room, removed_room;
    } priv;
} xds_update_t;

/*
 * xds_update_change adds a resource and takes the caller's reference; *resource becomes NULL. A
 * name that is in the update twice counts with its last resource.
 */
void xds_update_change(xds_update_t *update, xds_resource_t **resource);

/* xds_update_remove adds a name that is gone; it is copied. */
void xds_update_remove(xds_update_t *update, xds_type_t type, slice_t name);

/* xds_update_empty says whether there is nothing in it. */
bool xds_update_empty(const xds_update_t *update);

/* xds_update_fini gives back all that the update holds; it is empty and usable afterwards. */
void xds_update_fini(xds_update_t *update);

#endif
