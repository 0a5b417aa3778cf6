/*
 * process.h: what the kernel knows of this process, for the process_* metrics. Linux: /proc and
 * getrusage, some microseconds each time.
 */
#ifndef METRICS_PROCESS_H
#define METRICS_PROCESS_H

#include "metrics/series.h"

/*
 * process_read fills the series in, once per scrape. What cannot be read keeps its value. The
 * start time is read the first time only, since clocks drift.
 */
void process_read(process_series_t *series);

#endif
