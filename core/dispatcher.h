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
#include "core/journal.h"
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
    /* The own lane: a train goes in, the oldest one comes out (asked for when there is one). Not
     * used by an eager dispatcher. */
    void (*own_send)(void *context, train_t *train);
    train_t *(*own_receive)(void *context);
    uint64_t (*clock)(void *context); /* monotonic, ns */
    uint64_t (*wall)(void *context);  /* since 1970, ns */
    const actor_class_t *(*role)(void *context, const char *role);
    actor_ref_t (*lookup)(void *context, const char *name);
    int (*publish)(void *context, const char *name, actor_ref_t ref);
    void (*withdraw)(void *context, const char *name, actor_ref_t ref);
    /* The name of an actor of another worker; NULL: it is not known here. */
    void (*name_of)(void *context, actor_ref_t ref, char *ret, size_t size);
} dispatcher_ops_t;

/* The handlers of a class by message type, and its statistics on this worker. */
typedef struct class_map {
    struct class_map *next;
    const actor_class_t *class;
    const actor_handle_fn *tables[MSG_PROTOCOLS_MAX]; /* of MSG_TYPES_MAX + 1 each */
    class_stats_t stats;
} class_map_t;

typedef enum actor_state { ACTOR_LIVE, ACTOR_EXITING, ACTOR_RESTARTING } actor_state_t;

struct actor {
    dispatcher_t *home;
    void *self;
    class_map_t *map;
    actor_ref_t ref;
    uint8_t state;
    bool answered; /* the request being handled was answered, kept or forwarded */
    bool full;

    uint32_t mailbox; /* messages that wait for it */
    uint32_t mark;    /* a longer mailbox is news: never so long before, or full */

    /* The message being handled. */
    const msg_t *current;
    void *context;
    uint64_t trace;

    actor_stats_t stats;
    uint32_t muted, muting;  /* lengths of: */
    actor_ref_t *muted_by;   /* full receivers that have muted this actor */
    actor_ref_t *muted_ones; /* whom this actor has muted */

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

/* What runs now, for the watchdog's eyes: as long as neither piece nor turns change, the same
 * piece of work runs. */
typedef struct running {
    _Alignas(64) _Atomic uintptr_t piece; /* tells messages of a train apart */
    _Atomic uint64_t turns;               /* trains and I/O done so far */
    _Atomic uint32_t actor;               /* 0: nothing runs */
    _Atomic uint32_t type;                /* 0: I/O */
} running_t;

enum {
    ATTENTION_EXIT = 1, /* the actor whose handler or I/O work is on the stack ends after it */
    ATTENTION_LOG = 2   /* the log wants messages */
};

struct dispatcher {
    const dispatcher_ops_t *ops;
    void *context;
    const msg_catalogue_t *catalogue;
    void *loop;
    uint32_t index, workers;
    uint32_t reach; /* workers that can be sent to: all, at the end none */

    uint64_t now;
    actor_t *charge; /* whose I/O work the time since `now` is */
    int attention;   /* ATTENTION_*: what is rare after a message */

    /* The own lane: the train that is being filled and the room that is left in it; how many are
     * in the lane; the one that is being run. */
    train_t *filling;
    train_item_t *room, *room_end;
    uint32_t own_sent;
    train_t *own;
    journal_t journal;
    bool in_journal; /* what is being dispatched */
    bool eager;      /* dispatcher_be_eager */

    uint64_t dirty[2];                       /* workers with something in the outbox, per lane */
    train_t *outbox[2][ADDRESS_WORKERS_MAX]; /* for others, and the own system lane */
    train_pool_t pool;

    actor_t **actors; /* by slot; `nobody` where there is none */
    uint16_t *generations;
    uint32_t *free_slots; /* a ring, so that a slot rests as long as possible */
    uint32_t slots;       /* a power of two */
    uint32_t slot_mask;
    uint32_t free_head, free_count;

    slab_t requests, debts, timers;
    heap_item_t *heap; /* 4-ary, earliest first */
    uint32_t heap_count, heap_capacity;

    char *scratch;
    class_map_t *classes;
    recorder_t recorder;
    uint32_t logged; /* messages, in the log */
    bool stopping;   /* sends go nowhere any more */
    uint64_t random[4];
    dispatcher_stats_t stats;
    running_t running;
    actor_t nobody;
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

/* dispatcher_be_eager makes each message travel alone and at once. For tests, before the first
 * actor. */
void dispatcher_be_eager(dispatcher_t *d);

/* dispatcher_fini ends the actors that are left (fini, no messages) and frees everything. */
void dispatcher_fini(dispatcher_t *d);

/* dispatcher_spawn is actor_spawn for a given spawner (0: nobody). */
int dispatcher_spawn(dispatcher_t *d, actor_ref_t spawner, const char *role, const char *name,
                     void *args, void (*free_args)(void *), actor_ref_t *ret);

/* dispatcher_find gives a live actor of this worker, or NULL. */
static inline actor_t *dispatcher_find(const dispatcher_t *d, actor_ref_t ref)
{
    actor_t *actor = d->actors[ref >> ADDRESS_GENERATION_BITS & d->slot_mask];
    return actor->ref == ref ? actor : NULL;
}

/* dispatcher_name gives the name of an actor anywhere, "?" when it is not known (any more). */
void dispatcher_name(const dispatcher_t *d, actor_ref_t ref, char *ret, size_t size);

/* dispatcher_at gives the actor in a slot, or NULL. */
static inline actor_t *dispatcher_at(const dispatcher_t *d, uint32_t slot)
{
    return d->actors[slot] == &d->nobody ? NULL : d->actors[slot];
}

/* dispatcher_run hands the messages of a train to their actors, at most `budget` of them, and
 * returns how many they were. Nothing is left of a message afterwards. */
uint32_t dispatcher_run(dispatcher_t *d, train_t *train, uint32_t budget);

/* dispatcher_done takes back a train that was run to its end; dispatcher_release one that will
 * not be run, with the bodies in it. */
void dispatcher_done(dispatcher_t *d, train_t *train);
void dispatcher_release(dispatcher_t *d, train_t *train);

/* dispatcher_arrived counts the messages of a train from another worker into the mailboxes; not
 * those of the system lane. */
void dispatcher_arrived(dispatcher_t *d, const train_t *train);

/* dispatcher_run_own runs the own lane until it is empty or `budget` messages are done;
 * dispatcher_own_waits says whether there is something in it. */
void dispatcher_run_own(dispatcher_t *d, uint32_t budget);
bool dispatcher_own_waits(const dispatcher_t *d);

/* dispatcher_flush_all ships what waits for other workers, and in the own system lane. */
void dispatcher_flush_all(dispatcher_t *d);

/* dispatcher_find_records copies the newest records of one trace (0: of all), at most `max`,
 * oldest first, into `ret`; returns how many. */
size_t dispatcher_find_records(const dispatcher_t *d, uint64_t trace, record_t *ret, size_t max);

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

/* running_begin says that an actor's work begins, running_end that its turn is over. Relaxed:
 * the watchdog only has to see it some day. */
static inline void running_begin(running_t *r, const void *piece, actor_ref_t actor, uint16_t type)
{
    atomic_store_explicit(&r->piece, (uintptr_t)piece, memory_order_relaxed);
    atomic_store_explicit(&r->actor, actor, memory_order_relaxed);
    atomic_store_explicit(&r->type, type, memory_order_relaxed);
}

static inline void running_end(running_t *r)
{
    uint64_t turns = atomic_load_explicit(&r->turns, memory_order_relaxed);
    atomic_store_explicit(&r->turns, turns + 1, memory_order_relaxed);
    atomic_store_explicit(&r->actor, 0, memory_order_relaxed);
}

/* Between the files of the dispatcher. */
void dispatcher_post_slowly(dispatcher_t *d, msg_t m);
void life_init(dispatcher_t *d);
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
void mailbox_rises(dispatcher_t *d, actor_t *receiver, actor_ref_t sender);
void mailbox_falls(dispatcher_t *d, actor_t *receiver);
void mailbox_forget(dispatcher_t *d, actor_t *actor);
void mute_begin(dispatcher_t *d, actor_t *sender, actor_ref_t full, const actor_class_t *class);
void mute_end(dispatcher_t *d, actor_t *sender, actor_ref_t full);

/* --- the hot path, inline --- */

/* class_handler gives the handler of a class for a type, or NULL. */
static inline actor_handle_fn class_handler(const class_map_t *map, uint16_t type)
{
    return map->tables[(type >> 8) % MSG_PROTOCOLS_MAX][type & MSG_TYPES_MAX];
}

/* A message waits for `receiver`. May post messages (muting). */
static inline void mailbox_in(dispatcher_t *d, actor_t *receiver, actor_ref_t sender)
{
    if (GW_UNLIKELY(++receiver->mailbox > receiver->mark))
        mailbox_rises(d, receiver, sender);
}

static inline void mailbox_out(dispatcher_t *d, actor_t *receiver)
{
    receiver->mailbox--;
    if (GW_UNLIKELY(receiver->full))
        mailbox_falls(d, receiver);
}

/* dispatcher_open says whether the fast way is open for a message of the user lane: to an actor
 * of this worker (NULL: it is not) that has been as busy before. */
static inline bool dispatcher_open(const dispatcher_t *d, const actor_t *receiver)
{
    return receiver && d->room != d->room_end && receiver->mailbox < receiver->mark;
}

/* dispatcher_room then gives the place for it. */
static inline train_item_t *dispatcher_room(dispatcher_t *d, actor_t *receiver)
{
    receiver->mailbox++;
    return d->room++;
}

/* dispatcher_post puts a message into the outbox of its destination's worker. Takes the body. */
static inline void dispatcher_post(dispatcher_t *d, msg_t m)
{
    actor_t *receiver = dispatcher_find(d, m.dst);
    if (GW_LIKELY(!(m.flags & MSG_SYSTEM) && dispatcher_open(d, receiver)))
        *dispatcher_room(d, receiver) = (train_item_t){.msg = m, .sent_ns = d->now};
    else
        dispatcher_post_slowly(d, m);
}

#endif
