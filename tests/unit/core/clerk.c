#include "tests/unit/core/clerk.h"

#include <stdatomic.h>

#include "core/mem.h"

static atomic_int alive;

note_t *note_new(uint32_t number)
{
    note_t *note = xmalloc(sizeof(*note));
    note->number = number;
    alive++;
    return note;
}

void note_free(note_t *note)
{
    alive -= note != NULL;
    free(note);
}

int notes_alive(void)
{
    return alive;
}

MSG_DEFINE(clerk, 60, CLERK_MESSAGES)

static int clerk_init(void *self, actor_t *me, const void *args)
{
    clerk_t *clerk = self;
    clerk->args = args;
    if (!args)
        return 0;
    if (clerk->args->inits)
        ++*clerk->args->inits;
    if (clerk->args->colleague)
        clerk->colleague = actor_lookup(me, clerk->args->colleague);
    return clerk->args->init_code;
}

static void clerk_fini(void *self, actor_t *me)
{
    const clerk_t *clerk = self;
    (void)me;
    if (clerk->args && clerk->args->finis)
        ++*clerk->args->finis;
}

static void clerk_describe(void *self, actor_t *me, strbuf_t *json)
{
    const clerk_t *clerk = self;
    (void)me;
    strbuf_printf(json, "\"wakes\":%u", clerk->wakes);
}

static int on_ask(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    clerk->last_number = (*body)->number++;
    reply_CLERK_ANSWER(me, OWED_CURRENT, body);
    return 0;
}

static int on_keep(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    clerk->last_number = (*body)->number;
    clerk->owed = actor_keep(me, clerk);
    return 0;
}

static int on_release(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    note_t *note = note_new(clerk->last_number);
    (void)body;
    (void)m;
    reply_CLERK_ANSWER(me, clerk->owed, &note);
    return 0;
}

static int on_forward(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    if ((*body)->number-- > 1)
        forward_CLERK_FORWARD(me, OWED_CURRENT, clerk->colleague, body);
    else
        forward_CLERK_KEEP(me, OWED_CURRENT, clerk->colleague, body);
    return 0;
}

static int on_pass(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    note_t *note = note_new(clerk->last_number);
    (void)body;
    (void)m;
    forward_CLERK_KEEP(me, clerk->owed, clerk->colleague, &note);
    return 0;
}

static int on_consult(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    clerk->asked = request_CLERK_ASK(me, clerk->colleague, body, 1000000000, &clerk->asked);
    return 0;
}

static int on_drop(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    actor_cancel(me, clerk->asked);
    return 0;
}

static int on_answer(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    clerk->answers++;
    clerk->last_number = (*body)->number;
    clerk->last_context = actor_context(me);
    return 0;
}

static int on_failed(clerk_t *clerk, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)m;
    clerk->failures++;
    clerk->last_code = (*body)->code;
    clerk->last_context = actor_context(me);
    return 0;
}

static int on_canceled(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    clerk->cancels++;
    clerk->last_context = actor_context(me);
    return 0;
}

static int on_recalled(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    clerk->recalls++;
    return on_release(clerk, me, body, m);
}

static int on_wake(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    clerk->wakes++;
    clerk->last_context = actor_context(me);
    return 0;
}

static int on_timer(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    uint64_t delay = (*body)->number * UINT64_C(1000000);
    clerk->timer = actor_timer_start(me, delay, MSG_CLERK_WAKE, &clerk->wakes);
    return 0;
}

static int on_extend(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)m;
    clerk->last_code = actor_timer_extend(me, clerk->timer, (*body)->number * UINT64_C(1000000));
    return 0;
}

static int on_untimer(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    actor_timer_stop(me, clerk->timer);
    return 0;
}

static int on_spawn(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    clerk->last_code = actor_spawn(me, "assistant", "assistant/1", clerk, NULL, &clerk->assistant);
    return 0;
}

static int on_down(clerk_t *clerk, actor_t *me, obituary_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    clerk->downs++;
    clerk->last_code = (*body)->code;
    return 0;
}

static int on_fault(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)clerk;
    (void)me;
    (void)body;
    (void)m;
    return GW_EIO;
}

static int on_exit_wanted(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)clerk;
    (void)body;
    (void)m;
    actor_exit(me);
    return 0;
}

static int on_ignore(clerk_t *clerk, actor_t *me, note_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    clerk->ignored++;
    clerk->last_number = *body ? (*body)->number : 0;
    return 0;
}

static int on_muted(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    clerk->mutes++;
    return 0;
}

static int on_unmuted(clerk_t *clerk, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    clerk->unmutes++;
    return 0;
}

HANDLER(clerk_t, CLERK_ASK, on_ask)
HANDLER(clerk_t, CLERK_ANSWER, on_answer)
HANDLER(clerk_t, CLERK_KEEP, on_keep)
HANDLER(clerk_t, CLERK_RELEASE, on_release)
HANDLER(clerk_t, CLERK_FORWARD, on_forward)
HANDLER(clerk_t, CLERK_PASS, on_pass)
HANDLER(clerk_t, CLERK_CONSULT, on_consult)
HANDLER(clerk_t, CLERK_DROP, on_drop)
HANDLER(clerk_t, CLERK_WAKE, on_wake)
HANDLER(clerk_t, CLERK_TIMER, on_timer)
HANDLER(clerk_t, CLERK_EXTEND, on_extend)
HANDLER(clerk_t, CLERK_UNTIMER, on_untimer)
HANDLER(clerk_t, CLERK_SPAWN, on_spawn)
HANDLER(clerk_t, CLERK_FAULT, on_fault)
HANDLER(clerk_t, CLERK_EXIT, on_exit_wanted)
HANDLER(clerk_t, CLERK_IGNORE, on_ignore)
HANDLER(clerk_t, FAILED, on_failed)
HANDLER(clerk_t, CANCELED, on_canceled)
HANDLER(clerk_t, RECALLED, on_recalled)
HANDLER(clerk_t, DOWN, on_down)
HANDLER(clerk_t, MUTED, on_muted)
HANDLER(clerk_t, UNMUTED, on_unmuted)

static const actor_handler_t handlers[] = {
    ON(CLERK_ASK),    ON(CLERK_ANSWER),  ON(CLERK_KEEP),  ON(CLERK_RELEASE), ON(CLERK_FORWARD),
    ON(CLERK_PASS),   ON(CLERK_CONSULT), ON(CLERK_DROP),  ON(CLERK_WAKE),    ON(CLERK_TIMER),
    ON(CLERK_EXTEND), ON(CLERK_UNTIMER), ON(CLERK_SPAWN), ON(CLERK_FAULT),   ON(CLERK_EXIT),
    ON(CLERK_IGNORE), ON(FAILED),        ON(CANCELED),    ON(RECALLED),      ON(DOWN),
    ON(MUTED),        ON(UNMUTED),       ON_END};

const actor_class_t clerk_class = {.name = "clerk",
                                   .state_size = sizeof(clerk_t),
                                   .init = clerk_init,
                                   .fini = clerk_fini,
                                   .describe = clerk_describe,
                                   .handlers = handlers,
                                   .restarts = 2,
                                   .restart_window_ms = 1000,
                                   .mailbox_high = 8};
