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
    request->flags = m.flags & MSG_SYSTEM;
    request->trace = me->trace;
    request->context = context;
    list_append(&me->requests, &request->link);
    if (timeout_ns) {
        timer_entry_t *timer = timer_new(d, NULL, timeout_ns);
        timer->request = request->node.id;
        request->deadline = timer->node.id;
    }
    m.corr = request->node.id;
    m.src = me->ref;
    m.trace = me->trace;
    me->stats.sent++;
    dispatcher_post(d, m);
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

/* Tells whoever owes the answer, in the lane of the question, so that it is there first. A debt
 * on this worker is named by its own id (MSG_REPLY); elsewhere its owner finds it by asker and
 * number. */
static void tell_holder(dispatcher_t *d, const request_t *request, uint16_t type)
{
    msg_t m = {.src = request->asker->ref,
               .dst = request->holder,
               .corr = request->node.id,
               .type = type,
               .flags = MSG_CANCEL | (request->flags & MSG_SYSTEM),
               .trace = request->trace};
    if (request->owed) {
        m.corr = request->owed;
        m.flags |= MSG_REPLY;
    }
    dispatcher_post(d, m);
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

bool request_take(dispatcher_t *d, const actor_t *asker, const msg_t *m, void **context)
{
    request_t *request = slab_get(&d->requests, m->corr);
    if (!request || request->asker != asker)
        return false;
    *context = request->context;
    request_free(d, request);
    return true;
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
        dispatcher_fail(d, m, m->dst, GW_ECANCELED);
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
    msg_t question = {.src = request->asker->ref,
                      .corr = request->node.id,
                      .type = request->type,
                      .trace = request->trace};
    dispatcher_fail(d, &question, request->holder, GW_EDEADLINE);
}

/* An actor on another worker keeps what was forwarded to it: from here on it is the one to tell.
 * If the question has been taken back meanwhile, nobody has told it yet. */
void request_kept(dispatcher_t *d, const msg_t *m)
{
    request_t *request = slab_get(&d->requests, m->corr);
    msg_t gone = {.src = m->dst,
                  .dst = m->src,
                  .corr = m->corr,
                  .type = MSG_CANCELED,
                  .flags = MSG_CANCEL,
                  .trace = m->trace};
    if (!request || request->asker->ref != m->dst || request->expired) {
        dispatcher_post(d, gone);
        return;
    }
    if (MSG_HOPS(m->flags) < MSG_HOPS(request->flags))
        return; /* it has passed the question on, and the next one has said so already */
    request->flags = (request->flags & MSG_SYSTEM) | (m->flags & MSG_HOPS_MASK);
    request->holder = m->src;
    request->owed = 0;
    if (request->recalled)
        tell_holder(d, request, MSG_RECALLED);
}

/* --- the side that owes --- */

void dispatcher_fail(dispatcher_t *d, const msg_t *question, actor_ref_t from, int code)
{
    if (d->stopping || question->src == 0)
        return;
    failure_t *failure = xcalloc(1, sizeof(*failure));
    *failure = (failure_t){.code = code, .type = question->type, .from = from};
    msg_t m = {.body = failure,
               .src = from,
               .dst = question->src,
               .corr = question->corr,
               .type = MSG_FAILED,
               .flags = MSG_REPLY | (question->flags & MSG_SYSTEM),
               .trace = question->trace};
    dispatcher_post(d, m);
}

/* Says who has the question now: at once if the asker is here; elsewhere its worker only needs
 * to hear what it does not know, the end of a chain of forwards. */
static void set_holder(dispatcher_t *d, const msg_t *question, actor_ref_t holder, owed_t owed)
{
    if (address_worker(question->src) == d->index) {
        request_t *request = slab_get(&d->requests, question->corr);
        if (request) {
            request->holder = holder;
            request->owed = owed;
            request->flags = (request->flags & MSG_SYSTEM) | (question->flags & MSG_HOPS_MASK);
        }
    } else if (owed && MSG_HOPS(question->flags)) {
        msg_t m = {.src = holder,
                   .dst = question->src,
                   .corr = question->corr,
                   .type = MSG_KEPT,
                   .flags = MSG_SYSTEM | (question->flags & MSG_HOPS_MASK),
                   .trace = question->trace};
        dispatcher_post(d, m);
    }
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
    debt->flags = m->flags & (MSG_SYSTEM | MSG_HOPS_MASK);
    debt->trace = m->trace;
    debt->context = context;
    list_append(&me->owed, &debt->link);
    me->answered = true;
    set_holder(d, m, me->ref, debt->node.id);
    return debt->node.id;
}

static void debt_free(dispatcher_t *d, debt_t *debt)
{
    list_remove(&debt->link);
    slab_free(&d->debts, debt);
}

/* Settles what is owed: `ret` is the question, without a body. False when there is nothing to
 * answer any more. */
static bool take_question(actor_t *me, owed_t owed, msg_t *ret)
{
    dispatcher_t *d = me->home;
    if (owed == OWED_CURRENT) {
        if (!me->current || !(me->current->flags & MSG_REQUEST) || me->answered)
            return false;
        me->answered = true;
        *ret = *me->current;
        ret->trace = me->trace;
        ret->body = NULL;
        return true;
    }
    debt_t *debt = slab_get(&d->debts, owed);
    if (!debt || debt->debtor != me)
        return false;
    *ret = (msg_t){.src = debt->asker,
                   .corr = debt->corr,
                   .type = debt->type,
                   .flags = debt->flags | MSG_REQUEST,
                   .trace = debt->trace};
    debt_free(d, debt);
    return true;
}

/* The answer comes too late; that is no fault of whoever gives it. */
static void drop_answer(actor_t *me, uint16_t type, void *body)
{
    msg_t m = {.body = body, .type = type};
    me->home->stats.late_replies++;
    msg_release(me->home->catalogue, &m);
}

void actor_reply(actor_t *me, owed_t owed, uint16_t type, void *body)
{
    msg_t question;
    if (!take_question(me, owed, &question)) {
        drop_answer(me, type, body);
        return;
    }
    msg_t m = {.body = body,
               .src = me->ref,
               .dst = question.src,
               .corr = question.corr,
               .type = type,
               .flags = MSG_REPLY | (question.flags & MSG_SYSTEM),
               .trace = question.trace};
    me->stats.sent++;
    dispatcher_post(me->home, m);
}

void actor_fail(actor_t *me, owed_t owed, int code)
{
    msg_t question;
    if (take_question(me, owed, &question))
        dispatcher_fail(me->home, &question, me->ref, code);
}

static uint16_t one_hop_more(uint16_t flags)
{
    return (flags & MSG_HOPS_MASK) == MSG_HOPS_MASK ? flags : (uint16_t)(flags + MSG_HOP);
}

void actor_forward(actor_t *me, owed_t owed, actor_ref_t to, uint16_t type, void *body)
{
    msg_t m;
    if (!take_question(me, owed, &m)) {
        drop_answer(me, type, body);
        return;
    }
    m.body = body; /* the asker stays the asker */
    m.dst = to;
    m.type = type;
    m.flags = one_hop_more(m.flags);
    set_holder(me->home, &m, to, 0);
    me->stats.sent++;
    dispatcher_post(me->home, m);
}

void debts_settle(dispatcher_t *d, actor_t *actor, int code)
{
    list_each (link, &actor->owed) {
        debt_t *debt = GW_CONTAINER_OF(link, debt_t, link);
        msg_t question = {.src = debt->asker,
                          .corr = debt->corr,
                          .type = debt->type,
                          .flags = debt->flags,
                          .trace = debt->trace};
        debt_free(d, debt);
        dispatcher_fail(d, &question, actor->ref, code);
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
