#include "core/name_table.h"

#include "core/mem.h"

static name_entry_t *find(const name_table_t *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->entries[i].name, name) == 0)
            return &table->entries[i];
    }
    return NULL;
}

void name_table_fini(name_table_t *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->entries[i].name);
    free(table->entries);
    *table = (name_table_t){0};
}

int name_table_add(name_table_t *table, const char *name, actor_ref_t ref)
{
    if (find(table, name))
        return GW_EEXIST;
    table->entries = xrealloc(table->entries, (table->count + 1) * sizeof(*table->entries));
    table->entries[table->count++] = (name_entry_t){.name = xstrdup(name), .ref = ref};
    return 0;
}

void name_table_remove(name_table_t *table, const char *name, actor_ref_t ref)
{
    name_entry_t *entry = find(table, name);
    if (!entry || entry->ref != ref)
        return;
    free(entry->name);
    *entry = table->entries[--table->count];
}

actor_ref_t name_table_find(const name_table_t *table, const char *name)
{
    const name_entry_t *entry = find(table, name);
    return entry ? entry->ref : 0;
}

const char *name_table_name(const name_table_t *table, actor_ref_t ref)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->entries[i].ref == ref)
            return table->entries[i].name;
    }
    return "?";
}
