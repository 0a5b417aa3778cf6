/*
 * translator.c: the actor that makes xDS resources and conditions of objects. A batch of changed
 * sources goes through translation to the snapshot actor, and its answer, what every worker made
 * of it, goes into the conditions that are reported back. A port that somebody else turns out to
 * have is replaced on the way, and the batch goes round once more.
 */
#include "actors/translator_msg.h"

#include <errno.h>

#include "actors/classes.h"
#include "actors/metrics_msg.h"
#include "actors/snapshot_msg.h"
#include "actors/status_book.h"
#include "actors/store_msg.h"
#include "actors/translator_ports.h"
#include "actors/translator_programmed.h"
#include "actors/translator_sources.h"
#include "core/list.h"
#include "core/log.h"
#include "core/mem.h"

/* A batch that came while another one was under way. */
typedef struct waiting {
    list_t link;
    owed_t owed;
    change_batch_t *batch;
} waiting_t;

enum { APPLY_TIMEOUT_S = 50 }; /* the snapshot actor gives up on a worker long before */

typedef struct translating {
    actor_ref_t snapshot, store;
    known_sources_t sources;
    store_t *objects;
    translator_t *translator;
    list_t waiting;
    bool everything; /* the data plane is to get all resources, not what changed */

    /* The batch under way. */
    bool busy;
    owed_t owed;
    translation_t *result;
    uint64_t seen_ns, published_ns;

    /* What the data plane made of the last one. */
    uint64_t version;
    bool applied; /* one of them was, on every worker */
    int code;
    uint32_t worker;
    bound_list_t *bound;
    refused_set_t refused;
    uint8_t taken[65536 / 8]; /* ports that others have */

    status_book_t statuses; /* as translation left them */
    status_book_t reported; /* Gateways' as they were reported */
    bool gateways_due;      /* what is to be reported of Gateways may have changed */
    told_ports_t told;
    bool draining;

    metric_set_t *metrics;
    snapshot_series_t *builds;
    controlplane_series_t *lags;
    object_series_t *kinds[KIND_COUNT];
    resource_series_t *types[XDS_TYPE_COUNT];
} translating_t;

static void init_metrics(translating_t *t)
{
    t->metrics = metric_set_new();
    t->builds = series_SNAPSHOT(t->metrics);
    t->lags = series_CONTROLPLANE(t->metrics);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        t->kinds[kind] =
            named_OBJECT(t->metrics, (slice_t[]){slice_of(kind_name((object_kind_t)kind))});
    for (int type = 0; type < XDS_TYPE_COUNT; type++)
        t->types[type] =
            named_RESOURCE(t->metrics, (slice_t[]){slice_of(xds_type_text((xds_type_t)type))});
}

/* What a translator that starts anew has lost, the store has; it sends all of it. */
static int translator_init(void *self, actor_t *me, const void *args)
{
    translating_t *t = self;
    const translator_args_t *a = args;
    t->snapshot = actor_lookup(me, "snapshot");
    list_init(&t->waiting);
    t->objects = store_new();
    t->translator = translator_new(&a->options);
    t->everything = true;
    init_metrics(t);
    t->store = actor_lookup(me, "store");
    if (t->store)
        send_OBJECTS_WANTED(me, t->store, NULL);
    return 0;
}

static void waiting_free(waiting_t *waiting)
{
    list_remove(&waiting->link);
    change_batch_free(waiting->batch);
    free(waiting);
}

static void translator_fini(void *self, actor_t *me)
{
    translating_t *t = self;
    (void)me;
    list_each (link, &t->waiting)
        waiting_free(GW_CONTAINER_OF(link, waiting_t, link));
    known_sources_clear(&t->sources);
    translation_free(t->result);
    translator_free(t->translator);
    store_free(t->objects);
    bound_list_free(t->bound);
    refused_set_clear(&t->refused);
    status_book_clear(&t->statuses);
    status_book_clear(&t->reported);
    told_ports_fini(&t->told);
    metric_set_free(t->metrics);
}

/* --- translation --- */

/* The conditions of Gateways wait for what the data plane says. */
static void take_status(translating_t *t, const status_update_t *status)
{
    status_update_t gone = {0};
    for (size_t i = 0; i < status->changed_count; i++) {
        if (status->changed[i]->object->kind == KIND_GATEWAY)
            t->gateways_due = true;
        else
            status_update_change(&t->result->status, status->changed[i]);
    }
    for (size_t i = 0; i < status->removed_count; i++) {
        status_update_remove(&gone, status->removed[i]);
        status_update_remove(&t->result->status, status->removed[i]);
    }
    status_book_update(&t->statuses, status);
    status_book_update(&t->reported, &gone);
    status_update_fini(&gone);
}

/* For a store that knows of no status. */
static void report_all(translating_t *t)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        const object_status_t *status = NULL;
        while (kind != KIND_GATEWAY &&
               (status = status_book_next(&t->statuses, (object_kind_t)kind, status)) != NULL)
            status_update_change(&t->result->status, status);
    }
    status_book_clear(&t->reported);
    t->gateways_due = true;
}

static void count_changes(translating_t *t, const store_change_t *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const store_change_t *change = &changes[i];
        object_series_t *series = t->kinds[(change->after ? change->after : change->before)->kind];
        if (!change->before)
            series->changes[METRIC_CHANGE_ADDED]++;
        else if (!change->after)
            series->changes[METRIC_CHANGE_REMOVED]++;
        else
            series->changes[METRIC_CHANGE_CHANGED]++;
    }
}

/* Objects that have a new version now, borrowed from the store. The caller frees the list. */
static const object_t **list_renewed(const store_change_t *changes, size_t count, size_t *ret_count)
{
    const object_t **renewed = xcalloc(count + 1, sizeof(*renewed));
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].before && changes[i].after)
            renewed[kept++] = changes[i].after;
    }
    *ret_count = kept;
    return renewed;
}

/* A status that says the same as before is not emitted, and the one that is kept holds an old
 * version of its object: the one about the new version takes its place. */
static void renew_statuses(translating_t *t, const object_t **renewed, size_t count)
{
    status_update_t same = {0};
    for (size_t i = 0; i < count; i++) {
        const object_status_t *kept = status_book_find(&t->statuses, renewed[i]);
        const object_status_t *now = translator_status(t->translator, renewed[i]);
        if (kept && now && kept->object != now->object)
            status_update_change(&same, now);
    }
    take_status(t, &same);
    status_update_fini(&same);
}

static void run(translating_t *t, const actor_t *me, xds_update_t *update)
{
    status_update_t status = {0};
    size_t ports, count, renewed_count;
    uint64_t before = actor_wall(me);
    const store_change_t *changes = store_changes(t->objects, &count);
    count_changes(t, changes, count);
    const object_t **renewed = list_renewed(changes, count, &renewed_count);
    translator_run(t->translator, t->objects, update, &status);
    uint64_t after = actor_wall(me);
    take_status(t, &status);
    status_update_fini(&status);
    renew_statuses(t, renewed, renewed_count);
    free(renewed);
    const port_mapping_t *list = translator_ports(t->translator, &ports);
    told_ports_update(&t->told, list, ports);
    t->builds->builds++;
    t->builds->published += !xds_update_empty(update);
    t->builds->last_build = (int64_t)after;
    latency_observe(&t->builds->duration, after > before ? after - before : 0);
}

/* --- what is reported back --- */

static void report_gateways(translating_t *t)
{
    outcome_t outcome = {
        .code = t->code, .worker = t->worker, .bound = t->bound, .refused = &t->refused};
    outcome.ports = translator_ports(t->translator, &outcome.port_count);
    status_update_t changed = {0};
    const object_status_t *status = NULL;
    while ((status = status_book_next(&t->statuses, KIND_GATEWAY, status)) != NULL) {
        object_status_t *now = programmed_status(status, &outcome);
        const object_status_t *said = status_book_find(&t->reported, now->object);
        if (!status_equal(said, now) || said->object != now->object) {
            status_update_change(&changed, now);
            status_update_change(&t->result->status, now);
        }
        status_unref(now);
    }
    status_book_update(&t->reported, &changed);
    status_update_fini(&changed);
    t->gateways_due = false;
}

static void begin_next(translating_t *t, actor_t *me);

static void finish(translating_t *t, actor_t *me)
{
    if (t->gateways_due)
        report_gateways(t);
    t->busy = false;
    reply_TRANSLATED(me, t->owed, &t->result);
    begin_next(t, me);
}

/* --- to the data plane and back --- */

/* Goes on with what translation has to say: to the data plane if there is something for it. */
static void publish(translating_t *t, actor_t *me)
{
    resources_t *resources = xcalloc(1, sizeof(*resources));
    run(t, me, &resources->update);
    if (t->everything) {
        xds_update_fini(&resources->update);
        translator_all(t->translator, &resources->update);
    } else if (xds_update_empty(&resources->update)) {
        resources_free(resources);
        finish(t, me);
        return;
    }
    resources->everything = t->everything;
    resources->version = ++t->version;
    resources->seen_ns = t->seen_ns;
    refused_set_forget(&t->refused, &resources->update);
    if (t->everything)
        refused_set_clear(&t->refused);
    t->everything = false;
    t->published_ns = actor_now(me);
    request_RESOURCES(me, t->snapshot, &resources, (uint64_t)APPLY_TIMEOUT_S * 1000000000, NULL);
}

static void take_batch(translating_t *t, const change_batch_t *batch)
{
    known_sources_begin(&t->sources);
    for (uint32_t i = 0; i < batch->count; i++) {
        const source_change_t *change = &batch->sources[i];
        known_sources_note(&t->sources, change->source, change->count > 0);
        store_replace_source(t->objects, slice_of(change->source), change->objects, change->count,
                             &t->result->problems);
    }
    const char *gone;
    while (batch->everything && (gone = known_sources_missing(&t->sources)) != NULL) {
        store_replace_source(t->objects, slice_of(gone), NULL, 0, NULL);
        known_sources_note(&t->sources, gone, false);
    }
}

static void begin(translating_t *t, actor_t *me, const change_batch_t *batch, owed_t owed)
{
    t->busy = true;
    t->owed = owed;
    t->seen_ns = batch->seen_ns;
    t->result = xcalloc(1, sizeof(*t->result));
    take_batch(t, batch);
    if (batch->everything)
        report_all(t);
    publish(t, me);
}

/* The resource of a port is named "tcp/PORT"; 0 for any other. */
static uint16_t port_of(const char *name)
{
    uint64_t port;
    slice_t text = slice_of(name);
    if (!slice_starts_with(text, SLICE("tcp/")) ||
        slice_to_u64(slice_sub(text, 4, text.len), &port) < 0 || port > UINT16_MAX)
        return 0;
    return (uint16_t)port;
}

/* True: somebody else has a port that was not known to be taken. */
static bool find_taken(translating_t *t)
{
    bool found = false;
    for (uint32_t i = 0; t->bound && i < t->bound->count; i++) {
        uint16_t port = port_of(t->bound->listeners[i].name);
        uint8_t bit = (uint8_t)(1u << (port % 8));
        if (t->bound->listeners[i].code != -EADDRINUSE || port == 0 || t->taken[port / 8] & bit)
            continue;
        t->taken[port / 8] |= bit;
        translator_take_port(t->translator, port);
        found = true;
    }
    return found;
}

static void count_result(translating_t *t, const actor_t *me)
{
    uint64_t lag = actor_now(me) - t->published_ns;
    bool refused = t->code < 0 || t->refused.count;
    latency_observe(refused ? &t->lags->nack_lag : &t->lags->ack_lag, lag);
    t->builds->build_failures += refused;
    t->builds->last_build_success = !refused;
}

static int on_applied(translating_t *t, actor_t *me, applied_t **body, const msg_t *m)
{
    applied_t *applied = *body;
    (void)m;
    t->code = applied->code;
    t->worker = applied->worker;
    t->applied = t->applied || applied->code == 0;
    if (applied->bound) {
        bound_list_free(t->bound);
        t->bound = applied->bound;
        applied->bound = NULL;
    }
    refused_set_add(&t->refused, &applied->rejects);
    t->gateways_due = true;
    count_result(t, me);
    if (find_taken(t))
        publish(t, me);
    else
        finish(t, me);
    return 0;
}

static int on_failed(translating_t *t, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)m;
    t->everything = true; /* nobody knows what became of what was sent */
    log_warn(translator, "RESOURCES-FAILED", "the resources were not taken",
             log_code("error", (*body)->code));
    if ((*body)->code == GW_ERESTART || (*body)->code == GW_EDEADLINE)
        publish(t, me);
    else
        finish(t, me);
    return 0;
}

/* --- batches --- */

static void begin_next(translating_t *t, actor_t *me)
{
    waiting_t *next = LIST_FIRST(&t->waiting, waiting_t, link);
    if (!next)
        return;
    list_remove(&next->link); /* it may be done within the call */
    begin(t, me, next->batch, next->owed);
    waiting_free(next);
}

static int on_translate(translating_t *t, actor_t *me, change_batch_t **body, const msg_t *m)
{
    t->store = m->src;
    if (!t->busy) {
        begin(t, me, *body, actor_keep(me, NULL));
        return 0;
    }
    waiting_t *waiting = xcalloc(1, sizeof(*waiting));
    waiting->batch = *body;
    *body = NULL;
    waiting->owed = actor_keep(me, NULL);
    list_append(&t->waiting, &waiting->link);
    return 0;
}

/* If a batch is under way, it fails and goes again; else the store is asked for one. */
static int on_resources_wanted(translating_t *t, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    t->snapshot = m->src;
    t->everything = true;
    if (!t->busy && t->store)
        send_OBJECTS_WANTED(me, t->store, NULL);
    return 0;
}

/* A store that has gone does not want its answer; what it sent takes effect all the same. */
static int on_canceled(translating_t *t, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)t;
    (void)me;
    (void)body;
    (void)m;
    return 0;
}

/* --- what can be seen --- */

static int on_drain(translating_t *t, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    t->draining = true;
    return 0;
}

static int on_collect(translating_t *t, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    t->lags->ready = t->applied && !t->draining;
    for (int kind = 0; kind < KIND_COUNT; kind++)
        t->kinds[kind]->count = (int64_t)store_count(t->objects, (object_kind_t)kind);
    for (int type = 0; type < XDS_TYPE_COUNT; type++)
        t->types[type]->count = (int64_t)translator_resource_count(t->translator, (xds_type_t)type);
    metric_set_t *part = metric_set_collect(t->metrics, actor_now(me));
    reply_METRICS_PART(me, OWED_CURRENT, &part);
    return 0;
}

static void translator_describe(void *self, actor_t *me, strbuf_t *json)
{
    const translating_t *t = self;
    size_t count;
    (void)me;
    const port_mapping_t *ports = translator_ports(t->translator, &count);
    strbuf_printf(json, "\"busy\":%s,\"version\":%llu,\"refused\":%zu,\"ports\":[",
                  t->busy ? "true" : "false", (unsigned long long)t->version, t->refused.count);
    for (size_t i = 0; i < count; i++)
        strbuf_printf(json, "%s{\"gateway\":\"%.*s/%.*s\",\"port\":%u,\"bound\":%u}", i ? "," : "",
                      SLICE_ARG(ports[i].namespace_), SLICE_ARG(ports[i].name), ports[i].port,
                      ports[i].bound);
    strbuf_add_char(json, ']');
}

HANDLER(translating_t, TRANSLATE, on_translate)
HANDLER(translating_t, APPLIED, on_applied)
HANDLER(translating_t, FAILED, on_failed)
HANDLER(translating_t, CANCELED, on_canceled)
HANDLER(translating_t, RESOURCES_WANTED, on_resources_wanted)
HANDLER(translating_t, DRAIN, on_drain)
HANDLER(translating_t, METRICS_COLLECT, on_collect)

static const actor_handler_t handlers[] = {
    ON(TRANSLATE),        ON(APPLIED), ON(FAILED),          ON(CANCELED),
    ON(RESOURCES_WANTED), ON(DRAIN),   ON(METRICS_COLLECT), ON_END};

const actor_class_t translator_class = {.name = "translator",
                                        .state_size = sizeof(translating_t),
                                        .init = translator_init,
                                        .fini = translator_fini,
                                        .describe = translator_describe,
                                        .handlers = handlers};
