/*
 * rig.h: a runtime with real threads and queues for a test: children in a table, a bell that
 * actors ring when they are done, and an end within a bounded time.
 */
#ifndef TESTS_UNIT_CORE_RIG_H
#define TESTS_UNIT_CORE_RIG_H

#include "core/runtime.h"

enum { RIG_CHILDREN_MAX = 8, RIG_PATIENCE_MS = 20000 };

typedef struct rig {
    runtime_t *runtime;
    child_spec_t children[RIG_CHILDREN_MAX + 1];
    uint32_t child_count;
    stop_policy_t stop;
    struct bell *bell;
} rig_t;

/* Fewer messages, or more patience, where a sanitizer makes each of them dear. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define RIG_FEWER(n)   ((n) / 20)
#define RIG_SLOWER(ms) ((ms)*10)
#else
#define RIG_FEWER(n)   (n)
#define RIG_SLOWER(ms) (ms)
#endif

/* rig_init prepares a runtime; children and protocols are added next. */
void rig_init(rig_t *rig, uint32_t workers, uint32_t batch);
void rig_init_with(rig_t *rig, const runtime_options_t *options);
void rig_child(rig_t *rig, const actor_class_t *class, child_place_t place, void *args);

/* rig_start starts it and returns what the start returned. */
int rig_start(rig_t *rig);

/* rig_ring says from any thread that one more thing has happened; rig_wait waits until `count`
 * of them have, false if that takes too long. */
void rig_ring(rig_t *rig);
bool rig_wait(rig_t *rig, uint32_t count);

/* rig_stop stops the runtime and frees it; returns what the process would end with. */
int rig_stop(rig_t *rig);

/* rig_finish is the second half of it, for a runtime that ends by itself. */
int rig_finish(rig_t *rig);

/* rig_ms gives the monotonic clock. */
uint64_t rig_ms(void);

#endif
