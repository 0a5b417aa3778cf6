#include "tests/flow/data_plane.h"

#include <poll.h>
#include <unistd.h>
#include <uv.h>

#include "actors/classes.h"
#include "actors/connection.h"
#include "actors/connection_msg.h"
#include "actors/listener_msg.h"
#include "actors/metrics_msg.h"
#include "actors/router_msg.h"
#include "actors/upstream.h"
#include "core/mem.h"
#include "transport/net.h"
#include "xds/snapshot_builder.h"

#include "tests/unit/test.h"

enum { WAIT_MS = 5000 };

/* Brought to the test actor; everything in it is the test's until `done` is posted. */
typedef struct change {
    const snapshot_t *snapshot;
    uv_sem_t *done;
} change_t;
static void change_free(change_t *change)
{
    if (change)
        snapshot_unref(change->snapshot);
    free(change);
}

#define CONTROL_MESSAGES(X) X(CHANGE, change_t, change_free, "test -> control: bring this out")
MSG_DECLARE(control, 60, CONTROL_MESSAGES)
MSG_DEFINE(control, 60, CONTROL_MESSAGES)

typedef struct control {
    change_t *change;
    uint32_t waiting;
} control_t;

struct data_plane {
    runtime_t *runtime;
    snapshot_builder_t *builder;
    uint32_t workers;
    uv_sem_t done;
};

/* --- the control actor --- */

static actor_ref_t on_worker(actor_t *me, const char *role, uint32_t worker)
{
    char name[32];
    snprintf(name, sizeof(name), "%s/%u", role, worker);
    return actor_lookup(me, name);
}

static int on_change(control_t *c, actor_t *me, change_t **body, const msg_t *m)
{
    (void)m;
    c->change = *body;
    *body = NULL;
    for (uint32_t w = 1; w < actor_worker_count(me); w++, c->waiting++) {
        snapshot_t *snapshot = (snapshot_t *)(uintptr_t)snapshot_ref(c->change->snapshot);
        request_ROUTES(me, on_worker(me, "router", w), &snapshot, 0, NULL);
    }
    return 0;
}

static int on_applied(control_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (--c->waiting > 0)
        return 0;
    snapshot_t *snapshot = (snapshot_t *)(uintptr_t)snapshot_ref(c->change->snapshot);
    c->waiting = 1;
    request_LISTENERS(me, on_worker(me, "listener", 1), &snapshot, 0, NULL);
    return 0;
}

static int on_bound(control_t *c, actor_t *me, bound_list_t **body, const msg_t *m)
{
    (void)m;
    for (uint32_t i = 0; i < (*body)->count; i++)
        assert_int_equal((*body)->listeners[i].code, 0);
    uint32_t next = (*body)->worker + 1; /* one after the other: the first one probes the port */
    if (next < actor_worker_count(me)) {
        snapshot_t *snapshot = (snapshot_t *)(uintptr_t)snapshot_ref(c->change->snapshot);
        request_LISTENERS(me, on_worker(me, "listener", next), &snapshot, 0, NULL);
        return 0;
    }
    uv_sem_post(c->change->done);
    change_free(c->change);
    c->change = NULL;
    c->waiting = 0;
    return 0;
}

HANDLER(control_t, CHANGE, on_change)
HANDLER(control_t, ROUTES_APPLIED, on_applied)
HANDLER(control_t, BOUND, on_bound)
static const actor_handler_t handlers[] = {ON(CHANGE), ON(ROUTES_APPLIED), ON(BOUND), ON_END};
static const actor_class_t control_class = {
    .name = "control", .state_size = sizeof(control_t), .handlers = handlers};

/* --- the plane --- */

static const connection_args_t connection_args = {.limits = HTTP1_LIMITS_DEFAULT,
                                                  .connections_max = 10000,
                                                  .header_timeout_ms = 2000,
                                                  .idle_timeout_ms = 10000,
                                                  .body_timeout_ms = 5000,
                                                  .write_timeout_ms = 5000,
                                                  .request_timeout_ms = 20000,
                                                  .series_max = 100};
static const router_args_t router_args = {.connections_max = 1000,
                                          .series_max = 100,
                                          .pending_max = 1000,
                                          .connect_timeout_ms = 2000,
                                          .idle_timeout_ms = 5000,
                                          .response_idle_ms = 5000,
                                          .pool_max = 64,
                                          .response_head_bytes = 65536,
                                          .response_field_count = 200};

data_plane_t *data_plane_new(uint32_t workers)
{
    data_plane_t *plane = xcalloc(1, sizeof(*plane));
    plane->workers = workers;
    plane->builder = snapshot_builder_new(1);
    uv_sem_init(&plane->done, 0);
    plane->runtime = runtime_new(&(runtime_options_t){
        .workers = workers, .batch = 256, .recorder_events = 4096, .watchdog_ms = 5000});
    const msg_protocol_t *const protocols[] = {&control_protocol,    &listener_protocol,
                                               &connection_protocol, &router_protocol,
                                               &upstream_protocol,   &metrics_protocol};
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        runtime_protocol(plane->runtime, protocols[i]);
    runtime_register(plane->runtime, "control", &control_class);
    runtime_register(plane->runtime, "router", &router_class);
    runtime_register(plane->runtime, "upstream", &upstream_class);
    runtime_register(plane->runtime, "connection", &connection_class);
    runtime_register(plane->runtime, "listener", &listener_class);
    return plane;
}

runtime_t *data_plane_runtime(data_plane_t *plane)
{
    return plane->runtime;
}

void data_plane_change(data_plane_t *plane, const xds_update_t *update)
{
    xds_rejects_t rejects = {0};
    change_t *change = xcalloc(1, sizeof(*change));
    change->snapshot = snapshot_builder_apply(plane->builder, update, &rejects);
    change->done = &plane->done;
    for (size_t i = 0; i < rejects.count; i++)
        print_error("%.*s: %.*s\n", SLICE_ARG(rejects.at[i].field),
                    SLICE_ARG(rejects.at[i].reason));
    assert_int_equal(rejects.count, 0);
    xds_rejects_fini(&rejects);
    runtime_post(plane->runtime, runtime_lookup(plane->runtime, "control"), MSG_CHANGE, change);
    uv_sem_wait(&plane->done);
}

void data_plane_start(data_plane_t *plane, const xds_update_t *update)
{
    static const child_spec_t children[] = {
        {"router", CHILD_EACH_WORKER, (void *)&router_args, 0},
        {"connection", CHILD_EACH_WORKER, (void *)&connection_args, 2000},
        {"listener", CHILD_EACH_WORKER, NULL, 0},
        {"control", CHILD_CONTROL, NULL, 0},
        {NULL, CHILD_CONTROL, NULL, 0}};
    assert_int_equal(runtime_start(plane->runtime, children, &(stop_policy_t){0}), 0);
    data_plane_change(plane, update);
}

void data_plane_stop(data_plane_t *plane)
{
    runtime_stop(plane->runtime);
    assert_int_equal(runtime_wait(plane->runtime), 0);
    runtime_free(plane->runtime);
    snapshot_builder_free(plane->builder);
    uv_sem_destroy(&plane->done);
    free(plane);
}

/* --- clients --- */

uint16_t free_port(void)
{
    net_address_t address;
    int fd;
    assert_int_equal(net_parse(SLICE("127.0.0.1"), 0, &address), 0);
    assert_int_equal(net_listen(&address, false, false, &fd), 0);
    socklen_t len = sizeof(address);
    assert_int_equal(getsockname(fd, &address.any, &len), 0);
    close(fd);
    return net_port(&address);
}

char *exchange_bytes(uint16_t port, const char *request, const char *until)
{
    net_address_t address;
    strbuf_t answer = {0};
    net_parse(SLICE("127.0.0.1"), port, &address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, &address.any, net_len(&address)), 0);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    while (poll(&poller, 1, WAIT_MS) > 0) {
        char *to = strbuf_room(&answer, 4096);
        ssize_t n = read(fd, to, 4095);
        if (n <= 0)
            break;
        answer.len += (size_t)n;
        *strbuf_room(&answer, 1) = '\0';
        if (until && strstr(answer.base, until))
            break;
    }
    close(fd);
    return strbuf_take(&answer);
}
