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

/* How many chunks of a group a collect looks through for series to forget: some 500 series, or
 * some 4,000 when there is little room for new ones. */
enum { SWEEP_CHUNKS = 8, SWEEP_CHUNKS_FULL = 64 };

static const uint32_t FOR_EVER = UINT32_MAX;

/* What the owner knows of a series. A copy has no such thing. */
typedef struct holding {
    uint32_t holds;      /* FOR_EVER: a named one */
    uint32_t retired_at; /* the second in which it was found without; 0: it was not */
} holding_t;

/* The series of one group. A group without labels has one chunk with one slot. */
typedef struct store {
    metric_chunk_t **chunks;
    holding_t *holdings; /* by place: chunk and slot */
    uint32_t chunk_count;
    uint32_t room;         /* no chunk before this one has a free slot */
    uint32_t sweep;        /* where the next sweep begins */
    uint32_t count, limit; /* of series that are not for ever */
    label_map_t map;       /* to chunk and slot */
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
    for (int i = 0; i < METRIC_GROUP_COUNT; i++)
        set->stores[i].limit = UINT32_MAX;
    return set;
}

static void store_fini(store_t *store)
{
    for (uint32_t i = 0; i < store->chunk_count; i++)
        chunk_free(store->chunks[i]);
    free(store->chunks);
    free(store->holdings);
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

void metric_set_limit(metric_set_t *set, metric_group_t group, uint32_t limit)
{
    set->stores[group].limit = limit;
}

static bool full(const store_t *store)
{
    return store->count >= store->limit;
}

bool metric_set_full(const metric_set_t *set, metric_group_t group)
{
    return full(&set->stores[group]);
}

/* --- series --- */

static void add_chunk(store_t *store, metric_group_t group)
{
    const metric_group_info_t *info = metric_group_info(group);
    uint32_t count = store->chunk_count + 1;
    size_t slots = (size_t)count * CHUNK_SERIES;
    store->chunks = xrealloc(store->chunks, count * sizeof(store->chunks[0]));
    store->holdings = xrealloc(store->holdings, slots * sizeof(store->holdings[0]));
    memset(store->holdings + slots - CHUNK_SERIES, 0, CHUNK_SERIES * sizeof(store->holdings[0]));
    store->chunks[store->chunk_count] =
        chunk_new(info->label_count ? CHUNK_SERIES : 1, info->cells);
    store->chunk_count = count;
}

/* Adds a series for labels (taken) that have none. */
static metric_place_t add_series(store_t *store, metric_group_t group, metric_labels_t *labels)
{
    while (store->room < store->chunk_count && chunk_full(store->chunks[store->room]))
        store->room++;
    if (store->room == store->chunk_count)
        add_chunk(store, group);
    metric_chunk_t *chunk = store->chunks[store->room];
    void *series = chunk_add(chunk, labels);
    metric_place_t place = store->room * CHUNK_SERIES + (uint32_t)chunk_slot(chunk, series);
    store->holdings[place] = (holding_t){0};
    if (labels)
        label_map_add(&store->map, labels, (void *)(uintptr_t)place);
    metric_labels_unref(labels); /* the chunk has them */
    return place;
}

static void *series_at(const store_t *store, metric_place_t place)
{
    return chunk_series(store->chunks[place / CHUNK_SERIES], place % CHUNK_SERIES);
}

void *metric_set_series(metric_set_t *set, metric_group_t group)
{
    store_t *store = &set->stores[group];
    GW_ASSERT(metric_group_info(group)->label_count == 0);
    if (store->chunk_count == 0)
        add_series(store, group, NULL);
    return series_at(store, 0);
}

static metric_place_t place_of(const label_entry_t *entry)
{
    return (metric_place_t)(uintptr_t)entry->value;
}

void *metric_set_named(metric_set_t *set, metric_group_t group, const slice_t *values)
{
    store_t *store = &set->stores[group];
    metric_labels_t *labels = metric_labels_new(group, values);
    const label_entry_t *entry = label_map_find(&store->map, labels);
    metric_place_t place = entry ? place_of(entry) : add_series(store, group, labels);
    if (entry)
        metric_labels_unref(labels);
    if (entry && store->holdings[place].holds != FOR_EVER)
        store->count--;
    store->holdings[place].holds = FOR_EVER;
    return series_at(store, place);
}

void *metric_set_hold(metric_set_t *set, metric_group_t group, const slice_t *values,
                      metric_place_t *ret_place)
{
    store_t *store = &set->stores[group];
    metric_labels_t *labels = metric_labels_new(group, values);
    const label_entry_t *entry = label_map_find(&store->map, labels);
    if (entry || full(store))
        metric_labels_unref(labels);
    if (!entry && full(store))
        return NULL;
    if (!entry)
        store->count++;
    *ret_place = entry ? place_of(entry) : add_series(store, group, labels);
    holding_t *holding = &store->holdings[*ret_place];
    if (holding->holds != FOR_EVER)
        holding->holds++;
    return series_at(store, *ret_place);
}

void metric_set_drop(metric_set_t *set, metric_group_t group, metric_place_t place)
{
    holding_t *holding = &set->stores[group].holdings[place];
    GW_ASSERT(holding->holds > 0);
    if (holding->holds != FOR_EVER)
        holding->holds--;
}

/* --- copies, and what is forgotten --- */

static void forget(store_t *store, metric_chunk_t *chunk, uint64_t mask)
{
    for (uint64_t left = mask; left; left &= left - 1) {
        uint32_t slot = (uint32_t)__builtin_ctzll(left);
        label_map_remove(&store->map, label_map_find(&store->map, chunk_labels(chunk, slot)));
        store->count--;
    }
    chunk_remove(chunk, mask);
    store->room = 0;
}

static bool expired(holding_t *holding, bool at_once, uint32_t now)
{
    if (holding->holds > 0) {
        holding->retired_at = 0;
        return false;
    }
    if (holding->retired_at == 0)
        holding->retired_at = now;
    return at_once || now - holding->retired_at >= METRIC_RETENTION_SECONDS;
}

static void sweep_chunk(store_t *store, uint32_t index, bool at_once, uint32_t now)
{
    metric_chunk_t *chunk = store->chunks[index];
    holding_t *holdings = store->holdings + (size_t)index * CHUNK_SERIES;
    uint64_t dead = 0;
    for (uint64_t left = chunk->used; left; left &= left - 1) {
        uint32_t slot = (uint32_t)__builtin_ctzll(left);
        if (expired(&holdings[slot], at_once, now))
            dead |= UINT64_C(1) << slot;
    }
    if (dead)
        forget(store, chunk, dead);
}

static void sweep(store_t *store, uint64_t now_ns)
{
    bool at_once = store->count >= store->limit - store->limit / 4;
    uint32_t now = (uint32_t)(now_ns / 1000000000u) + 1; /* never 0 */
    uint32_t most = at_once ? SWEEP_CHUNKS_FULL : SWEEP_CHUNKS;
    uint32_t count = store->chunk_count < most ? store->chunk_count : most;
    if (store->map.count == 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        store->sweep = (store->sweep + 1) % store->chunk_count;
        sweep_chunk(store, store->sweep, at_once, now);
    }
}

struct metric_copy {
    metric_set_t *from, *to;
    int group;
    uint32_t chunk;
};

metric_copy_t *metric_copy_begin(metric_set_t *set)
{
    metric_copy_t *copy = xcalloc(1, sizeof(*copy));
    copy->from = set;
    copy->to = xcalloc(1, sizeof(*copy->to));
    copy->to->born_ns = set->born_ns;
    copy->to->first = set->first;
    for (int group = 0; group < METRIC_GROUP_COUNT; group++) {
        store_t *to = &copy->to->stores[group];
        to->chunk_count = set->stores[group].chunk_count;
        if (to->chunk_count)
            to->chunks = xcalloc(to->chunk_count, sizeof(to->chunks[0]));
    }
    return copy;
}

bool metric_copy_step(metric_copy_t *copy)
{
    uint32_t left = METRIC_STEP_SERIES / CHUNK_SERIES;
    for (; copy->group < METRIC_GROUP_COUNT; copy->group++, copy->chunk = 0) {
        const store_t *from = &copy->from->stores[copy->group];
        store_t *to = &copy->to->stores[copy->group];
        for (; copy->chunk < to->chunk_count; copy->chunk++, left--) {
            if (left == 0)
                return false;
            to->chunks[copy->chunk] = chunk_copy(from->chunks[copy->chunk]);
        }
    }
    return true;
}

metric_set_t *metric_copy_end(metric_copy_t *copy, uint64_t now_ns)
{
    metric_set_t *to = copy->to;
    for (int group = 0; group < METRIC_GROUP_COUNT; group++)
        sweep(&copy->from->stores[group], now_ns); /* what goes has been reported once more */
    free(copy);
    return to;
}

void metric_copy_free(metric_copy_t *copy)
{
    if (!copy)
        return;
    metric_set_free(copy->to);
    free(copy);
}

metric_set_t *metric_set_collect(metric_set_t *set, uint64_t now_ns)
{
    metric_copy_t *copy = metric_copy_begin(set);
    while (!metric_copy_step(copy))
        ;
    return metric_copy_end(copy, now_ns);
}

/* --- sums --- */

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
    const label_entry_t *entry = labels ? label_map_find(&store->map, labels) : NULL;
    if (entry)
        return series_at(store, place_of(entry));
    if (!labels && store->chunk_count)
        return series_at(store, 0);
    return series_at(store, add_series(store, group, metric_labels_ref(labels)));
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
