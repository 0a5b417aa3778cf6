/*
 * dispatcher.c: the way of a message from a send to its handler. The life of actors, their
 * requests, timers and mailboxes have files of their own.
 */
#include "core/dispatcher.h"

#include "core/log.h"
#include "core/mem.h"

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

static actor_handle_fn handler_of(const class_map_t *map, uint16_t type)
{
    unsigned protocol = type >> 8, index = (type & 0xff) - 1u;
    if (protocol >= MSG_PROTOCOLS_MAX || index >= map->protocols[protocol].count)
        return NULL;
    return map->protocols[protocol].handlers[index];
}

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
        life_bury(d, dying, 0);
    } else if (GW_UNLIKELY(rc < 0)) {
        life_restart(d, actor, rc);
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
    life_fini(d);
    train_pool_fini(&d->pool);
    recorder_fini(&d->recorder);
    slab_fini(&d->requests);
    slab_fini(&d->debts);
    slab_fini(&d->timers);
    free(d->heap);
    free(d->scratch);
}
