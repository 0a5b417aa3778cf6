/*
 * stats.h: what the runtime counts, per actor, per class and per worker. Plain counters of one
 * thread; others get copies by message.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <stdbool.h>
#include <stdint.h>

/* Times fall into buckets by powers of four from 1 us: <=1us, 4us, 16us ... 1.05s, more. */
enum { STATS_BUCKETS = 12, STATS_FIRST_NS = 1000 };

typedef struct time_stats {
    uint64_t count, total_ns;
    uint64_t buckets[STATS_BUCKETS]; /* not cumulative */
} time_stats_t;

typedef struct actor_stats {
    uint64_t handled;
    uint64_t queued_ns; /* of the messages it handled */
    uint64_t sent;
    uint64_t busy_ns; /* in handlers, and with what no message caused */
    uint32_t restarts, mailbox_max;
} actor_stats_t;

/* A worker counts in its actors what it can; their classes have what those had that have ended,
 * and the report of its host (host_msg.h) adds those that live. */
typedef struct class_stats {
    time_stats_t mailbox, processing;
    uint64_t io_ns; /* work that no message caused */
    uint64_t restarts, deaths, mutes;
    uint64_t sent;
} class_stats_t;

typedef struct dispatcher_stats {
    uint64_t dead_letters, late_replies, canceled, deadlines, unhandled;
    uint64_t trains_local, trains_remote, messages_local, messages_remote;
} dispatcher_stats_t;

/* What the watchdog saw of a worker. */
typedef struct stall_stats {
    bool now;       /* a handler has not returned for longer than allowed */
    uint64_t total; /* how often that was reported */
} stall_stats_t;

/* stats_bucket gives the bucket of a time. */
static inline unsigned stats_bucket(uint64_t ns)
{
    if (ns <= STATS_FIRST_NS)
        return 0;
    unsigned bits = 63u - (unsigned)__builtin_clzll((ns - 1) / STATS_FIRST_NS);
    unsigned bucket = bits / 2 + 1;
    return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1;
}

/* stats_bound_ns gives the upper bound of a bucket; the last has none (UINT64_MAX). */
static inline uint64_t stats_bound_ns(unsigned bucket)
{
    return bucket + 1 < STATS_BUCKETS ? UINT64_C(1000) << (2 * bucket) : UINT64_MAX;
}

/* stats_fold adds what an actor has counted to its class. */
static inline void stats_fold(class_stats_t *class, const actor_stats_t *actor)
{
    class->sent += actor->sent;
    class->mailbox.count += actor->handled;
    class->mailbox.total_ns += actor->queued_ns;
    class->processing.count += actor->handled;
    class->processing.total_ns += actor->busy_ns;
}

/* stats_complete finds what is not counted one by one: the first buckets, and the time in
 * handlers alone. */
static inline void stats_complete(class_stats_t *class)
{
    time_stats_t *const both[] = {&class->mailbox, &class->processing};
    class->processing.total_ns -= class->io_ns;
    for (int i = 0; i < 2; i++) {
        both[i]->buckets[0] = both[i]->count;
        for (int bucket = 1; bucket < STATS_BUCKETS; bucket++)
            both[i]->buckets[0] -= both[i]->buckets[bucket];
    }
}

#endif
