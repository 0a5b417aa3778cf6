/*
 * dispatcher.c: the life of actors on one worker and the way of a message to its handler. The
 * requests, timers and mailboxes that it uses have files of their own.
 */
#include "core/dispatcher.h"

#include "core/log.h"
#include "core/mem.h"

enum { RESTARTS_DEFAULT = 5, RESTART_WINDOW_DEFAULT_MS = 10000, FIRST_SLOTS = 64 };

static void seed_random(uint64_t state[4], uint64_t seed)
{
    for (int i = 0; i < 4; i++) { /* splitmix64 */
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        state[i] = z ^ z >> 31;
    }
}

void dispatcher_init(dispatcher_t *d, const dispatcher_ops_t *ops, void *context,
                     const msg_catalogue_t *catalogue, uint32_t index, uint32_t workers,
                     uint32_t recorder_events, uint64_t seed)
{
    GW_ASSERT(workers <= ADDRESS_WORKERS_MAX && index < workers);
    memset(d, 0, sizeof(*d));
    d->ops = ops;
    d->context = context;
    d->catalogue = catalogue;
    d->index = index;
    d->workers = workers;
    d->train_capacity = TRAIN_CAPACITY;
    slab_init(&d->requests, sizeof(request_t));
    slab_init(&d->debts, sizeof(debt_t));
    slab_init(&d->timers, sizeof(timer_entry_t));
    recorder_init(&d->recorder, recorder_events);
    seed_random(d->random, seed + index);
    d->now = ops->clock(context);
}

/* --- slots --- */

static void grow_slots(dispatcher_t *d)
{
    uint32_t old = d->slots, slots = old ? old * 2 : FIRST_SLOTS;
    GW_ASSERT(d->free_count == 0);
    d->actors = xrealloc(d->actors, slots * sizeof(*d->actors));
    d->generations = xrealloc(d->generations, slots * sizeof(*d->generations));
    d->free_slots = xrealloc(d->free_slots, slots * sizeof(*d->free_slots));
    for (uint32_t slot = old; slot < slots; slot++) {
        d->actors[slot] = NULL;
        d->generations[slot] = 1;
        d->free_slots[d->free_count++] = slot;
    }
    d->free_head = 0;
    d->slots = slots;
}

static int take_slot(dispatcher_t *d, actor_t *actor)
{
    if (d->free_count == 0 && d->slots * 2 > ADDRESS_SLOTS_MAX && d->slots != 0)
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
    d->actors[slot] = NULL;
    uint16_t next = (d->generations[slot] + 1) & ADDRESS_GENERATION_MASK;
    d->generations[slot] = next ? next : 1; /* no address is 0 */
    d->free_slots[(d->free_head + d->free_count++) % d->slots] = slot;
}

/* --- classes --- */

static class_map_t *map_new(const actor_class_t *class)
{
    class_map_t *map = xcalloc(1, sizeof(*map));
    map->class = class;
    for (const actor_handler_t *h = class->handlers; h && h->handle; h++) {
        unsigned protocol = h->type >> 8, index = (h->type & 0xff) - 1u;
        GW_ASSERT(protocol < MSG_PROTOCOLS_MAX);
        uint32_t *count = &map->protocols[protocol].count;
        actor_handle_fn **table = &map->protocols[protocol].handlers;
        if (index >= *count) {
            *table = xrealloc(*table, (index + 1) * sizeof(**table));
            memset(*table + *count, 0, (index + 1 - *count) * sizeof(**table));
            *count = index + 1;
        }
        GW_ASSERT((*table)[index] == NULL); /* two handlers for one message */
        (*table)[index] = h->handle;
    }
    return map;
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

static actor_handle_fn handler_of(const class_map_t *map, uint16_t type)
{
    unsigned protocol = type >> 8, index = (type & 0xff) - 1u;
    if (protocol >= MSG_PROTOCOLS_MAX || index >= map->protocols[protocol].count)
        return NULL;
    return map->protocols[protocol].handlers[index];
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
    dispatcher_post(d, &m);
}

static void bury(dispatcher_t *d, actor_t *actor, int code)
{
    settle(d, actor, code ? code : GW_ENOACTOR);
    end(actor);
    settle(d, actor, GW_ENOACTOR); /* what fini itself asked for */
    d->ops->withdraw(d->context, actor->name, actor->ref);
    send_obituary(d, actor, code);
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
        d->dying = actor; /* its handler is on the stack */
    else
        bury(d, actor, code);
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
static void restart(dispatcher_t *d, actor_t *actor, int code)
{
    do {
        if (too_many_faults(actor)) {
            log_error(actor, "ACTOR-GAVE-UP", "the actor failed too often and has ended",
                      log_text("actor", actor->name), log_code("error", code));
            actor->state = ACTOR_EXITING;
            bury(d, actor, GW_ECRASHLOOP);
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
    mailbox_forget(d, actor); /* the new class may have other limits */
    actor->map = dispatcher_class(d, class);
    int rc = begin(actor);
    if (rc < 0)
        restart(d, actor, rc);
    return dispatcher_find(d, ref) ? 0 : rc;
}

/* --- outboxes --- */

void dispatcher_flush(dispatcher_t *d, uint32_t worker, bool system)
{
    train_t *train = d->outbox[system][worker];
    d->dirty[system] &= ~(UINT64_C(1) << worker);
    if (!train)
        return;
    d->outbox[system][worker] = NULL;
    d->ops->ship(d->context, worker, system, train);
}

void dispatcher_flush_all(dispatcher_t *d)
{
    for (int system = 1; system >= 0; system--) {
        while (d->dirty[system])
            dispatcher_flush(d, (uint32_t)__builtin_ctzll(d->dirty[system]), system);
    }
}

static void record_sent(dispatcher_t *d, const msg_t *m)
{
    record_t *record = recorder_next(&d->recorder);
    uint32_t seq = record->seq;
    *record = (record_t){.time_ns = d->now,
                         .trace = m->trace,
                         .seq = seq,
                         .src = m->src,
                         .dst = m->dst,
                         .corr = m->corr,
                         .type = m->type,
                         .kind = RECORD_SENT,
                         .flags = (uint8_t)m->flags};
}

void dispatcher_post(dispatcher_t *d, const msg_t *m)
{
    uint32_t worker = address_worker(m->dst);
    bool system = m->flags & MSG_SYSTEM;
    if (GW_UNLIKELY(m->dst == 0 || worker >= d->workers || d->stopping)) {
        msg_t lost = *m;
        dispatcher_undeliverable(d, &lost);
        return;
    }
    train_t *train = d->outbox[system][worker];
    if (!train) {
        train = d->outbox[system][worker] = train_new(&d->pool);
        d->dirty[system] |= UINT64_C(1) << worker;
    }
    train->items[train->count++] = (train_item_t){*m, d->now};
    if (train->count >= d->train_capacity)
        dispatcher_flush(d, worker, system);
    if (worker != d->index) {
        d->stats.messages_remote++;
        record_sent(d, m);
        return;
    }
    d->stats.messages_local++;
    actor_t *receiver = system ? NULL : dispatcher_find(d, m->dst);
    if (receiver)
        mailbox_in(d, receiver, m->src); /* this may post, so it comes last */
}

void dispatcher_arrived(dispatcher_t *d, const train_t *train)
{
    for (uint32_t i = train->at; i < train->count; i++) {
        actor_t *receiver = dispatcher_find(d, train->items[i].msg.dst);
        if (receiver)
            mailbox_in(d, receiver, train->items[i].msg.src);
    }
}

/* --- dispatch --- */

uint64_t dispatcher_tick(dispatcher_t *d)
{
    uint64_t before = d->now;
    d->now = d->ops->clock(d->context);
    if (d->charge) {
        d->charge->stats.busy_ns += d->now - before;
        d->charge->map->stats.io_ns += d->now - before;
        d->charge = NULL;
    }
    return before;
}

static uint32_t saturate(uint64_t ns)
{
    return ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static void log_message(const dispatcher_t *d, const record_t *r, const char *to)
{
    char source[64];
    const actor_t *from = address_worker(r->src) == d->index ? dispatcher_find(d, r->src) : NULL;
    if (from)
        snprintf(source, sizeof(source), "%s", from->name);
    else
        snprintf(source, sizeof(source), "#%u/%u", address_worker(r->src), address_slot(r->src));
    log_debug(actor, "ACTOR-MESSAGE", "a message was handled", log_hex("trace", r->trace),
              log_u64("seq", r->seq), log_text("from", source), log_text("to", to),
              log_text("type", msg_name(d->catalogue, r->type)), log_u64("corr", r->corr),
              log_seconds("queued", r->queued_ns), log_seconds("handled", r->handled_ns));
}

static void record(dispatcher_t *d, const train_item_t *item, recorder_kind_t kind,
                   uint64_t queued_ns, uint64_t handled_ns, const char *to)
{
    const msg_t *m = &item->msg;
    record_t *r = recorder_next(&d->recorder);
    uint32_t seq = r->seq;
    *r = (record_t){.time_ns = item->sent_ns,
                    .trace = m->trace,
                    .seq = seq,
                    .src = m->src,
                    .dst = m->dst,
                    .corr = m->corr,
                    .queued_ns = saturate(queued_ns),
                    .handled_ns = saturate(handled_ns),
                    .type = m->type,
                    .kind = (uint8_t)kind,
                    .flags = (uint8_t)m->flags};
    if (GW_UNLIKELY(log_on(DEBUG, actor)) && m->trace)
        log_message(d, r, to);
}

void dispatcher_undeliverable(dispatcher_t *d, msg_t *m)
{
    d->stats.dead_letters++;
    if (m->flags & MSG_REQUEST)
        dispatcher_fail(d, m, m->dst, GW_ENOACTOR);
    msg_release(d->catalogue, m);
}

static void drop(dispatcher_t *d, train_item_t *item, uint64_t *counter)
{
    ++*counter;
    record(d, item, RECORD_DROPPED, d->now - item->sent_ns, 0, "(dropped)");
    msg_release(d->catalogue, &item->msg);
}

/* The runtime's own messages, that the actor (which may have ended) does not see. */
static bool intercept(dispatcher_t *d, msg_t *m)
{
    actor_t *actor = dispatcher_find(d, m->dst);
    const mute_t *mute = m->body;
    if (m->type == MSG_KEPT)
        request_kept(d, m);
    else if (m->type == MSG_MUTE_ASK && actor)
        mute_begin(d, actor, m->src, mute->by);
    else if (m->type == MSG_MUTE_END && actor)
        mute_end(d, actor, m->src);
    else if (m->type != MSG_MUTE_ASK && m->type != MSG_MUTE_END)
        return false;
    msg_release(d->catalogue, m);
    return true;
}

/* Finds what the message refers to; false: nobody waits for it any more. */
static bool resolve(dispatcher_t *d, actor_t *actor, train_item_t *item)
{
    const msg_t *m = &item->msg;
    actor->context = NULL;
    if (GW_LIKELY(!(m->flags & ~MSG_SYSTEM)))
        return true;
    if (m->flags & (MSG_REQUEST | MSG_CANCEL)) {
        if (m->flags & MSG_REQUEST ? request_wanted(d, m)
                                   : debt_cancel(d, actor, m, &actor->context))
            return true;
        request_refuse(d, m);
        drop(d, item, &d->stats.canceled);
        return false;
    }
    if (m->flags & MSG_TIMER)
        return timer_take(d, actor, m, &actor->context);
    if (request_take(d, actor, m, &actor->context))
        return true;
    drop(d, item, &d->stats.late_replies);
    return false;
}

static int call(dispatcher_t *d, actor_t *actor, train_item_t *item)
{
    msg_t *m = &item->msg;
    actor_handle_fn handle = handler_of(actor->map, m->type);
    if (GW_UNLIKELY(!handle)) {
        if (m->type >= MSG_core_end)
            d->stats.unhandled++;
        if (m->flags & MSG_REQUEST)
            actor_fail(actor, OWED_CURRENT, GW_EUNHANDLED);
        if (m->type == MSG_STOP)
            dispatcher_exit(d, actor, 0);
        return 0;
    }
    int rc = handle(actor->self, actor, &m->body, m);
    if ((m->flags & MSG_REQUEST) && !actor->answered)
        actor_fail(actor, OWED_CURRENT,
                   actor->state != ACTOR_LIVE ? GW_ENOACTOR
                   : rc < 0                   ? GW_ERESTART
                                              : GW_ENOREPLY);
    return rc;
}

static void after(dispatcher_t *d, actor_t *actor, int rc)
{
    if (GW_UNLIKELY(d->dying != NULL)) {
        actor_t *dying = d->dying;
        d->dying = NULL;
        bury(d, dying, 0);
    } else if (GW_UNLIKELY(rc < 0)) {
        restart(d, actor, rc);
    }
}

void dispatcher_dispatch(dispatcher_t *d, train_item_t *item)
{
    msg_t *m = &item->msg;
    if (GW_UNLIKELY(m->type < MSG_core_end) && intercept(d, m))
        return;
    actor_t *actor = dispatcher_find(d, m->dst);
    if (GW_UNLIKELY(!actor)) {
        record(d, item, RECORD_DROPPED, d->now - item->sent_ns, 0, "(dead)");
        dispatcher_undeliverable(d, m);
        return;
    }
    if (GW_LIKELY(!(m->flags & MSG_SYSTEM)))
        mailbox_out(d, actor);
    if (!resolve(d, actor, item))
        return;
    actor->current = m;
    actor->answered = false;
    actor->trace = m->trace;
    running_next(&d->running, m->dst, m->type);
    int rc = call(d, actor, item);
    running_next(&d->running, m->dst, m->type);
    actor->current = NULL;
    actor->context = NULL;
    msg_release(d->catalogue, m);

    uint64_t started = dispatcher_tick(d), busy = d->now - started;
    uint64_t queued = started > item->sent_ns ? started - item->sent_ns : 0;
    actor->stats.handled++;
    actor->stats.queued_ns += queued;
    actor->stats.busy_ns += busy;
    stats_add(&actor->map->stats.mailbox, queued);
    stats_add(&actor->map->stats.processing, busy);
    record(d, item, rc < 0 ? RECORD_RESTARTED : RECORD_HANDLED, queued, busy, actor->name);
    after(d, actor, rc);
}

/* --- the end --- */

void dispatcher_end(dispatcher_t *d)
{
    for (uint32_t slot = d->slots; slot-- > 0;) {
        actor_t *actor = d->actors[slot];
        if (actor && !actor->current) {
            actor->state = ACTOR_EXITING;
            bury(d, actor, GW_ESHUTDOWN);
        }
    }
}

void dispatcher_fini(dispatcher_t *d)
{
    d->stopping = true;
    dispatcher_end(d);
    for (int system = 0; system < 2; system++) {
        for (uint32_t worker = 0; worker < d->workers; worker++) {
            if (d->outbox[system][worker])
                train_release(&d->pool, d->outbox[system][worker], d->catalogue);
        }
    }
    for (class_map_t *map = d->classes, *next; map; map = next) {
        next = map->next;
        for (int i = 0; i < MSG_PROTOCOLS_MAX; i++)
            free(map->protocols[i].handlers);
        free(map);
    }
    train_pool_fini(&d->pool);
    recorder_fini(&d->recorder);
    slab_fini(&d->requests);
    slab_fini(&d->debts);
    slab_fini(&d->timers);
    free(d->heap);
    free(d->scratch);
    free(d->actors);
    free(d->generations);
    free(d->free_slots);
}
