/*
 * metric_set.c: the series of one thread, by group and labels. How 64 of them lie in memory is
 * chunk.c's business.
 */
#include "metrics/metric_set.h"

#include <time.h>

#include "core/check.h"
#include "core/mem.h"
#include "metrics/chunk.h"
#include "metrics/label_map.h"

/* How many chunks of a group a collect looks through for dead labels: about 500 series. */
enum { SWEEP_CHUNKS = 8 };

/* The series of one group. A group without labels has one chunk with one slot. */
typedef struct store {
    metric_chunk_t **chunks;
    uint32_t chunk_count;
    uint32_t room;  /* no chunk before this one has a free slot */
    uint32_t sweep; /* where the next sweep begins */
    label_map_t map;
    void *other;          /* the series beyond the budget, NULL until needed */
    uint32_t *retired_at; /* by chunk and slot: the second in which labels were found dead, or 0 */
} store_t;

struct metric_set {
    store_t stores[METRIC_GROUP_COUNT];
    uint64_t born_ns; /* with `first`: tells a set and its copies from all others */
    const void *first;
};

metric_set_t *metric_set_new(void)
{
    metric_set_t *set = xcalloc(1, sizeof(*set));
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    set->born_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    set->first = set;
    return set;
}

static void store_fini(store_t *store)
{
    for (uint32_t i = 0; i < store->chunk_count; i++)
        chunk_free(store->chunks[i]);
    free(store->chunks);
    free(store->retired_at);
    label_map_fini(&store->map);
}

void metric_set_free(metric_set_t *set)
{
    if (!set)
        return;
    for (int i = 0; i < METRIC_GROUP_COUNT; i++)
        store_fini(&set->stores[i]);
    free(set);
}

static metric_chunk_t *add_chunk(store_t *store, metric_group_t group)
{
    const metric_group_info_t *info = metric_group_info(group);
    uint32_t count = store->chunk_count + 1;
    size_t slots = (size_t)count * CHUNK_SERIES;
    store->chunks = xrealloc(store->chunks, count * sizeof(store->chunks[0]));
    store->retired_at = xrealloc(store->retired_at, slots * sizeof(store->retired_at[0]));
    memset(store->retired_at + slots - CHUNK_SERIES, 0,
           CHUNK_SERIES * sizeof(store->retired_at[0]));
    metric_chunk_t *chunk = chunk_new(info->label_count ? CHUNK_SERIES : 1, info->cells);
    store->chunks[store->chunk_count] = chunk;
    store->chunk_count = count;
    return chunk;
}

/* Adds a series for labels that have none. */
static void *add_series(store_t *store, metric_group_t group, metric_labels_t *labels)
{
    while (store->room < store->chunk_count && chunk_full(store->chunks[store->room]))
        store->room++;
    metric_chunk_t *chunk =
        store->room < store->chunk_count ? store->chunks[store->room] : add_chunk(store, group);
    void *series = chunk_add(chunk, labels);
    if (labels)
        label_map_add(&store->map, labels, series);
    return series;
}

static metric_chunk_t *chunk_of(const store_t *store, const void *series, uint32_t *ret_slot)
{
    uint32_t i = 0;
    int slot;
    while ((slot = chunk_slot(store->chunks[i], series)) < 0) {
        i++;
        GW_ASSERT(i < store->chunk_count);
    }
    *ret_slot = (uint32_t)slot;
    return store->chunks[i];
}

/* From now on these labels stand for the series, not the equal ones that it had: it lives as long
 * as they do. */
static void relabel(store_t *store, label_entry_t *entry, metric_labels_t *labels)
{
    uint32_t slot;
    metric_chunk_t *chunk = chunk_of(store, entry->value, &slot);
    if (chunk->pinned >> slot & 1)
        return;
    entry->labels = labels; /* before the old ones may be freed */
    chunk_relabel(chunk, slot, labels);
}

static void *other_series(metric_set_t *set, metric_group_t group)
{
    store_t *store = &set->stores[group];
    if (!store->other) {
        slice_t values[METRIC_LABELS_MAX];
        for (int i = 0; i < METRIC_LABELS_MAX; i++)
            values[i] = SLICE(METRIC_LABEL_OTHER);
        store->other = metric_set_named(set, group, values);
    }
    return store->other;
}

void *metric_set_series(metric_set_t *set, metric_group_t group, metric_labels_t *labels)
{
    store_t *store = &set->stores[group];
    if (!labels) {
        GW_ASSERT(metric_group_info(group)->label_count == 0);
        return store->chunk_count ? chunk_series(store->chunks[0], 0)
                                  : add_series(store, group, NULL);
    }
    GW_ASSERT(metric_labels_group(labels) == group);
    label_entry_t *entry = label_map_find(&store->map, labels);
    if (!entry)
        return metric_labels_admit(labels) ? add_series(store, group, labels)
                                           : other_series(set, group);
    if (entry->labels != labels)
        relabel(store, entry, labels);
    return entry->value;
}

void *metric_set_named(metric_set_t *set, metric_group_t group, const slice_t *values)
{
    store_t *store = &set->stores[group];
    metric_labels_t *labels = metric_labels_new(group, values, NULL);
    void *series = metric_set_series(set, group, labels);
    uint32_t slot;
    metric_chunk_t *chunk = chunk_of(store, series, &slot);
    if (chunk->pinned >> slot & 1)
        metric_labels_drop(labels);
    else
        chunk->pinned |= UINT64_C(1) << slot; /* which now is the user */
    return series;
}

static void forget(store_t *store, metric_chunk_t *chunk, uint64_t mask)
{
    for (uint64_t left = mask; left; left &= left - 1) {
        uint32_t slot = (uint32_t)__builtin_ctzll(left);
        label_map_remove(&store->map, label_map_find(&store->map, chunk_labels(chunk, slot)));
    }
    chunk_remove(chunk, mask);
    store->room = 0;
}

static bool expired(uint32_t *retired_at, const metric_labels_t *labels, uint32_t now)
{
    if (metric_labels_alive(labels)) {
        *retired_at = 0;
        return false;
    }
    if (*retired_at == 0)
        *retired_at = now;
    if (!metric_labels_scarce(labels) && now - *retired_at < METRIC_RETENTION_SECONDS)
        return false;
    *retired_at = 0; /* for the next one in this slot */
    return true;
}

static void sweep_chunk(store_t *store, uint32_t index, uint32_t now)
{
    metric_chunk_t *chunk = store->chunks[index];
    uint32_t *retired_at = store->retired_at + (size_t)index * CHUNK_SERIES;
    uint64_t dead = 0;
    for (uint64_t left = chunk->used; left; left &= left - 1) {
        uint32_t slot = (uint32_t)__builtin_ctzll(left);
        if (expired(&retired_at[slot], chunk_labels(chunk, slot), now))
            dead |= UINT64_C(1) << slot;
    }
    if (dead)
        forget(store, chunk, dead);
}

static void sweep(store_t *store, uint64_t now_ns)
{
    uint32_t now = (uint32_t)(now_ns / 1000000000u) + 1; /* never 0 */
    uint32_t count = store->chunk_count < SWEEP_CHUNKS ? store->chunk_count : SWEEP_CHUNKS;
    if (store->map.count == 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        store->sweep = (store->sweep + 1) % store->chunk_count;
        sweep_chunk(store, store->sweep, now);
    }
}

metric_set_t *metric_set_collect(metric_set_t *set, uint64_t now_ns)
{
    metric_set_t *copy = xcalloc(1, sizeof(*copy));
    copy->born_ns = set->born_ns;
    copy->first = set->first;
    for (int group = 0; group < METRIC_GROUP_COUNT; group++) {
        store_t *from = &set->stores[group], *to = &copy->stores[group];
        if (from->chunk_count == 0)
            continue;
        to->chunks = xmalloc(from->chunk_count * sizeof(to->chunks[0]));
        to->chunk_count = from->chunk_count;
        for (uint32_t i = 0; i < from->chunk_count; i++)
            to->chunks[i] = chunk_copy(from->chunks[i]);
        sweep(from, now_ns); /* behind the copy: what goes has been reported once more */
    }
    return copy;
}

typedef enum merge_what { MERGE_ALL, MERGE_COUNTED } merge_what_t;

static void merge_metric(const metric_info_t *metric, merge_what_t what, uint64_t *into,
                         const uint64_t *from)
{
    bool gauge = metric->kind == METRIC_GAUGE || metric->kind == METRIC_GAUGE_MAX;
    if (gauge && what == MERGE_COUNTED)
        return;
    for (unsigned i = metric->cell; i < metric->cell + metric->cells; i++) {
        if (metric->kind != METRIC_GAUGE_MAX)
            into[i] += from[i];
        else if ((int64_t)from[i] > (int64_t)into[i])
            into[i] = from[i];
    }
}

static uint64_t *series_to_merge_into(store_t *store, metric_group_t group, metric_labels_t *labels)
{
    label_entry_t *entry = labels ? label_map_find(&store->map, labels) : NULL;
    if (entry)
        return entry->value;
    if (!labels && store->chunk_count)
        return chunk_series(store->chunks[0], 0);
    return add_series(store, group, labels);
}

static void merge_chunk(store_t *store, metric_group_t group, merge_what_t what,
                        metric_chunk_t *chunk)
{
    const metric_group_info_t *info = metric_group_info(group);
    const metric_info_t *metrics = info->metrics();
    for (uint64_t left = chunk->used; left; left &= left - 1) {
        uint32_t slot = (uint32_t)__builtin_ctzll(left);
        uint64_t *into = series_to_merge_into(store, group, chunk_labels(chunk, slot));
        for (unsigned i = 0; i < info->count; i++)
            merge_metric(&metrics[i], what, into, chunk_series(chunk, slot));
    }
}

static void merge(metric_set_t *into, const metric_set_t *from, merge_what_t what)
{
    for (int group = 0; group < METRIC_GROUP_COUNT; group++) {
        const store_t *store = &from->stores[group];
        for (uint32_t i = 0; i < store->chunk_count; i++)
            merge_chunk(&into->stores[group], (metric_group_t)group, what, store->chunks[i]);
    }
}

void metric_set_merge(metric_set_t *into, const metric_set_t *from)
{
    merge(into, from, MERGE_ALL);
}

void metric_set_follow(metric_set_t **last, metric_set_t **next, metric_set_t *past)
{
    metric_set_t *before = *last, *now = *next;
    if (before && (before->born_ns != now->born_ns || before->first != now->first))
        merge(past, before, MERGE_COUNTED);
    metric_set_free(before);
    *last = now;
    *next = NULL;
}

size_t metric_set_count(const metric_set_t *set, metric_group_t group)
{
    const store_t *store = &set->stores[group];
    size_t count = 0;
    for (uint32_t i = 0; i < store->chunk_count; i++)
        count += (size_t)__builtin_popcountll(store->chunks[i]->used);
    return count;
}

const uint64_t *metric_set_next(const metric_set_t *set, metric_group_t group,
                                metric_cursor_t *cursor, const metric_labels_t **ret_labels)
{
    const store_t *store = &set->stores[group];
    for (; cursor->chunk < store->chunk_count; cursor->chunk++, cursor->slot = 0) {
        metric_chunk_t *chunk = store->chunks[cursor->chunk];
        uint64_t left = cursor->slot < CHUNK_SERIES ? chunk->used >> cursor->slot : 0;
        if (!left)
            continue;
        uint32_t slot = cursor->slot + (uint32_t)__builtin_ctzll(left);
        cursor->slot = slot + 1;
        *ret_labels = chunk_labels(chunk, slot);
        return chunk_series(chunk, slot);
    }
    return NULL;
}
