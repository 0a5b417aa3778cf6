/*
 * snapshot.c: the actor that makes snapshots of xDS resources and brings them to every worker:
 * first to the routers, then to the listeners, so that whoever connects to a new listener finds
 * its routes. One update at a time; the others wait in their order. An answer means that every
 * worker runs it, or says which one does not and which resources were refused.
 */
#include "actors/snapshot_msg.h"

#include "actors/classes.h"
#include "actors/metrics_msg.h"
#include "actors/refused_set.h"
#include "actors/router_msg.h"
#include "actors/snapshot_bound.h"
#include "actors/snapshot_counts.h"
#include "actors/snapshot_update.h"
#include "actors/translator_msg.h"
#include "core/list.h"
#include "core/log.h"
#include "core/mem.h"

/* An update that waits or is under way. */
typedef struct job {
    list_t link;
    owed_t owed;
    uint64_t arrived_ns;
    resources_t *resources;
    applied_t *result;
} job_t;

/* The first worker's listener goes ahead: it finds out whether somebody else has a port, which
 * the sockets of the others would hide. */
typedef enum phase { IDLE, ROUTERS, FIRST_LISTENER, OTHER_LISTENERS } phase_t;

typedef struct publication {
    const snapshot_args_t *args;
    snapshot_builder_t *builder;
    list_t jobs; /* the first one is under way unless IDLE */
    phase_t phase;
    uint32_t open;              /* answers that are awaited */
    const snapshot_t *snapshot; /* what the workers have, or get now; NULL: nothing yet */
    bool behind;                /* not all workers have it */
    bound_list_t *bound;        /* what became of its listeners, as far as is known */
    refused_set_t refused;      /* resources that are not in effect as they were sent last */
    const snapshot_t *announced_snapshot;
    bound_list_t *announced_bound;
    bool ready;
    uint64_t version, applied_wall_ns, started_ns;
    metric_set_t *metrics;
    dataplane_series_t *counters;
} publication_t;

static int snapshot_init(void *self, actor_t *me, const void *args)
{
    publication_t *p = self;
    p->args = args;
    p->builder = snapshot_builder_new(actor_random(me));
    p->started_ns = actor_now(me);
    list_init(&p->jobs);
    p->metrics = metric_set_new();
    p->counters = series_DATAPLANE(p->metrics);
    actor_ref_t translator = actor_lookup(me, "translator");
    if (translator) /* this is a restart, and what it knew is lost */
        send_RESOURCES_WANTED(me, translator, NULL);
    return 0;
}

static void job_free(job_t *job)
{
    list_remove(&job->link);
    resources_free(job->resources);
    applied_free(job->result);
    free(job);
}

static void snapshot_fini(void *self, actor_t *me)
{
    publication_t *p = self;
    (void)me;
    list_each (link, &p->jobs)
        job_free(GW_CONTAINER_OF(link, job_t, link));
    snapshot_unref(p->snapshot);
    snapshot_unref(p->announced_snapshot);
    snapshot_builder_free(p->builder);
    bound_list_free(p->bound);
    bound_list_free(p->announced_bound);
    refused_set_clear(&p->refused);
    metric_set_free(p->metrics);
}

/* --- asking the workers --- */

static snapshot_t *hold(const publication_t *p)
{
    return (snapshot_t *)(uintptr_t)snapshot_ref(p->snapshot);
}

static actor_ref_t find(const actor_t *me, const char *role, uint32_t worker)
{
    char name[32];
    snprintf(name, sizeof(name), "%s/%u", role, worker);
    return actor_lookup(me, name);
}

static void ask(publication_t *p, actor_t *me, uint32_t worker)
{
    snapshot_t *snapshot = hold(p);
    uint64_t timeout_ns = (uint64_t)p->args->worker_timeout_ms * 1000000;
    void *context = (void *)(uintptr_t)worker;
    p->open++;
    if (p->phase == ROUTERS)
        request_ROUTES(me, find(me, "router", worker), &snapshot, timeout_ns, context);
    else
        request_LISTENERS(me, find(me, "listener", worker), &snapshot, timeout_ns, context);
}

static void ask_workers(publication_t *p, actor_t *me, phase_t phase, uint32_t from, uint32_t to)
{
    p->phase = phase;
    for (uint32_t worker = from; worker < to; worker++)
        ask(p, me, worker);
}

/* --- one job --- */

static job_t *current_job(publication_t *p)
{
    return LIST_FIRST(&p->jobs, job_t, link);
}

static void log_rejects(const xds_rejects_t *rejects)
{
    for (size_t i = 0; i < rejects->count; i++)
        log_error(snapshot, "RESOURCE-REJECTED",
                  "a resource is refused; its old version keeps serving",
                  log_text("type", xds_type_text(rejects->at[i].type)),
                  log_str("name", rejects->at[i].name), log_str("field", rejects->at[i].field),
                  log_str("reason", rejects->at[i].reason));
}

static void log_applied(const publication_t *p, const actor_t *me, const job_t *job)
{
    const applied_t *result = job->result;
    uint64_t now = actor_now(me), seen = job->resources->seen_ns;
    if (result->code < 0)
        log_error(snapshot, "SNAPSHOT-NOT-APPLIED", "a worker does not run the configuration",
                  log_u64("version", result->version), log_u64("worker", result->worker),
                  log_code("error", result->code));
    else
        log_debug(snapshot, "SNAPSHOT-APPLIED", "every worker runs the configuration",
                  log_u64("version", result->version),
                  log_u64("changed", job->resources->update.changed_count),
                  log_u64("removed", job->resources->update.removed_count),
                  log_seconds("apply", now - job->arrived_ns),
                  log_seconds("since_change", seen ? now - seen : 0));
    if (result->code == 0 && !p->ready)
        log_info(snapshot, "READY", "the first configuration is applied on every worker",
                 log_text("version", p->args->version),
                 log_seconds("seconds", now - p->started_ns));
}

static void announce(publication_t *p)
{
    announced_t before = {p->announced_snapshot, p->announced_bound};
    announced_t now = {p->snapshot, p->bound};
    bound_announce(&before, &now);
    bound_list_free(p->announced_bound);
    snapshot_unref(p->announced_snapshot);
    p->announced_bound = bound_list_copy(p->bound);
    p->announced_snapshot = snapshot_ref(p->snapshot);
}

static void count_result(publication_t *p, const actor_t *me, const job_t *job)
{
    const applied_t *result = job->result;
    bool whole = result->code == 0 && result->rejects.count == 0;
    p->counters->applied += result->code == 0;
    p->counters->nacked += !whole;
    p->counters->rejected = result->code < 0 || p->refused.count > 0;
    latency_observe(&p->counters->apply, actor_now(me) - job->arrived_ns);
}

static void begin_next(publication_t *p, actor_t *me);

static void finish(publication_t *p, actor_t *me)
{
    job_t *job = current_job(p);
    if (job->result->bound) {
        bound_list_free(p->bound);
        p->bound = bound_list_copy(job->result->bound);
        announce(p);
    }
    log_applied(p, me, job);
    count_result(p, me, job);
    p->behind = job->result->code < 0;
    if (!p->behind) {
        p->ready = true;
        p->counters->ready = !p->counters->draining;
        p->version = job->result->version;
        p->applied_wall_ns = actor_wall(me);
        p->counters->last_apply = (int64_t)p->applied_wall_ns;
    }
    reply_APPLIED(me, job->owed, &job->result);
    job_free(job);
    p->phase = IDLE;
    begin_next(p, me);
}

/* Everything is as it was: there is nothing to send. */
static void skip(publication_t *p, actor_t *me)
{
    job_t *job = current_job(p);
    p->counters->skipped++;
    p->version = job->result->version;
    p->counters->nacked += job->result->rejects.count > 0;
    p->counters->rejected = p->refused.count > 0;
    job->result->bound = bound_list_copy(p->bound);
    reply_APPLIED(me, job->owed, &job->result);
    job_free(job);
}

/* True: there is a new snapshot for the workers. */
static bool build(publication_t *p, const actor_t *me, job_t *job)
{
    xds_update_t *update = &job->resources->update;
    uint64_t before = actor_wall(me);
    if (job->resources->everything)
        update_complete(update, p->builder);
    const snapshot_t *snapshot = snapshot_builder_apply(p->builder, update, &job->result->rejects);
    uint64_t after = actor_wall(me);
    latency_observe(&p->counters->build, after > before ? after - before : 0);
    log_rejects(&job->result->rejects);
    refused_set_forget(&p->refused, update);
    refused_set_add(&p->refused, &job->result->rejects);
    bool new = snapshot != p->snapshot;
    snapshot_unref(p->snapshot);
    p->snapshot = snapshot;
    return new || p->behind;
}

static void begin_next(publication_t *p, actor_t *me)
{
    job_t *job;
    while (p->phase == IDLE && (job = current_job(p)) != NULL) {
        job->result = xcalloc(1, sizeof(*job->result));
        job->result->version = job->resources->version;
        if (build(p, me, job))
            ask_workers(p, me, ROUTERS, 1, actor_worker_count(me));
        else
            skip(p, me);
    }
}

static void next_phase(publication_t *p, actor_t *me)
{
    if (p->phase == ROUTERS) {
        ask_workers(p, me, FIRST_LISTENER, 1, 2);
    } else if (p->phase == FIRST_LISTENER && actor_worker_count(me) > 2) {
        ask_workers(p, me, OTHER_LISTENERS, 2, actor_worker_count(me));
    } else {
        finish(p, me);
    }
}

static void answered(publication_t *p, actor_t *me)
{
    if (--p->open == 0)
        next_phase(p, me);
}

/* --- messages --- */

static int on_resources(publication_t *p, actor_t *me, resources_t **body, const msg_t *m)
{
    (void)m;
    job_t *job = xcalloc(1, sizeof(*job));
    job->arrived_ns = actor_now(me);
    job->resources = *body;
    *body = NULL;
    job->owed = actor_keep(me, job);
    list_append(&p->jobs, &job->link);
    begin_next(p, me);
    return 0;
}

/* A worker that started anew was brought up to date outside of any job: no context. */
static int on_routes_applied(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (actor_context(me))
        answered(p, me);
    return 0;
}

static int on_bound(publication_t *p, actor_t *me, bound_list_t **body, const msg_t *m)
{
    (void)m;
    job_t *job = current_job(p);
    if (!actor_context(me))
        return 0;
    bound_merge(&job->result->bound, *body);
    answered(p, me);
    return 0;
}

static int on_failed(publication_t *p, actor_t *me, failure_t **body, const msg_t *m)
{
    uint32_t worker = (uint32_t)(uintptr_t)actor_context(me);
    job_t *job = current_job(p);
    (void)m;
    if (worker == 0 || !job)
        return 0;
    if ((*body)->code == GW_ERESTART) { /* it has not seen it, or has forgotten it */
        p->open--;
        ask(p, me, worker);
        return 0;
    }
    if (job->result->code == 0) {
        job->result->code = (*body)->code;
        job->result->worker = worker;
    }
    answered(p, me);
    return 0;
}

static int on_routes_wanted(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    snapshot_t *snapshot = p->snapshot ? hold(p) : NULL;
    (void)body;
    if (snapshot)
        request_ROUTES(me, m->src, &snapshot, 0, NULL);
    return 0;
}

static int on_listeners_wanted(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    snapshot_t *snapshot = p->snapshot ? hold(p) : NULL;
    (void)body;
    if (snapshot)
        request_LISTENERS(me, m->src, &snapshot, 0, NULL);
    return 0;
}

/* The asker does not want the answer any more, but the workers get the update all the same. */
static int on_canceled(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)p;
    (void)me;
    (void)body;
    (void)m;
    return 0;
}

static int on_snapshot_ask(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    snapshot_view_t *view = xcalloc(1, sizeof(*view));
    const snapshot_t *shown = p->announced_snapshot; /* not one that is on its way */
    *view = (snapshot_view_t){.snapshot = shown ? snapshot_ref(shown) : NULL,
                              .version = p->version,
                              .applied_wall_ns = p->applied_wall_ns,
                              .applied = p->ready,
                              .applied_total = p->counters->applied,
                              .rejected_total = p->counters->nacked,
                              .bound = bound_list_copy(p->announced_bound)};
    reply_SNAPSHOT_VIEW(me, OWED_CURRENT, &view);
    return 0;
}

/* What runs goes on; /readyz says no from now on, and so does the metric. */
static int on_drain(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    p->counters->draining = 1;
    p->counters->ready = 0;
    return 0;
}

static int on_collect(publication_t *p, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    snapshot_counts_t counts = snapshot_count(snapshot_builder_current(p->builder));
    p->counters->listeners = counts.listeners;
    p->counters->routes = counts.routes;
    p->counters->backends = counts.backends;
    p->counters->endpoints = counts.endpoints;
    metric_set_t *part = metric_set_collect(p->metrics, actor_now(me));
    reply_METRICS_PART(me, OWED_CURRENT, &part);
    return 0;
}

static void snapshot_describe(void *self, actor_t *me, strbuf_t *json)
{
    static const char *const names[] = {"idle", "routers", "first listener", "other listeners"};
    const publication_t *p = self;
    uint32_t waiting = 0;
    (void)me;
    for (const list_t *link = p->jobs.next; link != &p->jobs; link = link->next)
        waiting++;
    strbuf_printf(json,
                  "\"phase\":\"%s\",\"updates\":%u,\"openAnswers\":%u,\"ready\":%s,"
                  "\"version\":%llu,\"snapshot\":%llu,\"listeners\":%u",
                  names[p->phase], waiting, p->open, p->ready ? "true" : "false",
                  (unsigned long long)p->version,
                  (unsigned long long)(p->snapshot ? snapshot_sequence(p->snapshot) : 0),
                  p->announced_bound ? p->announced_bound->count : 0);
}

HANDLER(publication_t, RESOURCES, on_resources)
HANDLER(publication_t, ROUTES_APPLIED, on_routes_applied)
HANDLER(publication_t, BOUND, on_bound)
HANDLER(publication_t, FAILED, on_failed)
HANDLER(publication_t, CANCELED, on_canceled)
HANDLER(publication_t, ROUTES_WANTED, on_routes_wanted)
HANDLER(publication_t, LISTENERS_WANTED, on_listeners_wanted)
HANDLER(publication_t, SNAPSHOT_ASK, on_snapshot_ask)
HANDLER(publication_t, DRAIN, on_drain)
HANDLER(publication_t, METRICS_COLLECT, on_collect)

static const actor_handler_t handlers[] = {ON(RESOURCES),
                                           ON(ROUTES_APPLIED),
                                           ON(BOUND),
                                           ON(FAILED),
                                           ON(CANCELED),
                                           ON(ROUTES_WANTED),
                                           ON(LISTENERS_WANTED),
                                           ON(SNAPSHOT_ASK),
                                           ON(DRAIN),
                                           ON(METRICS_COLLECT),
                                           ON_END};

const actor_class_t snapshot_class = {.name = "snapshot",
                                      .state_size = sizeof(publication_t),
                                      .init = snapshot_init,
                                      .fini = snapshot_fini,
                                      .describe = snapshot_describe,
                                      .handlers = handlers};
