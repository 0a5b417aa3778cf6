/*
 * backend.c: connections to endpoints, and the pool of those that wait for their next request.
 */
#include "actors/backend.h"

#include "core/log.h"
#include "core/mem.h"

static void on_readable(void *owner, tcp_t *tcp);
static void on_writable(void *owner, tcp_t *tcp);
static const tcp_events_t events = {.readable = on_readable, .writable = on_writable};

/* A pooled connection that has something to say has nothing good to say: it closes, or it has
 * answered what nobody asked. */
static void on_readable(void *owner, tcp_t *tcp)
{
    (void)tcp;
    backend_t *backend = owner;
    if (backend->call)
        call_read(backend->call);
    else
        backend_close(backend);
}

static void connected(backend_t *backend)
{
    upstream_t *u = backend->upstream;
    int rc = tcp_connected(backend->tcp);
    if (rc < 0) {
        log_debug(upstream, "CONNECT-FAILED", "the target cannot be reached",
                  log_text("actor", actor_name(u->me)), log_errno("error", -rc));
        u->series->errors++;
        call_lost(backend->call, RESPONSE_FLAG_UF);
        return;
    }
    uint64_t took = actor_now(u->me) - backend->started_ns;
    backend->state = BACKEND_BUSY;
    backend->call->exchange->connect_ns = took;
    latency_observe(&u->series->connect, took);
    call_connected(backend->call);
}

static int flush(backend_t *backend)
{
    struct iovec iov = {backend->out.base + backend->out_at, backend->out.len - backend->out_at};
    ssize_t n = tcp_write(backend->tcp, &iov, 1);
    if (n < 0)
        return GW_EIO;
    backend->out_at += (size_t)n;
    if (!backend_blocked(backend)) {
        strbuf_fini(&backend->out);
        backend->out_at = 0;
    }
    return 0;
}

static void on_writable(void *owner, tcp_t *tcp)
{
    (void)tcp;
    backend_t *backend = owner;
    if (backend->state == BACKEND_CONNECTING) {
        connected(backend);
        return;
    }
    if (flush(backend) < 0) {
        call_lost(backend->call, RESPONSE_FLAG_UC);
        return;
    }
    backend_watch(backend);
    if (!backend_blocked(backend))
        call_flushed(backend->call);
}

static void add_rest(strbuf_t *out, const struct iovec *iov, int count, size_t skip)
{
    for (int i = 0; i < count; i++) {
        size_t part = skip < iov[i].iov_len ? skip : iov[i].iov_len;
        strbuf_add(out, slice_make((char *)iov[i].iov_base + part, iov[i].iov_len - part));
        skip -= part;
    }
}

int backend_write(backend_t *backend, const struct iovec *iov, int count)
{
    size_t total = 0, written = 0;
    for (int i = 0; i < count; i++)
        total += iov[i].iov_len;
    if (!backend_blocked(backend)) {
        ssize_t n = tcp_write(backend->tcp, iov, count);
        if (n < 0)
            return GW_EIO;
        written = (size_t)n;
    }
    if (written < total)
        add_rest(&backend->out, iov, count, written);
    return 0;
}

void backend_watch(backend_t *backend)
{
    const call_t *call = backend->call;
    /* After the head the client's pace decides: without credit nothing is read. */
    bool read = !call || call->exchange || call->credits > 0;
    if (backend->state == BACKEND_CONNECTING)
        tcp_watch(backend->tcp, false, true);
    else
        tcp_watch(backend->tcp, read, backend_blocked(backend));
}

void backend_wait(backend_t *backend, uint64_t ns)
{
    actor_t *me = backend->upstream->me;
    if (!actor_timer_extend(me, backend->timer, ns))
        backend->timer = actor_timer_start(me, ns, MSG_BACKEND_TIMER, backend);
}

void backend_expired(backend_t *backend)
{
    backend->timer = 0;
    if (!backend->call)
        backend_close(backend);
    else if (backend->state == BACKEND_CONNECTING)
        call_lost(backend->call, RESPONSE_FLAG_UF);
    else if (backend->call->expects)
        call_grant(backend->call); /* the backend may never say 100 (RFC 9110 section 10.1.1) */
    else if (call_held_up(backend->call))
        call_wait_piece(backend->call);
    else
        call_fail(backend->call, RESPONSE_FLAG_UT);
}

static void attach(backend_t *backend, call_t *call)
{
    backend->call = call;
    backend->answered = false;
    backend->scan = (http1_scan_t){.response = true};
    call->backend = backend;
    list_append(&backend->upstream->busy, &backend->link);
}

static backend_t *take_idle(target_t *target, call_t *call)
{
    backend_t *backend = LIST_FIRST(&target->idle, backend_t, link);
    list_remove(&backend->link);
    target->idle_count--;
    backend->upstream->series->idle--;
    backend->upstream->series->pool_hits++;
    backend->state = BACKEND_BUSY;
    backend->reused = true;
    attach(backend, call);
    return backend;
}

static backend_t *connect_new(target_t *target, call_t *call)
{
    upstream_t *u = call->upstream;
    backend_t *backend = xcalloc(1, sizeof(*backend));
    u->series->pool_misses++;
    backend->upstream = u;
    backend->target = target;
    backend->state = BACKEND_CONNECTING;
    backend->started_ns = actor_now(u->me);
    list_init(&backend->link);
    if (tcp_connect(u->me, &target->address, &events, backend, &backend->tcp) < 0) {
        u->series->errors++;
        free(backend);
        return NULL;
    }
    target->connections++;
    u->connection_count++;
    u->series->connections++;
    u->series->active++;
    attach(backend, call);
    backend_wait(backend, (uint64_t)u->limits->connect_timeout_ms * 1000000);
    return backend;
}

backend_t *backend_take(target_t *target, call_t *call)
{
    return list_empty(&target->idle) ? connect_new(target, call) : take_idle(target, call);
}

void backend_give(backend_t *backend)
{
    upstream_t *u = backend->upstream;
    target_t *target = backend->target;
    backend->call = NULL;
    if (target->gone || u->retiring || target->idle_count >= u->limits->pool_max ||
        backend_blocked(backend)) {
        backend_close(backend);
        return;
    }
    list_remove(&backend->link);
    list_prepend(&target->idle, &backend->link);
    target->idle_count++;
    u->series->idle++;
    backend->state = BACKEND_IDLE;
    backend_watch(backend);
    backend_wait(backend, (uint64_t)u->limits->idle_timeout_ms * 1000000);
    upstream_next(u);
}

void backend_close(backend_t *backend)
{
    upstream_t *u = backend->upstream;
    list_remove(&backend->link);
    if (backend->state == BACKEND_IDLE) {
        backend->target->idle_count--;
        u->series->idle--;
    }
    backend->target->connections--;
    u->connection_count--;
    u->series->active--;
    actor_timer_stop(u->me, backend->timer);
    tcp_close(backend->tcp);
    strbuf_fini(&backend->in);
    strbuf_fini(&backend->out);
    free(backend);
    upstream_next(u);
}
