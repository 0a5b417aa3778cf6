/*
 * metric_labels.h: the label values of one series. Immutable, shared by all threads and counted:
 * the snapshot makes them once per route or backend, every worker finds its series by the pointer.
 *
 * There are two counts. Users (metric_labels_hold) are those who may still count something: the
 * routes of snapshots, and with them the requests in flight. When the last one is gone the labels
 * are dead: series under them may be forgotten. Keepers (metric_labels_keep) only need the text:
 * the sets of counters, and what they sent to the scrape.
 */
#ifndef METRICS_METRIC_LABELS_H
#define METRICS_METRIC_LABELS_H

#include <stdbool.h>

#include "core/slice.h"
#include "metrics/series.h"

typedef struct metric_labels metric_labels_t;

/* A limit for the series of one group, shared by their labels. */
typedef struct metric_budget metric_budget_t;

/* The value where there is nothing to name, and the one of the series beyond the budget. */
#define METRIC_LABEL_NONE  "none"
#define METRIC_LABEL_OTHER "other"

/*
 * metric_labels_new copies the values, one per label of the group; the caller is the first user.
 * `budget` may be NULL (no limit); otherwise the labels keep it alive.
 */
metric_labels_t *metric_labels_new(metric_group_t group, const slice_t *values,
                                   metric_budget_t *budget);

/* metric_labels_hold adds a user; the caller is one, or keeps them. Returns its argument. */
metric_labels_t *metric_labels_hold(metric_labels_t *labels);

/* metric_labels_drop takes one away; NULL is ignored. */
void metric_labels_drop(metric_labels_t *labels);

/* metric_labels_keep and metric_labels_release count the keepers; NULL is ignored in both. */
metric_labels_t *metric_labels_keep(metric_labels_t *labels);
void metric_labels_release(metric_labels_t *labels);

/* metric_labels_alive says whether there are users. */
bool metric_labels_alive(const metric_labels_t *labels);

/* metric_labels_only_kept says that the caller is their one keeper and there is no user: nobody
 * else can reach them. */
bool metric_labels_only_kept(const metric_labels_t *labels);

/*
 * metric_labels_admit says whether there may be a series of their own for them. The first one to
 * ask takes a place in the budget, for all threads and until the labels are freed; a live series
 * is never evicted.
 */
bool metric_labels_admit(metric_labels_t *labels);

/* metric_labels_scarce says that the budget is used up: dead series should go at once. */
bool metric_labels_scarce(const metric_labels_t *labels);

/* metric_labels_eq compares group and values. */
bool metric_labels_eq(const metric_labels_t *a, const metric_labels_t *b);

uint64_t metric_labels_hash(const metric_labels_t *labels);
metric_group_t metric_labels_group(const metric_labels_t *labels);

/* metric_labels_text gives `listener="a",route="b"`, escaped for the exposition. */
slice_t metric_labels_text(const metric_labels_t *labels);

/* metric_budget_new makes a budget; the caller holds it. */
metric_budget_t *metric_budget_new(uint32_t limit);

/* metric_budget_drop gives it back; labels that use it keep it alive. NULL is ignored. */
void metric_budget_drop(metric_budget_t *budget);

#endif
