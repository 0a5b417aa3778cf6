/* snapshot_update.c: see snapshot_update.h. */
#include "actors/snapshot_update.h"

#include "core/mem.h"
#include "gatewayapi/table.h"

static void remove_missing(xds_update_t *update, const snapshot_builder_t *builder, xds_type_t type,
                           const table_t *named)
{
    const xds_resource_t *resource;
    uint32_t at = 0;
    while ((resource = snapshot_builder_next(builder, type, &at)) != NULL) {
        slice_t name = xds_resource_name(resource);
        if (!table_find(named, name, (slice_t){0}))
            xds_update_remove(update, type, name);
    }
}

void update_complete(xds_update_t *update, const snapshot_builder_t *builder)
{
    table_t named[XDS_TYPE_COUNT] = {0};
    table_node_t *nodes = xcalloc(update->changed_count + 1, sizeof(*nodes));
    for (size_t i = 0; i < update->changed_count; i++) {
        table_t *table = &named[xds_resource_type(update->changed[i])];
        slice_t name = xds_resource_name(update->changed[i]);
        if (!table_find(table, name, (slice_t){0}))
            table_add(table, &nodes[i], name, (slice_t){0});
    }
    for (int type = 0; type < XDS_TYPE_COUNT; type++) {
        remove_missing(update, builder, (xds_type_t)type, &named[type]);
        table_fini(&named[type]);
    }
    free(nodes);
}
