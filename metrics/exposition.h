/*
 * exposition.h: prints a set of counters as Prometheus text, format 0.0.4. In one go, or in parts
 * of a bounded size, since 5,000 routes are some 15 MB.
 *
 * Of a group without labels everything is printed, zero or not, so that alerts have something to
 * start from. Of the others: series that counted something, and in them the split values and
 * histograms that did.
 */
#ifndef METRICS_EXPOSITION_H
#define METRICS_EXPOSITION_H

#include "core/strbuf.h"
#include "metrics/set.h"

#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { EXPOSITION_NAME_MAX = 128 };

/* Where a printing is. Members are private. */
typedef struct exposition {
    const metric_set_t *set;
    unsigned planes;
    unsigned group, metric;
    metric_cursor_t cursor;
    bool named;  /* `name` is the metric's */
    bool headed; /* its HELP and TYPE are printed */
    size_t name_len;
    char name[EXPOSITION_NAME_MAX];
} exposition_t;

/*
 * exposition_start begins to print what one plane's /metrics shows: METRIC_DATAPLANE_ONLY,
 * METRIC_CONTROLPLANE_ONLY or METRIC_BOTH_PLANES. The set must live and not change until the end.
 */
void exposition_start(exposition_t *exposition, const metric_set_t *set, unsigned planes);

/*
 * exposition_next appends the next part: lines until there are `enough` bytes (some kilobytes
 * more at most). It returns false when there is nothing left.
 */
bool exposition_next(exposition_t *exposition, size_t enough, strbuf_t *buf);

/* metrics_expose appends everything. */
void metrics_expose(const metric_set_t *set, unsigned planes, strbuf_t *buf);

#endif
