/*
 * metrics.h: how the metrics actor is started. Data only.
 */
#ifndef ACTORS_METRICS_H
#define ACTORS_METRICS_H

#include <stdint.h>

typedef struct metrics_args {
    const char *node_id, *cluster;    /* labels of node_info */
    const char *version, *revision;   /* labels of build_info */
    uint32_t (*stuck)(void *context); /* workers that the watchdog reports now */
    void *context;
    uint32_t collect_timeout_ms; /* for the workers to answer; then the scrape is partial */
} metrics_args_t;

#endif
