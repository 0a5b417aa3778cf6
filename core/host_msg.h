/*
 * host_msg.h: what a worker's host actor does for others: it starts and ends actors there, and
 * shows what the runtime knows. There is one on each worker, "host/0" on the control worker.
 */
#ifndef CORE_HOST_MSG_H
#define CORE_HOST_MSG_H

#include "core/actor.h"
#include "core/address.h"
#include "core/recorder.h"
#include "core/stats.h"

enum { ACTOR_NAME_MAX = 128 };

/* Start an actor; the asker becomes its spawner (it gets DOWN). `args` is borrowed. */
typedef struct spawn {
    const char *role;
    char name[ACTOR_NAME_MAX];
    void *args;
} spawn_t;
void spawn_free(spawn_t *spawn);

typedef struct spawned {
    int code; /* 0 or why it did not start */
    actor_ref_t ref;
} spawned_t;
void spawned_free(spawned_t *spawned);

/* An actor to act on, by name (if not empty) or address. */
typedef struct actor_pick {
    actor_ref_t ref;
    char name[ACTOR_NAME_MAX];
    const actor_class_t *class; /* SWAP: what it becomes */
} actor_pick_t;
void actor_pick_free(actor_pick_t *pick);

/* What the runtime knows of one actor. */
typedef struct actor_info {
    char name[ACTOR_NAME_MAX];
    const char *class;
    actor_ref_t ref;
    uint32_t worker, mailbox, muted, open_requests, owed_answers, timers;
    actor_stats_t stats;
    size_t arena_bytes;
} actor_info_t;

typedef struct actor_list {
    uint32_t count;
    actor_info_t actors[];
} actor_list_t;
void actor_list_free(actor_list_t *list);

/* One actor and its state: `json` holds the members that its class describes, or is NULL. */
typedef struct actor_description {
    bool found;
    actor_info_t info;
    char *json;
} actor_description_t;
void actor_description_free(actor_description_t *description);

typedef struct trace_ask {
    uint64_t trace; /* 0: everything */
    uint32_t max;
} trace_ask_t;
void trace_ask_free(trace_ask_t *ask);

/* A record with the names of who took part, as far as this worker knows them. */
typedef struct trace_step {
    record_t record;
    char from[ACTOR_NAME_MAX], to[ACTOR_NAME_MAX];
    const char *type;
} trace_step_t;

typedef struct trace_part {
    uint32_t worker, count;
    trace_step_t steps[];
} trace_part_t;
void trace_part_free(trace_part_t *part);

/* The statistics of one class of actors on one worker. */
typedef struct class_report {
    const char *class;
    uint32_t actors, mailbox, muted;
    class_stats_t stats;
} class_report_t;

typedef struct worker_report {
    uint32_t worker;
    dispatcher_stats_t stats;
    uint32_t count;
    class_report_t classes[];
} worker_report_t;
void worker_report_free(worker_report_t *report);

#define HOST_MESSAGES(X)                                                                           \
    X(SPAWN, spawn_t, spawn_free, "supervisor -> host: start an actor; answer SPAWNED")            \
    X(SPAWNED, spawned_t, spawned_free, "host -> supervisor: it is ready, or why not")             \
    X(KILL, actor_pick_t, actor_pick_free, "supervisor -> host: end an actor that does not stop")  \
    X(SWAP, actor_pick_t, actor_pick_free, "anyone -> host: put another class in its place")       \
    X(SWAPPED, spawned_t, spawned_free, "host -> asker: done, or why not")                         \
    X(ACTORS_ASK, msg_none_t, msg_none_free, "admin -> host: which actors; answer ACTORS")         \
    X(ACTORS, actor_list_t, actor_list_free, "host -> admin: these")                               \
    X(DESCRIBE, actor_pick_t, actor_pick_free, "admin -> host: one actor; answer DESCRIPTION")     \
    X(DESCRIPTION, actor_description_t, actor_description_free, "host -> admin: its state")        \
    X(TRACE_ASK, trace_ask_t, trace_ask_free, "admin -> host: records of a flow; answer TRACE")    \
    X(TRACE, trace_part_t, trace_part_free, "host -> admin: what the recorder holds")              \
    X(REPORT_ASK, msg_none_t, msg_none_free, "metrics -> host: statistics; answer REPORT")         \
    X(REPORT, worker_report_t, worker_report_free, "host -> metrics: per class and worker")        \
    X(LEAVE, msg_none_t, msg_none_free, "supervisor -> host: end this worker's loop")

MSG_DECLARE(host, 1, HOST_MESSAGES)

/* host_ref gives the host of a worker: always its first actor. */
static inline actor_ref_t host_ref(uint32_t worker)
{
    return address_make(worker, 0, 1);
}

extern const actor_class_t host_class;

#endif
