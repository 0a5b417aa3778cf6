#include "metrics/label_table.h"

#include "core/mem.h"
#include "metrics/label_map.h"

enum { FIRST_SWEEP = 1024, SCARCE_SWEEP = 64 };

struct metric_label_table {
    label_map_t map; /* keeps the labels; no values */
    metric_budget_t *routes, *backends;
    /* How many entries make it worth looking for dead ones: usually, and when the budget is used
     * up and the dead hold places in it. */
    size_t sweep_at, scarce_sweep_at;
};

metric_label_table_t *metric_label_table_new(metric_limits_t limits)
{
    metric_label_table_t *table = xcalloc(1, sizeof(*table));
    table->routes = metric_budget_new(limits.routes);
    table->backends = metric_budget_new(limits.backends);
    table->sweep_at = FIRST_SWEEP;
    table->scarce_sweep_at = SCARCE_SWEEP;
    return table;
}

static metric_budget_t *budget_of(const metric_label_table_t *table, metric_group_t group)
{
    return group == METRIC_GROUP_HTTP      ? table->routes
           : group == METRIC_GROUP_BACKEND ? table->backends
                                           : NULL;
}

/* Forgets what only this table knows. Costs one look at each entry, so it waits until a share of
 * them is new. */
static void sweep(metric_label_table_t *table)
{
    label_map_t left = {0};
    for (size_t i = 0; i < table->map.size; i++) {
        metric_labels_t *labels = table->map.entries[i].labels;
        if (labels && metric_labels_only_kept(labels))
            metric_labels_release(labels);
        else if (labels)
            label_map_add(&left, labels, NULL);
    }
    label_map_fini(&table->map);
    table->map = left;
    table->sweep_at = left.count + (left.count > FIRST_SWEEP ? left.count : FIRST_SWEEP);
    table->scarce_sweep_at = left.count + left.count / 8 + SCARCE_SWEEP;
}

metric_labels_t *metric_label_table_get(metric_label_table_t *table, metric_group_t group,
                                        const slice_t *values)
{
    metric_labels_t *labels = metric_labels_new(group, values, budget_of(table, group));
    const label_entry_t *known = label_map_find(&table->map, labels);
    if (known) {
        metric_labels_drop(labels);
        return metric_labels_hold(known->labels);
    }
    if (table->map.count >= table->sweep_at ||
        (metric_labels_scarce(labels) && table->map.count >= table->scarce_sweep_at))
        sweep(table);
    label_map_add(&table->map, metric_labels_keep(labels), NULL);
    return labels;
}

size_t metric_label_table_count(const metric_label_table_t *table)
{
    return table->map.count;
}

void metric_label_table_free(metric_label_table_t *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->map.size; i++)
        metric_labels_release(table->map.entries[i].labels);
    label_map_fini(&table->map);
    metric_budget_drop(table->routes);
    metric_budget_drop(table->backends);
    free(table);
}
