/*
 * actor.h: what the author of an actor needs. An actor is a class (one .c file with static
 * handlers and one const table at its end) and a state that only its own handlers touch.
 *
 *     // int on_ping(ping_state_t *self, actor_t *me, ping_t **body, const msg_t *m)
 *     HANDLER(ping_state_t, PING, on_ping)
 *
 *     static const actor_handler_t handlers[] = {ON(PING), ON_END};
 *
 *     const actor_class_t ping_class = {
 *         .name = "ping", .state_size = sizeof(ping_state_t), .handlers = handlers};
 *
 * All functions below are called by the actor itself, on its worker's thread, from a handler
 * or between actor_enter and actor_leave; none of them blocks.
 */
#ifndef CORE_ACTOR_H
#define CORE_ACTOR_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/error.h"
#include "core/message.h"
#include "core/strbuf.h"

/*
 * A handler handles one message. *body is the actor's for the time of the call; to keep it,
 * take it (set *body to NULL), or move it on with a send. What is left is released.
 * A negative return is a fault: the runtime restarts the actor.
 */
typedef int (*actor_handle_fn)(void *self, actor_t *me, void *body, const msg_t *m);

typedef struct actor_handler {
    uint16_t type;
    actor_handle_fn handle;
} actor_handler_t;

/* HANDLER makes the typed function fit the table; the compiler checks the body's type. */
#define HANDLER(state_, name_, function_)                                                          \
    static int handle_##name_(void *self, actor_t *me, void *body, const msg_t *m)                 \
    {                                                                                              \
        return function_((state_ *)self, me, (msg_body_##name_ **)body, m);                        \
    }
#define ON(name_)                                                                                  \
    {                                                                                              \
        MSG_##name_, handle_##name_                                                                \
    }
#define ON_END                                                                                     \
    {                                                                                              \
        0, NULL                                                                                    \
    }

/*
 * actor_class_t is all that the runtime knows of a kind of actor.
 *
 * init makes the state (cleared before) from the arguments; it returns 0 when the actor is
 * ready for messages. fini gives back what is not in the actor's arena; it also runs after a
 * failed init. describe writes the members of a JSON object (no braces) for the admin pages.
 * All but `name`, `state_size` and `handlers` may be absent.
 */
typedef struct actor_class {
    const char *name;
    size_t state_size;
    int (*init)(void *self, actor_t *me, const void *args);
    void (*fini)(void *self, actor_t *me);
    void (*describe)(void *self, actor_t *me, strbuf_t *json);
    const actor_handler_t *handlers;

    /* More than `restarts` faults within `restart_window_ms` end the actor (0: 5 in 10 s). */
    uint32_t restarts;
    uint32_t restart_window_ms;

    /* At `mailbox_high` waiting messages the actor is full: the senders whose class is in
     * `mutes` are muted until it has fallen to half of that. 0: never full. */
    uint32_t mailbox_high;
    const char *const *mutes; /* class names, NULL-terminated */
} actor_class_t;

/* Who am I. The name is "class/worker" or what the spawner gave. */
actor_ref_t actor_self(const actor_t *me);
const char *actor_name(const actor_t *me);

/* actor_arena is memory that lives as long as the state: until a restart or the end. */
arena_t *actor_arena(actor_t *me);

/* actor_now gives the worker's monotonic clock in nanoseconds, as of the start of the handler. */
uint64_t actor_now(const actor_t *me);

/* actor_wall gives the wall clock in nanoseconds since 1970, in step with actor_now. */
uint64_t actor_wall(const actor_t *me);

/* actor_random gives 64 random bits, not for secrets; a test's seed makes them repeatable. */
uint64_t actor_random(actor_t *me);

uint32_t actor_worker(const actor_t *me);       /* index of the worker; 0 is the control worker */
uint32_t actor_worker_count(const actor_t *me); /* with the control worker */

/* actor_loop gives the worker's uv_loop_t, or NULL where there is none (actor_bench_t). Only
 * transport/ uses it. */
void *actor_loop(const actor_t *me);

/*
 * actor_send sends a plain message; `tag` becomes its `corr`. It takes the body. A message to
 * a dead actor is counted and released. Order per pair of sender and receiver is kept.
 * actor_send_system uses the system lane.
 */

/*
 * actor_request asks: exactly one of three things arrives later: a reply (any message with
 * MSG_REPLY, from whoever answers), FAILED (core_msg.h: no such actor, restart, deadline, no
 * answer), or nothing, if the asker cancels or ends first. `timeout_ns` 0 is no deadline.
 * `context` is given back by actor_context when the answer is handled. Returns the id; 0 when a
 * million questions are open on this worker: the body is released and nothing arrives.
 * actor_request_system uses the system lane, for the answer too.
 */

/* actor_cancel says that the answer is not wanted any more; whoever keeps the question gets
 * CANCELED (core_msg.h), also when it was forwarded. Unknown ids are ignored. */
void actor_cancel(actor_t *me, uint32_t request);

/* actor_recall asks whoever owes the answer to make it short (RECALLED, with the context that
 * actor_keep got). The request stays open: one answer comes, if nobody has it yet FAILED with
 * GW_ECANCELED. For what must come home to be accounted for. */
void actor_recall(actor_t *me, uint32_t request);

/* actor_context gives the context of the timer or the request whose message is being handled. */
void *actor_context(const actor_t *me);

/* actor_keep postpones the answer to the request being handled and returns what to answer it
 * with. `context` is what the CANCELED handler finds in actor_context. */
owed_t actor_keep(actor_t *me, void *context);

/* actor_reply answers (OWED_CURRENT: the request being handled) and takes the body; answering
 * twice or what was canceled releases the body. actor_fail answers FAILED with a GW_E code.
 * actor_forward passes the request on: the new owner answers the asker. It takes the body. */
void actor_fail(actor_t *me, owed_t owed, int code);

/* Timers are messages of the given type to the actor itself, without a body; actor_context
 * gives the context. A stopped timer sends nothing, not even if it had expired already. */
typedef uint32_t timer_ref_t; /* 0 = none */
timer_ref_t actor_timer_start(actor_t *me, uint64_t delay_ns, uint16_t type, void *context);

/* actor_timer_extend moves a timer's expiry to `delay_ns` from now, later or earlier; moving it
 * later costs next to nothing. A message that is on its way already is taken back. Returns false
 * if the timer is stopped or its message has been handled. */
bool actor_timer_extend(actor_t *me, timer_ref_t timer, uint64_t delay_ns);
void actor_timer_stop(actor_t *me, timer_ref_t timer);

/*
 * actor_spawn starts an actor on this worker: the class registered for `role`, which a test
 * may have replaced. `args` is handed to init now and at every restart; it must live until
 * `free_args` (may be NULL) is called at the end. On failure it is freed at once.
 */
int actor_spawn(actor_t *me, const char *role, const char *name, void *args,
                void (*free_args)(void *), actor_ref_t *ret);

/* actor_exit ends the calling actor when the handler returns: fini, what it owes is answered
 * GW_ENOACTOR, its timers and requests are dropped, its address is dead. */
void actor_exit(actor_t *me);

/* actor_lookup resolves the name of an actor anywhere in the process; 0 if there is none. */
actor_ref_t actor_lookup(const actor_t *me, const char *name);

/* actor_scratch gives ACTOR_SCRATCH bytes that all actors of the worker share: for what is read
 * and used up within one handler. Nobody may rely on its contents afterwards. */
enum { ACTOR_SCRATCH = 65536 };
char *actor_scratch(actor_t *me);

/* actor_muted says that a receiver of this actor is full: it must not begin new work. MUTED
 * and UNMUTED (core_msg.h) tell of the change. */
bool actor_muted(const actor_t *me);

/* actor_trace gives the flow of the message being handled; actor_set_trace begins another one,
 * for the messages that this handler sends from here on. */
uint64_t actor_trace(const actor_t *me);
void actor_set_trace(actor_t *me, uint64_t trace);

/* actor_enter and actor_leave bracket work that no message caused (a readable socket); never
 * within a handler. */
void actor_enter(actor_t *me);
void actor_leave(actor_t *me);

#endif
