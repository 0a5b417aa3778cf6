/*
 * label_table.h: hands out the labels of routes and backends: the same values give the same
 * object, whatever happens to the route, so that its counters go on through any number of
 * configurations. It belongs to who builds the snapshots; the labels go to all threads.
 */
#ifndef METRICS_LABEL_TABLE_H
#define METRICS_LABEL_TABLE_H

#include "metrics/metric_labels.h"

typedef struct metric_label_table metric_label_table_t;

/* How many series there may be, process-wide: beyond that, everything is "other". */
typedef struct metric_limits {
    uint32_t routes;   /* of METRIC_GROUP_HTTP */
    uint32_t backends; /* of METRIC_GROUP_BACKEND */
} metric_limits_t;

metric_label_table_t *metric_label_table_new(metric_limits_t limits);

/*
 * metric_label_table_get gives the labels for some values, made if need be. The caller becomes a
 * user of them: metric_labels_drop, on any thread, ends that.
 */
metric_labels_t *metric_label_table_get(metric_label_table_t *table, metric_group_t group,
                                        const slice_t *values);

/* metric_label_table_count tells how many it knows, dead ones that are not yet forgotten too. */
size_t metric_label_table_count(const metric_label_table_t *table);

/* metric_label_table_free forgets all; labels that are in use live on. NULL is ignored. */
void metric_label_table_free(metric_label_table_t *table);

#endif
