/*
 * supervisor.h: the actor at the root. It starts its children in the order of a table, each
 * ready before the next, and stops them in reverse. What a child's faults lead to is decided by
 * its class (restart intensity); a child that has ended for good takes the process with it.
 */
#ifndef CORE_SUPERVISOR_H
#define CORE_SUPERVISOR_H

#include "core/actor.h"

typedef enum child_place {
    CHILD_CONTROL,    /* one, on the control worker, named after its role */
    CHILD_EACH_WORKER /* one on every traffic worker, named "role/1", "role/2" ... */
} child_place_t;

typedef struct child_spec {
    const char *role; /* NULL ends the table */
    child_place_t place;
    void *args;       /* shared by all of them, read-only, lives as long as the runtime */
    uint32_t stop_ms; /* how long STOP may take; then the child is ended. 0: 5 s */
} child_spec_t;

/* Shutdown: DRAIN to all children, then this long nothing, then STOP in reverse order. */
typedef struct stop_policy {
    uint32_t drain_delay_ms;
} stop_policy_t;

/* The arguments of the supervisor. The callbacks run on the control worker. */
typedef struct supervisor_args {
    const child_spec_t *children;
    stop_policy_t stop;
    void (*started)(void *context, int code);  /* all are ready, or one failed */
    void (*stopping)(void *context, int code); /* the end begins; 0: because it was asked for */
    void *context;
} supervisor_args_t;

extern const actor_class_t supervisor_class;
extern const msg_protocol_t supervisor_protocol;

#endif
