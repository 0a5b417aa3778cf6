/*
 * name_table.h: names of actors, for the test bench and the simulation: the registry without a
 * lock. Private to core/.
 */
#ifndef CORE_NAME_TABLE_H
#define CORE_NAME_TABLE_H

#include "core/actor.h"

typedef struct name_entry {
    char *name;
    actor_ref_t ref;
} name_entry_t;

/* A zeroed table is empty. Members are private. */
typedef struct name_table {
    name_entry_t *entries;
    size_t count;
} name_table_t;

void name_table_fini(name_table_t *table);

/* name_table_add copies the name; GW_EEXIST if it is taken. */
int name_table_add(name_table_t *table, const char *name, actor_ref_t ref);

/* name_table_remove takes the name away if it is this actor's. */
void name_table_remove(name_table_t *table, const char *name, actor_ref_t ref);

/* name_table_find gives the actor of a name, or 0; name_table_name the other way, or "?". */
actor_ref_t name_table_find(const name_table_t *table, const char *name);
const char *name_table_name(const name_table_t *table, actor_ref_t ref);

#endif
