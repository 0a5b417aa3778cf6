/*
 * tcp.c: sockets under libuv's uv_poll. uv_tcp would read into buffers before anybody asked for
 * them and queue writes; here the owner decides when to read, and a request costs no system
 * call besides its reads and writes.
 */
#include "transport/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include <uv.h>

#include "core/check.h"
#include "core/error.h"
#include "core/mem.h"

struct tcp {
    uv_poll_t poll;
    actor_t *me;
    const tcp_events_t *events;
    void *owner;
    int fd;
    int watching; /* UV_READABLE | UV_WRITABLE */
};

static void on_event(uv_poll_t *poll, int status, int events)
{
    tcp_t *tcp = GW_CONTAINER_OF(poll, tcp_t, poll);
    actor_t *me = tcp->me;
    bool failed = status < 0; /* libuv has stopped watching; the owner finds the error itself */
    if (failed) {
        events = tcp->watching;
        tcp->watching = 0;
    }
    actor_enter(me);
    /* The first call may close the connection; tcp_close clears `owner`, and libuv frees it
     * only after this callback. */
    if ((events & UV_WRITABLE) && (failed || (tcp->watching & UV_WRITABLE)) && tcp->owner)
        tcp->events->writable(tcp->owner, tcp);
    if ((events & UV_READABLE) && (failed || (tcp->watching & UV_READABLE)) && tcp->owner)
        tcp->events->readable(tcp->owner, tcp);
    actor_leave(me);
}

static void on_closed(uv_handle_t *handle)
{
    free(GW_CONTAINER_OF((uv_poll_t *)handle, tcp_t, poll));
}

tcp_t *tcp_open(actor_t *me, int fd, const tcp_events_t *events, void *owner)
{
    int on = 1;
    tcp_t *tcp = xmalloc(sizeof(*tcp));
    *tcp = (tcp_t){.me = me, .events = events, .owner = owner, .fd = fd};
    if (uv_poll_init(actor_loop(me), &tcp->poll, fd) != 0) {
        close(fd);
        free(tcp);
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return tcp;
}

int tcp_connect(actor_t *me, const net_address_t *to, const tcp_events_t *events, void *owner,
                tcp_t **ret)
{
    int fd = socket(to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, &to->any, net_len(to)) < 0 && errno != EINPROGRESS) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    tcp_t *tcp = tcp_open(me, fd, events, owner);
    if (!tcp)
        return -EMFILE;
    tcp_watch(tcp, false, true);
    *ret = tcp;
    return 0;
}

int tcp_connected(tcp_t *tcp)
{
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(tcp->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

ssize_t tcp_read(tcp_t *tcp, void *buf, size_t size)
{
    ssize_t n;
    do {
        n = recv(tcp->fd, buf, size, 0);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        return n;
    if (n == 0)
        return GW_EOF;
    return errno == EAGAIN || errno == EWOULDBLOCK ? GW_EAGAIN : GW_EIO;
}

ssize_t tcp_write(tcp_t *tcp, const struct iovec *iov, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)count};
    ssize_t n;
    do {
        n = count == 1 ? send(tcp->fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL)
                       : sendmsg(tcp->fd, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : GW_EIO;
}

void tcp_watch(tcp_t *tcp, bool readable, bool writable)
{
    int watching = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (watching == tcp->watching)
        return;
    tcp->watching = watching;
    if (watching)
        uv_poll_start(&tcp->poll, watching, on_event);
    else
        uv_poll_stop(&tcp->poll);
}

void tcp_shut(tcp_t *tcp)
{
    shutdown(tcp->fd, SHUT_WR);
}

void tcp_close(tcp_t *tcp)
{
    if (!tcp)
        return;
    tcp->owner = NULL;
    tcp->watching = 0;
    uv_close((uv_handle_t *)&tcp->poll, on_closed); /* before close: it still names the fd */
    close(tcp->fd);
}

void tcp_reset(tcp_t *tcp)
{
    if (!tcp)
        return;
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(tcp->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    tcp_close(tcp);
}
