/*
 * runtime.h: a process full of actors: worker threads, the queues between them, the registry of
 * classes and names, the watchdog. One worker, number 0, is the control worker; the others
 * serve traffic.
 */
#ifndef CORE_RUNTIME_H
#define CORE_RUNTIME_H

#include "core/actor.h"
#include "core/stats.h"
#include "core/supervisor.h"

typedef struct runtime runtime_t;

typedef struct runtime_options {
    uint32_t workers;         /* besides the control worker; at least 1, at most 62 */
    uint32_t batch;           /* messages per lane and loop turn; 0 = no limit (but 65,536) */
    uint32_t recorder_events; /* of each worker's flight recorder */
    uint32_t watchdog_ms;     /* a handler that takes longer is reported; 0 = never */
    uint64_t seed;            /* of actor_random; 0 = from the system */
    int stop_signal;          /* sent to the process when the runtime ends because a child failed,
                               * for a main thread that waits for signals; 0 = none */
} runtime_options_t;

/* runtime_new makes a runtime without threads; classes and protocols are registered next. */
runtime_t *runtime_new(const runtime_options_t *options);

/* runtime_protocol makes a message catalogue known (core's own is). Before the start only. */
void runtime_protocol(runtime_t *runtime, const msg_protocol_t *protocol);

/* runtime_register binds a role to a class; runtime_replace binds another one, for actors that
 * are spawned from then on (tests put probes in place with it). Any thread. */
void runtime_register(runtime_t *runtime, const char *role, const actor_class_t *class);
void runtime_replace(runtime_t *runtime, const char *role, const actor_class_t *class);

/*
 * runtime_start starts the threads, then the children in order, each ready before the next.
 * Returns 0, or the error of the first child that failed, or GW_ESHUTDOWN after a runtime_stop
 * on the way, with everything stopped again.
 */
int runtime_start(runtime_t *runtime, const child_spec_t *children, const stop_policy_t *stop);

/* runtime_stop begins an ordered shutdown. Any thread, also from within an actor. */
void runtime_stop(runtime_t *runtime);

/* runtime_wait blocks until all actors and threads have ended; returns 0, or the error of the
 * permanent child that brought the process down. Every body is released by then. */
int runtime_wait(runtime_t *runtime);

/* runtime_free frees a runtime that was never started or has been waited for. */
void runtime_free(runtime_t *runtime);

/* runtime_lookup resolves an actor's name; 0 if there is none. Any thread. */
actor_ref_t runtime_lookup(runtime_t *runtime, const char *name);

/* runtime_post sends a plain message from outside all actors (src 0). Takes the body. Any
 * thread; serialised inside. */
void runtime_post(runtime_t *runtime, actor_ref_t to, uint16_t type, void *body);

/* runtime_class gives the class behind a role, or NULL. Any thread. */
const actor_class_t *runtime_class(runtime_t *runtime, const char *role);

/* runtime_stuck tells how many workers are in a handler for longer than the watchdog allows. */
uint32_t runtime_stuck(const runtime_t *runtime);

/* runtime_stalls tells what the watchdog saw of one worker. */
stall_stats_t runtime_stalls(const runtime_t *runtime, uint32_t worker);

/* runtime_catalogue gives all message catalogues, for pages and traces. */
const msg_catalogue_t *runtime_catalogue(const runtime_t *runtime);

#endif
