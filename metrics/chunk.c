#include "metrics/chunk.h"

#include "core/check.h"
#include "core/mem.h"
#include "core/ref.h"

struct label_block {
    ref_count_t refs;
    metric_labels_t *at[CHUNK_SERIES];
};

static label_block_t *block_new(void)
{
    label_block_t *block = xcalloc(1, sizeof(*block));
    ref_init(&block->refs);
    return block;
}

static void block_drop(label_block_t *block)
{
    if (!block || !ref_drop(&block->refs))
        return;
    for (int i = 0; i < CHUNK_SERIES; i++)
        metric_labels_unref(block->at[i]);
    free(block);
}

/* Makes the block the chunk's own, without what is in the slots of `drop`. */
static void own_block(metric_chunk_t *chunk, uint64_t drop)
{
    label_block_t *old = chunk->labels, *block = old;
    if (ref_get(&old->refs) > 1) {
        block = block_new();
        for (int i = 0; i < CHUNK_SERIES; i++)
            block->at[i] = drop >> i & 1 ? NULL : metric_labels_ref(old->at[i]);
        block_drop(old);
        chunk->labels = block;
        return;
    }
    for (uint64_t left = drop; left; left &= left - 1) {
        int slot = __builtin_ctzll(left);
        metric_labels_unref(block->at[slot]);
        block->at[slot] = NULL;
    }
}

static size_t size_of(const metric_chunk_t *chunk)
{
    return sizeof(*chunk) + (size_t)chunk->slots * chunk->stride * sizeof(uint64_t);
}

metric_chunk_t *chunk_new(uint32_t slots, uint32_t stride)
{
    metric_chunk_t shape = {.slots = slots, .stride = stride};
    metric_chunk_t *chunk = xcalloc(1, size_of(&shape));
    GW_ASSERT(slots > 0 && slots <= CHUNK_SERIES);
    *chunk = shape;
    return chunk;
}

metric_chunk_t *chunk_copy(const metric_chunk_t *chunk)
{
    metric_chunk_t *copy = xmalloc(size_of(chunk));
    memcpy(copy, chunk, size_of(chunk));
    if (copy->labels)
        ref_hold(&copy->labels->refs);
    return copy;
}

void chunk_free(metric_chunk_t *chunk)
{
    if (!chunk)
        return;
    block_drop(chunk->labels);
    free(chunk);
}

bool chunk_full(const metric_chunk_t *chunk)
{
    return chunk->used == UINT64_MAX >> (CHUNK_SERIES - chunk->slots);
}

uint64_t *chunk_add(metric_chunk_t *chunk, metric_labels_t *labels)
{
    uint32_t slot = (uint32_t)__builtin_ctzll(~chunk->used);
    GW_ASSERT(slot < chunk->slots);
    if (labels && !chunk->labels)
        chunk->labels = block_new();
    if (labels)
        chunk->labels->at[slot] = metric_labels_ref(labels);
    chunk->used |= UINT64_C(1) << slot;
    return memset(chunk_series(chunk, slot), 0, chunk->stride * sizeof(uint64_t));
}

void chunk_remove(metric_chunk_t *chunk, uint64_t mask)
{
    own_block(chunk, mask);
    chunk->used &= ~mask;
}

int chunk_slot(const metric_chunk_t *chunk, const void *series)
{
    const uint64_t *cells = series, *end = chunk->cells + (size_t)chunk->slots * chunk->stride;
    if (cells < chunk->cells || cells >= end)
        return -1;
    return (int)((size_t)(cells - chunk->cells) / chunk->stride);
}

uint64_t *chunk_series(metric_chunk_t *chunk, uint32_t slot)
{
    return chunk->cells + (size_t)slot * chunk->stride;
}

metric_labels_t *chunk_labels(const metric_chunk_t *chunk, uint32_t slot)
{
    return chunk->labels ? chunk->labels->at[slot] : NULL;
}
