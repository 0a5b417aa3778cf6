/*
 * series.c: the tables of series.h, made from the catalogue.
 */
#include "metrics/series.h"

#include "core/check.h"

/* The text of a split's value: the list's entry itself, or its first column. */
#define VALUE_TEXT(text)        text,
#define VALUE_FIRST(first, ...) #first,
#define SPLIT_VALUES(id, label, list, as)                                                          \
    static const char *const values_##id[] = {list(VALUE_##as)};
METRIC_SPLITS(SPLIT_VALUES)

#define BOUND_TEXT(ns, text) text,
static const char *const values_LATENCY[] = {LATENCY_BOUNDS(BOUND_TEXT) "+Inf"};
static const char *const values_STEP[] = {STEP_BOUNDS(BOUND_TEXT) "+Inf"};

#define SPLIT_INFO(id, label, list, as)                                                            \
    static const metric_split_t split_##id = {label, values_##id, NULL, METRIC_##id##_COUNT};
METRIC_SPLITS(SPLIT_INFO)
static const metric_split_t split_ONE = {NULL, NULL, NULL, 1};
static const metric_split_t split_LATENCY = {"le", values_LATENCY, latency_bounds_ns,
                                             LATENCY_BUCKETS};
static const metric_split_t split_STEP = {"le", values_STEP, step_bounds_ns, STEP_BUCKETS};

enum { CELL = sizeof(uint64_t) };

#define METRIC_INFO(kind_, field_, name_, of_, unit_, help_)                                       \
    {.field = #field_,                                                                             \
     .name = name_,                                                                                \
     .help = help_,                                                                                \
     .kind = METRIC_##kind_,                                                                       \
     .unit = METRIC_##unit_,                                                                       \
     .split = &split_##of_,                                                                        \
     .cell = offsetof(series_t, field_) / CELL,                                                    \
     .cells = sizeof(((series_t *)0)->field_) / CELL},

/* A function, because a line of the catalogue does not name its struct: a local type does. */
#define SHAPE_TABLE(shape, list)                                                                   \
    static const metric_info_t *shape##_metrics(void)                                              \
    {                                                                                              \
        typedef shape##_series_t series_t;                                                         \
        static const metric_info_t metrics[] = {list(METRIC_INFO)};                                \
        return metrics;                                                                            \
    }                                                                                              \
    enum { shape##_count = 0 list(METRIC_PLUS_ONE) };
METRIC_SHAPES(SHAPE_TABLE)

#define GROUP_INFO(id_, shape_, prefix_, planes_, label_count_, ...)                               \
    {.id = #id_,                                                                                   \
     .prefix = prefix_,                                                                            \
     .planes = planes_,                                                                            \
     .label_count = label_count_,                                                                  \
     .labels = {__VA_ARGS__},                                                                      \
     .cells = sizeof(shape_##_series_t) / CELL,                                                    \
     .count = shape_##_count,                                                                      \
     .metrics = shape_##_metrics},

const metric_group_info_t *metric_group_info(metric_group_t group)
{
    static const metric_group_info_t groups[] = {METRIC_GROUPS(GROUP_INFO)};
    GW_ASSERT(group < METRIC_GROUP_COUNT);
    return &groups[group];
}
