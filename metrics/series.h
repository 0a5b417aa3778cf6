/*
 * series.h: what catalogue.h becomes in C: one struct of counters per shape (http_series_t ...),
 * and tables that say what is where in them.
 *
 * A series is what one set of label values has counted. Counting is plain C on the struct:
 *
 *     http->requests++;
 *     http->responses[METRIC_STATUS_CLASS(status)]++;
 *     http->flags[RESPONSE_FLAG_UF]++;
 *     latency_observe(&http->duration, now - started);
 *     http->active--;
 */
#ifndef METRICS_SERIES_H
#define METRICS_SERIES_H

#include <stddef.h>

#include "metrics/catalogue.h"
#include "metrics/histogram.h"

enum {
    METRIC_DATAPLANE_ONLY = 1,
    METRIC_CONTROLPLANE_ONLY = 2,
    METRIC_BOTH_PLANES = METRIC_DATAPLANE_ONLY | METRIC_CONTROLPLANE_ONLY,
    METRIC_LABELS_MAX = 3
};

typedef enum metric_kind {
    METRIC_COUNTER,
    METRIC_GAUGE,
    METRIC_GAUGE_MAX,
    METRIC_HISTOGRAM
} metric_kind_t;

typedef enum metric_unit { METRIC_NUMBER, METRIC_BYTES, METRIC_SECONDS } metric_unit_t;

/* How many values a split has: METRIC_STATUS_CLASS_COUNT and so on. */
#define METRIC_PLUS_ONE(...)                    +1
#define METRIC_SPLIT_COUNT(id, label, list, as) METRIC_##id##_COUNT = 0 list(METRIC_PLUS_ONE),
enum { METRIC_SPLITS(METRIC_SPLIT_COUNT) METRIC_ONE_COUNT = 1 };

/* Indexes into the members that are split. */
enum { METRIC_LANE_LOCAL, METRIC_LANE_REMOTE };
enum { METRIC_CHANGE_ADDED, METRIC_CHANGE_CHANGED, METRIC_CHANGE_REMOVED };
enum { METRIC_CONDITION_TRUE, METRIC_CONDITION_FALSE, METRIC_CONDITION_UNKNOWN };

/* METRIC_STATUS_CLASS gives the index of a status from 100 to 599. */
#define METRIC_STATUS_CLASS(status) ((status) / 100 - 1)

/* The member for one line of the catalogue: by kind, then by what it is one value of. */
#define METRIC_MEMBER(kind, field, name, of, unit, help) METRIC_MEMBER_##kind(field, of)
#define METRIC_MEMBER_COUNTER(field, of)                 METRIC_MEMBER_##of(uint64_t, field)
#define METRIC_MEMBER_GAUGE(field, of)                   METRIC_MEMBER_##of(int64_t, field)
#define METRIC_MEMBER_GAUGE_MAX(field, of)               METRIC_MEMBER_##of(int64_t, field)
#define METRIC_MEMBER_HISTOGRAM(field, of)               METRIC_MEMBER_##of(, field)
#define METRIC_MEMBER_ONE(type, field)                   type field;
#define METRIC_MEMBER_STATUS_CLASS(type, field)          type field[METRIC_STATUS_CLASS_COUNT];
#define METRIC_MEMBER_FLAG(type, field)                  type field[METRIC_FLAG_COUNT];
#define METRIC_MEMBER_LANE(type, field)                  type field[METRIC_LANE_COUNT];
#define METRIC_MEMBER_CHANGE(type, field)                type field[METRIC_CHANGE_COUNT];
#define METRIC_MEMBER_CONDITION(type, field)             type field[METRIC_CONDITION_COUNT];
#define METRIC_MEMBER_LOG_LEVEL(type, field)             type field[METRIC_LOG_LEVEL_COUNT];
#define METRIC_MEMBER_LATENCY(type, field)               latency_histogram_t field;
#define METRIC_MEMBER_STEP(type, field)                  step_histogram_t field;

/* http_series_t and the others: nothing but 64-bit cells. */
#define METRIC_SHAPE(shape, list)                                                                  \
    typedef struct shape##_series {                                                                \
        list(METRIC_MEMBER)                                                                        \
    } shape##_series_t;
METRIC_SHAPES(METRIC_SHAPE)
#undef METRIC_SHAPE

#define METRIC_GROUP_ENUM(id, ...) METRIC_GROUP_##id,
typedef enum metric_group { METRIC_GROUPS(METRIC_GROUP_ENUM) METRIC_GROUP_COUNT } metric_group_t;
#undef METRIC_GROUP_ENUM

/* What a split or a histogram's bounds are called in the exposition. */
typedef struct metric_split {
    const char *label;         /* NULL: one value, without a label */
    const char *const *values; /* of the label */
    const uint64_t *bounds_ns; /* of a histogram, else NULL */
    uint16_t count;            /* values, or buckets with the one that has no bound */
} metric_split_t;

/* One line of the catalogue. */
typedef struct metric_info {
    const char *field, *name, *help;
    metric_kind_t kind;
    metric_unit_t unit;
    const metric_split_t *split;
    uint16_t cell, cells; /* where in the series, in cells of eight bytes */
} metric_info_t;

/* One group of the catalogue. The full name of a metric is `prefix` and its name. */
typedef struct metric_group_info {
    const char *id, *prefix;
    unsigned planes;
    uint16_t label_count;
    const char *labels[METRIC_LABELS_MAX];
    uint16_t cells; /* of a series */
    uint16_t count; /* of metrics */
    const metric_info_t *(*metrics)(void);
} metric_group_info_t;

/* metric_group_info describes a group. Static table. */
const metric_group_info_t *metric_group_info(metric_group_t group);

#endif
