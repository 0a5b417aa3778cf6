/*
 * recorder.h: the flight recorder, a ring of what one worker did last. It is always on. The
 * worker writes it; others ask the worker's host actor for a copy.
 */
#ifndef CORE_RECORDER_H
#define CORE_RECORDER_H

#include "core/train.h"

typedef enum recorder_kind {
    RECORD_HANDLED,  /* a message was handled: queued_ns, handled_ns */
    RECORD_SENT,     /* it left for another worker */
    RECORD_DROPPED,  /* its receiver was dead, or its asker had canceled */
    RECORD_RESTARTED /* the actor `dst` failed in it and was restarted */
} recorder_kind_t;

typedef struct record {
    /* The envelope without its body, and the monotonic clock when it was sent: as in a train. */
    actor_ref_t src, dst;
    uint32_t corr;
    uint16_t type, flags;
    uint64_t trace;
    uint64_t time_ns;

    uint32_t queued_ns, handled_ns; /* saturating */
    uint32_t seq;                   /* of this worker, counts up; written by recorder_find */
    uint8_t kind;
} record_t;

enum { RECORD_ENVELOPE = offsetof(record_t, queued_ns) };
_Static_assert(offsetof(train_item_t, msg.src) + RECORD_ENVELOPE == sizeof(train_item_t) &&
                   offsetof(train_item_t, msg.trace) - offsetof(train_item_t, msg.src) ==
                       offsetof(record_t, trace),
               "a record begins like an item of a train from its source on");

/* Members are private. */
typedef struct recorder {
    record_t *ring;
    uint64_t seq;
    uint32_t mask;
} recorder_t;

/* recorder_init makes a ring for at least `events` records (rounded up to a power of two). */
void recorder_init(recorder_t *recorder, uint32_t events);
void recorder_fini(recorder_t *recorder);

/* recorder_add writes down a message. Returns the record, which is valid until the next one. */
static inline record_t *recorder_add(recorder_t *recorder, const train_item_t *item,
                                     recorder_kind_t kind, uint32_t queued_ns, uint32_t handled_ns)
{
    record_t *record = &recorder->ring[recorder->seq++ & recorder->mask];
    memcpy(record, &item->msg.src, RECORD_ENVELOPE);
    record->queued_ns = queued_ns;
    record->handled_ns = handled_ns;
    record->kind = (uint8_t)kind;
    return record;
}

/* recorder_last gives the newest record; there must be one. */
static inline record_t *recorder_last(recorder_t *recorder)
{
    return &recorder->ring[(recorder->seq - 1) & recorder->mask];
}

/*
 * recorder_find copies the records of one trace (0: of all), oldest first, at most `max` of the
 * newest, into `ret`; returns how many.
 */
size_t recorder_find(const recorder_t *recorder, uint64_t trace, record_t *ret, size_t max);

/* recorder_kind_name gives "handled" and so on. */
const char *recorder_kind_name(uint8_t kind);

#endif
