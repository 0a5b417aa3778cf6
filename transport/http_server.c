#include "transport/http_server.h"

#include <errno.h>
#include <unistd.h>
#include <uv.h>

#include "core/list.h"
#include "core/mem.h"
#include "transport/http1.h"
#include "transport/http1_body.h"
#include "transport/http1_write.h"
#include "transport/tcp.h"

enum {
    CLIENTS_MAX = 128,
    BODY_MAX = 65536,
    IDLE_MS = 30000, /* without a byte in either direction */
    SWEEP_MS = 1000
};

typedef struct server_client {
    list_t link;
    http_server_t *server;
    tcp_t *tcp;
    net_address_t peer;
    strbuf_t in, out;
    size_t out_at;
    http1_scan_t scan;
    http_call_t *call; /* being read, or being answered */
    uint64_t active_ms;
    bool answering; /* the call is with the owner */
    bool close;     /* after what is in `out` */
} server_client_t;

struct http_call {
    server_client_t *client; /* NULL: it has gone */
    arena_t arena;
    http_request_head_t head;
    http1_body_t body;
    strbuf_t received;
    net_address_t peer;
};

struct http_server {
    actor_t *me;
    http_serve_fn serve;
    void *owner;
    net_address_t address;
    int fd;
    uv_poll_t poll;
    uv_timer_t sweep;
    list_t clients;
    uint32_t count;
    uint32_t handles; /* that libuv has not closed yet */
};

static const http1_limits_t limits = {.head_bytes = 16384, .target_bytes = 4096, .field_count = 64};

/* --- clients --- */

static void on_readable(void *owner, tcp_t *tcp);
static void on_writable(void *owner, tcp_t *tcp);
static const tcp_events_t events = {.readable = on_readable, .writable = on_writable};

static void call_free(http_call_t *call)
{
    if (!call)
        return;
    arena_fini(&call->arena);
    strbuf_fini(&call->received);
    free(call);
}

static void client_free(server_client_t *client)
{
    list_remove(&client->link);
    client->server->count--;
    tcp_close(client->tcp);
    strbuf_fini(&client->in);
    strbuf_fini(&client->out);
    if (client->answering)
        client->call->client = NULL; /* its owner still has it */
    else
        call_free(client->call);
    free(client);
}

static void watch(server_client_t *client)
{
    bool blocked = client->out.len > client->out_at;
    tcp_watch(client->tcp, !client->answering && !client->close, blocked);
}

static void touch(server_client_t *client)
{
    client->active_ms = actor_now(client->server->me) / 1000000;
}

static void client_new(http_server_t *server, int fd, const net_address_t *peer)
{
    server_client_t *client = xcalloc(1, sizeof(*client));
    client->server = server;
    client->peer = *peer;
    list_append(&server->clients, &client->link);
    server->count++;
    touch(client);
    client->tcp = tcp_open(server->me, fd, &events, client);
    if (client->tcp)
        watch(client);
    else
        client_free(client);
}

/* --- requests --- */

static void process(server_client_t *client);

static void refuse(server_client_t *client, unsigned status, const char *reason)
{
    http1_answer_t answer = {.status = status, .body = slice_of(reason), .client_minor = 1};
    call_free(client->call);
    client->call = NULL;
    client->close = true;
    http1_write_answer(&client->out, &answer);
    on_writable(client, client->tcp);
}

static void drop_front(strbuf_t *buf, size_t len)
{
    buf->len -= len;
    memmove(buf->base, buf->base + len, buf->len);
}

/* Returns true when a head is there and has been parsed into a new call. */
static bool take_head(server_client_t *client)
{
    http1_reject_t why = {0};
    int rc = http1_scan_head(&client->scan, strbuf_slice(&client->in), &limits, &why);
    if (rc == GW_EAGAIN)
        return false;
    http_call_t *call = client->call = xcalloc(1, sizeof(*call));
    call->client = client;
    call->peer = client->peer;
    if (rc == 0) {
        slice_t head = arena_dup(
            &call->arena, slice_make(client->in.base + client->scan.start, client->scan.len));
        rc = http1_parse_request((char *)(uintptr_t)head.base, head.len, &call->arena, &limits,
                                 &call->head, &why);
    }
    if (rc < 0) {
        refuse(client, why.status, why.reason);
        return false;
    }
    drop_front(&client->in, client->scan.start + client->scan.len);
    client->scan = (http1_scan_t){0};
    http1_body_init(&call->body, call->head.framing, call->head.content_length, &call->arena);
    return true;
}

/* Returns true when the body is whole. */
static bool take_body(server_client_t *client)
{
    http_call_t *call = client->call;
    while (!call->body.done && client->in.len) {
        size_t used;
        slice_t data;
        http1_reject_t why = {0};
        if (http1_body_feed(&call->body, strbuf_slice(&client->in), &used, &data, &why) < 0) {
            refuse(client, 400, why.reason);
            return false;
        }
        if (call->received.len + data.len > BODY_MAX) {
            refuse(client, 413, "the body is too large");
            return false;
        }
        strbuf_add(&call->received, data);
        drop_front(&client->in, used);
    }
    return call->body.done;
}

static void process(server_client_t *client)
{
    if (client->answering || client->close)
        return;
    if (!client->call && (client->in.len == 0 || !take_head(client)))
        return;
    if (!take_body(client))
        return;
    client->answering = true;
    watch(client);
    client->server->serve(client->server->owner, client->call);
}

static void on_readable(void *owner, tcp_t *tcp)
{
    server_client_t *client = owner;
    char *scratch = actor_scratch(client->server->me);
    ssize_t n = tcp_read(tcp, scratch, 16384);
    if (n == GW_EAGAIN)
        return;
    if (n < 0) {
        client_free(client);
        return;
    }
    touch(client);
    strbuf_add(&client->in, slice_make(scratch, (size_t)n));
    process(client);
}

/* --- answers --- */

static void on_writable(void *owner, tcp_t *tcp)
{
    server_client_t *client = owner;
    if (client->out.len > client->out_at) {
        struct iovec iov = {client->out.base + client->out_at, client->out.len - client->out_at};
        ssize_t n = tcp_write(tcp, &iov, 1);
        if (n < 0) {
            client_free(client);
            return;
        }
        client->out_at += (size_t)n;
        touch(client);
    }
    if (client->out.len > client->out_at) {
        watch(client);
        return;
    }
    strbuf_fini(&client->out);
    client->out_at = 0;
    if (client->close) {
        client_free(client);
        return;
    }
    watch(client);
    process(client); /* the next request may be here already */
}

static void write_answer(server_client_t *client, const http_call_t *call, unsigned status,
                         const char *type, slice_t body, const char *allow)
{
    http_header_t field = {SLICE("allow"), slice_of(allow), HTTP_HEADER_OTHER};
    http_headers_t added = {&field, 1, 1};
    client->close = !call->head.keep_alive;
    http1_answer_t answer = {.status = status,
                             .content_type = slice_of(type),
                             .body = body,
                             .added = allow ? &added : NULL,
                             .client_minor = call->head.minor,
                             .head = slice_eq(call->head.method, SLICE("HEAD")),
                             .keep_alive = call->head.keep_alive};
    http1_write_answer(&client->out, &answer);
}

void http_call_answer(http_call_t *call, unsigned status, const char *type, strbuf_t *body,
                      const char *allow)
{
    server_client_t *client = call->client;
    if (client) {
        write_answer(client, call, status, type, strbuf_slice(body), allow);
        client->call = NULL;
        client->answering = false;
        tcp_watch(client->tcp, false, true); /* not from here: the caller may hold the client */
    }
    strbuf_fini(body);
    call_free(call);
}

const http_request_head_t *http_call_head(const http_call_t *call)
{
    return &call->head;
}

slice_t http_call_body(const http_call_t *call)
{
    return strbuf_slice(&call->received);
}

const net_address_t *http_call_peer(const http_call_t *call)
{
    return &call->peer;
}

arena_t *http_call_arena(http_call_t *call)
{
    return &call->arena;
}

/* --- the server --- */

static void on_acceptable(uv_poll_t *poll, int status, int event)
{
    (void)status;
    (void)event;
    http_server_t *server = poll->data;
    net_address_t peer = {0};
    socklen_t len = sizeof(peer);
    int fd = accept4(server->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    actor_enter(server->me);
    if (server->count < CLIENTS_MAX)
        client_new(server, fd, &peer);
    else
        close(fd);
    actor_leave(server->me);
}

static void on_sweep(uv_timer_t *timer)
{
    http_server_t *server = timer->data;
    actor_enter(server->me);
    uint64_t now_ms = actor_now(server->me) / 1000000;
    list_each (link, &server->clients) {
        server_client_t *client = GW_CONTAINER_OF(link, server_client_t, link);
        if (!client->answering && now_ms - client->active_ms > IDLE_MS)
            client_free(client);
    }
    actor_leave(server->me);
}

static int bound_address(int fd, net_address_t *ret)
{
    socklen_t len = sizeof(*ret);
    return getsockname(fd, &ret->any, &len) < 0 ? -errno : 0;
}

int http_server_open(actor_t *me, const net_address_t *address, http_serve_fn serve, void *owner,
                     http_server_t **ret)
{
    int fd, rc = net_listen(address, false, false, &fd);
    if (rc < 0)
        return rc;
    http_server_t *server = xcalloc(1, sizeof(*server));
    *server = (http_server_t){.me = me, .serve = serve, .owner = owner, .fd = fd, .handles = 2};
    list_init(&server->clients);
    rc = bound_address(fd, &server->address);
    if (rc < 0 || uv_poll_init(actor_loop(me), &server->poll, fd) != 0) {
        close(fd);
        free(server);
        return rc < 0 ? rc : -EMFILE;
    }
    uv_timer_init(actor_loop(me), &server->sweep);
    server->poll.data = server->sweep.data = server;
    uv_poll_start(&server->poll, UV_READABLE, on_acceptable);
    uv_timer_start(&server->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    *ret = server;
    return 0;
}

net_address_t http_server_address(const http_server_t *server)
{
    return server->address;
}

static void on_handle_closed(uv_handle_t *handle)
{
    http_server_t *server = handle->data;
    if (--server->handles == 0)
        free(server);
}

void http_server_close(http_server_t *server)
{
    if (!server)
        return;
    list_each (link, &server->clients)
        client_free(GW_CONTAINER_OF(link, server_client_t, link));
    uv_close((uv_handle_t *)&server->poll, on_handle_closed);
    uv_close((uv_handle_t *)&server->sweep, on_handle_closed);
    close(server->fd);
}
