/*
 * stats.h: what the runtime counts, per actor, per class and per worker. Plain counters of one
 * thread; others get copies by message.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <stdint.h>

/* Times fall into buckets by powers of four from 1 us: <=1us, 4us, 16us ... 1.05s, more. */
enum { STATS_BUCKETS = 12 };

typedef struct time_stats {
    uint64_t count, total_ns;
    uint64_t buckets[STATS_BUCKETS]; /* not cumulative */
} time_stats_t;

typedef struct actor_stats {
    uint64_t handled, sent, queued_ns, busy_ns;
    uint32_t restarts, mailbox_max;
} actor_stats_t;

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

/* stats_bucket gives the bucket of a time. */
static inline unsigned stats_bucket(uint64_t ns)
{
    if (ns <= 1000)
        return 0;
    unsigned bits = 63u - (unsigned)__builtin_clzll((ns - 1) / 1000);
    unsigned bucket = bits / 2 + 1;
    return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1;
}

/* stats_bound_ns gives the upper bound of a bucket; the last has none (UINT64_MAX). */
static inline uint64_t stats_bound_ns(unsigned bucket)
{
    return bucket + 1 < STATS_BUCKETS ? UINT64_C(1000) << (2 * bucket) : UINT64_MAX;
}

static inline void stats_add(time_stats_t *stats, uint64_t ns)
{
    stats->count++;
    stats->total_ns += ns;
    stats->buckets[stats_bucket(ns)]++;
}

#endif
