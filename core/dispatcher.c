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
    d->workers = d->reach = workers;
    d->train_capacity = TRAIN_CAPACITY;
    slab_init(&d->requests, sizeof(request_t));
    slab_init(&d->debts, sizeof(debt_t));
    slab_init(&d->timers, sizeof(timer_entry_t));
    recorder_init(&d->recorder, recorder_events);
    seed_random(d->random, seed + index);
    life_init(d);
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
    *(worker == d->index ? &d->stats.messages_local : &d->stats.messages_remote) += train->count;
    d->ops->ship(d->context, worker, system, train);
}

void dispatcher_flush_all(dispatcher_t *d)
{
    for (int system = 1; system >= 0; system--) {
        while (d->dirty[system])
            dispatcher_flush(d, (uint32_t)__builtin_ctzll(d->dirty[system]), system);
    }
}

static train_t *open_train(dispatcher_t *d, uint32_t worker, bool system)
{
    d->dirty[system] |= UINT64_C(1) << worker;
    return d->outbox[system][worker] = train_new(&d->pool);
}

void dispatcher_post_slowly(dispatcher_t *d, msg_t m)
{
    uint32_t worker = address_worker(m.dst);
    bool system = m.flags & MSG_SYSTEM;
    if (m.dst == 0 || worker >= d->reach) {
        dispatcher_undeliverable(d, &m);
        return;
    }
    train_t *train = d->outbox[system][worker];
    if (!train)
        train = open_train(d, worker, system);
    const train_item_t item = {m, d->now};
    train->items[train->count++] = item;
    if (train->count >= d->train_capacity)
        dispatcher_flush(d, worker, system);
    actor_t *receiver = dispatcher_find(d, m.dst);
    if (worker != d->index)
        recorder_add(&d->recorder, &item, RECORD_SENT, 0, 0);
    else if (receiver && !system)
        mailbox_in(d, receiver, m.src); /* it may post, so it comes last */
}

void dispatcher_arrived(dispatcher_t *d, const train_t *train)
{
    for (uint32_t i = train->at; i < train->count; i++) {
        const msg_t *m = &train->items[i].msg;
        actor_t *receiver = m->flags & MSG_SYSTEM ? NULL : dispatcher_find(d, m->dst);
        if (receiver)
            mailbox_in(d, receiver, m->src);
    }
}

/* --- what it looks like from outside --- */

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

static void log_message(const dispatcher_t *d, const record_t *r, const char *to)
{
    char source[64];
    const actor_t *from = dispatcher_find(d, r->src);
    if (from)
        snprintf(source, sizeof(source), "%s", from->name);
    else
        snprintf(source, sizeof(source), "#%u/%u", address_worker(r->src), address_slot(r->src));
    log_debug(actor, "ACTOR-MESSAGE", "a message was handled", log_hex("trace", r->trace),
              log_u64("seq", d->recorder.seq - 1), log_text("from", source), log_text("to", to),
              log_text("type", msg_name(d->catalogue, r->type)), log_u64("corr", r->corr),
              log_seconds("queued", r->queued_ns), log_seconds("handled", r->handled_ns));
}

static inline void record(dispatcher_t *d, const train_item_t *item, recorder_kind_t kind,
                          uint32_t queued_ns, uint32_t handled_ns, const char *to)
{
    const record_t *r = recorder_add(&d->recorder, item, kind, queued_ns, handled_ns);
    if (GW_UNLIKELY(log_on(DEBUG, actor)) && r->trace)
        log_message(d, r, to);
}

/* The other worker's clock may have been read later than this one's. */
static inline uint64_t waited(const dispatcher_t *d, const train_item_t *item)
{
    return d->now > item->sent_ns ? d->now - item->sent_ns : 0;
}

static uint32_t saturate(uint64_t ns)
{
    return ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

static void account_long(class_stats_t *stats, uint64_t *queued, uint64_t *busy)
{
    stats->mailbox.buckets[stats_bucket(*queued)]++;
    stats->processing.buckets[stats_bucket(*busy)]++;
    *queued = saturate(*queued);
    *busy = saturate(*busy);
}

/* Counts a message that was handled between d->now and `now`. What took no longer than the first
 * bucket is counted nowhere else: stats_complete finds it. */
static inline void account(dispatcher_t *d, actor_t *actor, const train_item_t *item, uint64_t now)
{
    uint64_t queued = waited(d, item), busy = now - d->now;
    actor->stats.handled++;
    actor->stats.queued_ns += queued;
    actor->stats.busy_ns += busy;
    if (GW_UNLIKELY((queued | busy) > STATS_FIRST_NS))
        account_long(&actor->map->stats, &queued, &busy);
    record(d, item, RECORD_HANDLED, (uint32_t)queued, (uint32_t)busy, actor->name);
    atomic_store_explicit(&d->running.messages, d->recorder.seq, memory_order_relaxed);
}

/* --- what cannot be handled --- */

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
    record(d, item, RECORD_DROPPED, saturate(waited(d, item)), 0, "(dropped)");
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

static void lose(dispatcher_t *d, train_item_t *item)
{
    if ((item->msg.flags & MSG_SYSTEM) && intercept(d, &item->msg))
        return;
    record(d, item, RECORD_DROPPED, saturate(waited(d, item)), 0, "(dead)");
    dispatcher_undeliverable(d, &item->msg);
}

static int unhandled(dispatcher_t *d, actor_t *actor, const msg_t *m)
{
    if (m->type >= MSG_core_end)
        d->stats.unhandled++;
    if (m->flags & MSG_REQUEST)
        actor_fail(actor, OWED_CURRENT, GW_EUNHANDLED);
    if (m->type == MSG_STOP)
        dispatcher_exit(d, actor, 0);
    return 0;
}

/* --- dispatch --- */

/* Finds what a message with flags refers to; false: nobody waits for it any more. */
static bool resolve(dispatcher_t *d, actor_t *actor, train_item_t *item)
{
    msg_t *m = &item->msg;
    actor->answered = false;
    if (!(m->flags & MSG_SYSTEM))
        mailbox_out(d, actor);
    else if (intercept(d, m))
        return false;
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
    if (!(m->flags & MSG_REPLY) || request_take(d, actor, m, &actor->context))
        return true;
    drop(d, item, &d->stats.late_replies);
    return false;
}

static void fail_unanswered(actor_t *actor, int rc)
{
    int code = rc < 0 ? GW_ERESTART : GW_ENOREPLY;
    actor_fail(actor, OWED_CURRENT, actor->state == ACTOR_LIVE ? code : GW_ENOACTOR);
}

static void end_or_restart(dispatcher_t *d, actor_t *actor, int rc)
{
    if (!d->dying) {
        recorder_last(&d->recorder)->kind = RECORD_RESTARTED;
        life_restart(d, actor, rc);
        return;
    }
    d->dying = NULL;
    life_bury(d, actor, 0);
}

static inline void handle_message(dispatcher_t *d, actor_t *actor, train_item_t *item)
{
    msg_t *m = &item->msg;
    actor_handle_fn handle = class_handler(actor->map, m->type);
    actor->current = m;
    actor->trace = m->trace;
    running_begin(&d->running, m->dst, m->type);
    int rc = GW_LIKELY(handle != NULL) ? handle(actor->self, actor, &m->body, m)
                                       : unhandled(d, actor, m);
    if (GW_UNLIKELY((m->flags & MSG_REQUEST) && !actor->answered))
        fail_unanswered(actor, rc);
    actor->current = NULL;
    if (GW_UNLIKELY(m->body != NULL))
        msg_release(d->catalogue, m);
    uint64_t now = d->ops->clock(d->context);
    account(d, actor, item, now);
    d->now = now;
    if (GW_UNLIKELY(d->dying || rc < 0))
        end_or_restart(d, actor, rc);
}

static inline void dispatch(dispatcher_t *d, train_item_t *item)
{
    actor_t *actor = dispatcher_find(d, item->msg.dst);
    if (GW_UNLIKELY(!actor)) {
        lose(d, item);
        return;
    }
    actor->context = NULL;
    if (item->msg.flags == 0)
        mailbox_out(d, actor);
    else if (!resolve(d, actor, item))
        return;
    handle_message(d, actor, item);
}

uint32_t dispatcher_run(dispatcher_t *d, train_t *train, uint32_t budget)
{
    uint32_t left = train->count - train->at, count = left < budget ? left : budget;
    train_item_t *item = &train->items[train->at], *end = item + count;
    for (; item < end; item++)
        dispatch(d, item);
    train->at += count;
    running_end(&d->running);
    return count;
}

/* --- the end --- */

void dispatcher_fini(dispatcher_t *d)
{
    d->stopping = true;
    d->reach = 0;
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
