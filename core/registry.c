#include "core/registry.h"

#include <uthash.h>
#include <uv.h>

#include "core/error.h"
#include "core/mem.h"

typedef struct role {
    UT_hash_handle hh;
    const actor_class_t *class;
    char name[];
} role_t;

typedef struct entry {
    UT_hash_handle by_name, by_ref;
    actor_ref_t ref;
    char name[];
} entry_t;

struct registry {
    uv_mutex_t lock;
    role_t *roles;
    entry_t *names, *refs; /* two tables over the same entries */
};

registry_t *registry_new(void)
{
    registry_t *registry = xcalloc(1, sizeof(*registry));
    uv_mutex_init(&registry->lock);
    return registry;
}

static void remove_entry(registry_t *registry, entry_t *entry)
{
    HASH_DELETE(by_name, registry->names, entry);
    HASH_DELETE(by_ref, registry->refs, entry);
    free(entry);
}

void registry_free(registry_t *registry)
{
    while (registry->names)
        remove_entry(registry, registry->names);
    for (role_t *role = registry->roles, *next; role; role = next) {
        next = role->hh.next;
        HASH_DEL(registry->roles, role);
        free(role);
    }
    uv_mutex_destroy(&registry->lock);
    free(registry);
}

static role_t *find_role(registry_t *registry, const char *name)
{
    role_t *role = NULL;
    HASH_FIND_STR(registry->roles, name, role);
    return role;
}

static role_t *add_role(registry_t *registry, const char *name)
{
    size_t len = strlen(name);
    role_t *role = xcalloc(1, sizeof(*role) + len + 1);
    memcpy(role->name, name, len);
    HASH_ADD_KEYPTR(hh, registry->roles, role->name, len, role);
    return role;
}

void registry_set(registry_t *registry, const char *role, const actor_class_t *class)
{
    uv_mutex_lock(&registry->lock);
    role_t *found = find_role(registry, role);
    if (!found)
        found = add_role(registry, role);
    found->class = class;
    uv_mutex_unlock(&registry->lock);
}

const actor_class_t *registry_class(registry_t *registry, const char *role)
{
    uv_mutex_lock(&registry->lock);
    const role_t *found = find_role(registry, role);
    const actor_class_t *class = found ? found->class : NULL;
    uv_mutex_unlock(&registry->lock);
    return class;
}

static entry_t *find_name(registry_t *registry, const char *name)
{
    entry_t *entry = NULL;
    HASH_FIND(by_name, registry->names, name, strlen(name), entry);
    return entry;
}

int registry_publish(registry_t *registry, const char *name, actor_ref_t ref)
{
    int rc = GW_EEXIST;
    size_t len = strlen(name);
    uv_mutex_lock(&registry->lock);
    if (!find_name(registry, name)) {
        entry_t *entry = xcalloc(1, sizeof(*entry) + len + 1);
        memcpy(entry->name, name, len);
        entry->ref = ref;
        HASH_ADD_KEYPTR(by_name, registry->names, entry->name, len, entry);
        HASH_ADD(by_ref, registry->refs, ref, sizeof(entry->ref), entry);
        rc = 0;
    }
    uv_mutex_unlock(&registry->lock);
    return rc;
}

void registry_withdraw(registry_t *registry, const char *name, actor_ref_t ref)
{
    uv_mutex_lock(&registry->lock);
    entry_t *entry = find_name(registry, name);
    if (entry && entry->ref == ref)
        remove_entry(registry, entry);
    uv_mutex_unlock(&registry->lock);
}

actor_ref_t registry_lookup(registry_t *registry, const char *name)
{
    uv_mutex_lock(&registry->lock);
    const entry_t *entry = find_name(registry, name);
    actor_ref_t ref = entry ? entry->ref : 0;
    uv_mutex_unlock(&registry->lock);
    return ref;
}

void registry_name_of(registry_t *registry, actor_ref_t ref, char *ret, size_t size)
{
    entry_t *entry = NULL;
    uv_mutex_lock(&registry->lock);
    HASH_FIND(by_ref, registry->refs, &ref, sizeof(ref), entry);
    snprintf(ret, size, "%s", entry ? entry->name : "?");
    uv_mutex_unlock(&registry->lock);
}
