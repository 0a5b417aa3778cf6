/*
 * store.c: the actor that knows the objects of every file and what has been said about them. It
 * hands changes to the translator at once when that is idle; what changes while a translation is
 * under way gathers and goes as one batch after it. Nothing goes before the folder has been read
 * whole: half of a configuration would be a wrong one.
 */
#include "actors/store_msg.h"

#include "actors/classes.h"
#include "actors/file_watch_msg.h"
#include "actors/metrics_msg.h"
#include "actors/store_counts.h"
#include "actors/store_json.h"
#include "actors/translator_msg.h"
#include "core/log.h"
#include "core/mem.h"

enum {
    LOGGED_MAX = 20,          /* problems of one file that are logged */
    TRANSLATE_TIMEOUT_S = 60, /* the translator answers long before */
};

typedef struct store {
    actor_ref_t translator;
    source_t *sources; /* by name */
    list_t pending;    /* sources that the translator has not been told of */
    list_t sent;       /* those of the batch that is under way */
    uint32_t pending_count;
    uint64_t seen_ns; /* the first change that is pending; 0: unknown */
    bool complete;    /* the folder has been read */
    uint64_t round;   /* of the last report of all files */
    bool told;        /* the translator knows everything but what is pending */
    bool translating; /* a batch is under way */
    uint64_t batches;
    status_book_t book;
    metric_set_t *metrics;
    controlplane_series_t *counters;
    store_counts_t counts;
} store_actor_t;

/* A store that starts anew has everything read again. */
static int store_init(void *self, actor_t *me, const void *args)
{
    store_actor_t *s = self;
    (void)args;
    list_init(&s->pending);
    list_init(&s->sent);
    s->metrics = metric_set_new();
    s->counters = series_CONTROLPLANE(s->metrics);
    s->translator = actor_lookup(me, "translator");
    actor_ref_t file_watch = actor_lookup(me, "file_watch");
    if (file_watch)
        send_FILES_WANTED(me, file_watch, NULL);
    return 0;
}

static void store_fini(void *self, actor_t *me)
{
    store_actor_t *s = self;
    source_t *source, *next;
    (void)me;
    HASH_ITER (hh, s->sources, source, next) {
        HASH_DEL(s->sources, source);
        source_free(source);
    }
    status_book_clear(&s->book);
    metric_set_free(s->metrics);
}

/* --- files --- */

static source_t *source_for(store_actor_t *s, const char *name)
{
    source_t *source = NULL;
    HASH_FIND_STR(s->sources, name, source);
    if (source)
        return source;
    source = source_new(name);
    HASH_ADD_STR(s->sources, name, source);
    return source;
}

static void drop_source(store_actor_t *s, source_t *source)
{
    HASH_DEL(s->sources, source);
    source_free(source);
}

static void mark_pending(store_actor_t *s, source_t *source)
{
    if (!list_empty(&source->pending))
        return;
    list_append(&s->pending, &source->pending);
    s->pending_count++;
}

static void log_problem(const problem_t *problem)
{
    log_warn(store, "MANIFEST-REJECTED",
             "a manifest is wrong there; what it held before stays, and so does everything else",
             log_str("file", problem->file), log_u64("line", problem->line),
             log_str("object", problem->object), log_str("field", problem->field),
             log_str("reason", problem->reason));
}

static void log_source(const source_t *source, size_t problems_before)
{
    for (size_t i = 0; i < source->problems.count && i < LOGGED_MAX; i++)
        log_problem(&source->problems.at[i]);
    if (source->problems.count > LOGGED_MAX)
        log_warn(store, "MANIFEST-REJECTED-MORE", "the file has further problems",
                 log_text("file", source->name),
                 log_u64("count", source->problems.count - LOGGED_MAX));
    for (size_t i = 0; i < source->notes.count && i < LOGGED_MAX; i++)
        log_info(store, "MANIFEST-PASSED-OVER", "an object is of a kind that is not read",
                 log_str("file", source->notes.at[i].file),
                 log_u64("line", source->notes.at[i].line),
                 log_str("object", source->notes.at[i].object));
    if (problems_before > 0 && source->problems.count == 0)
        log_info(store, "MANIFEST-MENDED", "nothing is wrong with the file any more",
                 log_text("file", source->name));
}

static void take_file(store_actor_t *s, manifest_file_t *file, uint64_t round)
{
    source_t *source = source_for(s, file->source);
    source->round = round;
    size_t problems_before = source->problems.count;
    s->counters->file_reloads += !file->gone;
    s->counters->file_errors += file->manifest.problems.count > 0;
    if (source_take(source, file))
        mark_pending(s, source);
    log_source(source, problems_before);
}

/* A full report has ended: what it did not name is gone. */
static void drop_unnamed(store_actor_t *s, uint64_t round)
{
    source_t *source, *next;
    if (s->round == round)
        return;
    s->round = round;
    HASH_ITER (hh, s->sources, source, next) {
        manifest_file_t gone = {.source = source->name, .gone = true};
        if (source->round != round && source_take(source, &gone))
            mark_pending(s, source);
    }
}

/* --- translation --- */

static change_batch_t *gather(store_actor_t *s)
{
    change_batch_t *batch = change_batch_new(s->pending_count);
    batch->seen_ns = s->seen_ns;
    batch->everything = !s->told;
    list_each (link, &s->pending) {
        source_t *source = GW_CONTAINER_OF(link, source_t, pending);
        list_remove(link);
        list_append(&s->sent, &source->sent);
        change_batch_add(batch, source->name, source->objects, source->count);
    }
    s->pending_count = 0;
    s->seen_ns = 0;
    return batch;
}

static void translate(store_actor_t *s, actor_t *me)
{
    if (s->translating || !s->complete || (s->pending_count == 0 && s->told))
        return;
    change_batch_t *batch = gather(s);
    s->translating = true;
    s->told = true;
    s->batches++;
    request_TRANSLATE(me, s->translator, &batch, (uint64_t)TRANSLATE_TIMEOUT_S * 1000000000, NULL);
}

static int on_manifests(store_actor_t *s, actor_t *me, manifest_batch_t **body, const msg_t *m)
{
    manifest_batch_t *batch = *body;
    (void)m;
    for (uint32_t i = 0; i < batch->count; i++)
        take_file(s, &batch->files[i], batch->round);
    if (batch->complete)
        drop_unnamed(s, batch->round);
    if (batch->count > 0)
        s->counters->last_change = (int64_t)actor_wall(me);
    if (batch->seen_ns && (s->seen_ns == 0 || batch->seen_ns < s->seen_ns))
        s->seen_ns = batch->seen_ns;
    s->complete = s->complete || batch->complete;
    translate(s, me);
    return 0;
}

/* A file that is gone is remembered until the translator knows it. */
static void end_batch(store_actor_t *s, bool done)
{
    s->translating = false;
    list_each (link, &s->sent) {
        source_t *source = GW_CONTAINER_OF(link, source_t, sent);
        list_remove(link);
        if (done && source->gone && list_empty(&source->pending))
            drop_source(s, source);
    }
}

static int on_translated(store_actor_t *s, actor_t *me, translation_t **body, const msg_t *m)
{
    (void)m;
    end_batch(s, true);
    status_book_update(&s->book, &(*body)->status);
    for (size_t i = 0; i < (*body)->problems.count && i < LOGGED_MAX; i++)
        log_problem(&(*body)->problems.at[i]);
    translate(s, me);
    return 0;
}

static void send_everything(store_actor_t *s, actor_t *me)
{
    source_t *source, *next;
    HASH_ITER (hh, s->sources, source, next)
        mark_pending(s, source);
    s->told = false;
    translate(s, me);
}

/* The batch may be lost, so all of it goes again. */
static int on_failed(store_actor_t *s, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)m;
    if ((*body)->type != MSG_TRANSLATE)
        return 0;
    log_warn(store, "TRANSLATION-FAILED",
             "the translator did not answer; all objects are sent again",
             log_code("error", (*body)->code));
    end_batch(s, false);
    send_everything(s, me);
    return 0;
}

static int on_objects_wanted(store_actor_t *s, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    s->translator = m->src;
    send_everything(s, me);
    return 0;
}

/* --- what can be seen --- */

static int on_status_ask(store_actor_t *s, actor_t *me, msg_none_t **body, const msg_t *m)
{
    strbuf_t json = {0};
    (void)body;
    (void)m;
    store_json_write(s->sources, &s->book, &json);
    status_text_t *text = xcalloc(1, sizeof(*text));
    text->len = json.len;
    text->json = strbuf_take(&json);
    reply_STATUS(me, OWED_CURRENT, &text);
    return 0;
}

static int on_collect(store_actor_t *s, actor_t *me, msg_none_t **body, const msg_t *m)
{
    const source_t *source, *next;
    (void)body;
    (void)m;
    s->counters->files = s->counters->files_broken = 0;
    HASH_ITER (hh, s->sources, source, next) {
        s->counters->files += !source->gone;
        s->counters->files_broken += source->problems.count > 0;
    }
    store_counts_conditions(&s->counts, &s->book, s->metrics);
    metric_set_t *part = metric_set_collect(s->metrics, actor_now(me));
    reply_METRICS_PART(me, OWED_CURRENT, &part);
    return 0;
}

static void store_describe(void *self, actor_t *me, strbuf_t *json)
{
    const store_actor_t *s = self;
    (void)me;
    strbuf_printf(json,
                  "\"files\":%u,\"complete\":%s,\"translating\":%s,\"pending\":%u,"
                  "\"batches\":%llu",
                  HASH_COUNT(s->sources), s->complete ? "true" : "false",
                  s->translating ? "true" : "false", s->pending_count,
                  (unsigned long long)s->batches);
}

HANDLER(store_actor_t, MANIFESTS, on_manifests)
HANDLER(store_actor_t, OBJECTS_WANTED, on_objects_wanted)
HANDLER(store_actor_t, STATUS_ASK, on_status_ask)
HANDLER(store_actor_t, TRANSLATED, on_translated)
HANDLER(store_actor_t, FAILED, on_failed)
HANDLER(store_actor_t, METRICS_COLLECT, on_collect)

static const actor_handler_t handlers[] = {ON(MANIFESTS),  ON(OBJECTS_WANTED), ON(STATUS_ASK),
                                           ON(TRANSLATED), ON(FAILED),         ON(METRICS_COLLECT),
                                           ON_END};

const actor_class_t store_class = {.name = "store",
                                   .state_size = sizeof(store_actor_t),
                                   .init = store_init,
                                   .fini = store_fini,
                                   .describe = store_describe,
                                   .handlers = handlers};
