/*
 * dispatcher.h: the part of a worker that knows actors, requests, timers and statistics, but no
 * thread, no libuv and no ZeroMQ. A worker drives one from its loop; actor_bench_t and the
 * seeded simulation drive one from a test. Everything in it belongs to one thread.
 *
 * Private to core/: actors use actor.h.
 */
#ifndef CORE_DISPATCHER_H
#define CORE_DISPATCHER_H

#include <stdatomic.h>

#include "core/actor.h"
#include "core/address.h"
#include "core/core_msg.h"
#include "core/list.h"
#include "core/recorder.h"
#include "core/slab.h"
#include "core/stats.h"
#include "core/train.h"

typedef struct dispatcher dispatcher_t;

/* What a dispatcher needs from whoever drives it. */
typedef struct dispatcher_ops {
    /* A full or flushed train leaves for a worker (perhaps this one). Takes the train. */
    void (*ship)(void *context, uint32_t worker, bool system, train_t *train);
    uint64_t (*clock)(void *context); /* monotonic, ns */
    uint64_t (*wall)(void *context);  /* since 1970, ns */
    const actor_class_t *(*role)(void *context, const char *role);
    actor_ref_t (*lookup)(void *context, const char *name);
    int (*publish)(void *context, const char *name, actor_ref_t ref);
    void (*withdraw)(void *context, const char *name, actor_ref_t ref);
} dispatcher_ops_t;

/* The handlers of a class by message type, and its statistics on this worker. */
typedef struct class_map {
    struct class_map *next;
    const actor_class_t *class;
    struct {
        actor_handle_fn *handlers;
        uint32_t count;
    } protocols[MSG_PROTOCOLS_MAX];
    class_stats_t stats;
} class_map_t;

typedef enum actor_state { ACTOR_LIVE, ACTOR_EXITING, ACTOR_RESTARTING } actor_state_t;

struct actor {
    dispatcher_t *home;
    void *self;
    class_map_t *map;
    actor_ref_t ref;
    uint8_t state;

    /* The message being handled. */
    const msg_t *current;
    void *context;
    bool answered; /* the request being handled was answered, kept or forwarded */
    uint64_t trace;

    uint32_t mailbox; /* messages that wait for it */
    bool full;
    uint32_t muted, muting;  /* lengths of: */
    actor_ref_t *muted_by;   /* full receivers that have muted this actor */
    actor_ref_t *muted_ones; /* whom this actor has muted */

    actor_stats_t stats;
    list_t owed, requests, timers;
    arena_t arena;

    char *name;
    char *role;
    void *args;
    void (*free_args)(void *);
    actor_ref_t spawner;
    uint32_t faults; /* within the window that began at: */
    uint64_t fault_window_ns;
};

/* A question asked by an actor here. */
typedef struct request {
    slab_node_t node;
    actor_t *asker;
    list_t link;        /* in asker->requests */
    actor_ref_t holder; /* who has it to answer, as far as is known here */
    uint16_t type;
    uint16_t flags; /* MSG_SYSTEM: in that lane; hops of the holder */
    owed_t owed;    /* the holder's debt, when it is on this worker and has kept it */
    timer_ref_t deadline;
    bool expired;  /* FAILED is on the way to the asker */
    bool recalled; /* nobody needs to begin with it */
    uint64_t trace;
    void *context;
} request_t;

/* An answer owed by an actor here. */
typedef struct debt {
    slab_node_t node;
    actor_t *debtor;
    list_t link; /* in debtor->owed */
    actor_ref_t asker;
    uint32_t corr;
    uint16_t type;
    uint16_t flags; /* MSG_SYSTEM, hops */
    void *context;
    uint64_t trace;
} debt_t;

typedef struct timer {
    slab_node_t node;
    actor_t *owner;
    list_t link;          /* in owner->timers; deadlines of requests are in none */
    uint64_t expiry, key; /* key <= expiry: extending does not move it in the heap */
    uint32_t position;    /* in the heap + 1; 0: expired, its message is on the way */
    uint32_t request;     /* whose deadline it is, or 0 */
    uint16_t type;
    uint64_t trace;
    void *context;
} timer_entry_t;

typedef struct heap_item {
    uint64_t key;
    timer_entry_t *timer;
} heap_item_t;

/* What runs now, for the watchdog's eyes. */
typedef struct running {
    _Alignas(64) _Atomic uint64_t version; /* counts dispatches; odd while one runs */
    _Atomic uint32_t actor;
    _Atomic uint32_t type;
} running_t;

struct dispatcher {
    const dispatcher_ops_t *ops;
    void *context;
    const msg_catalogue_t *catalogue;
    void *loop;
    uint32_t index, workers;

    uint64_t now;
    actor_t *charge; /* whose I/O work the time since `now` is */
    actor_t *dying;  /* exiting, to be freed when its handler has returned */

    uint64_t dirty[2]; /* workers with something in the outbox, per lane */
    train_t *outbox[2][ADDRESS_WORKERS_MAX];
    train_pool_t pool;
    uint32_t train_capacity; /* a train leaves when it has so many messages */

    actor_t **actors;
    uint16_t *generations;
    uint32_t *free_slots; /* a ring, so that a slot rests as long as possible */
    uint32_t slots, free_head, free_count;

    slab_t requests, debts, timers;
    heap_item_t *heap; /* 4-ary, earliest first */
    uint32_t heap_count, heap_capacity;

    char *scratch;
    class_map_t *classes;
    recorder_t recorder;
    bool stopping; /* sends go nowhere any more */
    uint64_t random[4];
    dispatcher_stats_t stats;
    running_t running;
};

/* The arguments of a host actor; a simulation has no loop to leave. */
typedef struct host_args {
    void (*leave)(dispatcher_t *d);
} host_args_t;

/* dispatcher_init prepares a dispatcher in place. `seed` feeds actor_random. */
void dispatcher_init(dispatcher_t *d, const dispatcher_ops_t *ops, void *context,
                     const msg_catalogue_t *catalogue, uint32_t index, uint32_t workers,
                     uint32_t recorder_events, uint64_t seed);

/* dispatcher_end ends all actors, the youngest slots first, but not one whose handler is on the
 * stack. What they say goes out as usual. */
void dispatcher_end(dispatcher_t *d);

/* dispatcher_fini ends the actors that are left (fini, no messages) and frees everything. */
void dispatcher_fini(dispatcher_t *d);

/* dispatcher_spawn is actor_spawn for a given spawner (0: nobody). */
int dispatcher_spawn(dispatcher_t *d, actor_ref_t spawner, const char *role, const char *name,
                     void *args, void (*free_args)(void *), actor_ref_t *ret);

/* dispatcher_find gives a live actor of this worker, or NULL. */
static inline actor_t *dispatcher_find(const dispatcher_t *d, actor_ref_t ref)
{
    uint32_t slot = address_slot(ref);
    actor_t *actor = slot < d->slots ? d->actors[slot] : NULL;
    return actor && actor->ref == ref ? actor : NULL;
}

/* dispatcher_dispatch hands one message to its actor. Nothing is left of it afterwards. */
void dispatcher_dispatch(dispatcher_t *d, train_item_t *item);

/* dispatcher_arrived counts the messages of a train from another worker into the mailboxes. */
void dispatcher_arrived(dispatcher_t *d, const train_t *train);

/* dispatcher_post puts a message into the outbox of its destination's worker. Takes the body. */
void dispatcher_post(dispatcher_t *d, const msg_t *m);

/* dispatcher_flush ships the outbox of one worker's lane; dispatcher_flush_all all of them. */
void dispatcher_flush(dispatcher_t *d, uint32_t worker, bool system);
void dispatcher_flush_all(dispatcher_t *d);

/* dispatcher_tick reads the clock and charges what ran since the last reading. */
uint64_t dispatcher_tick(dispatcher_t *d);

/* dispatcher_expire posts the messages of the timers that have expired. */
void dispatcher_expire(dispatcher_t *d);

/* dispatcher_next_expiry gives the time of the earliest timer, UINT64_MAX if there is none. */
uint64_t dispatcher_next_expiry(const dispatcher_t *d);

/* dispatcher_swap puts another class in the place of a running actor: between two messages,
 * same address and name; what it owed is answered GW_ERESTART. */
int dispatcher_swap(dispatcher_t *d, actor_ref_t ref, const actor_class_t *class);

/* dispatcher_exit ends an actor: at once, or after its handler if it is running. */
void dispatcher_exit(dispatcher_t *d, actor_t *actor, int code);

/* running_next says that a piece of work begins or ends; the watchdog sees an odd version that
 * does not change. */
static inline void running_next(running_t *r, actor_ref_t actor, uint16_t type)
{
    atomic_store_explicit(&r->actor, actor, memory_order_relaxed);
    atomic_store_explicit(&r->type, type, memory_order_relaxed);
    atomic_store_explicit(&r->version, atomic_load_explicit(&r->version, memory_order_relaxed) + 1,
                          memory_order_release);
}

/* count_sent counts a message that an actor sends. */
static inline void count_sent(actor_t *actor)
{
    actor->stats.sent++;
    actor->map->stats.sent++;
}

/* Between the files of the dispatcher. */
void life_bury(dispatcher_t *d, actor_t *actor, int code);
void life_restart(dispatcher_t *d, actor_t *actor, int code);
void life_fini(dispatcher_t *d);
class_map_t *dispatcher_class(dispatcher_t *d, const actor_class_t *class);
void dispatcher_undeliverable(dispatcher_t *d, msg_t *m);
void dispatcher_fail(dispatcher_t *d, const msg_t *question, actor_ref_t from, int code);
void debts_settle(dispatcher_t *d, actor_t *actor, int code);
void requests_drop(dispatcher_t *d, actor_t *actor);
bool request_take(dispatcher_t *d, const actor_t *asker, const msg_t *m, void **context);
bool request_wanted(const dispatcher_t *d, const msg_t *m);
void request_refuse(dispatcher_t *d, const msg_t *m);
void request_expired(dispatcher_t *d, timer_entry_t *timer);
void request_kept(dispatcher_t *d, const msg_t *m);
bool debt_cancel(dispatcher_t *d, actor_t *debtor, const msg_t *m, void **context);
timer_entry_t *timer_new(dispatcher_t *d, actor_t *owner, uint64_t delay_ns);
void timer_drop(dispatcher_t *d, timer_entry_t *timer);
void timers_drop(dispatcher_t *d, actor_t *actor);
bool timer_take(dispatcher_t *d, const actor_t *owner, const msg_t *m, void **context);
void mailbox_in(dispatcher_t *d, actor_t *receiver, actor_ref_t sender);
void mailbox_out(dispatcher_t *d, actor_t *receiver);
void mailbox_forget(dispatcher_t *d, actor_t *actor);
void mute_begin(dispatcher_t *d, actor_t *sender, actor_ref_t full, const actor_class_t *class);
void mute_end(dispatcher_t *d, actor_t *sender, actor_ref_t full);

#endif
