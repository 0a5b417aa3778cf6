#include "core/supervisor.h"

#include "core/core_msg.h"
#include "core/error.h"
#include "core/host_msg.h"
#include "core/log.h"
#include "core/mem.h"

enum { STOP_DEFAULT_MS = 5000 };

typedef struct child {
    const child_spec_t *spec;
    uint32_t worker;
    actor_ref_t ref; /* 0: not started, or ended */
    char name[ACTOR_NAME_MAX];
} child_t;

typedef enum phase { STARTING, RUNNING, DRAINING, STOPPING, KILLING } phase_t;

typedef struct supervisor {
    const supervisor_args_t *args;
    child_t *children;
    uint32_t count;
    uint32_t at; /* STARTING: the next to start; STOPPING: one past the last to stop */
    phase_t phase;
    timer_ref_t timer;
    int code;              /* why the process ends; 0: it was asked to */
    bool spawning;         /* a host is about to answer */
    bool broken_off;       /* STARTING: stop as soon as that has happened */
    actor_ref_t stillborn; /* its end was heard of before its start */
} supervisor_t;

#define SUPERVISOR_MESSAGES(X)                                                                     \
    X(SUPERVISOR_TIMER, msg_none_t, msg_none_free, "supervisor -> itself: the wait is over")
MSG_DECLARE(supervisor, 2, SUPERVISOR_MESSAGES)
MSG_DEFINE(supervisor, 2, SUPERVISOR_MESSAGES)

static void add_child(supervisor_t *s, actor_t *me, const child_spec_t *spec, uint32_t worker)
{
    (void)me;
    child_t *child = &s->children[s->count++];
    child->spec = spec;
    child->worker = worker;
    if (spec->place == CHILD_CONTROL)
        snprintf(child->name, sizeof(child->name), "%s", spec->role);
    else
        snprintf(child->name, sizeof(child->name), "%s/%u", spec->role, worker);
}

static void list_children(supervisor_t *s, actor_t *me)
{
    uint32_t workers = actor_worker_count(me), specs = 0;
    while (s->args->children[specs].role)
        specs++;
    s->children = arena_zalloc(actor_arena(me), (specs * workers + 1) * sizeof(child_t));
    for (uint32_t i = 0; i < specs; i++) {
        const child_spec_t *spec = &s->args->children[i];
        if (spec->place == CHILD_CONTROL)
            add_child(s, me, spec, 0);
        for (uint32_t w = 1; spec->place == CHILD_EACH_WORKER && w < workers; w++)
            add_child(s, me, spec, w);
    }
}

/* --- start --- */

static void start_next(supervisor_t *s, actor_t *me)
{
    if (s->at == s->count) {
        s->phase = RUNNING;
        s->args->started(s->args->context, 0);
        return;
    }
    const child_t *child = &s->children[s->at];
    spawn_t *spawn = xcalloc(1, sizeof(*spawn));
    spawn->role = child->spec->role;
    spawn->args = child->spec->args;
    snprintf(spawn->name, sizeof(spawn->name), "%s", child->name);
    request_system_SPAWN(me, host_ref(child->worker), &spawn, 0, NULL);
    s->spawning = true;
}

static int supervisor_init(void *self, actor_t *me, const void *args)
{
    supervisor_t *s = self;
    s->args = args;
    list_children(s, me);
    start_next(s, me);
    return 0;
}

/* --- stop --- */

static void leave_all(actor_t *me)
{
    for (uint32_t worker = actor_worker_count(me); worker-- > 0;)
        system_LEAVE(me, host_ref(worker), NULL);
}

static bool same_spec_alive(const supervisor_t *s)
{
    const child_spec_t *spec = s->children[s->at - 1].spec;
    for (uint32_t i = s->at; i-- > 0 && s->children[i].spec == spec;) {
        if (s->children[i].ref)
            return true;
    }
    return false;
}

static void wait(supervisor_t *s, actor_t *me, uint64_t ms)
{
    actor_timer_stop(me, s->timer);
    s->timer = actor_timer_start(me, ms * 1000000, MSG_SUPERVISOR_TIMER, NULL);
}

/* STOP goes to all instances of one role at a time. */
static void stop_next(supervisor_t *s, actor_t *me)
{
    s->phase = STOPPING;
    while (s->at > 0 && !same_spec_alive(s))
        s->at--;
    if (s->at == 0) {
        actor_timer_stop(me, s->timer);
        leave_all(me);
        return;
    }
    const child_spec_t *spec = s->children[s->at - 1].spec;
    for (uint32_t i = s->at; i-- > 0 && s->children[i].spec == spec;)
        send_STOP(me, s->children[i].ref, NULL);
    wait(s, me, spec->stop_ms ? spec->stop_ms : STOP_DEFAULT_MS);
}

/* Ends a start half way, but not while the host is starting a child: that one would be missed. */
static void break_off(supervisor_t *s, actor_t *me, int code)
{
    if (!s->broken_off)
        s->code = code;
    s->broken_off = true;
    if (s->spawning)
        return;
    s->args->started(s->args->context, s->code ? s->code : GW_ESHUTDOWN);
    s->args->stopping(s->args->context, s->code);
    stop_next(s, me);
}

static void begin_stop(supervisor_t *s, actor_t *me, int code)
{
    if (s->phase == STARTING) {
        break_off(s, me, code);
        return;
    }
    s->code = code;
    s->args->stopping(s->args->context, code);
    if (s->args->stop.drain_delay_ms == 0) {
        stop_next(s, me);
        return;
    }
    s->phase = DRAINING;
    for (uint32_t i = 0; i < s->count; i++)
        send_DRAIN(me, s->children[i].ref, NULL);
    wait(s, me, s->args->stop.drain_delay_ms);
}

static void kill_late(supervisor_t *s, actor_t *me)
{
    const child_spec_t *spec = s->children[s->at - 1].spec;
    for (uint32_t i = s->at; i-- > 0 && s->children[i].spec == spec;) {
        if (!s->children[i].ref)
            continue;
        log_warn(supervisor, "CHILD-STOP-TIMEOUT", "a child did not stop in time and is ended",
                 log_text("actor", s->children[i].name));
        actor_pick_t *pick = xcalloc(1, sizeof(*pick));
        pick->ref = s->children[i].ref;
        system_KILL(me, host_ref(s->children[i].worker), &pick);
    }
    s->phase = KILLING;
}

/* --- messages --- */

static int on_spawned(supervisor_t *s, actor_t *me, spawned_t **body, const msg_t *m)
{
    (void)m;
    s->spawning = false;
    if ((*body)->code < 0) {
        log_error(supervisor, "CHILD-START-FAILED", "a child did not start",
                  log_text("actor", s->children[s->at].name), log_code("error", (*body)->code));
        break_off(s, me, (*body)->code);
        return 0;
    }
    if ((*body)->ref != s->stillborn)
        s->children[s->at].ref = (*body)->ref;
    s->at++;
    if (s->broken_off)
        break_off(s, me, 0);
    else
        start_next(s, me);
    return 0;
}

static bool forget_child(supervisor_t *s, actor_ref_t ref)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->children[i].ref != ref)
            continue;
        s->children[i].ref = 0;
        return true;
    }
    return false;
}

static int on_down(supervisor_t *s, actor_t *me, obituary_t **body, const msg_t *m)
{
    (void)m;
    if (!forget_child(s, (*body)->ref))
        s->stillborn = (*body)->ref;
    if (s->phase == STOPPING || s->phase == KILLING) {
        if (!same_spec_alive(s))
            stop_next(s, me);
    } else if (s->phase != DRAINING) {
        log_error(supervisor, "CHILD-ENDED", "a child has ended for good; the process stops",
                  log_text("actor", (*body)->name), log_code("error", (*body)->code));
        begin_stop(s, me, (*body)->code ? (*body)->code : GW_ENOACTOR);
    }
    return 0;
}

static int on_stop(supervisor_t *s, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (s->phase == STARTING || s->phase == RUNNING)
        begin_stop(s, me, 0);
    return 0;
}

static int on_timer(supervisor_t *s, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    s->timer = 0;
    if (s->phase == DRAINING)
        stop_next(s, me);
    else if (s->phase == STOPPING)
        kill_late(s, me);
    return 0;
}

static void supervisor_describe(void *self, actor_t *me, strbuf_t *json)
{
    static const char *const names[] = {"starting", "running", "draining", "stopping", "killing"};
    const supervisor_t *s = self;
    (void)me;
    strbuf_printf(json, "\"phase\":\"%s\",\"children\":[", names[s->phase]);
    for (uint32_t i = 0; i < s->count; i++) {
        strbuf_add_text(json, i ? ",{\"name\":" : "{\"name\":");
        strbuf_add_json(json, slice_of(s->children[i].name));
        strbuf_printf(json, ",\"running\":%s}", s->children[i].ref ? "true" : "false");
    }
    strbuf_add_char(json, ']');
}

HANDLER(supervisor_t, SPAWNED, on_spawned)
HANDLER(supervisor_t, DOWN, on_down)
HANDLER(supervisor_t, STOP, on_stop)
HANDLER(supervisor_t, SUPERVISOR_TIMER, on_timer)

static const actor_handler_t handlers[] = {ON(SPAWNED), ON(DOWN), ON(STOP), ON(SUPERVISOR_TIMER),
                                           ON_END};

const actor_class_t supervisor_class = {.name = "supervisor",
                                        .state_size = sizeof(supervisor_t),
                                        .init = supervisor_init,
                                        .describe = supervisor_describe,
                                        .handlers = handlers};
