/*
 * recorder.h: the flight recorder, a ring of what one worker did last. It is always on. The
 * worker writes it; others ask the worker's host actor for a copy. What went through the worker's
 * own lane is remembered where it is, by the journal (journal.h).
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
    uint32_t seq;                   /* counts up with time, in the answer to one question */
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

/* recorder_add writes down a message that was handled (or not, then `kind` says so). */
static inline void recorder_add(recorder_t *recorder, const train_item_t *item,
                                recorder_kind_t kind)
{
    record_t *record = &recorder->ring[recorder->seq++ & recorder->mask];
    memcpy(record, &item->msg.src, RECORD_ENVELOPE);
    record->queued_ns = item->queued_ns;
    record->handled_ns = item->handled_ns & ~TRAIN_DONE;
    record->kind = (uint8_t)kind;
}

/* recorder_last gives the newest record; there must be one. */
static inline record_t *recorder_last(recorder_t *recorder)
{
    return &recorder->ring[(recorder->seq - 1) & recorder->mask];
}

/* record_of makes a record of a message that was handled in the journal. */
record_t record_of(const train_item_t *item);

/*
 * recorder_find copies the newest records of one trace (0: of all), at most `max`, newest first,
 * into `ret`; returns how many.
 */
size_t recorder_find(const recorder_t *recorder, uint64_t trace, record_t *ret, size_t max);

/* recorder_kind_name gives "handled" and so on. */
const char *recorder_kind_name(uint8_t kind);

#endif
