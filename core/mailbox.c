/*
 * mailbox.c: how many messages wait for an actor, and the muting of those who fill it. A full
 * actor mutes the senders that its class names; half empty again, it un-mutes them. Nothing is
 * dropped and nobody blocks: a muted actor is asked to begin nothing new. The system lane counts
 * in no mailbox.
 */
#include "core/dispatcher.h"
#include "core/mem.h"

/* --- sets of addresses --- */

static bool refs_have(const actor_ref_t *refs, uint32_t count, actor_ref_t ref)
{
    for (uint32_t i = 0; i < count; i++) {
        if (refs[i] == ref)
            return true;
    }
    return false;
}

/* Returns false if it was in there already. */
static bool refs_add(actor_ref_t **refs, uint32_t *count, actor_ref_t ref)
{
    if (refs_have(*refs, *count, ref))
        return false;
    *refs = xrealloc(*refs, (*count + 1) * sizeof(**refs));
    (*refs)[(*count)++] = ref;
    return true;
}

static bool refs_remove(actor_ref_t *refs, uint32_t *count, actor_ref_t ref)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (refs[i] != ref)
            continue;
        refs[i] = refs[--*count];
        return true;
    }
    return false;
}

/* --- the sender's side --- */

static void tell(dispatcher_t *d, const actor_t *sender, uint16_t type)
{
    if (!class_handler(sender->map, type))
        return; /* it only asks actor_muted */
    msg_t m = {.src = sender->ref, .dst = sender->ref, .type = type};
    dispatcher_post(d, m);
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

void mute_begin(dispatcher_t *d, actor_t *sender, actor_ref_t full, const actor_class_t *class)
{
    if (!may_mute(class, sender) || !refs_add(&sender->muted_by, &sender->muted, full))
        return;
    sender->map->stats.mutes++;
    if (sender->muted == 1)
        tell(d, sender, MSG_MUTED);
}

void mute_end(dispatcher_t *d, actor_t *sender, actor_ref_t full)
{
    if (refs_remove(sender->muted_by, &sender->muted, full) && sender->muted == 0)
        tell(d, sender, MSG_UNMUTED);
}

/* --- the receiver's side --- */

/* The class travels with the question: only the sender's worker knows the sender's class. */
static void ask_to_mute(dispatcher_t *d, const actor_t *full, actor_ref_t sender)
{
    mute_t *mute = xmalloc(sizeof(*mute));
    mute->by = full->map->class;
    msg_t m = {
        .body = mute, .src = full->ref, .dst = sender, .type = MSG_MUTE_ASK, .flags = MSG_SYSTEM};
    dispatcher_post(d, m);
}

static void ask_to_unmute(dispatcher_t *d, const actor_t *full, actor_ref_t sender)
{
    msg_t m = {.src = full->ref, .dst = sender, .type = MSG_MUTE_END, .flags = MSG_SYSTEM};
    dispatcher_post(d, m);
}

static void mute(dispatcher_t *d, actor_t *receiver, actor_ref_t ref)
{
    const actor_class_t *class = receiver->map->class;
    if (!class->mutes || !ref || ref == receiver->ref)
        return;
    if (address_worker(ref) == d->index) {
        actor_t *sender = dispatcher_find(d, ref);
        if (sender && may_mute(class, sender) &&
            refs_add(&receiver->muted_ones, &receiver->muting, ref))
            mute_begin(d, sender, receiver->ref, class);
    } else if (refs_add(&receiver->muted_ones, &receiver->muting, ref)) {
        ask_to_mute(d, receiver, ref);
    }
}

static void unmute_all(dispatcher_t *d, actor_t *receiver)
{
    for (uint32_t i = 0; i < receiver->muting; i++) {
        actor_ref_t ref = receiver->muted_ones[i];
        actor_t *sender = dispatcher_find(d, ref);
        if (address_worker(ref) != d->index)
            ask_to_unmute(d, receiver, ref);
        else if (sender)
            mute_end(d, sender, receiver->ref);
    }
    receiver->muting = 0;
}

void mailbox_rises(dispatcher_t *d, actor_t *receiver, actor_ref_t sender)
{
    uint32_t length = receiver->mailbox, high = receiver->map->class->mailbox_high;
    if (length > receiver->stats.mailbox_max)
        receiver->stats.mailbox_max = length;
    receiver->mark = receiver->stats.mailbox_max;
    if (high == 0)
        return;
    if (receiver->mark >= high)
        receiver->mark = high - 1; /* each message to a full actor comes by here */
    if (length < high)
        return;
    receiver->full = true;
    mute(d, receiver, sender);
}

void mailbox_falls(dispatcher_t *d, actor_t *receiver)
{
    if (receiver->mailbox > receiver->map->class->mailbox_high / 2)
        return;
    receiver->full = false;
    unmute_all(d, receiver);
}

void mailbox_forget(dispatcher_t *d, actor_t *actor)
{
    actor->full = false;
    actor->mark = 0;
    unmute_all(d, actor);
}
