#include "tests/flow/control_plane.h"

#include <errno.h>
#include <unistd.h>
#include <uv.h>

#include "actors/classes.h"
#include "actors/connection_msg.h"
#include "actors/file_watch_msg.h"
#include "actors/metrics_msg.h"
#include "actors/router_msg.h"
#include "actors/snapshot_msg.h"
#include "actors/store_msg.h"
#include "actors/translator_msg.h"
#include "core/host_msg.h"
#include "core/mem.h"

#include "tests/unit/test.h"

enum { WAIT_MS = 10000, POLL_US = 2000, WORKER_TIMEOUT_MS = 20000 };

/* Brought to the test's actor; what it points at is the test's again when `done` is posted. */
typedef struct question {
    const snapshot_t **snapshot; /* one of the two is wanted */
    char **status;
    uv_sem_t *done;
} question_t;

static void question_free(question_t *question)
{
    free(question);
}

#define ASKER_MESSAGES(X) X(QUESTION, question_t, question_free, "test -> asker: what is there?")
MSG_DECLARE(asker, 61, ASKER_MESSAGES)
MSG_DEFINE(asker, 61, ASKER_MESSAGES)

struct control_plane {
    runtime_t *runtime;
    uv_sem_t done;
    file_watch_args_t file_watch;
    snapshot_args_t snapshot;
    translator_args_t translator;
    uint16_t taken;
    child_spec_t children[9];
};

/* --- the asker --- */

typedef struct asker {
    question_t *question;
} asker_t;

static int on_question(asker_t *a, actor_t *me, question_t **body, const msg_t *m)
{
    (void)m;
    a->question = *body;
    *body = NULL;
    if (a->question->snapshot)
        request_SNAPSHOT_ASK(me, actor_lookup(me, "snapshot"), NULL, 0, NULL);
    else
        request_STATUS_ASK(me, actor_lookup(me, "store"), NULL, 0, NULL);
    return 0;
}

static void answered(asker_t *a)
{
    question_t *question = a->question;
    a->question = NULL;
    uv_sem_post(question->done);
    question_free(question);
}

static int on_view(asker_t *a, actor_t *me, snapshot_view_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    *a->question->snapshot = (*body)->snapshot;
    (*body)->snapshot = NULL;
    answered(a);
    return 0;
}

static int on_status(asker_t *a, actor_t *me, status_text_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    *a->question->status = (*body)->json;
    (*body)->json = NULL;
    answered(a);
    return 0;
}

/* Whoever was asked is being restarted: there is no answer now. */
static int on_failed(asker_t *a, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    answered(a);
    return 0;
}

HANDLER(asker_t, QUESTION, on_question)
HANDLER(asker_t, SNAPSHOT_VIEW, on_view)
HANDLER(asker_t, STATUS, on_status)
HANDLER(asker_t, FAILED, on_failed)
static const actor_handler_t asker_handlers[] = {ON(QUESTION), ON(SNAPSHOT_VIEW), ON(STATUS),
                                                 ON(FAILED), ON_END};
static const actor_class_t asker_class = {
    .name = "asker", .state_size = sizeof(asker_t), .handlers = asker_handlers};

/* --- the workers --- */

typedef struct fake_router {
    const snapshot_t *snapshot;
} fake_router_t;

static int on_routes(fake_router_t *r, actor_t *me, snapshot_t **body, const msg_t *m)
{
    (void)m;
    snapshot_unref(r->snapshot);
    r->snapshot = *body;
    *body = NULL;
    reply_ROUTES_APPLIED(me, OWED_CURRENT, NULL);
    return 0;
}

static void fake_router_fini(void *self, actor_t *me)
{
    (void)me;
    snapshot_unref(((fake_router_t *)self)->snapshot);
}

HANDLER(fake_router_t, ROUTES, on_routes)
static const actor_handler_t router_handlers[] = {ON(ROUTES), ON_END};
static const actor_class_t fake_router_class = {.name = "router",
                                                .state_size = sizeof(fake_router_t),
                                                .fini = fake_router_fini,
                                                .handlers = router_handlers};

typedef struct fake_listener {
    uint16_t taken;
} fake_listener_t;

static int fake_listener_init(void *self, actor_t *me, const void *args)
{
    (void)me;
    ((fake_listener_t *)self)->taken = *(const uint16_t *)args;
    return 0;
}

static int on_listeners(fake_listener_t *l, actor_t *me, snapshot_t **body, const msg_t *m)
{
    (void)m;
    uint32_t count;
    const snapshot_listener_t *listeners = snapshot_listeners(*body, &count);
    bound_list_t *list = xcalloc(1, sizeof(*list) + count * sizeof(list->listeners[0]));
    list->worker = actor_worker(me);
    for (uint32_t i = 0; i < count; i++) {
        const listener_t *listener = listeners[i].listener;
        bound_t *bound = &list->listeners[list->count++];
        snprintf(bound->name, sizeof(bound->name), "%s", listener->name.base);
        snprintf(bound->address, sizeof(bound->address), "%s", listener->address.text.base);
        bound->code = listener->address.port == l->taken ? -EADDRINUSE : 0;
    }
    reply_BOUND(me, OWED_CURRENT, &list);
    return 0;
}

HANDLER(fake_listener_t, LISTENERS, on_listeners)
static const actor_handler_t listener_handlers[] = {ON(LISTENERS), ON_END};
static const actor_class_t fake_listener_class = {.name = "listener",
                                                  .state_size = sizeof(fake_listener_t),
                                                  .init = fake_listener_init,
                                                  .handlers = listener_handlers};

/* Real listeners give what they accept to a connection actor; nobody connects here. */
static const actor_handler_t connection_handlers[] = {ON_END};
static const actor_class_t fake_connection_class = {
    .name = "connection", .state_size = 1, .handlers = connection_handlers};

/* --- the plane --- */

static runtime_t *make_runtime(uint32_t workers, bool real_listeners)
{
    static const msg_protocol_t *const protocols[] = {
        &asker_protocol,      &listener_protocol,   &router_protocol,
        &snapshot_protocol,   &store_protocol,      &metrics_protocol,
        &translator_protocol, &file_watch_protocol, &connection_protocol};
    runtime_t *runtime = runtime_new(&(runtime_options_t){
        .workers = workers, .batch = 256, .recorder_events = 4096, .watchdog_ms = 20000});
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        runtime_protocol(runtime, protocols[i]);
    runtime_register(runtime, "router", &fake_router_class);
    runtime_register(runtime, "connection", &fake_connection_class);
    runtime_register(runtime, "listener", real_listeners ? &listener_class : &fake_listener_class);
    runtime_register(runtime, "snapshot", &snapshot_class);
    runtime_register(runtime, "translator", &translator_class);
    runtime_register(runtime, "store", &store_class);
    runtime_register(runtime, "file_watch", &file_watch_class);
    runtime_register(runtime, "asker", &asker_class);
    return runtime;
}

control_plane_t *control_plane_start(const char *folder, uint32_t workers,
                                     const control_plane_options_t *options)
{
    control_plane_t *plane = xcalloc(1, sizeof(*plane));
    plane->taken = options->taken;
    plane->file_watch.folder = folder;
    plane->snapshot = (snapshot_args_t){.version = "test", .worker_timeout_ms = WORKER_TIMEOUT_MS};
    plane->translator.options = TRANSLATOR_OPTIONS_DEFAULT;
    plane->translator.options.allow_loopback = true;
    if (options->real_listeners) {
        plane->translator.options.address = "127.0.0.1";
        plane->translator.options.http_port = options->traffic;
    }
    const child_spec_t children[] = {{"router", CHILD_EACH_WORKER, NULL, 0},
                                     {"connection", CHILD_EACH_WORKER, NULL, 0},
                                     {"listener", CHILD_EACH_WORKER, &plane->taken, 0},
                                     {"snapshot", CHILD_CONTROL, &plane->snapshot, 0},
                                     {"translator", CHILD_CONTROL, &plane->translator, 0},
                                     {"store", CHILD_CONTROL, NULL, 0},
                                     {"file_watch", CHILD_CONTROL, &plane->file_watch, 0},
                                     {"asker", CHILD_CONTROL, NULL, 0},
                                     {NULL, CHILD_CONTROL, NULL, 0}};
    memcpy(plane->children, children, sizeof(children));
    uv_sem_init(&plane->done, 0);
    plane->runtime = make_runtime(workers, options->real_listeners);
    assert_int_equal(runtime_start(plane->runtime, plane->children, &(stop_policy_t){0}), 0);
    return plane;
}

void control_plane_stop(control_plane_t *plane)
{
    runtime_stop(plane->runtime);
    assert_int_equal(runtime_wait(plane->runtime), 0);
    runtime_free(plane->runtime);
    uv_sem_destroy(&plane->done);
    free(plane);
}

static void ask(control_plane_t *plane, const snapshot_t **snapshot, char **status)
{
    question_t *question = xcalloc(1, sizeof(*question));
    *question = (question_t){snapshot, status, &plane->done};
    runtime_post(plane->runtime, runtime_lookup(plane->runtime, "asker"), MSG_QUESTION, question);
    uv_sem_wait(&plane->done);
}

const snapshot_t *control_plane_snapshot(control_plane_t *plane)
{
    const snapshot_t *snapshot = NULL;
    ask(plane, &snapshot, NULL);
    return snapshot;
}

char *control_plane_status(control_plane_t *plane)
{
    char *status = NULL;
    ask(plane, NULL, &status);
    return status;
}

/* The name of the HTTPRoute that a request goes to; "" when there is none. */
static bool goes_to(const snapshot_t *snapshot, const char *listener, const char *path,
                    const char *route)
{
    const snapshot_listener_t *found =
        snapshot ? snapshot_find_listener(snapshot, slice_of(listener)) : NULL;
    if (!found)
        return false;
    const route_request_t request = {
        .method = SLICE("GET"), .host = SLICE("any.test"), .path = slice_of(path)};
    const route_t *match = route_match(found->routes, &request);
    return match ? slice_eq(match->info.name, slice_of(route)) : route[0] == '\0';
}

bool control_plane_wait(control_plane_t *plane, const char *listener, const char *path,
                        const char *route)
{
    for (int waited = 0; waited < WAIT_MS * 1000; waited += POLL_US) {
        const snapshot_t *snapshot = control_plane_snapshot(plane);
        bool there = goes_to(snapshot, listener, path, route);
        snapshot_unref(snapshot);
        if (there)
            return true;
        usleep(POLL_US);
    }
    return false;
}

/* A swap to the class that it has already. */
void control_plane_restart(control_plane_t *plane, uint32_t worker, const char *actor,
                           const actor_class_t *class)
{
    actor_pick_t *pick = xcalloc(1, sizeof(*pick));
    snprintf(pick->name, sizeof(pick->name), "%s", actor);
    pick->class = class;
    runtime_post(plane->runtime, host_ref(worker), MSG_SWAP, pick);
}
