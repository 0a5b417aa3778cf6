/*
 * life.c: actors on one worker begin, fail, are replaced and end. Slots give them addresses; a
 * class map holds what the worker needs to know of a class.
 */
#include "core/dispatcher.h"
#include "core/log.h"
#include "core/mem.h"

enum { RESTARTS_DEFAULT = 5, RESTART_WINDOW_DEFAULT_MS = 10000, FIRST_SLOTS = 64 };

/* --- slots --- */

static void grow_slots(dispatcher_t *d)
{
    uint32_t old = d->slots, slots = old ? old * 2 : FIRST_SLOTS;
    GW_ASSERT(d->free_count == 0);
    d->actors = xrealloc(d->actors, slots * sizeof(*d->actors));
    d->generations = xrealloc(d->generations, slots * sizeof(*d->generations));
    d->free_slots = xrealloc(d->free_slots, slots * sizeof(*d->free_slots));
    for (uint32_t slot = old; slot < slots; slot++) {
        d->actors[slot] = &d->nobody;
        d->generations[slot] = 1;
        d->free_slots[d->free_count++] = slot;
    }
    d->free_head = 0;
    d->slots = slots;
    d->slot_mask = slots - 1;
}

void life_init(dispatcher_t *d)
{
    d->nobody.ref = UINT32_MAX; /* that actor of worker 63 would be the last to come */
    grow_slots(d);
}

static int take_slot(dispatcher_t *d, actor_t *actor)
{
    if (d->free_count == 0 && d->slots * 2 > ADDRESS_SLOTS_MAX)
        return GW_ELIMIT;
    if (d->free_count == 0)
        grow_slots(d);
    uint32_t slot = d->free_slots[d->free_head];
    d->free_head = (d->free_head + 1) % d->slots;
    d->free_count--;
    d->actors[slot] = actor;
    actor->ref = address_make(d->index, slot, d->generations[slot]);
    return 0;
}

static void give_slot(dispatcher_t *d, const actor_t *actor)
{
    uint32_t slot = address_slot(actor->ref);
    d->actors[slot] = &d->nobody;
    uint16_t next = (d->generations[slot] + 1) & ADDRESS_GENERATION_MASK;
    d->generations[slot] = next ? next : 1; /* no address is 0 */
    d->free_slots[(d->free_head + d->free_count++) % d->slots] = slot;
}

/* --- classes --- */

static const actor_handle_fn no_handlers[MSG_TYPES_MAX + 1];

static class_map_t *map_new(const actor_class_t *class)
{
    class_map_t *map = xcalloc(1, sizeof(*map));
    actor_handle_fn *tables[MSG_PROTOCOLS_MAX] = {NULL};
    map->class = class;
    for (const actor_handler_t *h = class->handlers; h && h->handle; h++) {
        unsigned protocol = h->type >> 8, index = h->type & 0xff;
        GW_ASSERT(protocol < MSG_PROTOCOLS_MAX && index <= MSG_TYPES_MAX);
        if (!tables[protocol])
            tables[protocol] = xcalloc(MSG_TYPES_MAX + 1, sizeof(actor_handle_fn));
        GW_ASSERT(tables[protocol][index] == NULL); /* two handlers for one message */
        tables[protocol][index] = h->handle;
    }
    for (int i = 0; i < MSG_PROTOCOLS_MAX; i++)
        map->tables[i] = tables[i] ? tables[i] : no_handlers;
    return map;
}

static void map_free(class_map_t *map)
{
    for (int i = 0; i < MSG_PROTOCOLS_MAX; i++) {
        if (map->tables[i] != no_handlers)
            free((void *)(uintptr_t)map->tables[i]);
    }
    free(map);
}

class_map_t *dispatcher_class(dispatcher_t *d, const actor_class_t *class)
{
    for (class_map_t *map = d->classes; map; map = map->next) {
        if (map->class == class)
            return map;
    }
    class_map_t *map = map_new(class);
    map->next = d->classes;
    d->classes = map;
    return map;
}

/* --- life --- */

static int begin(actor_t *actor)
{
    const actor_class_t *class = actor->map->class;
    actor->self = arena_zalloc(&actor->arena, class->state_size ? class->state_size : 1);
    return class->init ? class->init(actor->self, actor, actor->args) : 0;
}

static void end(actor_t *actor)
{
    const actor_class_t *class = actor->map->class;
    if (class->fini)
        class->fini(actor->self, actor);
    actor->self = NULL;
    arena_fini(&actor->arena);
}

static void free_actor(dispatcher_t *d, actor_t *actor)
{
    mailbox_forget(d, actor);
    if (actor->free_args)
        actor->free_args(actor->args);
    free(actor->muted_by);
    free(actor->muted_ones);
    free(actor->name);
    free(actor->role);
    free(actor);
}

/* What it owes and what it waits for ends with the state that knew of it. */
static void settle(dispatcher_t *d, actor_t *actor, int code)
{
    debts_settle(d, actor, code);
    requests_drop(d, actor);
    timers_drop(d, actor);
}

static actor_t *actor_new(dispatcher_t *d, actor_ref_t spawner, const actor_class_t *class,
                          const char *role, const char *name, void *args, void (*free_args)(void *))
{
    actor_t *actor = xcalloc(1, sizeof(*actor));
    actor->home = d;
    actor->map = dispatcher_class(d, class);
    actor->name = xstrdup(name);
    actor->role = xstrdup(role);
    actor->args = args;
    actor->free_args = free_args;
    actor->spawner = spawner;
    list_init(&actor->owed);
    list_init(&actor->requests);
    list_init(&actor->timers);
    return actor;
}

static int start(dispatcher_t *d, actor_t *actor)
{
    int rc = take_slot(d, actor);
    if (rc < 0)
        return rc;
    rc = d->ops->publish(d->context, actor->name, actor->ref);
    if (rc < 0) {
        give_slot(d, actor);
        return rc;
    }
    rc = begin(actor);
    if (rc == 0)
        return 0;
    settle(d, actor, rc);
    end(actor);
    d->ops->withdraw(d->context, actor->name, actor->ref);
    give_slot(d, actor);
    return rc;
}

int dispatcher_spawn(dispatcher_t *d, actor_ref_t spawner, const char *role, const char *name,
                     void *args, void (*free_args)(void *), actor_ref_t *ret)
{
    const actor_class_t *class = d->ops->role(d->context, role);
    actor_t *actor = class ? actor_new(d, spawner, class, role, name, args, free_args) : NULL;
    if (!actor) {
        if (free_args)
            free_args(args);
        return GW_ENOTFOUND;
    }
    int rc = start(d, actor);
    if (rc < 0) {
        log_error(actor, "ACTOR-START-FAILED", "the actor did not start", log_text("actor", name),
                  log_code("error", rc));
        free_actor(d, actor);
        return rc;
    }
    if (ret)
        *ret = actor->ref;
    return 0;
}

static void send_obituary(dispatcher_t *d, const actor_t *actor, int code)
{
    if (!actor->spawner)
        return;
    obituary_t *obituary = xcalloc(1, sizeof(*obituary));
    obituary->ref = actor->ref;
    obituary->code = code;
    snprintf(obituary->name, sizeof(obituary->name), "%s", actor->name);
    msg_t m = {.body = obituary, .src = actor->ref, .dst = actor->spawner, .type = MSG_DOWN};
    dispatcher_post(d, m);
}

void life_bury(dispatcher_t *d, actor_t *actor, int code)
{
    settle(d, actor, code ? code : GW_ENOACTOR);
    end(actor);
    settle(d, actor, GW_ENOACTOR); /* what fini itself asked for */
    d->ops->withdraw(d->context, actor->name, actor->ref);
    send_obituary(d, actor, code);
    stats_fold(&actor->map->stats, &actor->stats);
    actor->map->stats.deaths++;
    give_slot(d, actor);
    free_actor(d, actor);
}

void dispatcher_exit(dispatcher_t *d, actor_t *actor, int code)
{
    if (actor->state != ACTOR_LIVE)
        return;
    actor->state = ACTOR_EXITING;
    if (actor->current || d->charge == actor)
        d->attention |= ATTENTION_EXIT; /* its handler is on the stack */
    else
        life_bury(d, actor, code);
}

/* --- faults --- */

static bool too_many_faults(actor_t *actor)
{
    const actor_class_t *class = actor->map->class;
    uint64_t window_ms =
        class->restart_window_ms ? class->restart_window_ms : RESTART_WINDOW_DEFAULT_MS;
    uint64_t now = actor->home->now;
    if (actor->faults == 0 || now - actor->fault_window_ns > window_ms * 1000000) {
        actor->fault_window_ns = now;
        actor->faults = 0;
    }
    actor->faults++;
    return actor->faults > (class->restarts ? class->restarts : RESTARTS_DEFAULT);
}

static int replace_state(dispatcher_t *d, actor_t *actor)
{
    settle(d, actor, GW_ERESTART);
    actor->state = ACTOR_RESTARTING;
    end(actor);
    settle(d, actor, GW_ERESTART);
    actor->state = ACTOR_LIVE;
    return begin(actor);
}

/* Restarts after a fault, and again if init fails too; gives up when the intensity is reached. */
void life_restart(dispatcher_t *d, actor_t *actor, int code)
{
    do {
        if (too_many_faults(actor)) {
            log_error(actor, "ACTOR-GAVE-UP", "the actor failed too often and has ended",
                      log_text("actor", actor->name), log_code("error", code));
            actor->state = ACTOR_EXITING;
            life_bury(d, actor, GW_ECRASHLOOP);
            return;
        }
        log_warn(actor, "ACTOR-RESTARTED", "the actor failed and is restarted",
                 log_text("actor", actor->name), log_code("error", code));
        actor->stats.restarts++;
        actor->map->stats.restarts++;
        code = replace_state(d, actor);
    } while (code < 0);
}

int dispatcher_swap(dispatcher_t *d, actor_ref_t ref, const actor_class_t *class)
{
    actor_t *actor = dispatcher_find(d, ref);
    if (!actor || actor->current)
        return GW_ENOACTOR;
    settle(d, actor, GW_ERESTART);
    end(actor);
    settle(d, actor, GW_ERESTART); /* what fini itself asked for */
    mailbox_forget(d, actor);      /* the new class may have other limits */
    stats_fold(&actor->map->stats, &actor->stats);
    actor->stats = (actor_stats_t){0};
    actor->map = dispatcher_class(d, class);
    int rc = begin(actor);
    if (rc < 0)
        life_restart(d, actor, rc);
    return dispatcher_find(d, ref) ? 0 : rc;
}

/* --- the end --- */

void dispatcher_end(dispatcher_t *d)
{
    for (uint32_t slot = d->slots; slot-- > 0;) {
        actor_t *actor = dispatcher_at(d, slot);
        if (actor && !actor->current) {
            actor->state = ACTOR_EXITING;
            life_bury(d, actor, GW_ESHUTDOWN);
        }
    }
}

void life_fini(dispatcher_t *d)
{
    for (class_map_t *map = d->classes, *next; map; map = next) {
        next = map->next;
        map_free(map);
    }
    free(d->actors);
    free(d->generations);
    free(d->free_slots);
}
