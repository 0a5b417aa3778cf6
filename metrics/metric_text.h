/*
 * metric_text.h: prints a set of counters as Prometheus text, format 0.0.4. In one go, or in parts
 * of a bounded size, since 5,000 routes are some 20 MB.
 *
 * Of a group without labels everything is printed, zero or not, so that alerts have something to
 * start from. Of the others: series that counted something, and in them the split values and
 * histograms that did.
 */
#ifndef METRICS_METRIC_TEXT_H
#define METRICS_METRIC_TEXT_H

#include "core/strbuf.h"
#include "metrics/metric_set.h"

#define METRIC_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { METRIC_TEXT_NAME_MAX = 128 };

/* Where a printing is. Members are private. */
typedef struct metric_text {
    const metric_set_t *set;
    unsigned planes;
    unsigned group, metric;
    metric_cursor_t cursor;
    bool named;  /* `name` is the metric's */
    bool headed; /* its HELP and TYPE are printed */
    size_t name_len;
    char name[METRIC_TEXT_NAME_MAX];
} metric_text_t;

/*
 * metric_text_start begins to print what one plane's /metrics shows: METRIC_DATAPLANE_ONLY,
 * METRIC_CONTROLPLANE_ONLY or METRIC_BOTH_PLANES. The set must live and not change until the end.
 */
void metric_text_start(metric_text_t *text, const metric_set_t *set, unsigned planes);

/*
 * metric_text_next appends the next part: lines until there are `enough` bytes (some kilobytes
 * more at most). It returns false when there is nothing left.
 */
bool metric_text_next(metric_text_t *text, size_t enough, strbuf_t *buf);

/* metrics_expose appends everything. */
void metrics_expose(const metric_set_t *set, unsigned planes, strbuf_t *buf);

#endif
