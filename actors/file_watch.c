/*
 * file_watch.c: the actor that reads the manifests of a folder and follows its changes. It reads
 * a few files for each message to itself, so that the control worker stays responsive while
 * thousands are read, and reports them to the store in batches. A folder that vanishes changes
 * nothing: what was read last stays, until it is back.
 */
#include "actors/file_watch_msg.h"

#include <errno.h>
#include <limits.h>

#include "actors/classes.h"
#include "actors/file_watch_read.h"
#include "actors/file_watch_tree.h"
#include "actors/store_msg.h"
#include "core/log.h"
#include "core/mem.h"

enum {
    BATCH_FILES = 64,      /* read for one message */
    BATCH_BYTES = 1 << 20, /* the same; one file may go beyond */
    FILE_BYTES_MAX = 16 << 20,
    PUMPS = 16, /* for one message: some thousands of events */
    LOOK_MS = 1000
};

typedef struct file_watch {
    const file_watch_args_t *args;
    actor_ref_t store;
    file_tree_t *tree;
    uint64_t seed;       /* of the hashes of contents */
    bool present, ready; /* the folder is there; it was read once */
    bool reading;        /* FOLDER_READ is on its way */
    uint64_t started_ns; /* wall clock: when reading a whole folder began */
    uint64_t files_read;
    uint64_t round; /* of reporting everything: one for each time that somebody knew nothing */
    actor_t *me;
} file_watch_t;

/* A file that was read but not yet parsed. */
typedef struct reading {
    tree_file_t *file;
    int code, number; /* of manifest_read */
    strbuf_t text;
} reading_t;

static void on_readable(void *owner)
{
    file_watch_t *w = owner;
    send_FOLDER_CHANGED(w->me, actor_self(w->me), NULL);
}

static void go_on_reading(file_watch_t *w, actor_t *me)
{
    if (w->reading || !w->present || (file_tree_due(w->tree) == 0 && w->ready))
        return;
    w->reading = true;
    send_FOLDER_READ(me, actor_self(me), NULL);
}

static void look_later(actor_t *me)
{
    actor_timer_start(me, (uint64_t)LOOK_MS * 1000000, MSG_FOLDER_LOOK, NULL);
}

static int file_watch_init(void *self, actor_t *me, const void *args)
{
    file_watch_t *w = self;
    w->args = args;
    w->me = me;
    w->seed = actor_random(me);
    w->round = actor_random(me) | 1;
    w->started_ns = actor_wall(me);
    w->store = actor_lookup(me, "store");
    int rc = file_tree_open(me, w->args->folder, on_readable, w, &w->tree);
    if (rc < 0) {
        log_error(file_watch, "FOLDER-WATCH-FAILED", "changes of the folder cannot be watched",
                  log_text("folder", w->args->folder), log_errno("reason", -rc));
        return GW_EIO;
    }
    w->present = file_tree_check(w->tree);
    look_later(me);
    go_on_reading(w, me);
    return 0;
}

static void file_watch_fini(void *self, actor_t *me)
{
    file_watch_t *w = self;
    (void)me;
    file_tree_close(w->tree);
    w->tree = NULL;
}

/* --- is the folder there --- */

static bool look(file_watch_t *w)
{
    bool present = file_tree_check(w->tree);
    if (w->present && !present)
        log_warn(file_watch, "FOLDER-GONE", "the folder is gone; what it held stays in use",
                 log_text("folder", w->args->folder));
    if (!w->present && present)
        log_info(file_watch, "FOLDER-BACK", "the folder is back",
                 log_text("folder", w->args->folder));
    w->present = present;
    return present;
}

static int on_look(file_watch_t *w, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    look(w);
    look_later(me);
    go_on_reading(w, me);
    return 0;
}

/* --- events --- */

/* True: there is more to come. */
static bool pump(file_watch_t *w)
{
    bool more = true;
    for (int i = 0; i < PUMPS && more; i++)
        more = file_tree_pump(w->tree);
    return more;
}

static int on_changed(file_watch_t *w, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (pump(w))
        send_FOLDER_CHANGED(me, actor_self(me), NULL);
    if (actor_trace(me) == 0)
        actor_set_trace(me, actor_random(me) | 1); /* the flow of this change begins */
    look(w);
    go_on_reading(w, me);
    return 0;
}

/* --- reading --- */

static uint32_t read_some(file_watch_t *w, reading_t *readings)
{
    uint32_t count = 0;
    size_t bytes = 0;
    char path[PATH_MAX];
    tree_file_t *file;
    while (count < BATCH_FILES && bytes < BATCH_BYTES && (file = file_tree_next(w->tree))) {
        reading_t *reading = &readings[count++];
        *reading = (reading_t){.file = file, .code = GW_EIO, .number = ENAMETOOLONG};
        if (file_tree_path(w->tree, file, path, sizeof(path)))
            reading->code = manifest_read(path, FILE_BYTES_MAX, &reading->text, &reading->number);
        bytes += reading->text.len;
    }
    return count;
}

static void unreadable(const reading_t *reading, manifest_file_t *to)
{
    char reason[128];
    if (reading->code == GW_ELIMIT)
        snprintf(reason, sizeof(reason), "is longer than %u MiB", FILE_BYTES_MAX >> 20);
    else
        snprintf(reason, sizeof(reason), "cannot be read: %s", strerrordesc_np(reading->number));
    to->broken = true;
    problems_add(&to->manifest.problems,
                 &(problem_t){.file = slice_of(to->source), .reason = slice_of(reason)});
}

static void report_content(file_watch_t *w, const reading_t *reading, manifest_batch_t *batch)
{
    tree_file_t *file = reading->file;
    slice_t text = strbuf_slice(&reading->text);
    uint64_t content = reading->code == 0 ? slice_hash(text, w->seed) | 1 : 0;
    if (file->reported == w->round && content && content == file->content)
        return;
    manifest_file_t *to = &batch->files[batch->count++];
    to->source = xstrdup(file->path);
    if (reading->code < 0)
        unreadable(reading, to);
    else
        to->broken = manifest_parse(slice_of(to->source), text, &to->manifest) < 0;
    file->reported = w->round;
    file->content = content;
    w->files_read++;
}

static void report_gone(file_watch_t *w, tree_file_t *file, manifest_batch_t *batch)
{
    if (file->reported == w->round) {
        manifest_file_t *to = &batch->files[batch->count++];
        to->source = xstrdup(file->path);
        to->gone = true;
    }
    file_tree_forget(w->tree, file);
}

/* What somebody has begun to change since is not looked at: it may be half of it. */
static void report(file_watch_t *w, const reading_t *reading, manifest_batch_t *batch)
{
    tree_file_t *file = reading->file;
    if (!file_tree_settled(file))
        return;
    if (file->seen_ns && (batch->seen_ns == 0 || file->seen_ns < batch->seen_ns))
        batch->seen_ns = file->seen_ns;
    if (reading->code == GW_ENOTFOUND)
        report_gone(w, file, batch);
    else
        report_content(w, reading, batch);
}

static void put_all_back(file_watch_t *w, const reading_t *readings, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        file_tree_put_back(w->tree, readings[i].file);
}

static void hand_over(file_watch_t *w, actor_t *me, manifest_batch_t *batch)
{
    batch->round = w->round;
    batch->complete = file_tree_due(w->tree) == 0;
    bool first = batch->complete && !w->ready;
    if (first) {
        w->ready = true;
        log_info(file_watch, "FOLDER-READ", "the folder has been read",
                 log_text("folder", w->args->folder), log_u64("files", file_tree_count(w->tree)),
                 log_seconds("seconds", actor_wall(me) - w->started_ns));
    }
    if (batch->count > 0 || first)
        send_MANIFESTS(me, w->store, &batch);
    else
        manifest_batch_free(batch);
}

static int on_read(file_watch_t *w, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    reading_t readings[BATCH_FILES];
    w->reading = false;
    uint32_t count = read_some(w, readings);
    pump(w);
    if (look(w)) {
        manifest_batch_t *batch = manifest_batch_new(count);
        for (uint32_t i = 0; i < count; i++)
            report(w, &readings[i], batch);
        hand_over(w, me, batch);
    } else {
        put_all_back(w, readings, count);
    }
    for (uint32_t i = 0; i < count; i++)
        strbuf_fini(&readings[i].text);
    go_on_reading(w, me);
    return 0;
}

static int on_files_wanted(file_watch_t *w, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    w->store = m->src;
    w->round += 2;
    w->ready = false;
    w->started_ns = actor_wall(me);
    file_tree_restart(w->tree);
    go_on_reading(w, me);
    return 0;
}

static void file_watch_describe(void *self, actor_t *me, strbuf_t *json)
{
    const file_watch_t *w = self;
    (void)me;
    strbuf_add_text(json, "\"folder\":");
    strbuf_add_json(json, slice_of(w->args->folder));
    strbuf_printf(json, ",\"present\":%s,\"read\":%s,\"files\":%zu,\"due\":%zu,\"filesRead\":%llu",
                  w->present ? "true" : "false", w->ready ? "true" : "false",
                  file_tree_count(w->tree), file_tree_due(w->tree),
                  (unsigned long long)w->files_read);
}

HANDLER(file_watch_t, FOLDER_CHANGED, on_changed)
HANDLER(file_watch_t, FOLDER_READ, on_read)
HANDLER(file_watch_t, FOLDER_LOOK, on_look)
HANDLER(file_watch_t, FILES_WANTED, on_files_wanted)

static const actor_handler_t handlers[] = {ON(FOLDER_CHANGED), ON(FOLDER_READ), ON(FOLDER_LOOK),
                                           ON(FILES_WANTED), ON_END};

const actor_class_t file_watch_class = {.name = "file_watch",
                                        .state_size = sizeof(file_watch_t),
                                        .init = file_watch_init,
                                        .fini = file_watch_fini,
                                        .describe = file_watch_describe,
                                        .handlers = handlers};
