/*
 * registry.h: which class stands behind a role, and which actor behind a name. Shared by all
 * threads under a lock; it is asked when actors start, never while they work. Private to core/.
 */
#ifndef CORE_REGISTRY_H
#define CORE_REGISTRY_H

#include "core/actor.h"

typedef struct registry registry_t;

registry_t *registry_new(void);
void registry_free(registry_t *registry);

/* registry_set binds a role to a class, or another class to it. */
void registry_set(registry_t *registry, const char *role, const actor_class_t *class);
const actor_class_t *registry_class(registry_t *registry, const char *role);

/* registry_publish gives an actor its name; GW_EEXIST if another one has it. */
int registry_publish(registry_t *registry, const char *name, actor_ref_t ref);
void registry_withdraw(registry_t *registry, const char *name, actor_ref_t ref);
actor_ref_t registry_lookup(registry_t *registry, const char *name);

/* registry_name_of writes the name of an actor, "?" if it has none, always with a NUL. */
void registry_name_of(registry_t *registry, actor_ref_t ref, char *ret, size_t size);

#endif
