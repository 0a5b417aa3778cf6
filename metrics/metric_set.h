/*
 * metric_set.h: the counters of one thread. Actors of that thread get their series here once, keep
 * the pointer and count with plain increments; nobody else touches them. For a scrape the owner
 * gives away a copy (metric_set_collect), and the scraper adds the copies up (metric_set_merge).
 *
 *     http_series_t *http = series_HTTP(set, route->labels);
 *     http->requests++;
 *
 * No call blocks. A set is not thread-safe; the labels it refers to are.
 */
#ifndef METRICS_METRIC_SET_H
#define METRICS_METRIC_SET_H

#include "metrics/metric_labels.h"

typedef struct metric_set metric_set_t;

metric_set_t *metric_set_new(void);

/* metric_set_free frees a set and all its series. NULL is ignored. */
void metric_set_free(metric_set_t *set);

/*
 * metric_set_series gives the series of a group for these labels; NULL for a group without. It is
 * made, all zero, when first asked for; beyond the budget it is the group's "other" series. The
 * pointer is valid as long as the caller is, or knows, a user of the labels. Use series_HTTP and
 * the others below.
 */
void *metric_set_series(metric_set_t *set, metric_group_t group, metric_labels_t *labels);

/*
 * metric_set_named does the same by values, one per label of the group, for labels that this
 * thread makes up (an actor's name). Such a series stays until the end of the set, so the number
 * of different values must be bounded by the program. Slow: keep the pointer.
 */
void *metric_set_named(metric_set_t *set, metric_group_t group, const slice_t *values);

/* series_HTTP(set, labels), named_DATAPLANE_ACTOR(set, values) and so on, typed. */
#define METRIC_SET_FUNCTIONS(id, shape, prefix, planes, label_count, ...)                          \
    static inline shape##_series_t *series_##id(metric_set_t *set, metric_labels_t *labels)        \
    {                                                                                              \
        return metric_set_series(set, METRIC_GROUP_##id, labels);                                  \
    }                                                                                              \
    static inline shape##_series_t *named_##id(metric_set_t *set, const slice_t *values)           \
    {                                                                                              \
        return metric_set_named(set, METRIC_GROUP_##id, values);                                   \
    }
METRIC_GROUPS(METRIC_SET_FUNCTIONS)
#undef METRIC_SET_FUNCTIONS

/*
 * metric_set_collect copies the set, to be sent away: whoever gets it frees it. On the way it
 * forgets series whose labels have been dead for METRIC_RETENTION_SECONDS (at once where the
 * budget is used up); only a bounded number is looked at each time. `now_ns` is monotonic.
 */
metric_set_t *metric_set_collect(metric_set_t *set, uint64_t now_ns);

/* So that the last things counted are scraped, also by a second scraper. */
enum { METRIC_RETENTION_SECONDS = 300 };

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
