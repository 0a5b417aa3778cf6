/*
 * dispatcher.c: the way of a message from a send to its handler. The life of actors, their
 * requests, timers and mailboxes have files of their own.
 */
#include "core/dispatcher.h"

#include "core/log.h"
#include "core/mem.h"

/* Made twice, for messages in the journal and for others, with no call in between. */
#define HOT inline __attribute__((always_inline))

/* --- outboxes --- */

static void flush(dispatcher_t *d, uint32_t worker, bool system)
{
    train_t *train = d->outbox[system][worker];
    d->dirty[system] &= ~(UINT64_C(1) << worker);
    if (!train)
        return;
    d->outbox[system][worker] = NULL;
    d->stats.messages_remote += train->count;
    d->ops->ship(d->context, worker, system, train);
}

void dispatcher_be_eager(dispatcher_t *d)
{
    d->eager = true;
    d->room_end = d->room;
}

void dispatcher_flush_all(dispatcher_t *d)
{
    for (int system = 1; system >= 0; system--) {
        while (d->dirty[system])
            flush(d, (uint32_t)__builtin_ctzll(d->dirty[system]), system);
    }
}

/* The next train for the own lane; under an overload it is not in the journal. */
static inline void begin_own(dispatcher_t *d)
{
    train_t *train = journal_open(&d->journal);
    d->filling = train ? train : train_new(&d->pool);
    d->room = d->filling->items;
    d->room_end = d->room + TRAIN_CAPACITY;
}

static inline void flush_own(dispatcher_t *d)
{
    train_t *train = d->filling;
    train->count = (uint32_t)(d->room - train->items);
    d->stats.messages_local += train->count;
    d->stats.trains_local++;
    if (train->in_journal)
        journal_close(&d->journal, train);
    begin_own(d);
    d->own_sent++;
    d->ops->own_send(d->context, train);
}

static void ship_alone(dispatcher_t *d, uint32_t worker, bool system, const train_item_t *item)
{
    train_t *train = train_new(&d->pool);
    train->items[train->count++] = *item;
    d->ops->ship(d->context, worker, system, train);
}

static void append_own(dispatcher_t *d, const train_item_t *item)
{
    if (d->room == d->room_end)
        flush_own(d);
    *d->room++ = *item;
}

static void append(dispatcher_t *d, uint32_t worker, bool system, const train_item_t *item)
{
    train_t **train = &d->outbox[system][worker];
    if (!*train) {
        *train = train_new(&d->pool);
        d->dirty[system] |= UINT64_C(1) << worker;
    }
    (*train)->items[(*train)->count++] = *item;
    if ((*train)->count == TRAIN_CAPACITY)
        flush(d, worker, system);
}

static void record_sent(dispatcher_t *d, const train_item_t *item)
{
    recorder_add(&d->recorder, item, RECORD_SENT);
    recorder_last(&d->recorder)->queued_ns = recorder_last(&d->recorder)->handled_ns = 0;
}

void dispatcher_post_slowly(dispatcher_t *d, msg_t m)
{
    uint32_t worker = address_worker(m.dst);
    bool system = m.flags & MSG_SYSTEM;
    if (m.dst == 0 || worker >= d->reach) {
        dispatcher_undeliverable(d, &m);
        return;
    }
    const train_item_t item = {.msg = m, .sent_ns = d->now};
    if (worker != d->index)
        record_sent(d, &item);
    bool own = worker == d->index && !system;
    if (d->eager)
        ship_alone(d, worker, system, &item);
    else if (own)
        append_own(d, &item);
    else
        append(d, worker, system, &item);
    actor_t *receiver = own ? dispatcher_find(d, m.dst) : NULL;
    if (receiver)
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

void dispatcher_name(const dispatcher_t *d, actor_ref_t ref, char *ret, size_t size)
{
    const actor_t *actor = dispatcher_find(d, ref);
    if (actor)
        snprintf(ret, size, "%s", actor->name);
    else if (d->ops->name_of && address_worker(ref) != d->index)
        d->ops->name_of(d->context, ref, ret, size);
    else
        snprintf(ret, size, "?");
}

static void log_message(dispatcher_t *d, const train_item_t *item, const char *to)
{
    char source[128];
    const msg_t *m = &item->msg;
    if (!m->trace)
        return;
    dispatcher_name(d, m->src, source, sizeof(source));
    log_debug(actor, "ACTOR-MESSAGE", "a message was handled", log_hex("trace", m->trace),
              log_u64("seq", d->logged++), log_text("from", source), log_text("to", to),
              log_text("type", msg_name(d->catalogue, m->type)), log_u64("corr", m->corr),
              log_seconds("queued", item->queued_ns),
              log_seconds("handled", item->handled_ns & ~TRAIN_DONE));
}

/* Something else became of a message than usual. */
static void correct(dispatcher_t *d, train_item_t *item, recorder_kind_t kind)
{
    if (d->in_journal)
        item->msg.flags |= (uint16_t)(kind << MSG_KIND_SHIFT);
    else
        recorder_last(&d->recorder)->kind = (uint8_t)kind;
}

/* The other worker's clock may have been read later than this one's. */
static inline uint64_t waited(const dispatcher_t *d, const train_item_t *item)
{
    return d->now > item->sent_ns ? d->now - item->sent_ns : 0;
}

static uint32_t saturate(uint64_t ns)
{
    return ns < TRAIN_DONE ? (uint32_t)ns : TRAIN_DONE - 1;
}

static void account_long(class_stats_t *stats, train_item_t *item, uint64_t queued, uint64_t busy)
{
    stats->mailbox.buckets[stats_bucket(queued)]++;
    stats->processing.buckets[stats_bucket(busy)]++;
    item->queued_ns = saturate(queued);
    item->handled_ns = saturate(busy) | TRAIN_DONE;
}

/* Counts a message that was handled between d->now and `now`; its body is gone. What took no
 * longer than the first bucket is counted nowhere else: stats_complete finds it. */
static HOT void account(dispatcher_t *d, actor_t *actor, train_item_t *item, bool in_journal,
                        uint64_t now)
{
    uint64_t queued = in_journal ? d->now - item->sent_ns : waited(d, item), busy = now - d->now;
    actor->stats.handled++;
    actor->stats.queued_ns += queued;
    actor->stats.busy_ns += busy;
    if (GW_UNLIKELY((queued | busy) > STATS_FIRST_NS)) {
        account_long(&actor->map->stats, item, queued, busy);
    } else {
        item->queued_ns = (uint32_t)queued;
        item->handled_ns = (uint32_t)busy | TRAIN_DONE;
    }
    if (!in_journal)
        recorder_add(&d->recorder, item, RECORD_HANDLED);
}

static record_t take_newer(record_t *own, size_t *own_count, record_t *other, size_t *other_count)
{
    bool from_own = *other_count == 0 ||
                    (*own_count && own[*own_count - 1].time_ns <= other[*other_count - 1].time_ns);
    return from_own ? own[--*own_count] : other[--*other_count];
}

size_t dispatcher_find_records(const dispatcher_t *d, uint64_t trace, record_t *ret, size_t max)
{
    record_t *own = xcalloc(max, sizeof(*own)), *other = xcalloc(max, sizeof(*other));
    size_t own_count = journal_find(&d->journal, trace, own, max);
    size_t other_count = recorder_find(&d->recorder, trace, other, max);
    size_t found = own_count + other_count, skip = found > max ? found - max : 0;
    for (size_t i = 0; i < found; i++) {
        record_t next = take_newer(own, &own_count, other, &other_count);
        next.seq = (uint32_t)i;
        if (i >= skip)
            ret[i - skip] = next;
    }
    free(own);
    free(other);
    return found - skip;
}

/* --- what cannot be handled --- */

void dispatcher_undeliverable(dispatcher_t *d, msg_t *m)
{
    d->stats.dead_letters++;
    if (m->flags & MSG_REQUEST)
        dispatcher_fail(d, m, m->dst, GW_ENOACTOR);
    msg_release(d->catalogue, m);
}

/* The end of a message that no handler has seen; its body is gone. */
static void conclude_drop(dispatcher_t *d, train_item_t *item, const char *why)
{
    item->queued_ns = saturate(waited(d, item));
    item->handled_ns = TRAIN_DONE;
    if (!d->in_journal)
        recorder_add(&d->recorder, item, RECORD_DROPPED);
    correct(d, item, RECORD_DROPPED);
    if (d->attention & ATTENTION_LOG)
        log_message(d, item, why);
}

static void drop(dispatcher_t *d, train_item_t *item, uint64_t *counter)
{
    ++*counter;
    msg_release(d->catalogue, &item->msg);
    conclude_drop(d, item, "(dropped)");
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
    dispatcher_undeliverable(d, &item->msg);
    conclude_drop(d, item, "(dead)");
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

/* What is rare after a message: the log wants it, its handler failed, its actor ends. */
static void attend(dispatcher_t *d, actor_t *actor, train_item_t *item, int rc)
{
    bool exits = d->attention & ATTENTION_EXIT;
    d->attention &= ~ATTENTION_EXIT;
    if (d->attention & ATTENTION_LOG)
        log_message(d, item, actor->name);
    if (rc < 0)
        correct(d, item, RECORD_RESTARTED);
    if (exits)
        life_bury(d, actor, 0);
    else if (rc < 0)
        life_restart(d, actor, rc);
}

static HOT void handle_message(dispatcher_t *d, actor_t *actor, train_item_t *item, bool in_journal)
{
    msg_t *m = &item->msg;
    actor_handle_fn handle = class_handler(actor->map, m->type);
    actor->current = m;
    actor->trace = m->trace;
    running_begin(&d->running, item, m->dst, m->type);
    int rc = GW_LIKELY(handle != NULL) ? handle(actor->self, actor, &m->body, m)
                                       : unhandled(d, actor, m);
    if (GW_UNLIKELY((m->flags & MSG_REQUEST) && !actor->answered))
        fail_unanswered(actor, rc);
    actor->current = NULL;
    if (GW_UNLIKELY(m->body != NULL))
        msg_release(d->catalogue, m);
    uint64_t now = d->ops->clock(d->context);
    account(d, actor, item, in_journal, now);
    d->now = now;
    if (GW_UNLIKELY(rc | d->attention))
        attend(d, actor, item, rc);
}

static HOT void dispatch(dispatcher_t *d, train_item_t *item, bool in_journal)
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
    handle_message(d, actor, item, in_journal);
}

static HOT uint32_t run_train(dispatcher_t *d, train_t *train, uint32_t budget, bool in_journal)
{
    uint32_t left = train->count - train->at, count = left < budget ? left : budget;
    train_item_t *item = &train->items[train->at];
    for (const train_item_t *end = item + count; item < end; item++)
        dispatch(d, item, in_journal);
    train->at += count;
    return count;
}

static void begin_run(dispatcher_t *d, bool in_journal)
{
    d->in_journal = in_journal;
    d->attention = log_on(DEBUG, actor) ? ATTENTION_LOG : 0;
}

uint32_t dispatcher_run(dispatcher_t *d, train_t *train, uint32_t budget)
{
    begin_run(d, false);
    uint32_t count = run_train(d, train, budget, false);
    running_end(&d->running);
    return count;
}

/* Under an overload, a train of the own lane is not in the journal. */
static __attribute__((noinline)) uint32_t run_outside(dispatcher_t *d, train_t *train,
                                                      uint32_t budget)
{
    uint32_t count = dispatcher_run(d, train, budget);
    begin_run(d, true);
    return count;
}

static inline train_t *next_own(dispatcher_t *d)
{
    train_t *begun = d->own;
    d->own = NULL;
    if (begun)
        return begun;
    if (d->room != d->filling->items)
        flush_own(d);
    if (d->own_sent == 0)
        return NULL;
    d->own_sent--;
    return d->ops->own_receive(d->context);
}

void dispatcher_run_own(dispatcher_t *d, uint32_t budget)
{
    train_t *train;
    begin_run(d, true);
    while (budget > 0 && (train = next_own(d)) != NULL) {
        budget -= GW_LIKELY(train->in_journal) ? run_train(d, train, budget, true)
                                               : run_outside(d, train, budget);
        if (GW_LIKELY(train->at == train->count))
            dispatcher_done(d, train);
        else
            d->own = train;
    }
    running_end(&d->running);
}

bool dispatcher_own_waits(const dispatcher_t *d)
{
    return d->own || d->own_sent || d->room != d->filling->items;
}

void dispatcher_done(dispatcher_t *d, train_t *train)
{
    if (train->in_journal)
        journal_done(&d->journal, train);
    else
        train_free(&d->pool, train);
}

void dispatcher_release(dispatcher_t *d, train_t *train)
{
    for (; train->at < train->count; train->at++)
        msg_release(d->catalogue, &train->items[train->at].msg);
    dispatcher_done(d, train);
}

/* --- the beginning and the end --- */

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
    slab_init(&d->requests, sizeof(request_t));
    slab_init(&d->debts, sizeof(debt_t));
    slab_init(&d->timers, sizeof(timer_entry_t));
    recorder_init(&d->recorder, recorder_events / 2);
    journal_init(&d->journal, recorder_events / 2);
    seed_random(d->random, seed + index);
    life_init(d);
    begin_own(d);
    d->now = ops->clock(context);
}

static void release_own(dispatcher_t *d)
{
    if (d->own)
        dispatcher_release(d, d->own);
    for (; d->own_sent > 0; d->own_sent--)
        dispatcher_release(d, d->ops->own_receive(d->context));
    d->filling->count = (uint32_t)(d->room - d->filling->items);
    dispatcher_release(d, d->filling);
}

void dispatcher_fini(dispatcher_t *d)
{
    d->stopping = true;
    d->reach = 0;
    dispatcher_end(d);
    for (int system = 0; system < 2; system++) {
        for (uint32_t worker = 0; worker < d->workers; worker++) {
            if (d->outbox[system][worker])
                dispatcher_release(d, d->outbox[system][worker]);
        }
    }
    release_own(d);
    life_fini(d);
    train_pool_fini(&d->pool);
    recorder_fini(&d->recorder);
    journal_fini(&d->journal);
    slab_fini(&d->requests);
    slab_fini(&d->debts);
    slab_fini(&d->timers);
    free(d->heap);
    free(d->scratch);
}
