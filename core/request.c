/*
 * request.c: questions and answers. A request is known to the dispatcher of the asker, a debt
 * to the dispatcher of whoever keeps the question; both are forgotten with the one answer.
 */
#include "core/dispatcher.h"

#include "core/mem.h"

/* --- the asker's side --- */

static uint32_t ask(actor_t *me, const msg_t *envelope, uint64_t timeout_ns, void *context)
{
    dispatcher_t *d = me->home;
    request_t *request = slab_new(&d->requests);
    msg_t m = *envelope;
    if (!request) { /* a million open questions: this one is answered at once */
        msg_release(d->catalogue, &m);
        return 0;
    }
    request->asker = me;
    request->holder = m.dst;
    request->type = m.type;
    request->context = context;
    list_append(&me->requests, &request->link);
    if (timeout_ns) {
        timer_entry_t *timer = timer_new(d, NULL, timeout_ns);
        timer->request = request->node.id;
        timer->trace = me->trace;
        request->deadline = timer->node.id;
    }
    m.corr = request->node.id;
    m.src = me->ref;
    m.trace = me->trace;
    me->stats.sent++;
    dispatcher_post(d, &m);
    return m.corr;
}

uint32_t actor_request(actor_t *me, actor_ref_t to, uint16_t type, void *body, uint64_t timeout_ns,
                       void *context)
{
    msg_t m = {.body = body, .dst = to, .type = type, .flags = MSG_REQUEST};
    return ask(me, &m, timeout_ns, context);
}

uint32_t actor_request_system(actor_t *me, actor_ref_t to, uint16_t type, void *body,
                              uint64_t timeout_ns, void *context)
{
    msg_t m = {.body = body, .dst = to, .type = type, .flags = MSG_REQUEST | MSG_SYSTEM};
    return ask(me, &m, timeout_ns, context);
}

static void request_free(dispatcher_t *d, request_t *request)
{
    if (request->deadline)
        timer_drop(d, slab_get(&d->timers, request->deadline));
    list_remove(&request->link);
    slab_free(&d->requests, request);
}

/* Tells whoever owes the answer. A debt on this worker is named by its own id (MSG_REPLY);
 * elsewhere its owner finds it by asker and number. */
static void tell_holder(dispatcher_t *d, const request_t *request, uint16_t type)
{
    msg_t m = {.src = request->asker->ref,
               .dst = request->holder,
               .corr = request->node.id,
               .type = type,
               .flags = MSG_CANCEL};
    if (request->owed) {
        m.corr = request->owed;
        m.flags |= MSG_REPLY;
    }
    dispatcher_post(d, &m);
}

static void withdraw(dispatcher_t *d, const request_t *request)
{
    if (request->expired)
        return; /* told already */
    bool local = address_worker(request->holder) == d->index;
    /* A local question that nobody has kept is still in the lane: request_wanted drops it. */
    if (!local || request->owed)
        tell_holder(d, request, MSG_CANCELED);
}

void actor_cancel(actor_t *me, uint32_t id)
{
    dispatcher_t *d = me->home;
    request_t *request = slab_get(&d->requests, id);
    if (!request || request->asker != me)
        return;
    withdraw(d, request);
    request_free(d, request);
}

void actor_recall(actor_t *me, uint32_t id)
{
    dispatcher_t *d = me->home;
    request_t *request = slab_get(&d->requests, id);
    if (!request || request->asker != me || request->expired || request->recalled)
        return;
    request->recalled = true;
    if (address_worker(request->holder) != d->index || request->owed)
        tell_holder(d, request, MSG_RECALLED);
}

void requests_drop(dispatcher_t *d, actor_t *actor)
{
    list_each (link, &actor->requests) {
        request_t *request = GW_CONTAINER_OF(link, request_t, link);
        withdraw(d, request);
        request_free(d, request);
    }
}

request_t *request_take(dispatcher_t *d, const actor_t *asker, const msg_t *m, void **context)
{
    request_t *request = slab_get(&d->requests, m->corr);
    if (!request || request->asker != asker)
        return NULL;
    *context = request->context;
    request_free(d, request);
    return request; /* only to say that there was one */
}

bool request_wanted(const dispatcher_t *d, const msg_t *m)
{
    if (address_worker(m->src) != d->index)
        return true;
    const request_t *request = slab_get(&d->requests, m->corr);
    return request && !request->expired && !request->recalled;
}

void request_refuse(dispatcher_t *d, const msg_t *m)
{
    const request_t *request = slab_get(&d->requests, m->corr);
    if ((m->flags & MSG_REQUEST) && request && request->recalled && !request->expired)
        dispatcher_fail(d, m->src, m->corr, m->type, m->dst, GW_ECANCELED, m->trace);
}

void request_expired(dispatcher_t *d, timer_entry_t *timer)
{
    request_t *request = slab_get(&d->requests, timer->request);
    GW_ASSERT(request != NULL);
    d->stats.deadlines++;
    request->deadline = 0;
    withdraw(d, request);
    request->expired = true;
    request->owed = 0;
    dispatcher_fail(d, request->asker->ref, request->node.id, request->type, request->holder,
                    GW_EDEADLINE, timer->trace);
}

/* --- the side that owes --- */

void dispatcher_fail(dispatcher_t *d, actor_ref_t asker, uint32_t corr, uint16_t type,
                     actor_ref_t from, int code, uint64_t trace)
{
    failure_t *failure = xcalloc(1, sizeof(*failure));
    *failure = (failure_t){.code = code, .type = type, .from = from};
    msg_t m = {.body = failure,
               .src = from,
               .dst = asker,
               .corr = corr,
               .type = MSG_FAILED,
               .flags = MSG_REPLY,
               .trace = trace};
    if (d->stopping || asker == 0)
        msg_release(d->catalogue, &m);
    else
        dispatcher_post(d, &m);
}

static request_t *local_request(const dispatcher_t *d, actor_ref_t asker, uint32_t corr)
{
    return address_worker(asker) == d->index ? slab_get(&d->requests, corr) : NULL;
}

owed_t actor_keep(actor_t *me, void *context)
{
    dispatcher_t *d = me->home;
    const msg_t *m = me->current;
    GW_ASSERT(m && (m->flags & MSG_REQUEST) && !me->answered);
    debt_t *debt = slab_new(&d->debts);
    if (!debt) {
        actor_fail(me, OWED_CURRENT, GW_ELIMIT);
        return OWED_CURRENT;
    }
    debt->debtor = me;
    debt->asker = m->src;
    debt->corr = m->corr;
    debt->type = m->type;
    debt->trace = m->trace;
    debt->context = context;
    list_append(&me->owed, &debt->link);
    me->answered = true;
    request_t *request = local_request(d, m->src, m->corr);
    if (request) {
        request->holder = me->ref;
        request->owed = debt->node.id;
    }
    return debt->node.id;
}

static void debt_free(dispatcher_t *d, debt_t *debt)
{
    list_remove(&debt->link);
    slab_free(&d->debts, debt);
}

/* The envelope that answers `owed`; false when there is nothing to answer any more. */
static bool address_answer(actor_t *me, owed_t owed, msg_t *m)
{
    dispatcher_t *d = me->home;
    if (owed == OWED_CURRENT) {
        if (!me->current || !(me->current->flags & MSG_REQUEST) || me->answered)
            return false;
        me->answered = true;
        m->dst = me->current->src;
        m->corr = me->current->corr;
        m->trace = me->trace;
        return true;
    }
    debt_t *debt = slab_get(&d->debts, owed);
    if (!debt || debt->debtor != me)
        return false;
    m->dst = debt->asker;
    m->corr = debt->corr;
    m->trace = debt->trace;
    debt_free(d, debt);
    return true;
}

void actor_reply(actor_t *me, owed_t owed, uint16_t type, void *body)
{
    msg_t m = {.body = body, .src = me->ref, .type = type, .flags = MSG_REPLY};
    if (!address_answer(me, owed, &m)) {
        me->home->stats.late_replies++;
        msg_release(me->home->catalogue, &m);
        return;
    }
    me->stats.sent++;
    dispatcher_post(me->home, &m);
}

void actor_fail(actor_t *me, owed_t owed, int code)
{
    uint16_t type = me->current ? me->current->type : 0;
    debt_t *debt = owed == OWED_CURRENT ? NULL : slab_get(&me->home->debts, owed);
    if (debt)
        type = debt->type;
    msg_t m = {0};
    if (address_answer(me, owed, &m))
        dispatcher_fail(me->home, m.dst, m.corr, type, me->ref, code, m.trace);
}

void actor_forward(actor_t *me, owed_t owed, actor_ref_t to, uint16_t type, void *body)
{
    dispatcher_t *d = me->home;
    msg_t m = {.body = body, .type = type, .flags = MSG_REQUEST};
    if (!address_answer(me, owed, &m)) {
        msg_release(d->catalogue, &m);
        return;
    }
    m.src = m.dst; /* the asker stays the asker */
    m.dst = to;
    request_t *request = local_request(d, m.src, m.corr);
    if (request) {
        request->holder = to;
        request->owed = 0;
    }
    me->stats.sent++;
    dispatcher_post(d, &m);
}

void debts_settle(dispatcher_t *d, actor_t *actor, int code)
{
    list_each (link, &actor->owed) {
        debt_t *debt = GW_CONTAINER_OF(link, debt_t, link);
        dispatcher_fail(d, debt->asker, debt->corr, debt->type, actor->ref, code, debt->trace);
        debt_free(d, debt);
    }
}

static debt_t *find_debt(dispatcher_t *d, const actor_t *debtor, const msg_t *m)
{
    if (m->flags & MSG_REPLY) {
        debt_t *debt = slab_get(&d->debts, m->corr);
        return debt && debt->debtor == debtor ? debt : NULL;
    }
    list_each (link, &debtor->owed) {
        debt_t *debt = GW_CONTAINER_OF(link, debt_t, link);
        if (debt->asker == m->src && debt->corr == m->corr)
            return debt;
    }
    return NULL;
}

bool debt_cancel(dispatcher_t *d, actor_t *debtor, const msg_t *m, void **context)
{
    debt_t *debt = find_debt(d, debtor, m);
    if (!debt)
        return false;
    *context = debt->context;
    if (m->type != MSG_RECALLED)
        debt_free(d, debt);
    return true;
}
