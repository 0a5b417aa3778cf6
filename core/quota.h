/*
 * quota.h: a number of seats that several threads hand out among them. Whoever wants one asks
 * with its own seat; the first answer is final, so that all threads see the same one.
 */
#ifndef CORE_QUOTA_H
#define CORE_QUOTA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Members are private. */
typedef struct quota {
    atomic_uint_fast32_t used;
    uint32_t limit;
} quota_t;

typedef struct quota_seat {
    atomic_uchar state;
} quota_seat_t;

enum { QUOTA_SEAT_OPEN = 0, QUOTA_SEAT_TAKEN, QUOTA_SEAT_REFUSED };

static inline void quota_init(quota_t *quota, uint32_t limit)
{
    atomic_init(&quota->used, 0);
    quota->limit = limit;
}

/* quota_full says that nobody gets a seat before one is given back. */
static inline bool quota_full(const quota_t *quota)
{
    return atomic_load_explicit(&quota->used, memory_order_relaxed) >= quota->limit;
}

static inline void quota_seat_init(quota_seat_t *seat)
{
    atomic_init(&seat->state, QUOTA_SEAT_OPEN);
}

/* Decides for an open seat. Relaxed throughout: numbers, and no other memory hangs on them. */
static inline bool quota_seat_decide(quota_t *quota, quota_seat_t *seat)
{
    uint_fast32_t used = atomic_load_explicit(&quota->used, memory_order_relaxed);
    unsigned char state = QUOTA_SEAT_OPEN;
    bool took = false;
    while (used < quota->limit && !took)
        took = atomic_compare_exchange_weak_explicit(&quota->used, &used, used + 1,
                                                     memory_order_relaxed, memory_order_relaxed);
    if (atomic_compare_exchange_strong_explicit(&seat->state, &state,
                                                took ? QUOTA_SEAT_TAKEN : QUOTA_SEAT_REFUSED,
                                                memory_order_relaxed, memory_order_relaxed))
        return took;
    if (took) /* another thread decided in the meantime */
        atomic_fetch_sub_explicit(&quota->used, 1, memory_order_relaxed);
    return state == QUOTA_SEAT_TAKEN;
}

/* quota_seat_take says whether this seat is one of the quota's; any thread. */
static inline bool quota_seat_take(quota_t *quota, quota_seat_t *seat)
{
    unsigned char state = atomic_load_explicit(&seat->state, memory_order_relaxed);
    if (state == QUOTA_SEAT_OPEN)
        return quota_seat_decide(quota, seat);
    return state == QUOTA_SEAT_TAKEN;
}

/* quota_seat_give gives the seat back, if it was taken; by its last owner. */
static inline void quota_seat_give(quota_t *quota, quota_seat_t *seat)
{
    if (atomic_exchange_explicit(&seat->state, QUOTA_SEAT_OPEN, memory_order_relaxed) ==
        QUOTA_SEAT_TAKEN)
        atomic_fetch_sub_explicit(&quota->used, 1, memory_order_relaxed);
}

#endif
