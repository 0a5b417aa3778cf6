/*
 * actor_bench.h: one actor on a test bench: no thread, no libuv, no ZeroMQ, and a clock that
 * stands still until the test moves it. What the actor sends to others is captured, in the order
 * in which it was sent; what it sends to itself is delivered.
 *
 *     actor_bench_t *b = actor_bench_new(&router_class, &args, protocols);
 *     actor_ref_t client = bench_peer(b, "connection/1");
 *     bench_start(b);
 *     uint32_t corr = bench_ask(b, client, MSG_ROUTE, query);
 *     msg_t m = bench_expect(b, client, MSG_ROUTED);      // m.corr == corr, m.body is the test's
 *     bench_release(b, &m);
 *     bench_advance_ms(b, 30000);
 *     actor_bench_finish(b);
 *
 * Peers are addresses on another worker, found by actor_lookup. What the actor spawns is a
 * stand-in on its own worker that captures too. A bench belongs to one thread. An expectation
 * that does not hold calls the function given to bench_on_failure; without one the process
 * aborts with the text.
 */
#ifndef CORE_ACTOR_BENCH_H
#define CORE_ACTOR_BENCH_H

#include "core/actor.h"
#include "core/core_msg.h"

typedef struct actor_bench actor_bench_t;

/*
 * actor_bench_new prepares a bench for an actor of the class. `args` go to init at each start
 * and live as long as the bench. `protocols` is NULL-terminated (NULL is allowed); core's and
 * the host's are always known.
 */
actor_bench_t *actor_bench_new(const actor_class_t *class, void *args,
                               const msg_protocol_t *const *protocols);

/* actor_bench_free ends the actor and releases everything, captured messages too. */
void actor_bench_free(actor_bench_t *b);

/* actor_bench_finish is actor_bench_free that demands that nothing is left: no captured message
 * and no answer that the actor still owes. */
void actor_bench_finish(actor_bench_t *b);

/* bench_on_failure says what to do with an expectation that does not hold; `fail` must not
 * return (cmocka's fail_msg does not). */
void bench_on_failure(actor_bench_t *b, void (*fail)(const char *text));

/* --- before the start --- */

/* bench_place says on which worker the actor is, of how many; the default is 1 of 2. Peers are
 * on worker 0 (on 1, if the actor is on 0). Before the first bench_peer. */
void bench_place(actor_bench_t *b, uint32_t worker, uint32_t workers);

/* bench_peer makes an address that answers to `name`; also after the start. */
actor_ref_t bench_peer(actor_bench_t *b, const char *name);

/* bench_start starts the actor: its init runs. Returns what the start returned. Its name is that
 * of its class with the worker: "router/1". */
int bench_start(actor_bench_t *b);

/* bench_start_named is bench_start with a name. */
int bench_start_named(actor_bench_t *b, const char *name);

/* actor_bench_me gives the actor, NULL when it has ended; actor_bench_state its state. */
actor_t *actor_bench_me(actor_bench_t *b);
void *actor_bench_state(actor_bench_t *b);

/* --- in --- */

/* bench_send delivers a plain message (`tag` becomes its corr) and all that follows from it.
 * Takes the body. */
void bench_send(actor_bench_t *b, actor_ref_t from, uint16_t type, void *body, uint32_t tag);

/* bench_ask delivers a request of a peer or stand-in and returns its id, the corr of the answer.
 * Takes the body. */
uint32_t bench_ask(actor_bench_t *b, actor_ref_t from, uint16_t type, void *body);

/* bench_cancel takes back a request that a peer made with bench_ask. */
void bench_cancel(actor_bench_t *b, actor_ref_t from, uint32_t corr);

/* bench_reply answers a request that was captured; bench_fail answers it FAILED. Takes the
 * body. */
void bench_reply(actor_bench_t *b, const msg_t *request, uint16_t type, void *body);
void bench_fail(actor_bench_t *b, const msg_t *request, int code);

/* bench_mute mutes the actor in the name of a full receiver, or ends that: MUTED and UNMUTED are
 * delivered as in a real overload. */
void bench_mute(actor_bench_t *b, bool muted);

/* bench_down ends a stand-in; the actor gets DOWN. */
void bench_down(actor_bench_t *b, actor_ref_t stand_in, int code);

/* bench_run delivers what the actor has sent to itself from outside a handler: between
 * actor_enter and actor_leave, or in a function that the test called. */
void bench_run(actor_bench_t *b);

/* bench_advance_ns moves the clock; the timers on the way expire at their times, in order. */
void bench_advance_ns(actor_bench_t *b, uint64_t ns);
void bench_advance_ms(actor_bench_t *b, uint64_t ms);

/* --- out --- */

/* bench_next takes the oldest captured message; false when there is none. The body becomes the
 * caller's. */
bool bench_next(actor_bench_t *b, msg_t *ret);

/* bench_expect takes the oldest captured message, which must be of this type and to `to` (0:
 * anyone). The body becomes the caller's. */
msg_t bench_expect(actor_bench_t *b, actor_ref_t to, uint16_t type);

/* bench_skip is bench_expect that releases the body. */
void bench_skip(actor_bench_t *b, actor_ref_t to, uint16_t type);

/* bench_silent demands that nothing is captured. */
void bench_silent(actor_bench_t *b);

/* bench_pending counts the captured messages. */
size_t bench_pending(const actor_bench_t *b);

/* bench_release releases the body of a message by the catalogue. */
void bench_release(actor_bench_t *b, msg_t *m);

/* bench_spawned gives the next stand-in that the actor has spawned, which must be for `role`;
 * bench_spawns counts those not yet asked for; bench_args gives what it was spawned with. */
actor_ref_t bench_spawned(actor_bench_t *b, const char *role);
size_t bench_spawns(const actor_bench_t *b);
void *bench_args(actor_bench_t *b, actor_ref_t stand_in);

/* bench_name gives the name of a peer or a stand-in, "?" if it is neither. */
const char *bench_name(actor_bench_t *b, actor_ref_t ref);

#endif
