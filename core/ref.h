/*
 * ref.h: a reference count for immutable objects that several workers share (snapshots). This
 * is the one place outside the runtime's own queues where an atomic stands; users of it see
 * none.
 */
#ifndef CORE_REF_H
#define CORE_REF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Members are private. */
typedef struct ref_count {
    atomic_uint_fast32_t count;
} ref_count_t;

/* ref_init starts at one: the maker's own reference. */
static inline void ref_init(ref_count_t *ref)
{
    atomic_init(&ref->count, 1);
}

/* ref_hold adds a reference. Relaxed: whoever holds one already keeps the object alive. */
static inline void ref_hold(ref_count_t *ref)
{
    atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
}

/*
 * ref_hold_live adds a reference unless there is none any more, and says whether it did: for who
 * looks an object up that its last owner may be letting go of.
 */
static inline bool ref_hold_live(ref_count_t *ref)
{
    uint_fast32_t count = atomic_load_explicit(&ref->count, memory_order_relaxed);
    while (count > 0) {
        if (atomic_compare_exchange_weak_explicit(&ref->count, &count, count + 1,
                                                  memory_order_relaxed, memory_order_relaxed))
            return true;
    }
    return false;
}

/*
 * ref_drop gives a reference back and says whether it was the last one; then the caller frees
 * the object. acq_rel: what others did with the object happens before it is freed.
 */
static inline bool ref_drop(ref_count_t *ref)
{
    return atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel) == 1;
}

/*
 * ref_get tells how many references there are. That is certain only for who can rule out that
 * another thread adds one: 1 means that the caller's is the only one, and then what others did
 * with the object is visible (acquire).
 */
static inline uint32_t ref_get(const ref_count_t *ref)
{
    return (uint32_t)atomic_load_explicit(&ref->count, memory_order_acquire);
}

#endif
