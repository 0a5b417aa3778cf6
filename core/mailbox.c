/*
 * mailbox.c: how many messages wait for an actor, and the muting of those who fill it. A full
 * actor mutes the senders that its class names; half empty again, it un-mutes them. Nothing is
 * dropped and nobody blocks: a muted actor is asked to begin nothing new.
 */
#include "core/dispatcher.h"
#include "core/mem.h"

/* The class travels with the question: only the sender's worker knows the sender's class. */
static void ask(dispatcher_t *d, const actor_t *full, actor_ref_t sender, uint16_t type)
{
    if (d->stopping)
        return;
    mute_t *mute = xmalloc(sizeof(*mute));
    mute->by = full->map->class;
    msg_t m = {.body = mute, .src = full->ref, .dst = sender, .type = type, .flags = MSG_SYSTEM};
    dispatcher_post(d, &m);
}

static void tell(dispatcher_t *d, const actor_t *sender, uint16_t type)
{
    unsigned index = (type & 0xff) - 1u;
    if (index >= sender->map->protocols[0].count || !sender->map->protocols[0].handlers[index])
        return; /* it only asks actor_muted */
    msg_t m = {.src = sender->ref, .dst = sender->ref, .type = type};
    dispatcher_post(d, &m);
}

static bool may_mute(const actor_class_t *receiver, const actor_t *sender)
{
    const char *const *names = receiver->mutes;
    for (; names && *names; names++) {
        if (strcmp(*names, sender->map->class->name) == 0)
            return true;
    }
    return false;
}

void mute_begin(dispatcher_t *d, actor_t *sender, const actor_class_t *by)
{
    if (!may_mute(by, sender))
        return;
    sender->map->stats.mutes++;
    if (sender->muted++ == 0)
        tell(d, sender, MSG_MUTED);
}

void mute_end(dispatcher_t *d, actor_t *sender, const actor_class_t *by)
{
    if (!may_mute(by, sender) || sender->muted == 0)
        return;
    if (--sender->muted == 0)
        tell(d, sender, MSG_UNMUTED);
}

static bool muting_already(const actor_t *receiver, actor_ref_t sender)
{
    for (uint32_t i = 0; i < receiver->muting_count; i++) {
        if (receiver->muting[i] == sender)
            return true;
    }
    return false;
}

static void mute(dispatcher_t *d, actor_t *receiver, actor_ref_t ref)
{
    bool local = address_worker(ref) == d->index;
    actor_t *sender = local ? dispatcher_find(d, ref) : NULL;
    if (muting_already(receiver, ref))
        return;
    if (local && (!sender || sender == receiver || !may_mute(receiver->map->class, sender)))
        return;
    if (!local && !receiver->map->class->mutes)
        return;
    receiver->muting =
        xrealloc(receiver->muting, (receiver->muting_count + 1) * sizeof(*receiver->muting));
    receiver->muting[receiver->muting_count++] = ref;
    if (local)
        mute_begin(d, sender, receiver->map->class);
    else
        ask(d, receiver, ref, MSG_MUTE_ASK);
}

static void unmute_all(dispatcher_t *d, actor_t *receiver)
{
    for (uint32_t i = 0; i < receiver->muting_count; i++) {
        actor_ref_t ref = receiver->muting[i];
        actor_t *sender = address_worker(ref) == d->index ? dispatcher_find(d, ref) : NULL;
        if (sender)
            mute_end(d, sender, receiver->map->class);
        else if (address_worker(ref) != d->index)
            ask(d, receiver, ref, MSG_MUTE_END);
    }
    receiver->muting_count = 0;
}

void mailbox_in(dispatcher_t *d, actor_t *receiver, actor_ref_t sender)
{
    uint32_t length = ++receiver->mailbox, high = receiver->map->class->mailbox_high;
    if (length > receiver->stats.mailbox_max)
        receiver->stats.mailbox_max = length;
    if (GW_LIKELY(high == 0 || length < high))
        return;
    receiver->full = true;
    mute(d, receiver, sender);
}

void mailbox_out(dispatcher_t *d, actor_t *receiver)
{
    if (receiver->mailbox > 0)
        receiver->mailbox--;
    if (GW_UNLIKELY(receiver->full) &&
        receiver->mailbox <= receiver->map->class->mailbox_high / 2) {
        receiver->full = false;
        unmute_all(d, receiver);
    }
}

void mailbox_forget(dispatcher_t *d, actor_t *actor)
{
    unmute_all(d, actor);
}
