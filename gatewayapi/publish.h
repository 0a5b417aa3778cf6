/*
 * publish.h: for the translator: the resources that it has published, by type and name. What a
 * run publishes anew is compared with what was there: an equal resource stays the same pointer,
 * and the update says exactly what differs between the beginning and the end of the run.
 */
#ifndef GATEWAYAPI_PUBLISH_H
#define GATEWAYAPI_PUBLISH_H

#include "core/list.h"
#include "gatewayapi/table.h"
#include "xds/update.h"

/* Members are private. publisher_init makes one. */
typedef struct publisher {
    table_t resources[XDS_TYPE_COUNT];
    list_t touched;
} publisher_t;

void publisher_init(publisher_t *publisher);

/* publisher_fini gives all resources back. */
void publisher_fini(publisher_t *publisher);

/* publish packs a message and makes it the resource of that type and name. */
void publish(publisher_t *publisher, xds_type_t type, slice_t name,
             const ProtobufCMessage *message);

/* publish_remove takes a resource away; if there is none nothing happens. */
void publish_remove(publisher_t *publisher, xds_type_t type, slice_t name);

/* publisher_get borrows the current resource, or gives NULL. */
const xds_resource_t *publisher_get(const publisher_t *publisher, xds_type_t type, slice_t name);

/* publisher_count gives how many resources of a type there are. */
size_t publisher_count(const publisher_t *publisher, xds_type_t type);

/* publisher_all adds every resource to the update; between a flush and the next change. */
void publisher_all(const publisher_t *publisher, xds_update_t *update);

/*
 * publisher_flush adds to the update what changed since the last flush, ordered by type and name;
 * a resource that is as it was then is not in it.
 */
void publisher_flush(publisher_t *publisher, xds_update_t *update);

#endif
