/*
 * collect.h: how an actor with many counters answers METRICS_COLLECT: in steps, between which it
 * does its other work. No request waits for more than one step.
 */
#ifndef ACTORS_COLLECT_H
#define ACTORS_COLLECT_H

#include "actors/metrics_msg.h"

/* A part of the actor's state, cleared at first. Members are private. */
typedef struct collect {
    metric_copy_t *copy; /* NULL: none is under way */
    owed_t owed;
} collect_t;

/* collect_begin handles METRICS_COLLECT: it answers now, or when the last step is done. */
void collect_begin(collect_t *collect, actor_t *me, metric_set_t *set);

/* collect_more handles METRICS_MORE. */
void collect_more(collect_t *collect, actor_t *me);

/* collect_fini gives up what is under way, before the set is freed. */
void collect_fini(collect_t *collect);

#endif
