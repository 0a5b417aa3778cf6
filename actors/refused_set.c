/* refused_set.c: see refused_set.h. */
#include "actors/refused_set.h"

#include "core/mem.h"

static const slice_t none = {NULL, 0};

static refused_t *refused_of(table_node_t *node)
{
    return GW_CONTAINER_OF(node, refused_t, node);
}

static void drop(refused_set_t *set, xds_type_t type, table_node_t *node)
{
    table_remove(&set->names[type], node);
    free(refused_of(node));
    set->count--;
}

static void forget(refused_set_t *set, xds_type_t type, slice_t name)
{
    table_node_t *node = table_find(&set->names[type], name, none);
    if (node)
        drop(set, type, node);
}

static void add(refused_set_t *set, const xds_reject_t *reject)
{
    size_t name = reject->name.len, field = reject->field.len, reason = reject->reason.len;
    forget(set, reject->type, reject->name);
    refused_t *refused = xcalloc(1, sizeof(*refused) + name + field + 2 + reason);
    char *text = refused->text + name;
    memcpy(refused->text, reject->name.base, name);
    if (field > 0) {
        memcpy(text, reject->field.base, field);
        memcpy(text + field, ": ", 2);
        field += 2;
    }
    memcpy(text + field, reject->reason.base, reason);
    refused->name = slice_make(refused->text, name);
    refused->reason = slice_make(text, field + reason);
    table_add(&set->names[reject->type], &refused->node, refused->name, none);
    set->count++;
}

void refused_set_forget(refused_set_t *set, const xds_update_t *update)
{
    for (size_t i = 0; set->count > 0 && i < update->removed_count; i++)
        forget(set, update->removed[i].type, update->removed[i].name);
    for (size_t i = 0; set->count > 0 && i < update->changed_count; i++)
        forget(set, xds_resource_type(update->changed[i]), xds_resource_name(update->changed[i]));
}

void refused_set_add(refused_set_t *set, const xds_rejects_t *rejects)
{
    for (size_t i = 0; i < rejects->count; i++)
        add(set, &rejects->at[i]);
}

const refused_t *refused_set_find(const refused_set_t *set, xds_type_t type, slice_t name)
{
    table_node_t *node = table_find(&set->names[type], name, none);
    return node ? refused_of(node) : NULL;
}

const refused_t *refused_set_next(const refused_set_t *set, xds_type_t type,
                                  const refused_t *refused)
{
    table_node_t *node = table_next(&set->names[type], refused ? &refused->node : NULL);
    return node ? refused_of(node) : NULL;
}

void refused_set_clear(refused_set_t *set)
{
    for (int type = 0; type < XDS_TYPE_COUNT; type++) {
        table_node_t *node;
        while ((node = table_next(&set->names[type], NULL)) != NULL)
            drop(set, (xds_type_t)type, node);
        table_fini(&set->names[type]);
    }
}
