/*
 * recorder.h: the flight recorder, a ring of what one worker did last. It is always on. The
 * worker writes it; others ask the worker's host actor for a copy.
 */
#ifndef CORE_RECORDER_H
#define CORE_RECORDER_H

#include "core/message.h"

typedef enum recorder_kind {
    RECORD_HANDLED,  /* a message was handled: queued_ns, handled_ns */
    RECORD_SENT,     /* it left for another worker */
    RECORD_DROPPED,  /* its receiver was dead, or its asker had canceled */
    RECORD_RESTARTED /* the actor `dst` failed in it and was restarted */
} recorder_kind_t;

typedef struct record {
    uint64_t time_ns; /* monotonic: when it was sent */
    uint64_t trace;
    uint32_t seq; /* of this worker, counts up */
    actor_ref_t src, dst;
    uint32_t corr;
    uint32_t queued_ns, handled_ns; /* saturating */
    uint16_t type;
    uint8_t kind;
    uint8_t flags;
} record_t;

/* Members are private. */
typedef struct recorder {
    record_t *ring;
    uint64_t seq;
    uint32_t mask;
} recorder_t;

/* recorder_init makes a ring for at least `events` records (rounded up to a power of two). */
void recorder_init(recorder_t *recorder, uint32_t events);
void recorder_fini(recorder_t *recorder);

/* recorder_next gives the place of the next record, its seq set. The caller fills in the rest. */
static inline record_t *recorder_next(recorder_t *recorder)
{
    record_t *record = &recorder->ring[recorder->seq & recorder->mask];
    record->seq = (uint32_t)recorder->seq++;
    return record;
}

/*
 * recorder_find copies the records of one trace (0: of all), oldest first, at most `max` of the
 * newest, into `ret`; returns how many.
 */
size_t recorder_find(const recorder_t *recorder, uint64_t trace, record_t *ret, size_t max);

/* recorder_kind_name gives "handled" and so on. */
const char *recorder_kind_name(uint8_t kind);

#endif
