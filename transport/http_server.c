/*
 * http_server.c: the listening socket and the set of clients. What happens on one connection is
 * in http_server_client.c.
 */
#include "transport/http_server.h"

#include <errno.h>
#include <unistd.h>
#include <uv.h>

#include "core/mem.h"
#include "transport/http_server_client.h"

enum { SWEEP_MS = 1000 };

/* The one that has been quiet for longest, except those whose request is being served. */
static server_client_t *find_quiet(const http_server_t *server)
{
    server_client_t *quiet = NULL;
    list_each (link, &server->clients) {
        server_client_t *client = GW_CONTAINER_OF(link, server_client_t, link);
        if (client->phase != SERVER_SERVED && (!quiet || client->active_ms < quiet->active_ms))
            quiet = client;
    }
    return quiet;
}

static bool make_room(http_server_t *server)
{
    if (server->count < HTTP_SERVER_CLIENTS_MAX)
        return true;
    server_client_t *quiet = find_quiet(server);
    if (quiet)
        server_client_free(quiet);
    return quiet != NULL;
}

static void on_acceptable(uv_poll_t *poll, int status, int event)
{
    (void)status;
    (void)event;
    http_server_t *server = poll->data;
    net_address_t peer = {0};
    socklen_t len = sizeof(peer);
    int fd = accept4(server->fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            uv_poll_stop(poll); /* it would look again and again; on_sweep tries anew */
        return;
    }
    actor_enter(server->me);
    if (make_room(server))
        server_client_open(server, fd, &peer);
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
        if (server_client_expired(client, now_ms))
            server_client_free(client);
    }
    uv_poll_start(server->poll, UV_READABLE, on_acceptable);
    actor_leave(server->me);
}

/* --- life --- */

static int bound_address(int fd, net_address_t *ret)
{
    socklen_t len = sizeof(*ret);
    return getsockname(fd, &ret->any, &len) < 0 ? -errno : 0;
}

static int start_poll(http_server_t *server)
{
    uv_poll_t *poll = xcalloc(1, sizeof(*poll));
    if (uv_poll_init(actor_loop(server->me), poll, server->fd) != 0) {
        free(poll);
        return -EMFILE;
    }
    poll->data = server;
    server->poll = poll;
    uv_poll_start(poll, UV_READABLE, on_acceptable);
    return 0;
}

static void start_sweep(http_server_t *server)
{
    server->sweep = xcalloc(1, sizeof(*server->sweep));
    uv_timer_init(actor_loop(server->me), server->sweep);
    server->sweep->data = server;
    uv_timer_start(server->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
}

int http_server_open(actor_t *me, const net_address_t *address, http_serve_fn serve, void *owner,
                     http_server_t **ret)
{
    int fd, rc = net_listen(address, false, false, &fd);
    if (rc < 0)
        return rc;
    http_server_t *server = xcalloc(1, sizeof(*server));
    *server = (http_server_t){.me = me, .serve = serve, .owner = owner, .fd = fd};
    list_init(&server->clients);
    rc = bound_address(fd, &server->address);
    if (rc == 0)
        rc = start_poll(server);
    if (rc < 0) {
        close(fd);
        free(server);
        return rc;
    }
    start_sweep(server);
    *ret = server;
    return 0;
}

net_address_t http_server_address(const http_server_t *server)
{
    return server->address;
}

static void on_handle_closed(uv_handle_t *handle)
{
    free(handle);
}

void http_server_close(http_server_t *server)
{
    if (!server)
        return;
    list_each (link, &server->clients)
        server_client_free(GW_CONTAINER_OF(link, server_client_t, link));
    uv_close((uv_handle_t *)server->poll, on_handle_closed);
    uv_close((uv_handle_t *)server->sweep, on_handle_closed);
    close(server->fd);
    free(server);
}
