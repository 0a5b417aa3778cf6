/*
 * metric_set.h: the counters of one thread. Actors of that thread get their series here once, keep
 * the pointer and count with plain increments; nobody else touches them. For a scrape the owner
 * gives away a copy (metric_set_collect), and the scraper adds the copies up (metric_set_merge).
 *
 *     dataplane_series_t *all = series_DATAPLANE(set);               a group without labels
 *     actor_series_t *actor = named_DATAPLANE_ACTOR(set, values);    for ever
 *     http_series_t *http = hold_HTTP(set, values, &place);          until metric_set_drop
 *
 * What the configuration names comes and goes: whoever counts under such a name holds the series.
 * A series that nobody holds any more is still reported for METRIC_RETENTION_SECONDS, so that the
 * last things counted are scraped, also by a second scraper; then it is forgotten. A limit keeps
 * the number of such series bounded; one that is held is never taken away.
 *
 * No call blocks. A set is not thread-safe; the labels it refers to are.
 */
#ifndef METRICS_METRIC_SET_H
#define METRICS_METRIC_SET_H

#include "metrics/metric_labels.h"

typedef struct metric_set metric_set_t;

/* Where a held series is in its group. */
typedef uint32_t metric_place_t;

static const metric_place_t METRIC_NO_PLACE = UINT32_MAX;

enum { METRIC_RETENTION_SECONDS = 300 };

metric_set_t *metric_set_new(void);

/* metric_set_free frees a set and all its series. NULL is ignored. */
void metric_set_free(metric_set_t *set);

/* metric_set_limit says how many series of a group there may be by metric_set_hold; without it
 * there is no limit. */
void metric_set_limit(metric_set_t *set, metric_group_t group, uint32_t limit);

/* metric_set_full says that the group has no room now; it may have after the next collect. */
bool metric_set_full(const metric_set_t *set, metric_group_t group);

/* metric_set_series gives the one series of a group without labels. Use series_DATAPLANE ... */
void *metric_set_series(metric_set_t *set, metric_group_t group);

/*
 * metric_set_named gives the series for some values, one per label of the group; made, all zero,
 * when first asked for. It stays until the end of the set and counts for no limit, so the number
 * of different values must be bounded by the program. Slow: keep the pointer.
 */
void *metric_set_named(metric_set_t *set, metric_group_t group, const slice_t *values);

/*
 * metric_set_hold does the same for values that come and go: the pointer is valid until every hold
 * was answered by a metric_set_drop. NULL when it would be a new series and the group is full.
 */
void *metric_set_hold(metric_set_t *set, metric_group_t group, const slice_t *values,
                      metric_place_t *ret_place);
void metric_set_drop(metric_set_t *set, metric_group_t group, metric_place_t place);

/* The same with types. */
#define METRIC_SET_FUNCTIONS(id, shape, prefix, planes, label_count, ...)                          \
    static inline shape##_series_t *series_##id(metric_set_t *set)                                 \
    {                                                                                              \
        return metric_set_series(set, METRIC_GROUP_##id);                                          \
    }                                                                                              \
    static inline shape##_series_t *named_##id(metric_set_t *set, const slice_t *values)           \
    {                                                                                              \
        return metric_set_named(set, METRIC_GROUP_##id, values);                                   \
    }                                                                                              \
    static inline shape##_series_t *hold_##id(metric_set_t *set, const slice_t *values,            \
                                              metric_place_t *ret_place)                           \
    {                                                                                              \
        return metric_set_hold(set, METRIC_GROUP_##id, values, ret_place);                         \
    }
METRIC_GROUPS(METRIC_SET_FUNCTIONS)
#undef METRIC_SET_FUNCTIONS

/*
 * metric_set_collect copies the set, to be sent away: whoever gets it frees it. On the way it
 * forgets series that nobody has held for METRIC_RETENTION_SECONDS, at once in a group that has
 * used three quarters of its limit; only a bounded number is looked at each time. `now_ns` is
 * monotonic.
 */
metric_set_t *metric_set_collect(metric_set_t *set, uint64_t now_ns);

/*
 * The same in steps, for an owner that must not be away for long while it copies some megabytes:
 * metric_copy_begin, metric_copy_step until it returns true, then metric_copy_end, which gives the
 * copy. Meanwhile the owner may count and make series; a second copy must not begin. What was
 * counted before the begin is in the copy. A step looks at METRIC_STEP_SERIES series.
 * metric_copy_free gives a copy up; NULL is ignored.
 */
enum { METRIC_STEP_SERIES = 512 };
typedef struct metric_copy metric_copy_t;
metric_copy_t *metric_copy_begin(metric_set_t *set);
bool metric_copy_step(metric_copy_t *copy);
metric_set_t *metric_copy_end(metric_copy_t *copy, uint64_t now_ns);
void metric_copy_free(metric_copy_t *copy);

/* metric_set_merge adds what `from` counted; GAUGE_MAX takes the larger value. */
void metric_set_merge(metric_set_t *into, const metric_set_t *from);

/*
 * metric_set_follow puts the next copy that a source gave (*next, taken) in place of its last one
 * (*last, may be NULL). If the source began with a new set in between, since its actor was
 * restarted, what the last one had counted is added to `past` first, but not its gauges: so the
 * sum of `past` and all last copies never falls.
 */
void metric_set_follow(metric_set_t **last, metric_set_t **next, metric_set_t *past);

/* metric_set_count tells how many series of a group there are. */
size_t metric_set_count(const metric_set_t *set, metric_group_t group);

/* Where a walk is; start with a zeroed one. */
typedef struct metric_cursor {
    uint32_t chunk, slot;
} metric_cursor_t;

/*
 * metric_set_next walks over the series of a group: it gives the next one, as cells, and its
 * labels (NULL in a group without), or NULL at the end. The set must not change meanwhile.
 */
const uint64_t *metric_set_next(const metric_set_t *set, metric_group_t group,
                                metric_cursor_t *cursor, const metric_labels_t **ret_labels);

#endif
