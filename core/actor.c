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

void actor_send(actor_t *me, actor_ref_t to, uint16_t type, void *body, uint32_t tag)
{
    me->stats.sent++;
    dispatcher_post(me->home, (msg_t){.body = body,
                                      .src = me->ref,
                                      .dst = to,
                                      .corr = tag,
                                      .type = type,
                                      .trace = me->trace});
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
    running_begin(&me->home->running, me->ref, 0);
    me->trace = 0;
    me->context = NULL;
}

void actor_leave(actor_t *me)
{
    dispatcher_t *d = me->home;
    running_end(&d->running);
    me->trace = 0;
    if (d->dying == me) {
        dispatcher_tick(d);
        d->dying = NULL;
        me->state = ACTOR_LIVE;
        dispatcher_exit(d, me, 0);
    }
}
