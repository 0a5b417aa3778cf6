#include "core/journal.h"

#include "core/mem.h"

enum { TRAINS_MIN = 16 };

void journal_init(journal_t *journal, uint32_t messages)
{
    uint64_t size = messages * sizeof(train_item_t), least = TRAINS_MIN * sizeof(train_t);
    GW_ASSERT(size <= UINT32_MAX / 2);
    *journal = (journal_t){.size = (uint32_t)(size > least ? size : least) & ~UINT32_C(15)};
    journal->memory = xmalloc(journal->size);
}

void journal_fini(journal_t *journal)
{
    free(journal->memory);
    *journal = (journal_t){0};
}

static size_t find_in(const train_t *train, uint64_t trace, record_t *ret, size_t max)
{
    size_t found = 0;
    for (uint32_t i = train->count; i-- > 0 && found < max;) {
        const train_item_t *item = &train->items[i];
        if ((item->handled_ns & TRAIN_DONE) && (trace == 0 || item->msg.trace == trace))
            ret[found++] = record_of(item);
    }
    return found;
}

/* How far it is back from one place to another one. */
static uint32_t distance(const journal_t *journal, uint32_t from, uint32_t to)
{
    return from >= to ? from - to : from + journal->size - to;
}

size_t journal_find(const journal_t *journal, uint64_t trace, record_t *ret, size_t max)
{
    /* What is further back has been written over, if only by the train that is being filled. */
    uint32_t limit = journal->size - 2 * (uint32_t)sizeof(train_t), place = journal->newest;
    uint32_t back = distance(journal, journal->at, place);
    size_t found = 0;
    while (back > 0 && back <= limit && found < max) {
        const train_t *train = (const train_t *)(const void *)(journal->memory + place);
        found += find_in(train, trace, ret + found, max - found);
        uint32_t step = distance(journal, place, train->before);
        if (step == 0)
            break; /* the first of all */
        back += step;
        place = train->before;
    }
    return found;
}
