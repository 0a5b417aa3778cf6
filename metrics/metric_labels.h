/*
 * metric_labels.h: the label values of one series, printed once. Immutable and counted: a set of
 * counters shares them with the copies that it gives away. Any thread.
 */
#ifndef METRICS_METRIC_LABELS_H
#define METRICS_METRIC_LABELS_H

#include <stdbool.h>

#include "core/slice.h"
#include "metrics/series.h"

typedef struct metric_labels metric_labels_t;

/* The value where there is nothing to name, and the one of the series beyond the budget. */
#define METRIC_LABEL_NONE  "none"
#define METRIC_LABEL_OTHER "other"

/* metric_labels_new prints the values, one per label of the group; one reference, the caller's. */
metric_labels_t *metric_labels_new(metric_group_t group, const slice_t *values);

/* metric_labels_ref adds a reference, metric_labels_unref gives one back; NULL is ignored. */
metric_labels_t *metric_labels_ref(metric_labels_t *labels);
void metric_labels_unref(metric_labels_t *labels);

/* metric_labels_eq compares group and values. */
bool metric_labels_eq(const metric_labels_t *a, const metric_labels_t *b);

uint64_t metric_labels_hash(const metric_labels_t *labels);

/* metric_labels_text gives `listener="a",route="b"`, escaped for the exposition. */
slice_t metric_labels_text(const metric_labels_t *labels);

#endif
