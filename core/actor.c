/*
 * actor.c: what an actor can do, on top of the dispatcher.
 */
#include "core/actor.h"

#include "core/dispatcher.h"
#include "core/mem.h"

actor_ref_t actor_self(const actor_t *me)
{
    return me->ref;
}

const char *actor_name(const actor_t *me)
{
    return me->name;
}

arena_t *actor_arena(actor_t *me)
{
    return &me->arena;
}

uint64_t actor_now(const actor_t *me)
{
    return me->home->now;
}

uint64_t actor_wall(const actor_t *me)
{
    return me->home->ops->wall(me->home->context);
}

uint64_t actor_random(actor_t *me) /* xoshiro256** */
{
    uint64_t *s = me->home->random, result = s[1] * 5;
    result = (result << 7 | result >> 57) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return result;
}

uint32_t actor_worker(const actor_t *me)
{
    return me->home->index;
}

uint32_t actor_worker_count(const actor_t *me)
{
    return me->home->workers;
}

void *actor_loop(const actor_t *me)
{
    return me->home->loop;
}

static __attribute__((noinline)) void send_slowly(actor_t *me, actor_ref_t to, uint16_t type,
                                                  void *body, uint32_t tag)
{
    me->stats.sent++;
    dispatcher_post_slowly(me->home, (msg_t){.body = body,
                                             .src = me->ref,
                                             .dst = to,
                                             .corr = tag,
                                             .type = type,
                                             .trace = me->trace});
}

/* The hottest function of all: the envelope is written where it travels, and the slow way is a
 * jump, so that nothing has to be saved for it. */
void actor_send(actor_t *me, actor_ref_t to, uint16_t type, void *body, uint32_t tag)
{
    dispatcher_t *d = me->home;
    actor_t *receiver = dispatcher_find(d, to);
    if (GW_UNLIKELY(!dispatcher_open(d, receiver))) {
        send_slowly(me, to, type, body, tag);
        return;
    }
    train_item_t *item = dispatcher_room(d, receiver);
    item->msg.body = body;
    item->msg.src = me->ref;
    item->msg.dst = to;
    item->msg.corr = tag;
    item->msg.type = type;
    item->msg.flags = 0;
    item->msg.trace = me->trace;
    item->sent_ns = d->now;
    me->stats.sent++;
}

void actor_send_system(actor_t *me, actor_ref_t to, uint16_t type, void *body)
{
    me->stats.sent++;
    dispatcher_post(me->home, (msg_t){.body = body,
                                      .src = me->ref,
                                      .dst = to,
                                      .type = type,
                                      .flags = MSG_SYSTEM,
                                      .trace = me->trace});
}

void *actor_context(const actor_t *me)
{
    return me->context;
}

int actor_spawn(actor_t *me, const char *role, const char *name, void *args,
                void (*free_args)(void *), actor_ref_t *ret)
{
    return dispatcher_spawn(me->home, me->ref, role, name, args, free_args, ret);
}

void actor_exit(actor_t *me)
{
    GW_ASSERT(me->current || me->home->charge == me); /* init returns an error instead */
    dispatcher_exit(me->home, me, 0);
}

actor_ref_t actor_lookup(const actor_t *me, const char *name)
{
    return me->home->ops->lookup(me->home->context, name);
}

char *actor_scratch(actor_t *me)
{
    dispatcher_t *d = me->home;
    if (!d->scratch)
        d->scratch = xmalloc(ACTOR_SCRATCH);
    return d->scratch;
}

bool actor_muted(const actor_t *me)
{
    return me->muted != 0;
}

uint64_t actor_trace(const actor_t *me)
{
    return me->trace;
}

void actor_set_trace(actor_t *me, uint64_t trace)
{
    me->trace = trace;
}

void actor_enter(actor_t *me)
{
    GW_ASSERT(!me->current);
    dispatcher_tick(me->home);
    me->home->charge = me;
    running_begin(&me->home->running, NULL, me->ref, 0);
    me->trace = 0;
    me->context = NULL;
}

void actor_leave(actor_t *me)
{
    dispatcher_t *d = me->home;
    running_end(&d->running);
    me->trace = 0;
    if (d->attention & ATTENTION_EXIT) {
        dispatcher_tick(d);
        d->attention &= ~ATTENTION_EXIT;
        me->state = ACTOR_LIVE;
        dispatcher_exit(d, me, 0);
    }
}
