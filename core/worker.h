/*
 * worker.h: one thread with one libuv loop, its queues and its dispatcher. Private to core/.
 */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include <uv.h>

#include "core/dispatcher.h"
#include "core/lane.h"

typedef struct worker {
    dispatcher_t dispatcher;
    lanes_t *lanes;
    uint32_t batch; /* messages per lane and loop turn */
    uv_loop_t loop;
    uv_prepare_t prepare;
    uv_idle_t idle;
    uv_timer_t timer;
    uv_poll_t polls[2];
    uint64_t armed_for; /* expiry that the uv timer is set to */
    bool ready[2];      /* the inbox may hold something */
    bool idle_active, closing;
    train_t *remote_first, *remote_last; /* received, not or partly dispatched */
    uv_thread_t thread;
    void *runtime;
} worker_t;

/* worker_open makes the loop and the inboxes, on the worker's own thread; the dispatcher has
 * been prepared before. */
void worker_open(worker_t *worker, void *zmq_context);

/* worker_run runs the loop until worker_finish is called from within it. That ends all actors
 * but the caller, while they still have a loop, and closes what is left open in it. */
void worker_run(worker_t *worker);
void worker_finish(worker_t *worker);

/* The dispatcher's ways out (dispatcher_ops_t); `context` is the worker. */
void worker_ship(void *context, uint32_t to, bool system, train_t *train);
void worker_own_send(void *context, train_t *train);
train_t *worker_own_receive(void *context);

/* worker_fini runs when no worker's thread runs any more: releases what is left in the queues
 * and frees everything. */
void worker_fini(worker_t *worker);

#endif
