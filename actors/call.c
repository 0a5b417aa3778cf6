/*
 * call.c: one exchange at a backend: the request goes out, the response comes in. The exchange
 * goes home with the head of the response; the rest of the body follows in pieces, as many as
 * the client's connection has given credit for.
 */
#include "actors/backend.h"
#include "core/log.h"
#include "core/mem.h"
#include "transport/http1_write.h"

enum {
    ATTEMPTS_MAX = 3,
    READS_PER_WAKE = 4,
    INTERIM_MAX = 16 /* interim responses to one request */
};

/* How long a backend is given to say 100 Continue, or to refuse. */
static const uint64_t EXPECT_NS = 1000000000;

/* --- the end of a call --- */

static void call_free(call_t *call)
{
    upstream_t *u = call->upstream;
    target_t *target = call->target;
    if (target)
        target->active--;
    u->series->requests_active--;
    if (!list_empty(&call->link)) {
        list_remove(&call->link);
        u->pending_count--;
    }
    actor_timer_stop(u->me, call->timer);
    exchange_free(call->exchange);
    arena_fini(&call->trailers);
    slab_free(&u->calls, call);
    upstream_settle(u, target);
}

static void let_go(call_t *call)
{
    if (call->backend)
        backend_close(call->backend);
    call->backend = NULL;
}

void call_drop(call_t *call)
{
    let_go(call);
    call_free(call);
}

static void cut_short(call_t *call)
{
    body_chunk_t *chunk = body_chunk_new((slice_t){0}, true);
    chunk->aborted = true;
    send_RESPONSE_BODY_tag(call->upstream->me, call->connection, &chunk, call->stream);
}

void call_fail(call_t *call, response_flag_t flag)
{
    if (call->exchange) {
        exchange_answer(call->exchange, flag);
        call->exchange->attempts = call->attempts;
        reply_RESPONSE(call->upstream->me, call->owed, &call->exchange);
    } else {
        cut_short(call);
    }
    call_drop(call);
}

/* RFC 9110 section 9.2.2: what may be sent twice. */
static bool idempotent(slice_t method)
{
    static const slice_t methods[] = {
        {"GET", 3}, {"HEAD", 4}, {"OPTIONS", 7}, {"PUT", 3}, {"DELETE", 6}};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (slice_eq(method, methods[i]))
            return true;
    }
    return false;
}

/*
 * A call is tried again when the target has not seen it (no connection came about), or when a
 * pooled connection was closed under it before a byte of the response came and the request may
 * be repeated.
 */
static bool may_repeat(const call_t *call)
{
    const backend_t *backend = call->backend;
    const exchange_t *exchange = call->exchange;
    if (!exchange || call->attempts >= ATTEMPTS_MAX)
        return false;
    if (backend->state == BACKEND_CONNECTING)
        return call->upstream->target_count > 1;
    return backend->reused && !backend->answered && exchange->request_complete &&
           idempotent(exchange->request.method);
}

void call_lost(call_t *call, response_flag_t flag)
{
    const target_t *failed = NULL;
    if (!may_repeat(call)) {
        call_fail(call, flag);
        return;
    }
    if (call->backend->state == BACKEND_CONNECTING)
        failed = call->target;
    let_go(call);
    call->target->active--;
    target_t *before = call->target;
    call->target = NULL;
    upstream_settle(call->upstream, before);
    call_begin(call, failed);
}

/* --- the request --- */

static const uint64_t no_limit_ns = UINT64_C(86400) * 1000000000 * 365;

static uint64_t time_left(const call_t *call, uint64_t most_ns)
{
    uint64_t now = actor_now(call->upstream->me);
    if (call->deadline_ns == 0)
        return most_ns;
    uint64_t left = call->deadline_ns > now ? call->deadline_ns - now : 0;
    return left < most_ns ? left : most_ns;
}

/* All connections are in use: the call waits for one, in order, if there is room to wait. */
static void wait_for_connection(call_t *call)
{
    upstream_t *u = call->upstream;
    if (u->pending_count >= u->limits->pending_max) {
        call_fail(call, RESPONSE_FLAG_CB);
        return;
    }
    list_append(&u->pending, &call->link);
    u->pending_count++;
    call->timer = actor_timer_start(u->me, time_left(call, no_limit_ns), MSG_CALL_TIMER, call);
}

void call_expired(call_t *call)
{
    call->timer = 0;
    call_fail(call, RESPONSE_FLAG_UT);
}

static void begin_at(call_t *call, target_t *target)
{
    call->attempts++;
    call->target = target;
    target->active++;
    call->exchange->endpoint = target->address;
    backend_t *backend = backend_take(target, call);
    if (!backend)
        call_fail(call, RESPONSE_FLAG_UF);
    else if (backend->state == BACKEND_BUSY)
        call_connected(call);
}

void call_begin(call_t *call, const target_t *except)
{
    upstream_t *u = call->upstream;
    target_t *target = upstream_pick(u, except);
    bool full = u->connection_count >= u->limits->connections_max;
    if (!target) {
        call_fail(call, RESPONSE_FLAG_UH);
        return;
    }
    if (full && target->idle_count == 0)
        target = upstream_idle(u);
    if (target)
        begin_at(call, target);
    else
        wait_for_connection(call);
}

/* The client waits for a word before it sends the body; so the backend is asked. */
static bool expects(const exchange_t *exchange)
{
    return exchange->request.expect_continue && !exchange->request_complete &&
           exchange->request_body.len == 0;
}

static http1_request_out_t describe(const exchange_t *exchange)
{
    const http_request_head_t *head = &exchange->request;
    return (http1_request_out_t){.method = head->method,
                                 .path = exchange->path,
                                 .query = head->query,
                                 .has_query = head->has_query,
                                 .host = exchange->host,
                                 .headers = &head->headers,
                                 .added = &exchange->added,
                                 .drop = HTTP1_DROP(HTTP_HEADER_X_FORWARDED_FOR) |
                                         HTTP1_DROP(HTTP_HEADER_X_FORWARDED_PROTO) |
                                         HTTP1_DROP(HTTP_HEADER_X_FORWARDED_HOST) |
                                         HTTP1_DROP(HTTP_HEADER_X_REQUEST_ID),
                                 .framing = head->framing,
                                 .content_length = head->content_length,
                                 .expect_continue = expects(exchange),
                                 .keep_alive = true};
}

static int put_body(slice_t body, bool chunked, bool last, char size_line[HTTP1_CHUNK_SIZE_MAX],
                    struct iovec *iov)
{
    static const char last_chunk[] = "0\r\n\r\n";
    int count = 0;
    if (body.len && chunked)
        iov[count++] = (struct iovec){size_line, http1_chunk_put(size_line, body.len)};
    if (body.len)
        iov[count++] = (struct iovec){(char *)body.base, body.len};
    if (body.len && chunked)
        iov[count++] = (struct iovec){"\r\n", 2};
    if (last && chunked)
        iov[count++] = (struct iovec){(char *)last_chunk, sizeof(last_chunk) - 1};
    return count;
}

static int write_request(call_t *call)
{
    const exchange_t *exchange = call->exchange;
    http1_request_out_t out = describe(exchange);
    char size_line[HTTP1_CHUNK_SIZE_MAX];
    struct iovec iov[5];
    strbuf_t large = {0};
    size_t size = http1_request_size(&out);
    char *at =
        size <= ACTOR_SCRATCH ? actor_scratch(call->upstream->me) : strbuf_room(&large, size);
    iov[0] = (struct iovec){at, (size_t)(http1_request_put(&out, at) - at)};
    int count = 1 + put_body(exchange->request_body, call->chunked, exchange->request_complete,
                             size_line, iov + 1);
    int rc = backend_write(call->backend, iov, count);
    strbuf_fini(&large);
    return rc;
}

/* How long to wait for the head of the response, from now on. */
static uint64_t head_wait(const call_t *call)
{
    const route_t *route = call->exchange->route;
    uint32_t ms = call->upstream->limits->response_timeout_ms;
    if (ms == 0 || (route && route->forward.timeout_ms))
        return time_left(call, no_limit_ns);
    return time_left(call, (uint64_t)ms * 1000000);
}

void call_wait_piece(call_t *call)
{
    uint64_t idle_ns = (uint64_t)call->upstream->limits->response_idle_ms * 1000000;
    backend_wait(call->backend, time_left(call, idle_ns));
}

bool call_held_up(const call_t *call)
{
    return !call->exchange && call->credits == 0 && time_left(call, 1) > 0;
}

void call_connected(call_t *call)
{
    upstream_t *u = call->upstream;
    exchange_t *exchange = call->exchange;
    call->chunked = exchange->request.framing == HTTP_BODY_CHUNKED;
    call->sent_ns = actor_now(u->me);
    call->exchange->reused = call->backend->reused;
    u->series->requests++;
    if (write_request(call) < 0) {
        call_lost(call, RESPONSE_FLAG_UC);
        return;
    }
    call->request_done = exchange->request_complete;
    call->expects = expects(exchange);
    backend_wait(call->backend, call->expects ? time_left(call, EXPECT_NS) : head_wait(call));
    backend_watch(call->backend);
    if (!call->request_done && !call->expects)
        call_grant(call);
}

void call_grant(call_t *call)
{
    grant_t *grant = xmalloc(sizeof(*grant));
    grant->upstream_handle = call->node.id;
    send_REQUEST_GRANT_tag(call->upstream->me, call->connection, &grant, call->stream);
    if (call->expects)
        backend_wait(call->backend, head_wait(call));
    call->expects = false;
}

void call_body(call_t *call, const body_chunk_t *chunk)
{
    char size_line[HTTP1_CHUNK_SIZE_MAX];
    struct iovec iov[4];
    if (chunk->aborted) { /* connection says how it ends; the backend must not see a whole one */
        call_fail(call, RESPONSE_FLAG_DC);
        return;
    }
    int count =
        put_body(slice_make(chunk->data, chunk->len), call->chunked, chunk->last, size_line, iov);
    call->request_done = chunk->last;
    call->pieces++;
    if (count && backend_write(call->backend, iov, count) < 0) {
        /* An early answer may stand in front of the error. */
        call_read(call);
        return;
    }
    if (call->exchange) /* the request has not ended before */
        backend_wait(call->backend, head_wait(call));
    backend_watch(call->backend);
    if (!backend_blocked(call->backend))
        call_flushed(call);
}

void call_flushed(call_t *call)
{
    for (; call->pieces > 0; call->pieces--)
        send_REQUEST_CREDIT_tag(call->upstream->me, call->connection, NULL, call->stream);
}

/* --- the response --- */

/* The backend has answered whole: its connection goes back to the pool if both sides are done. */
static void complete(call_t *call, bool clean)
{
    backend_t *backend = call->backend;
    call->backend = NULL;
    backend->call = NULL;
    if (clean && call->keep_alive && call->request_done)
        backend_give(backend);
    else
        backend_close(backend);
    call_free(call);
}

static void go_home(call_t *call)
{
    upstream_t *u = call->upstream;
    exchange_t *exchange = call->exchange;
    exchange->upstream_handle = call->node.id;
    exchange->attempts = call->attempts;
    exchange->first_byte_ns = actor_now(u->me);
    latency_observe(&u->series->response, exchange->first_byte_ns - call->sent_ns);
    reply_RESPONSE(u->me, call->owed, &call->exchange);
}

/* All payload in `in`, joined at `to`. Returns its length, or GW_EPARSE. */
static ssize_t decode(call_t *call, slice_t in, char *to, size_t *ret_used)
{
    size_t len = 0, at = 0;
    while (at < in.len && !call->body.done) {
        size_t used;
        slice_t data;
        http1_reject_t why;
        if (http1_body_feed(&call->body, slice_sub(in, at, in.len), &used, &data, &why) < 0) {
            log_debug(upstream, "RESPONSE-BODY-REFUSED", "the backend's body is malformed",
                      log_text("actor", actor_name(call->upstream->me)),
                      log_text("reason", why.reason));
            return GW_EPARSE;
        }
        if (data.len)
            memcpy(to + len, data.base, data.len);
        len += data.len;
        at += used;
    }
    *ret_used = at;
    return (ssize_t)len;
}

static void handle_head(call_t *call, slice_t rest)
{
    exchange_t *exchange = call->exchange;
    const http_response_head_t *head = &exchange->response;
    size_t used = 0;
    call->keep_alive = head->keep_alive;
    http1_body_init(&call->body, head->framing, head->content_length, &call->trailers);
    char *to = arena_bytes(&exchange->arena, rest.len + 1);
    ssize_t len = decode(call, rest, to, &used);
    if (len < 0) {
        call_fail(call, RESPONSE_FLAG_UC);
        return;
    }
    exchange->response_body = slice_make(to, (size_t)len);
    exchange->response_complete = call->body.done;
    go_home(call);
    if (call->body.done) {
        complete(call, used == rest.len);
        return;
    }
    call->credits = BODY_WINDOW;
    call_wait_piece(call);
    backend_watch(call->backend);
}

static http1_limits_t limits(const upstream_t *u)
{
    return (http1_limits_t){.head_bytes = u->limits->response_head_bytes,
                            .target_bytes = UINT32_MAX,
                            .field_count = u->limits->response_field_count};
}

/* Looks for a head in `in`. Returns the bytes that it took, 0 for "more is needed", or an error. */
static ssize_t parse_head(call_t *call, slice_t in)
{
    backend_t *backend = call->backend;
    exchange_t *exchange = call->exchange;
    http1_limits_t most = limits(call->upstream);
    http1_reject_t why = {0};
    int rc = http1_scan_head(&backend->scan, in, &most, &why);
    if (rc == GW_EAGAIN)
        return 0;
    if (rc == 0) {
        size_t len = backend->scan.len;
        char *head = arena_bytes(&exchange->arena, len);
        memcpy(head, in.base + backend->scan.start, len);
        http1_asked_t asked = {.head = slice_eq(exchange->request.method, SLICE("HEAD"))};
        rc = http1_parse_response(head, len, &exchange->arena, &most, asked, &exchange->response,
                                  &why);
    }
    if (rc < 0) {
        log_debug(upstream, "RESPONSE-REFUSED", "the backend's response is malformed",
                  log_text("actor", actor_name(call->upstream->me)),
                  log_text("reason", why.reason));
        return rc;
    }
    size_t taken = backend->scan.start + backend->scan.len;
    backend->scan = (http1_scan_t){.response = true};
    return (ssize_t)taken;
}

/* Interim responses are passed over, but for the one that the client waits for. */
static int take_interim(call_t *call)
{
    if (call->exchange->response.status == 100 && call->expects)
        call_grant(call);
    return ++call->interims <= INTERIM_MAX ? 0 : GW_ELIMIT;
}

static void take_heads(call_t *call, slice_t in)
{
    backend_t *backend = call->backend;
    while (true) {
        ssize_t taken = parse_head(call, in);
        if (taken < 0) {
            call_fail(call, RESPONSE_FLAG_UC);
            return;
        }
        in = slice_sub(in, (size_t)taken, in.len);
        if (taken == 0)
            break;
        if (call->exchange->response.status >= 200) {
            strbuf_t held = backend->in; /* `in` may point into it */
            backend->in = (strbuf_t){0};
            handle_head(call, in);
            strbuf_fini(&held);
            return;
        }
        if (take_interim(call) < 0) {
            call_fail(call, RESPONSE_FLAG_UC);
            return;
        }
    }
    strbuf_t rest = {0};
    strbuf_add(&rest, in);
    strbuf_fini(&backend->in);
    backend->in = rest;
}

static void read_head(call_t *call)
{
    backend_t *backend = call->backend;
    char *scratch = actor_scratch(call->upstream->me);
    ssize_t n = tcp_read(backend->tcp, scratch, ACTOR_SCRATCH);
    if (n == GW_EAGAIN)
        return;
    if (n < 0) {
        call->upstream->series->errors++;
        call_lost(call, RESPONSE_FLAG_UC);
        return;
    }
    backend->answered = true;
    slice_t in = slice_make(scratch, (size_t)n);
    if (backend->in.len) {
        strbuf_add(&backend->in, in);
        in = strbuf_slice(&backend->in);
    }
    take_heads(call, in);
}

/* A reset is no end: also a body that ends with the connection is cut short by it. */
static void end_of_stream(call_t *call, bool clean)
{
    if (!clean || http1_body_end(&call->body) < 0) {
        call->upstream->series->errors++;
        call_fail(call, RESPONSE_FLAG_UC);
        return;
    }
    body_chunk_t *chunk = body_chunk_new((slice_t){0}, true);
    send_RESPONSE_BODY_tag(call->upstream->me, call->connection, &chunk, call->stream);
    complete(call, false);
}

/* One piece of the body. Returns false when there is nothing more to do now. */
static bool read_piece(call_t *call)
{
    actor_t *me = call->upstream->me;
    char *scratch = actor_scratch(me);
    size_t used = 0;
    ssize_t n = tcp_read(call->backend->tcp, scratch, BODY_CHUNK_MAX);
    if (n == GW_EAGAIN)
        return false;
    if (n < 0) {
        end_of_stream(call, n == GW_EOF);
        return false;
    }
    body_chunk_t *chunk = body_chunk_new(slice_make(scratch, (size_t)n), false);
    ssize_t len = decode(call, slice_make(scratch, (size_t)n), chunk->data, &used);
    if (len < 0) {
        body_chunk_free(chunk);
        call_fail(call, RESPONSE_FLAG_UC);
        return false;
    }
    chunk->len = (uint32_t)len;
    chunk->last = call->body.done;
    if (len > 0 || chunk->last) {
        call->credits--;
        send_RESPONSE_BODY_tag(me, call->connection, &chunk, call->stream);
    } else {
        body_chunk_free(chunk); /* framing only */
    }
    if (call->body.done) {
        complete(call, used == (size_t)n);
        return false;
    }
    return n == BODY_CHUNK_MAX;
}

void call_read(call_t *call)
{
    if (call->exchange) {
        read_head(call);
        return;
    }
    call_wait_piece(call);
    for (int reads = 0; reads < READS_PER_WAKE && call->credits > 0; reads++) {
        if (!read_piece(call))
            return;
    }
    backend_watch(call->backend);
}
