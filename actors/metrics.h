/*
 * metrics.h: how the metrics actor is started. Data only.
 */
#ifndef ACTORS_METRICS_H
#define ACTORS_METRICS_H

#include "core/stats.h"

typedef struct metrics_args {
    const char *node_id, *cluster;                           /* labels of node_info */
    const char *version, *revision;                          /* labels of build_info */
    stall_stats_t (*stalls)(void *context, uint32_t worker); /* the watchdog's; or NULL */
    void *context;
    uint32_t collect_timeout_ms; /* for the workers to answer; then the scrape is partial */
} metrics_args_t;

#endif
