/* store_counts.c: see store_counts.h. */
#include "actors/store_counts.h"

typedef struct counting {
    store_counts_t *counts;
    metric_set_t *set;
    object_kind_t kind;
} counting_t;

static condition_series_t *series_of(const counting_t *c, const char *type)
{
    store_counts_t *counts = c->counts;
    for (uint32_t i = 0; i < counts->count; i++) {
        if (counts->at[i].kind == c->kind && strcmp(counts->at[i].type, type) == 0)
            return counts->at[i].series;
    }
    if (counts->count == STORE_COUNTS_MAX)
        return NULL;
    slice_t values[] = {slice_of(kind_name(c->kind)), slice_of(type)};
    condition_series_t *series = named_CONDITION(c->set, values);
    counts->at[counts->count].kind = c->kind;
    counts->at[counts->count].type = type; /* types are static texts */
    counts->at[counts->count++].series = series;
    return series;
}

static void add(const counting_t *c, const conditions_t *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        condition_series_t *series = series_of(c, conditions->at[i].type);
        if (series)
            series->count[conditions->at[i].met ? METRIC_CONDITION_TRUE : METRIC_CONDITION_FALSE]++;
    }
}

static void add_status(const counting_t *c, const object_status_t *status)
{
    add(c, &status->conditions);
    for (size_t i = 0; i < status->listener_count; i++)
        add(c, &status->listeners[i].conditions);
    for (size_t i = 0; i < status->parent_count; i++)
        add(c, &status->parents[i].conditions);
}

void store_counts_conditions(store_counts_t *counts, const status_book_t *book, metric_set_t *set)
{
    for (uint32_t i = 0; i < counts->count; i++)
        memset(counts->at[i].series->count, 0, sizeof(counts->at[i].series->count));
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        counting_t c = {counts, set, (object_kind_t)kind};
        const object_status_t *status = NULL;
        while ((status = status_book_next(book, c.kind, status)) != NULL)
            add_status(&c, status);
    }
}
