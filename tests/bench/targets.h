/*
 * targets.h: what the load client asks for: ready-made requests, read from a file with one target
 * per line: host, path, and optionally one more header line, separated by tabs.
 */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

#include "core/slice.h"

/* Members are private. */
typedef struct targets {
    slice_t *requests;
    size_t count;
    uint64_t state; /* of the generator */
} targets_t;

/* targets_load reads the file; it ends the process when there is none or it has no target.
 * Equal seeds give equal choices. */
void targets_load(targets_t *targets, const char *file, uint64_t seed);

/* targets_choose gives one of the requests, each as likely as any; it is valid until fini. */
slice_t targets_choose(targets_t *targets);

void targets_fini(targets_t *targets);

#endif
