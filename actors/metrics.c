/*
 * metrics.c: the actor that adds up what all others have counted, for /metrics. It asks every
 * actor with counters and every worker's host; what has not come in time is taken from the scrape
 * before, and the answer says so.
 *
 * A scrape includes everything counted before it came: it is answered by a round that began
 * after it. Rounds do not overlap; scrapes that come during one share the next.
 */
#include "actors/metrics.h"

#include "actors/classes.h"
#include "actors/metrics_msg.h"
#include "core/host_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "metrics/process.h"

/* An actor, or a worker's host, that is asked. */
typedef struct source {
    char name[48];
    uint32_t worker;
    metric_set_t *set;       /* its last answer */
    worker_report_t *report; /* a host's */
    bool host;
} source_t;

/* A scrape that waits for a round. */
typedef struct scrape {
    struct scrape *next;
    owed_t owed;
    unsigned planes;
} scrape_t;

typedef struct metrics {
    actor_t *me;
    const metrics_args_t *args;
    source_t *sources;
    uint32_t count;
    uint32_t awaited; /* answers, in the round under way */
    uint64_t missing; /* workers, one bit each, of which one did not come */
    uint64_t began_ns;
    scrape_t *answering, *waiting;
    metric_set_t *own;
    metric_set_t *past; /* what actors had counted before they were restarted */
} metrics_t;

static const char *const control_actors[] = {
    "snapshot", "access_log", "store", "translator", "admin", "admin_control", "admin_metrics"};
static const char *const worker_actors[] = {"connection", "router", "listener"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static source_t *add_source(metrics_t *s, const char *role, uint32_t worker, bool numbered)
{
    source_t *source = &s->sources[s->count++];
    source->worker = worker;
    if (numbered)
        snprintf(source->name, sizeof(source->name), "%s/%u", role, worker);
    else
        snprintf(source->name, sizeof(source->name), "%s", role);
    return source;
}

static int metrics_init(void *self, actor_t *me, const void *args)
{
    metrics_t *s = self;
    uint32_t workers = actor_worker_count(me);
    s->me = me;
    s->args = args;
    s->own = metric_set_new();
    s->past = metric_set_new();
    s->sources = arena_zalloc(actor_arena(me),
                              (COUNT(control_actors) + workers * (1 + COUNT(worker_actors))) *
                                  sizeof(*s->sources));
    for (size_t i = 0; i < COUNT(control_actors); i++)
        add_source(s, control_actors[i], 0, false);
    for (uint32_t w = 0; w < workers; w++) {
        for (size_t i = 0; w > 0 && i < COUNT(worker_actors); i++)
            add_source(s, worker_actors[i], w, true);
        add_source(s, "host", w, true)->host = true;
    }
    return 0;
}

static void free_scrapes(scrape_t *scrape)
{
    for (scrape_t *next; scrape; scrape = next) {
        next = scrape->next;
        free(scrape);
    }
}

static void metrics_fini(void *self, actor_t *me)
{
    (void)me;
    metrics_t *s = self;
    for (uint32_t i = 0; i < s->count; i++) {
        metric_set_free(s->sources[i].set);
        worker_report_free(s->sources[i].report);
    }
    free_scrapes(s->answering);
    free_scrapes(s->waiting);
    metric_set_free(s->own);
    metric_set_free(s->past);
}

/* --- what the runtime counted --- */

static void copy_times(step_histogram_t *to, const time_stats_t *from)
{
    _Static_assert((int)STATS_BUCKETS == (int)STEP_BUCKETS, "the same bounds");
    to->sum_ns += from->total_ns;
    for (int i = 0; i < STATS_BUCKETS; i++)
        to->buckets[i] += from->buckets[i];
}

static void add_class(actor_series_t *series, const class_report_t *class)
{
    series->messages += class->stats.processing.count;
    series->sent += class->stats.sent;
    series->instances += class->actors;
    series->mailbox_length += class->mailbox;
    series->io += class->stats.io_ns;
    series->restarts += class->stats.restarts;
    series->deaths += class->stats.deaths;
    series->mutes += class->stats.mutes;
    copy_times(&series->mailbox, &class->stats.mailbox);
    copy_times(&series->processing, &class->stats.processing);
}

static worker_series_t *worker_series(metric_set_t *set, uint32_t worker)
{
    char name[12];
    snprintf(name, sizeof(name), "%u", worker);
    return named_DATAPLANE_WORKER(set, (slice_t[]){slice_of(name)});
}

static void add_worker(metric_set_t *set, const worker_report_t *report)
{
    worker_series_t *series = worker_series(set, report->worker);
    const dispatcher_stats_t *stats = &report->stats;
    series->messages[METRIC_LANE_LOCAL] = stats->messages_local;
    series->messages[METRIC_LANE_REMOTE] = stats->messages_remote;
    series->trains[METRIC_LANE_LOCAL] = stats->trains_local;
    series->trains[METRIC_LANE_REMOTE] = stats->trains_remote;
    series->dead_letters = stats->dead_letters;
    series->unhandled = stats->unhandled;
    series->deadlines = stats->deadlines;
    series->canceled = stats->canceled;
    series->late_replies = stats->late_replies;
    for (uint32_t i = 0; i < report->count; i++) {
        const class_report_t *class = &report->classes[i];
        slice_t value[] = {slice_of(class->class)};
        add_class(named_DATAPLANE_ACTOR(set, value), class);
        series->busy += class->stats.processing.total_ns + class->stats.io_ns;
        if (report->worker == 0) /* the control plane's actors are on the control worker */
            add_class(named_CONTROLPLANE_ACTOR(set, value), class);
    }
}

static void add_stalls(const metrics_t *s, metric_set_t *set)
{
    for (uint32_t w = 0; s->args->stalls && w < actor_worker_count(s->me); w++) {
        stall_stats_t stalls = s->args->stalls(s->args->context, w);
        worker_series_t *series = worker_series(set, w);
        series->stalled = stalls.now;
        series->stalls = stalls.total;
    }
}

/* --- rounds --- */

static metric_set_t *sum(const metrics_t *s)
{
    metric_set_t *set = metric_set_new();
    metric_set_merge(set, s->own);
    metric_set_merge(set, s->past);
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->sources[i].set)
            metric_set_merge(set, s->sources[i].set);
        if (s->sources[i].report)
            add_worker(set, s->sources[i].report);
    }
    add_stalls(s, set);
    return set;
}

static void update_scrape(scrape_series_t *series, uint32_t missing, uint64_t took)
{
    series->partial = missing > 0;
    series->workers_missing = missing;
    series->scrapes++;
    latency_observe(&series->collect, took);
}

static void update_log(log_series_t *series)
{
    log_counters_t counters;
    log_read_counters(&counters);
    series->dropped = counters.dropped;
    for (int level = LOG_LEVEL_ERROR; level < LOG_LEVEL_COUNT; level++)
        series->lines[level - LOG_LEVEL_ERROR] = counters.lines[level];
}

static void update_own(metrics_t *s)
{
    const metrics_args_t *args = s->args;
    uint64_t took = actor_now(s->me) - s->began_ns;
    uint32_t missing = (uint32_t)__builtin_popcountll(s->missing);
    named_BUILD(s->own, (slice_t[]){slice_of(args->version), slice_of(args->revision)})->info = 1;
    named_NODE(s->own, (slice_t[]){slice_of(args->node_id), slice_of(args->cluster)})->info = 1;
    process_read(series_PROCESS(s->own));
    update_log(series_LOG(s->own));
    update_scrape(series_DATAPLANE_SCRAPE(s->own), missing, took);
    update_scrape(series_CONTROLPLANE_SCRAPE(s->own), missing, took);
}

static void answer_scrapes(metrics_t *s)
{
    update_own(s);
    while (s->answering) {
        scrape_t *scrape = s->answering;
        s->answering = scrape->next;
        exposition_t *exposition = xmalloc(sizeof(*exposition));
        *exposition = (exposition_t){sum(s), scrape->planes};
        reply_EXPOSITION(s->me, scrape->owed, &exposition);
        free(scrape);
    }
}

static void ask(metrics_t *s, source_t *source)
{
    actor_ref_t ref = source->host ? host_ref(source->worker) : actor_lookup(s->me, source->name);
    if (!ref)
        return; /* this process has none of these */
    s->awaited++;
    uint64_t timeout_ns = (uint64_t)s->args->collect_timeout_ms * 1000000;
    if (source->host)
        request_system_REPORT_ASK(s->me, ref, NULL, timeout_ns, source);
    else
        request_METRICS_COLLECT(s->me, ref, NULL, timeout_ns, source);
}

static void begin_round(metrics_t *s)
{
    s->answering = s->waiting;
    s->waiting = NULL;
    s->missing = 0;
    s->began_ns = actor_now(s->me);
    for (uint32_t i = 0; i < s->count; i++)
        ask(s, &s->sources[i]);
}

static void arrived(metrics_t *s)
{
    if (--s->awaited > 0)
        return;
    answer_scrapes(s);
    if (s->waiting)
        begin_round(s);
}

/* --- messages --- */

static int on_scrape(metrics_t *s, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    scrape_t *scrape = xcalloc(1, sizeof(*scrape));
    scrape->owed = actor_keep(me, NULL);
    scrape->planes = m->type == MSG_SCRAPE ? METRIC_DATAPLANE_ONLY : METRIC_CONTROLPLANE_ONLY;
    scrape->next = s->waiting;
    s->waiting = scrape;
    if (s->awaited == 0)
        begin_round(s);
    return 0;
}

static int on_part(metrics_t *s, actor_t *me, metric_set_t **body, const msg_t *m)
{
    (void)m;
    source_t *source = actor_context(me);
    metric_set_follow(&source->set, body, s->past);
    arrived(s);
    return 0;
}

static int on_report(metrics_t *s, actor_t *me, worker_report_t **body, const msg_t *m)
{
    (void)m;
    source_t *source = actor_context(me);
    worker_report_free(source->report);
    source->report = *body;
    *body = NULL;
    arrived(s);
    return 0;
}

static int on_failed(metrics_t *s, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)m;
    const source_t *source = actor_context(me);
    uint64_t bit = UINT64_C(1) << source->worker;
    if ((*body)->code == GW_EUNHANDLED)
        bit = 0;           /* an actor without counters is not missing */
    if (bit & ~s->missing) /* one line for a worker, whose other actors will be late, too */
        log_warn(metrics, "SCRAPE-PARTIAL", "a worker did not give its counters in time",
                 log_u64("worker", source->worker), log_text("actor", source->name),
                 log_code("error", (*body)->code));
    s->missing |= bit;
    arrived(s);
    return 0;
}

static void metrics_describe(void *self, actor_t *me, strbuf_t *json)
{
    const metrics_t *s = self;
    (void)me;
    strbuf_printf(json, "\"sources\":%u,\"awaited\":%u,\"workersMissing\":%d", s->count, s->awaited,
                  __builtin_popcountll(s->missing));
}

HANDLER(metrics_t, SCRAPE, on_scrape)
HANDLER(metrics_t, SCRAPE_CONTROL, on_scrape)
HANDLER(metrics_t, METRICS_PART, on_part)
HANDLER(metrics_t, REPORT, on_report)
HANDLER(metrics_t, FAILED, on_failed)

static const actor_handler_t handlers[] = {ON(SCRAPE), ON(SCRAPE_CONTROL), ON(METRICS_PART),
                                           ON(REPORT), ON(FAILED),         ON_END};

const actor_class_t metrics_class = {.name = "metrics",
                                     .state_size = sizeof(metrics_t),
                                     .init = metrics_init,
                                     .fini = metrics_fini,
                                     .describe = metrics_describe,
                                     .handlers = handlers};
