/*
 * listener.c: the actor that owns the listening sockets of one worker. Each worker has a socket
 * of its own for every listener (SO_REUSEPORT), which lives as long as the listener does; what
 * it accepts goes to the connection actor of the same worker as ACCEPTED.
 */
#include <errno.h>
#include <limits.h>
#include <unistd.h>
#include <uv.h>

#include "actors/classes.h"
#include "actors/connection_msg.h"
#include "actors/listener_msg.h"
#include "actors/snapshot_msg.h"
#include "core/log.h"
#include "core/mem.h"

enum {
    ACCEPTS_PER_WAKE = 16 /* so that a flood of connections does not starve those that are open */
};

/* Without a descriptor left nothing can be accepted, and the socket stays readable: looking again
 * and again would take the whole worker. */
static const uint64_t EXHAUSTED_NS = 100000000;

/* One listening socket. Freed by libuv's close callback. */
typedef struct listening {
    uv_poll_t poll;
    struct acceptor *owner;
    struct listening *next;
    int fd; /* -1: not bound */
    int code;
    uint32_t id; /* dense id of the listener */
    net_address_t address;
    char name[256];
    slice_t label;             /* in the snapshot that the actor holds */
    listener_series_t *series; /* NULL: it has no name yet */
    metric_place_t place;
    bool wanted; /* by the snapshot being applied */
    uint64_t accepted;
} listening_t;

typedef struct acceptor {
    actor_t *me;
    actor_ref_t connection;
    listening_t *sockets;
    timer_ref_t resume;         /* accepting is paused until then */
    bool restarted;             /* the other workers have sockets on our ports already */
    const snapshot_t *snapshot; /* the latest, held; NULL: none yet */
    metric_set_t *metrics;
} acceptor_t;

static int listener_init(void *self, actor_t *me, const void *args)
{
    (void)args;
    acceptor_t *l = self;
    char name[32];
    l->me = me;
    snprintf(name, sizeof(name), "connection/%u", actor_worker(me));
    l->connection = actor_lookup(me, name);
    l->metrics = metric_set_new();
    /* After a restart the snapshot actor, which is there by then, knows the listeners. */
    actor_ref_t snapshot = actor_lookup(me, "snapshot");
    l->restarted = snapshot != 0;
    if (snapshot)
        send_LISTENERS_WANTED(me, snapshot, NULL);
    return l->connection ? 0 : GW_ENOACTOR;
}

/* --- accepting --- */

static void accept_one(listening_t *socket, int fd, const net_address_t *peer)
{
    actor_t *me = socket->owner->me;
    accepted_t *accepted = xcalloc(1, sizeof(*accepted));
    accepted->fd = fd;
    accepted->listener = socket->id;
    accepted->peer = *peer;
    socket->accepted++;
    send_ACCEPTED(me, socket->owner->connection, &accepted);
}

/* No descriptor or no memory is left; the connection waits in the queue meanwhile. */
static void pause_accepting(listening_t *socket)
{
    acceptor_t *l = socket->owner;
    socket->series->accept_errors++;
    uv_poll_stop(&socket->poll);
    if (!l->resume)
        l->resume = actor_timer_start(l->me, EXHAUSTED_NS, MSG_LISTENER_RESUME, NULL);
}

static void accept_some(listening_t *socket, int limit)
{
    for (int i = 0; i < limit; i++) {
        net_address_t peer = {0};
        socklen_t len = sizeof(peer);
        int fd = accept4(socket->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accept_one(socket, fd, &peer);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                pause_accepting(socket);
            return;
        }
    }
}

static void on_acceptable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    listening_t *socket = GW_CONTAINER_OF(poll, listening_t, poll);
    actor_enter(socket->owner->me);
    accept_some(socket, ACCEPTS_PER_WAKE);
    actor_leave(socket->owner->me);
}

/* --- opening and closing --- */

static void on_closed(uv_handle_t *handle)
{
    free(GW_CONTAINER_OF((uv_poll_t *)handle, listening_t, poll));
}

static void drop_series(listening_t *socket)
{
    if (socket->series)
        metric_set_drop(socket->owner->metrics, METRIC_GROUP_LISTENER, socket->place);
    socket->series = NULL;
}

/* What is in the queue was promised to clients already: it is accepted before the socket goes. */
static void close_socket(listening_t *socket)
{
    if (socket->fd < 0) {
        drop_series(socket);
        free(socket);
        return;
    }
    accept_some(socket, INT_MAX);
    drop_series(socket);
    uv_close((uv_handle_t *)&socket->poll, on_closed);
    close(socket->fd);
}

static void open_socket(listening_t *socket)
{
    actor_t *me = socket->owner->me;
    /* Only the first worker can find out whether somebody else has the port, and not when the
     * other workers listen on it. */
    bool probe = actor_worker(me) == 1 && !socket->owner->restarted;
    socket->code = net_listen(&socket->address, true, probe, &socket->fd);
    if (socket->code < 0) {
        socket->fd = -1;
        return;
    }
    if (uv_poll_init(actor_loop(me), &socket->poll, socket->fd) != 0) {
        close(socket->fd);
        socket->fd = -1;
        socket->code = -EMFILE;
        return;
    }
    uv_poll_start(&socket->poll, UV_READABLE, on_acceptable);
}

/* A socket is known by its address: a listener that only changes its name keeps it. */
static listening_t *find(acceptor_t *l, const net_address_t *address)
{
    for (listening_t *socket = l->sockets; socket; socket = socket->next) {
        if (net_equal(&socket->address, address))
            return socket;
    }
    return NULL;
}

static listening_t *add(acceptor_t *l, const net_address_t *address)
{
    listening_t *socket = xcalloc(1, sizeof(*socket));
    socket->owner = l;
    socket->address = *address;
    socket->fd = -1;
    socket->next = l->sockets;
    l->sockets = socket;
    return socket;
}

static void remove_unwanted(acceptor_t *l)
{
    for (listening_t **at = &l->sockets; *at;) {
        listening_t *socket = *at;
        if (socket->wanted) {
            at = &socket->next;
            continue;
        }
        *at = socket->next;
        close_socket(socket);
    }
}

/* --- messages --- */

/* `label` is the snapshot's that the actor will hold. */
static void relabel(listening_t *socket, slice_t label)
{
    bool same = socket->series && slice_eq(socket->label, label);
    socket->label = label;
    if (same)
        return;
    drop_series(socket);
    socket->series = hold_LISTENER(socket->owner->metrics, &label, &socket->place);
}

static void want(acceptor_t *l, const listener_t *wanted)
{
    net_address_t address = net_from(&wanted->address.socket.any);
    listening_t *socket = find(l, &address);
    if (!socket)
        socket = add(l, &address);
    socket->wanted = true;
    socket->id = wanted->series;
    snprintf(socket->name, sizeof(socket->name), "%s", wanted->name.base);
    relabel(socket, wanted->label);
    if (socket->fd < 0)
        open_socket(socket);
    socket->series->bound = socket->fd >= 0;
}

static bound_list_t *report(const acceptor_t *l)
{
    uint32_t count = 0;
    for (const listening_t *socket = l->sockets; socket; socket = socket->next)
        count++;
    bound_list_t *list = xcalloc(1, sizeof(*list) + count * sizeof(list->listeners[0]));
    list->worker = actor_worker(l->me);
    for (const listening_t *socket = l->sockets; socket; socket = socket->next) {
        bound_t *bound = &list->listeners[list->count++];
        char text[NET_TEXT_MAX];
        snprintf(bound->name, sizeof(bound->name), "%s", socket->name);
        snprintf(bound->address, sizeof(bound->address), "%.*s",
                 SLICE_ARG(net_text(&socket->address, text)));
        bound->code = socket->code;
    }
    return list;
}

/* The connection actor hears of a listener before it gets a client of it. */
static void pass_on(const acceptor_t *l, const snapshot_t *snapshot)
{
    snapshot_t *held = (snapshot_t *)(uintptr_t)snapshot_ref(snapshot);
    send_LISTENERS(l->me, l->connection, &held);
}

static int on_listeners(acceptor_t *l, actor_t *me, snapshot_t **body, const msg_t *m)
{
    (void)m;
    pass_on(l, *body);
    for (listening_t *socket = l->sockets; socket; socket = socket->next)
        socket->wanted = false;
    uint32_t count;
    const snapshot_listener_t *listeners = snapshot_listeners(*body, &count);
    for (uint32_t i = 0; i < count; i++)
        want(l, listeners[i].listener);
    remove_unwanted(l);
    snapshot_unref(l->snapshot);
    l->snapshot = *body;
    *body = NULL;
    l->restarted = false;
    bound_list_t *list = report(l);
    reply_BOUND(me, OWED_CURRENT, &list);
    return 0;
}

static int on_collect(acceptor_t *l, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    metric_set_t *part = metric_set_collect(l->metrics, actor_now(me));
    reply_METRICS_PART(me, OWED_CURRENT, &part);
    return 0;
}

static int on_resume(acceptor_t *l, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    l->resume = 0;
    for (listening_t *socket = l->sockets; socket; socket = socket->next) {
        if (socket->fd >= 0)
            uv_poll_start(&socket->poll, UV_READABLE, on_acceptable);
    }
    return 0;
}

static int on_stop(acceptor_t *l, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    for (listening_t *socket = l->sockets; socket; socket = socket->next)
        socket->wanted = false;
    remove_unwanted(l);
    actor_exit(me);
    return 0;
}

static void listener_fini(void *self, actor_t *me)
{
    (void)me;
    acceptor_t *l = self;
    for (listening_t *socket = l->sockets; socket; socket = socket->next)
        socket->wanted = false;
    if (l->me)
        remove_unwanted(l);
    snapshot_unref(l->snapshot);
    metric_set_free(l->metrics);
}

static void listener_describe(void *self, actor_t *me, strbuf_t *json)
{
    const acceptor_t *l = self;
    const char *comma = "";
    (void)me;
    strbuf_add_text(json, "\"sockets\":[");
    for (const listening_t *socket = l->sockets; socket; socket = socket->next, comma = ",") {
        char text[NET_TEXT_MAX];
        strbuf_printf(json, "%s{\"listener\":", comma);
        strbuf_add_json(json, slice_of(socket->name));
        strbuf_printf(json, ",\"address\":\"%.*s\",\"bound\":%s,\"accepted\":%llu}",
                      SLICE_ARG(net_text(&socket->address, text)),
                      socket->fd >= 0 ? "true" : "false", (unsigned long long)socket->accepted);
    }
    strbuf_add_char(json, ']');
}

HANDLER(acceptor_t, LISTENERS, on_listeners)
HANDLER(acceptor_t, METRICS_COLLECT, on_collect)
HANDLER(acceptor_t, LISTENER_RESUME, on_resume)
HANDLER(acceptor_t, STOP, on_stop)

static const actor_handler_t handlers[] = {ON(LISTENERS), ON(METRICS_COLLECT), ON(LISTENER_RESUME),
                                           ON(STOP), ON_END};

const actor_class_t listener_class = {.name = "listener",
                                      .state_size = sizeof(acceptor_t),
                                      .init = listener_init,
                                      .fini = listener_fini,
                                      .describe = listener_describe,
                                      .handlers = handlers};
