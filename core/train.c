#include "core/train.h"

#include <stdbool.h>

#include "core/mem.h"

train_t *train_new(train_pool_t *pool)
{
    train_t *train = pool->free;
    if (train) {
        pool->free = train->next;
        pool->count--;
    } else {
        train = xmalloc(sizeof(*train));
    }
    train->next = NULL;
    train->count = train->at = 0;
    train->in_journal = false;
    return train;
}

void train_free(train_pool_t *pool, train_t *train)
{
    if (pool->count >= TRAIN_POOL_MAX) {
        free(train);
        return;
    }
    train->next = pool->free;
    pool->free = train;
    pool->count++;
}

void train_pool_fini(train_pool_t *pool)
{
    for (train_t *train = pool->free, *next; train; train = next) {
        next = train->next;
        free(train);
    }
    *pool = (train_pool_t){0};
}
