/*
 * backend.c: the backend of the benchmarks. One thread, epoll, HTTP/1.1 keep-alive; every GET is
 * answered with the same small 200, so that it costs little and the same for every proxy.
 *
 * It prints its port and the body. For each line on standard input it prints as JSON how many
 * requests and connections it has seen (a proxy that retries, caches or reconnects shows there),
 * and it ends with the input. The path /__bench/head is for the harness and not counted: it gives
 * the request's head back (what did the proxy add?). --fault plants wrong answers, to prove that
 * the load client notices them. Several backends may share a --port.
 *
 * It reads requests without a body and answers what fits the socket's send buffer; a peer that
 * pipelines without reading is closed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/slice.h"
#include "core/strbuf.h"

#define BODY                                                                                       \
    "nantian gateway benchmark: one small answer, a hundred bytes long, the same for all "         \
    "proxies. "
#define HEADER "Content-Type: text/plain\r\nServer: bench\r\n"

enum { HEAD_MAX = 16 * 1024, EVENTS_MAX = 128, BACKLOG = 4096 };

typedef struct connection {
    int fd;
    bool counted; /* it carried a request that is not the harness's own */
    size_t len;
    char head[HEAD_MAX];
} connection_t;

typedef enum fault { FAULT_NONE, FAULT_STATUS, FAULT_LENGTH, FAULT_BODY, FAULT_CLOSE } fault_t;

typedef struct backend {
    int epoll, listener;
    uint64_t requests, connections;
    fault_t fault;
    uint64_t fault_every;
    strbuf_t out; /* answers of the current read */
} backend_t;

static void answer(strbuf_t *out, const char *status, slice_t body)
{
    strbuf_printf(out, "HTTP/1.1 %s\r\n" HEADER "Content-Length: %zu\r\n\r\n", status, body.len);
    strbuf_add(out, body);
}

/* answer_wrong gives the planted answer; false means that the connection ends without one. */
static bool answer_wrong(backend_t *backend)
{
    slice_t body = SLICE(BODY);
    if (backend->fault == FAULT_STATUS)
        answer(&backend->out, "500 Internal Server Error", body);
    else if (backend->fault == FAULT_LENGTH)
        answer(&backend->out, "200 OK", slice_sub(body, 0, body.len - 1));
    else if (backend->fault == FAULT_BODY)
        answer(&backend->out, "200 OK", slice_sub(SLICE("X" BODY), 0, body.len));
    return backend->fault != FAULT_CLOSE;
}

static bool answer_counted(backend_t *backend, connection_t *connection)
{
    static const char whole[] = "HTTP/1.1 200 OK\r\n" HEADER "Content-Length: ";
    if (!connection->counted)
        backend->connections++;
    connection->counted = true;
    backend->requests++;
    if (backend->fault != FAULT_NONE && backend->requests % backend->fault_every == 0)
        return answer_wrong(backend);
    strbuf_add(&backend->out, slice_make(whole, sizeof(whole) - 1));
    strbuf_add_u64(&backend->out, sizeof(BODY) - 1);
    strbuf_add(&backend->out, SLICE("\r\n\r\n" BODY));
    return true;
}

static bool answer_request(backend_t *backend, connection_t *connection, slice_t head)
{
    if (slice_starts_with(head, SLICE("GET /__bench/head "))) {
        answer(&backend->out, "200 OK", head);
        return true;
    }
    return answer_counted(backend, connection);
}

/* answer_all answers the whole requests in the buffer and keeps the rest. */
static bool answer_all(backend_t *backend, connection_t *connection)
{
    const char *base = connection->head, *end;
    size_t left = connection->len;
    bool alive = true;
    while (alive && left > 0 && (end = memmem(base, left, "\r\n\r\n", 4)) != NULL) {
        size_t len = (size_t)(end - base) + 4;
        alive = answer_request(backend, connection, slice_make(base, len));
        base += len;
        left -= len;
    }
    memmove(connection->head, base, left);
    connection->len = left;
    return alive && left < HEAD_MAX;
}

static bool flush(backend_t *backend, int fd)
{
    size_t len = backend->out.len;
    ssize_t sent = len ? send(fd, backend->out.base, len, MSG_NOSIGNAL) : 0;
    backend->out.len = 0;
    return sent == (ssize_t)len;
}

static void serve(backend_t *backend, connection_t *connection)
{
    ssize_t got =
        recv(connection->fd, connection->head + connection->len, HEAD_MAX - connection->len, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    bool alive = got > 0;
    if (alive) {
        connection->len += (size_t)got;
        alive = answer_all(backend, connection);
        alive = flush(backend, connection->fd) && alive;
    }
    if (!alive) {
        close(connection->fd);
        free(connection);
    }
}

static void watch(backend_t *backend, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    epoll_ctl(backend->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(backend_t *backend)
{
    int fd, on = 1;
    while ((fd = accept4(backend->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        connection_t *connection = xmalloc(sizeof(*connection));
        connection->fd = fd;
        connection->counted = false;
        connection->len = 0;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        watch(backend, fd, connection);
    }
}

/* obey answers the harness; the backend ends when there is none any more. */
static void obey(const backend_t *backend)
{
    char line[64];
    if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
        exit(0);
    printf("{\"requests\":%llu,\"connections\":%llu}\n", (unsigned long long)backend->requests,
           (unsigned long long)backend->connections);
    fflush(stdout);
}

static void loop(backend_t *backend)
{
    struct epoll_event events[EVENTS_MAX];
    for (;;) {
        int count = epoll_wait(backend->epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &backend->listener)
                accept_all(backend);
            else if (events[i].data.ptr == backend)
                obey(backend);
            else
                serve(backend, events[i].data.ptr);
        }
    }
}

/* listen_on listens on loopback and gives the port that it got; it ends the process on failure. */
static unsigned listen_on(backend_t *backend, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int on = 1;
    backend->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(backend->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(backend->listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(backend->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(backend->listener, BACKLOG) != 0 ||
        getsockname(backend->listener, (struct sockaddr *)&address, &len) != 0) {
        perror("bench_backend");
        exit(1);
    }
    return ntohs(address.sin_port);
}

static fault_t fault_of(const char *name)
{
    static const char *const names[] = {"none", "status", "length", "body", "close"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (slice_eq(slice_of(name), slice_of(names[i])))
            return (fault_t)i;
    }
    fprintf(stderr, "bench_backend: unknown fault %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"fault", required_argument, NULL, 'f'},
        {"every", required_argument, NULL, 'e'},
        {0},
    };
    backend_t backend = {.fault_every = 1000};
    unsigned port = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'p')
            port = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'f')
            backend.fault = fault_of(optarg);
        else if (option == 'e')
            backend.fault_every = strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    if (backend.fault_every == 0)
        return 2;
    printf("%u\n" BODY "\n", listen_on(&backend, port));
    fflush(stdout);
    backend.epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(&backend, backend.listener, &backend.listener);
    watch(&backend, STDIN_FILENO, &backend);
    loop(&backend);
}
