/*
 * chunk.h: up to 64 series of one group, in one piece of memory that never moves: the counters
 * can be copied with one memcpy, and pointers to a series stay valid.
 *
 * The labels are in a block of their own, which a copy shares: so a copy costs one reference for
 * 64 series. A shared block only ever gets more entries, in slots that the copy does not use; to
 * take one out, the block is replaced.
 */
#ifndef METRICS_CHUNK_H
#define METRICS_CHUNK_H

#include "metrics/metric_labels.h"

enum { CHUNK_SERIES = 64 };

typedef struct label_block label_block_t;

/* Members may be read. */
typedef struct metric_chunk {
    label_block_t *labels;
    uint64_t used;          /* one bit per slot */
    uint32_t slots, stride; /* stride in cells */
    uint64_t cells[];
} metric_chunk_t;

/* chunk_new makes an empty chunk for `slots` (1 to 64) series of `stride` cells. */
metric_chunk_t *chunk_new(uint32_t slots, uint32_t stride);

/* chunk_copy copies the counters and shares the labels. */
metric_chunk_t *chunk_copy(const metric_chunk_t *chunk);

/* chunk_free frees it and gives the labels back; NULL is ignored. */
void chunk_free(metric_chunk_t *chunk);

/* chunk_full says that no slot is free. */
bool chunk_full(const metric_chunk_t *chunk);

/* chunk_add gives a free slot, cleared, with a reference of its own to the labels (NULL: it has
 * none). */
uint64_t *chunk_add(metric_chunk_t *chunk, metric_labels_t *labels);

/* chunk_remove frees all slots of the mask and gives their labels back. */
void chunk_remove(metric_chunk_t *chunk, uint64_t mask);

/* chunk_slot gives the slot of a series, or -1 if it is not in this chunk. */
int chunk_slot(const metric_chunk_t *chunk, const void *series);

/* chunk_series and chunk_labels give what is in a slot. */
uint64_t *chunk_series(metric_chunk_t *chunk, uint32_t slot);
metric_labels_t *chunk_labels(const metric_chunk_t *chunk, uint32_t slot);

#endif
