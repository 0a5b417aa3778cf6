/*
 * refused_set.h: which resources are not in effect as they were sent last, and why. A refusal
 * stands until its resource is sent again, or removed.
 */
#ifndef ACTORS_REFUSED_SET_H
#define ACTORS_REFUSED_SET_H

#include "gatewayapi/table.h"
#include "xds/reject.h"
#include "xds/update.h"

/* A zeroed set is empty and valid. `count` may be read; the rest is private. */
typedef struct refused_set {
    table_t names[XDS_TYPE_COUNT];
    size_t count;
} refused_set_t;

/* One of them. Members may be read. */
typedef struct refused {
    table_node_t node; /* private */
    slice_t name;
    slice_t reason; /* "field: reason" */
    char text[];    /* private */
} refused_t;

/* refused_set_forget takes out what the update names: it is being sent. */
void refused_set_forget(refused_set_t *set, const xds_update_t *update);

/* refused_set_add takes in what was refused; everything is copied. */
void refused_set_add(refused_set_t *set, const xds_rejects_t *rejects);

/* refused_set_find gives the refusal of a resource, or NULL. */
const refused_t *refused_set_find(const refused_set_t *set, xds_type_t type, slice_t name);

/* refused_set_next walks those of a type in no order: NULL gives the first, the last gives NULL. */
const refused_t *refused_set_next(const refused_set_t *set, xds_type_t type,
                                  const refused_t *refused);

/* refused_set_clear forgets everything and frees the memory. */
void refused_set_clear(refused_set_t *set);

#endif
