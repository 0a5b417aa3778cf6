/*
 * train.h: a batch of messages for one worker. Actors' sends are appended to the train of the
 * destination; it travels through ZeroMQ as one message, a pointer, and is owned by exactly one
 * worker at any time.
 */
#ifndef CORE_TRAIN_H
#define CORE_TRAIN_H

#include "core/message.h"

enum { TRAIN_CAPACITY = 64, TRAIN_POOL_MAX = 32 };

/* A message; once it has been handled, the times that it took in place of the body that is gone. */
typedef struct train_item {
    union {
        msg_t msg;
        struct {
            uint32_t queued_ns;  /* in the mailbox */
            uint32_t handled_ns; /* in its handler, | TRAIN_DONE */
        };
    };
    uint64_t sent_ns; /* monotonic clock at the send, for mailbox times */
} train_item_t;

/* Bit 63 of a pointer to a body, which none has. */
#define TRAIN_DONE (UINT32_C(1) << 31)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "where TRAIN_DONE is in a pointer");

typedef struct train {
    struct train *next;  /* in a pool or a queue */
    uint32_t count;      /* items in it */
    uint32_t at;         /* the next one to dispatch */
    uint32_t before;     /* in the journal: where the train before it is */
    uint32_t in_journal; /* it is a piece of the journal */
    train_item_t items[TRAIN_CAPACITY];
} train_t;

/* Empty trains for reuse; one worker's. Members are private. */
typedef struct train_pool {
    train_t *free;
    uint32_t count;
} train_pool_t;

/* train_new gives an empty train. */
train_t *train_new(train_pool_t *pool);

/* train_free takes a train whose items have all been handled or released. */
void train_free(train_pool_t *pool, train_t *train);

/* train_pool_fini frees the trains in the pool. */
void train_pool_fini(train_pool_t *pool);

#endif
