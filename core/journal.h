/*
 * journal.h: the messages of a worker's own lane, in a ring. They are written there when they are
 * sent, travel as trains that are pieces of the ring, are handled in place, and stay until the
 * ring comes round: to remember a local message costs the flight recorder one store.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <stdbool.h>

#include "core/check.h"
#include "core/recorder.h"

/* Members are private. Places are bytes from the beginning of the memory. */
typedef struct journal {
    char *memory;
    uint32_t size;
    uint32_t at;     /* where the next train begins */
    uint32_t newest; /* the last train that was closed */
    uint32_t used;   /* by trains that are on their way */
} journal_t;

/* journal_init makes a ring for about `messages`, at least for a few full trains. */
void journal_init(journal_t *journal, uint32_t messages);
void journal_fini(journal_t *journal);

/* journal_open gives an empty train, with room for TRAIN_CAPACITY messages, or NULL when too many
 * messages are on their way. It is dropped by not closing it. */
static inline train_t *journal_open(journal_t *journal)
{
    if (journal->size - journal->at < sizeof(train_t))
        journal->at = 0; /* the next lap */
    if (GW_UNLIKELY(journal->used > journal->size - 2 * (uint32_t)sizeof(train_t)))
        return NULL; /* what is left may be cut in two by the end of the memory */
    train_t *train = (train_t *)(void *)(journal->memory + journal->at);
    train->count = train->at = 0;
    train->before = journal->newest;
    train->in_journal = true;
    return train;
}

static inline uint32_t journal_len(const train_t *train)
{
    return (uint32_t)(offsetof(train_t, items) + train->count * sizeof(train_item_t));
}

/* journal_close says that a train is complete and leaves; journal_done that all its messages have
 * been handled. Trains are done in the order in which they were closed. */
static inline void journal_close(journal_t *journal, const train_t *train)
{
    journal->newest = journal->at;
    journal->at += journal_len(train);
    journal->used += journal_len(train);
}

static inline void journal_done(journal_t *journal, const train_t *train)
{
    journal->used -= journal_len(train);
}

/*
 * journal_find copies the newest records of one trace (0: of all), at most `max`, newest first;
 * returns how many.
 */
size_t journal_find(const journal_t *journal, uint64_t trace, record_t *ret, size_t max);

#endif
