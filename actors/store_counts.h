/*
 * store_counts.h: how many conditions of each type are met and not met, by kind of object.
 */
#ifndef ACTORS_STORE_COUNTS_H
#define ACTORS_STORE_COUNTS_H

#include "actors/status_book.h"
#include "metrics/metric_set.h"

enum { STORE_COUNTS_MAX = 64 };

/* The series in use. A zeroed one is empty. Members are private. */
typedef struct store_counts {
    struct {
        object_kind_t kind;
        const char *type;
        condition_series_t *series; /* of the set */
    } at[STORE_COUNTS_MAX];
    uint32_t count;
} store_counts_t;

/* store_counts_conditions sets the series of the group CONDITION to what the book says now:
 * conditions of the objects themselves, of Gateways' listeners and of routes' parents. */
void store_counts_conditions(store_counts_t *counts, const status_book_t *book, metric_set_t *set);

#endif
