/*
 * simulation.h: several actors on one or several workers in one thread, with an order of events
 * that a seed decides. Each pair of sender and receiver has a queue of its own; each step hands
 * over the head of one of them, or lets time pass until the next timer. So every order that the
 * real queues can produce can happen here, the unlikely ones as often as the likely, and the
 * same seed gives the same order again.
 *
 *     static bool nothing_is_lost(uint64_t seed, uint64_t *ret_signature, void *context)
 *     {
 *         simulation_t *s = simulation_new(seed, 2, protocols);
 *         simulation_role(s, "store", &store_class);
 *         ...
 *         simulation_run_ms(s, 1000);
 *         ...
 *     }
 *     assert_true(simulation_holds(nothing_is_lost, NULL, 1, 1000, NULL));
 *
 * No thread, no libuv, no ZeroMQ.
 */
#ifndef CORE_SIMULATION_H
#define CORE_SIMULATION_H

#include "core/actor.h"

typedef struct simulation simulation_t;

/*
 * simulation_new makes `workers` workers, each with its host actor (host_msg.h), that know the
 * NULL-terminated protocols (core's and the host's are always known).
 */
simulation_t *simulation_new(uint64_t seed, uint32_t workers,
                             const msg_protocol_t *const *protocols);

/* simulation_free ends all actors and releases everything. */
void simulation_free(simulation_t *s);

/* simulation_role says which class stands behind a role, also anew. */
void simulation_role(simulation_t *s, const char *role, const actor_class_t *class);

/* simulation_spawn starts an actor on a worker; `args` is borrowed until the end. Returns its
 * address, 0 if it did not start. */
actor_ref_t simulation_spawn(simulation_t *s, uint32_t worker, const char *role, const char *name,
                             void *args);

/* simulation_post puts a plain message into the queue from `from` (0: from outside) to `to`.
 * Takes the body. */
void simulation_post(simulation_t *s, actor_ref_t from, actor_ref_t to, uint16_t type, void *body);

/* simulation_ask is a request of actor `from`, with what actor_request takes. */
uint32_t simulation_ask(simulation_t *s, actor_ref_t from, actor_ref_t to, uint16_t type,
                        void *body, uint64_t timeout_ns);

/* simulation_step does one thing; false when no message waits and no timer runs. */
bool simulation_step(simulation_t *s);

/* simulation_settle hands over messages, in a random order, until none is left; time stands
 * still. Returns how many they were; after `max` it stops. */
uint64_t simulation_settle(simulation_t *s, uint64_t max);

/* simulation_run_ms does steps until that much time has passed and no message is left. */
void simulation_run_ms(simulation_t *s, uint64_t ms);

/* simulation_lookup finds an actor by its name, 0 if there is none; simulation_actor gives it,
 * NULL if it has ended; simulation_state gives its state. */
actor_ref_t simulation_lookup(const simulation_t *s, const char *name);
actor_t *simulation_actor(simulation_t *s, actor_ref_t ref);
void *simulation_state(simulation_t *s, actor_ref_t ref);

/* simulation_signature is a hash over the order in which messages were handed over so far. */
uint64_t simulation_signature(const simulation_t *s);

/* A scenario builds a simulation from the seed, runs it and says whether the property held. */
typedef bool simulation_scenario_fn(uint64_t seed, uint64_t *ret_signature, void *context);

/*
 * simulation_holds runs a scenario with `count` seeds, from `first` on, until one fails. Then it
 * writes the seed to standard error and to `ret_seed` (may be NULL), and returns false. With
 * NANTIAN_SEED in the environment only that seed runs.
 */
bool simulation_holds(simulation_scenario_fn *scenario, void *context, uint64_t first,
                      uint64_t count, uint64_t *ret_seed);

#endif
