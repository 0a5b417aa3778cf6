/*
 * histogram.h: times in buckets. There are two sets of bounds: what a client waits for, and what
 * a step inside the gateway takes. Buckets are not cumulative here; the exposition adds them up.
 */
#ifndef METRICS_HISTOGRAM_H
#define METRICS_HISTOGRAM_H

#include <stdint.h>

/* Bounds: nanoseconds, the same as `le` prints it. */
#define LATENCY_BOUNDS(X)                                                                          \
    X(500000, "0.0005")                                                                            \
    X(1000000, "0.001")                                                                            \
    X(2500000, "0.0025")                                                                           \
    X(5000000, "0.005")                                                                            \
    X(10000000, "0.01")                                                                            \
    X(25000000, "0.025")                                                                           \
    X(50000000, "0.05")                                                                            \
    X(100000000, "0.1")                                                                            \
    X(250000000, "0.25")                                                                           \
    X(500000000, "0.5")                                                                            \
    X(1000000000, "1")                                                                             \
    X(2500000000, "2.5")                                                                           \
    X(5000000000, "5")                                                                             \
    X(10000000000, "10")                                                                           \
    X(30000000000, "30")

/* Powers of four from a microsecond on: the buckets of the runtime's time_stats_t. */
#define STEP_BOUNDS(X)                                                                             \
    X(1000, "0.000001")                                                                            \
    X(4000, "0.000004")                                                                            \
    X(16000, "0.000016")                                                                           \
    X(64000, "0.000064")                                                                           \
    X(256000, "0.000256")                                                                          \
    X(1024000, "0.001024")                                                                         \
    X(4096000, "0.004096")                                                                         \
    X(16384000, "0.016384")                                                                        \
    X(65536000, "0.065536")                                                                        \
    X(262144000, "0.262144")                                                                       \
    X(1048576000, "1.048576")

#define HISTOGRAM_ONE(ns, text) +1
enum {
    LATENCY_BUCKETS = 1 LATENCY_BOUNDS(HISTOGRAM_ONE), /* the last one has no bound */
    STEP_BUCKETS = 1 STEP_BOUNDS(HISTOGRAM_ONE)
};
#undef HISTOGRAM_ONE

/* Members may be read, and written by who has counted by itself. */
typedef struct latency_histogram {
    uint64_t sum_ns;
    uint64_t buckets[LATENCY_BUCKETS];
} latency_histogram_t;

typedef struct step_histogram {
    uint64_t sum_ns;
    uint64_t buckets[STEP_BUCKETS];
} step_histogram_t;

#define HISTOGRAM_NS(ns, text) UINT64_C(ns),
static const uint64_t latency_bounds_ns[] = {LATENCY_BOUNDS(HISTOGRAM_NS)};
static const uint64_t step_bounds_ns[] = {STEP_BOUNDS(HISTOGRAM_NS)};
#undef HISTOGRAM_NS

/* latency_observe counts one time. Most are short, so the search from the left ends early. */
static inline void latency_observe(latency_histogram_t *histogram, uint64_t ns)
{
    unsigned at = 0;
    while (at < LATENCY_BUCKETS - 1 && ns > latency_bounds_ns[at])
        at++;
    histogram->buckets[at]++;
    histogram->sum_ns += ns;
}

/* step_observe counts one time. */
static inline void step_observe(step_histogram_t *histogram, uint64_t ns)
{
    unsigned at = 0;
    while (at < STEP_BUCKETS - 1 && ns > step_bounds_ns[at])
        at++;
    histogram->buckets[at]++;
    histogram->sum_ns += ns;
}

#endif
