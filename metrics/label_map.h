/*
 * label_map.h: finds what belongs to some labels, by the pointer where that is possible and by
 * the values where it is not. Open addressing, an entry is a quarter of a cache line. It owns
 * neither labels nor values.
 */
#ifndef METRICS_LABEL_MAP_H
#define METRICS_LABEL_MAP_H

#include "metrics/metric_labels.h"

/* Free if `labels` is NULL. */
typedef struct label_entry {
    metric_labels_t *labels;
    void *value;
} label_entry_t;

/* Members may be read: `entries` has `size` places, a power of two or 0. A zeroed map is empty. */
typedef struct label_map {
    label_entry_t *entries;
    size_t size, count;
} label_map_t;

/* label_map_find gives the entry of these labels or of equal ones, or NULL; valid until the next
 * change. */
label_entry_t *label_map_find(const label_map_t *map, const metric_labels_t *labels);

/* label_map_add enters labels that are not there. */
void label_map_add(label_map_t *map, metric_labels_t *labels, void *value);

/* label_map_remove takes an entry out that label_map_find gave. */
void label_map_remove(label_map_t *map, label_entry_t *entry);

void label_map_fini(label_map_t *map);

#endif
