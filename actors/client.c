/*
 * client.c: one connection to a client: its life, and the response on its way out. The request
 * on its way in is in client_request.c.
 */
#include "actors/client.h"

#include "actors/router_msg.h"
#include "actors/upstream_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "transport/http1_write.h"
#include "xds/route_apply.h"

enum {
    LINGER_MS = 2000,
    FIRST_REQUEST_MS = 1000, /* for a new connection when the process stops */
    /* A pipelined request is kept while the one before is served; beyond that the client waits. */
    AHEAD_MAX = 65536
};

/* How long a line of the access log may wait for others. */
static const uint64_t LOG_DELAY_NS = 100000000;

static void on_readable(void *owner, tcp_t *tcp);
static void on_writable(void *owner, tcp_t *tcp);
static const tcp_events_t events = {.readable = on_readable, .writable = on_writable};

/* --- life --- */

static void client_free(client_t *client)
{
    connection_t *c = client->owner;
    list_remove(&client->link);
    actor_timer_stop(c->me, client->timer);
    tcp_close(client->tcp);
    strbuf_fini(&client->in);
    strbuf_fini(&client->out);
    arena_fini(&client->trailers);
    exchange_free(client->exchange);
    traffic_closed(&c->traffic, client->listener);
    slab_free(&c->slab, client);
    if (c->stopping && list_empty(&c->clients))
        actor_exit(c->me);
}

static void refuse_connection(connection_t *c, const accepted_t *accepted)
{
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                 "content-length: 0\r\nconnection: close\r\n\r\n";
    tcp_t *tcp = tcp_open(c->me, accepted->fd, &events, NULL);
    struct iovec iov = {(char *)answer, sizeof(answer) - 1};
    if (tcp)
        tcp_write(tcp, &iov, 1);
    tcp_close(tcp);
    traffic_refused(&c->traffic, accepted->listener);
}

void client_open(connection_t *c, accepted_t *accepted)
{
    client_t *client = c->slab.live < c->args->connections_max ? slab_new(&c->slab) : NULL;
    if (!client) {
        refuse_connection(c, accepted);
        accepted->fd = -1;
        return;
    }
    client->owner = c;
    client->peer = accepted->peer;
    client->ip_len = (uint8_t)net_ip(&client->peer, client->ip).len;
    client->listener = accepted->listener;
    client->verdict = RESPONSE_FLAG_NONE;
    list_append(&c->clients, &client->link);
    traffic_opened(&c->traffic, client->listener);
    client->tcp = tcp_open(c->me, accepted->fd, &events, client);
    accepted->fd = -1;
    if (!client->tcp) {
        client_free(client);
        return;
    }
    client_wait(client, c->args->header_timeout_ms);
    client_watch(client);
}

void client_wait(client_t *client, uint32_t ms)
{
    actor_t *me = client->owner->me;
    uint64_t ns = (uint64_t)ms * 1000000;
    if (!client->timer || !actor_timer_extend(me, client->timer, ns))
        client->timer = actor_timer_start(me, ns, MSG_CLIENT_TIMER, client);
}

static bool wants_input(const client_t *client)
{
    switch (client->phase) {
    case CLIENT_IDLE:
    case CLIENT_HEAD:
        return !client->blocked;
    case CLIENT_WAITING:
    case CLIENT_ANSWERED:
        return client->body.done ? client->in.len < AHEAD_MAX : client->credits > 0;
    default:
        return client->phase == CLIENT_LINGER;
    }
}

void client_watch(client_t *client)
{
    if (client->tcp)
        tcp_watch(client->tcp, wants_input(client), client_blocked(client));
}

/* --- the end of an exchange --- */

static uint64_t elapsed(const client_t *client)
{
    return actor_now(client->owner->me) - client->started_ns;
}

static void log_line(connection_t *c, const traffic_end_t *end)
{
    if (!c->access_log)
        return;
    bool full = traffic_log_add(&c->log, end, traffic_listener_name(&c->traffic, end->listener),
                                actor_wall(c->me));
    if (full)
        connection_log(c);
    else if (!c->log_timer)
        c->log_timer = actor_timer_start(c->me, LOG_DELAY_NS, MSG_LOG_TIMER, NULL);
}

static void uncount(client_t *client, const traffic_end_t *end)
{
    if (client->streaming)
        traffic_streams(&client->owner->traffic, end, -1);
    if (client->counted)
        traffic_left(&client->owner->traffic, client->listener);
    client->streaming = client->counted = false;
}

/* Every exchange is accounted for once, before the last byte of its answer is written. */
static void account(client_t *client, const exchange_t *exchange, response_flag_t flag,
                    unsigned status)
{
    traffic_end_t end = {.exchange = exchange,
                         .listener = client->listener,
                         .client_ip = slice_make(client->ip, client->ip_len),
                         .flag = flag,
                         .status = status,
                         .received = client->received,
                         .sent = client->sent,
                         .duration_ns = elapsed(client)};
    uncount(client, &end);
    traffic_ended(&client->owner->traffic, &end);
    log_line(client->owner, &end);
}

static void linger(client_t *client)
{
    client->phase = CLIENT_LINGER;
    tcp_shut(client->tcp);
    client_wait(client, LINGER_MS);
    client_watch(client);
}

/* The response is written. What comes next depends on what both sides want. */
static void finish(client_t *client)
{
    bool whole = client->body.done;
    exchange_free(client->exchange);
    client->exchange = NULL;
    if (!client->keep_alive || !whole) {
        /* A client that is still sending would lose the response to a reset. */
        if (whole && client->in.len == 0)
            client_free(client);
        else
            linger(client);
        return;
    }
    client->phase = CLIENT_IDLE;
    client->received = client->sent = 0;
    client->upstream = 0;
    client->upstream_handle = client->credits = client->pieces = 0;
    client->verdict = RESPONSE_FLAG_NONE;
    client_wait(client, client->owner->args->idle_timeout_ms);
    if (client->in.len)
        client_resume(client);
    else
        client_watch(client);
}

static void close_socket(client_t *client)
{
    tcp_close(client->tcp);
    client->tcp = NULL;
    strbuf_fini(&client->out);
    client->out_at = 0;
}

static void abort_response(client_t *client, response_flag_t flag)
{
    exchange_t *exchange = client->exchange;
    if (client->phase == CLIENT_ANSWERED) {
        send_RESPONSE_ABORT_tag(client->owner->me, client->upstream, NULL,
                                exchange->upstream_handle);
        account(client, exchange, flag, response_flag_status(flag));
    }
    client_free(client);
}

void client_lost(client_t *client)
{
    if (client->phase == CLIENT_WAITING) {
        client->verdict = RESPONSE_FLAG_DC;
        close_socket(client);
        client->phase = CLIENT_GONE;
        actor_recall(client->owner->me, client->request);
    } else {
        abort_response(client, RESPONSE_FLAG_DC);
    }
}

void client_give_up(client_t *client, response_flag_t verdict)
{
    if (client->phase != CLIENT_WAITING) {
        abort_response(client, verdict);
        return;
    }
    client->verdict = (uint8_t)verdict;
    client->keep_alive = false;
    actor_recall(client->owner->me, client->request);
}

void client_abort(client_t *client)
{
    if (client->phase == CLIENT_ANSWERED)
        abort_response(client, RESPONSE_FLAG_OL);
    else
        client_free(client);
}

/* --- writing --- */

static int flush(client_t *client)
{
    struct iovec iov = {client->out.base + client->out_at, client->out.len - client->out_at};
    ssize_t n = tcp_write(client->tcp, &iov, 1);
    if (n < 0)
        return GW_EIO;
    client->out_at += (size_t)n;
    if (n > 0)
        client_wait(client, client->owner->args->write_timeout_ms);
    if (!client_blocked(client)) {
        strbuf_fini(&client->out);
        client->out_at = 0;
    }
    return 0;
}

int client_write(client_t *client, const struct iovec *iov, int count)
{
    size_t written = 0;
    if (!client_blocked(client)) {
        ssize_t n = tcp_write(client->tcp, iov, count);
        if (n < 0)
            return GW_EIO;
        written = (size_t)n;
    }
    for (int i = 0; i < count; i++) {
        size_t part = written < iov[i].iov_len ? written : iov[i].iov_len;
        written -= part;
        strbuf_add(&client->out, slice_make((char *)iov[i].iov_base + part, iov[i].iov_len - part));
    }
    if (client_blocked(client))
        client_wait(client, client->owner->args->write_timeout_ms);
    return 0;
}

static void give_credit(client_t *client)
{
    for (; client->pieces > 0; client->pieces--)
        send_RESPONSE_CREDIT_tag(client->owner->me, client->upstream, NULL,
                                 client->exchange->upstream_handle);
}

static void written(client_t *client)
{
    if (client->phase == CLIENT_CLOSING)
        finish(client);
    else if (client->phase == CLIENT_ANSWERED)
        give_credit(client);
}

static void on_writable(void *owner, tcp_t *tcp)
{
    (void)tcp;
    client_t *client = owner;
    if (flush(client) < 0) {
        client_lost(client);
        return;
    }
    client_watch(client);
    if (!client_blocked(client))
        written(client);
}

/* CLOSING means "the last byte is in `out` or with the kernel": the exchange is accounted for. */
static void last_written(client_t *client)
{
    client->phase = CLIENT_CLOSING;
    if (client_blocked(client))
        client_watch(client);
    else
        finish(client);
}

/* --- the response --- */

static http1_response_out_t describe(client_t *client)
{
    const http_response_head_t *head = &client->exchange->response;
    client->keep_alive = client->keep_alive && client->body.done && !client->owner->draining;
    client->framing = client->head_only && head->framing != HTTP_BODY_NONE
                          ? HTTP_BODY_NONE
                          : http1_client_framing(head->framing, client->minor, &client->keep_alive);
    return (http1_response_out_t){.status = head->status,
                                  .reason = head->reason,
                                  .headers = &head->headers,
                                  .content_length = head->content_length,
                                  .framing = client->framing,
                                  .client_minor = client->minor,
                                  .keep_alive = client->keep_alive};
}

static size_t put_body(client_t *client, slice_t body, bool last, char *to)
{
    static const char last_chunk[] = "0\r\n\r\n";
    bool chunked = client->framing == HTTP_BODY_CHUNKED;
    char *at = to;
    if (client->framing == HTTP_BODY_NONE)
        return 0;
    if (chunked && body.len)
        at += http1_chunk_put(at, body.len);
    if (body.len)
        memcpy(at, body.base, body.len);
    at += body.len;
    if (chunked && body.len) {
        memcpy(at, "\r\n", 2);
        at += 2;
    }
    if (chunked && last) {
        memcpy(at, last_chunk, sizeof(last_chunk) - 1);
        at += sizeof(last_chunk) - 1;
    }
    client->sent += body.len;
    return (size_t)(at - to);
}

enum { CHUNK_FRAME_MAX = HTTP1_CHUNK_SIZE_MAX + 2 + 5 };

/* Head and first part of the body go out in one write. */
static int write_response(client_t *client)
{
    const exchange_t *exchange = client->exchange;
    http1_response_out_t out = describe(client);
    strbuf_t large = {0};
    size_t size = http1_response_size(&out) + exchange->response_body.len + CHUNK_FRAME_MAX;
    char *to = size <= ACTOR_SCRATCH ? actor_scratch(client->owner->me) : strbuf_room(&large, size);
    char *end = http1_response_put(&out, to);
    end += put_body(client, exchange->response_body, exchange->response_complete, end);
    if (exchange->response_complete)
        account(client, exchange, exchange->flag, exchange->response.status);
    struct iovec iov = {to, (size_t)(end - to)};
    int rc = client_write(client, &iov, 1);
    strbuf_fini(&large);
    return rc;
}

static void begin_response(client_t *client)
{
    const exchange_t *exchange = client->exchange;
    client->phase = CLIENT_ANSWERED;
    if (write_response(client) < 0) {
        if (exchange->response_complete)
            client_free(client);
        else
            abort_response(client, RESPONSE_FLAG_DC);
        return;
    }
    if (exchange->response_complete) {
        last_written(client);
        return;
    }
    client->streaming = true;
    traffic_streams(&client->owner->traffic,
                    &(traffic_end_t){.exchange = exchange, .listener = client->listener}, 1);
    if (!client_blocked(client))
        client_wait(client, client->owner->args->request_timeout_ms);
    client_watch(client);
}

static void overrule(client_t *client, exchange_t *exchange)
{
    exchange_answer(exchange, client->verdict);
    client->keep_alive = false;
}

/* The route's changes of the response. The gateway's own answers to faults stay as they are. */
static void edit_response(exchange_t *exchange)
{
    if (!exchange->route || exchange->flag != RESPONSE_FLAG_NONE)
        return;
    http_headers_t *headers = &exchange->response.headers;
    if (exchange->choice)
        header_edits_apply(&exchange->choice->response_edits, headers, &exchange->arena);
    header_edits_apply(&exchange->route->response_edits, headers, &exchange->arena);
}

void client_answer(client_t *client, exchange_t **exchange, actor_ref_t from)
{
    client->request = 0;
    client->exchange = *exchange;
    *exchange = NULL;
    client->upstream = from;
    bool more = !client->exchange->response_complete;
    if (client->verdict != RESPONSE_FLAG_NONE) {
        if (more)
            send_RESPONSE_ABORT_tag(client->owner->me, from, NULL,
                                    client->exchange->upstream_handle);
        overrule(client, client->exchange);
    }
    if (client->phase == CLIENT_GONE) {
        account(client, client->exchange, client->verdict, response_flag_status(client->verdict));
        client_free(client);
        return;
    }
    edit_response(client->exchange);
    begin_response(client);
}

void client_failed(client_t *client, int code)
{
    exchange_t *exchange =
        exchange_new(client->owner->pool); /* what was known of the request is lost */
    log_warn(connection, "EXCHANGE-LOST", "an actor failed while it had a request",
             log_code("error", code), log_u64("stream", client->node.id));
    exchange->started_ns = client->started_ns;
    exchange_answer(exchange, code == GW_EDEADLINE ? RESPONSE_FLAG_UT : RESPONSE_FLAG_OL);
    client->keep_alive = false;
    client_answer(client, &exchange, 0);
}

/* The client must see that this is not the whole. A length or a missing last chunk tells it; where
 * the end of the connection is the end of the body, only a reset does. */
static void show_truncation(client_t *client)
{
    if (client->framing != HTTP_BODY_CLOSE)
        return;
    tcp_reset(client->tcp);
    client->tcp = NULL;
}

void client_piece(client_t *client, const body_chunk_t *chunk)
{
    if (client->phase != CLIENT_ANSWERED)
        return;
    if (chunk->aborted) {
        account(client, client->exchange, RESPONSE_FLAG_UC, client->exchange->response.status);
        show_truncation(client);
        client_free(client);
        return;
    }
    char *to = actor_scratch(client->owner->me);
    size_t len = put_body(client, slice_make(chunk->data, chunk->len), chunk->last, to);
    struct iovec iov = {to, len};
    if (chunk->last)
        account(client, client->exchange, client->exchange->flag,
                client->exchange->response.status);
    if (len && client_write(client, &iov, 1) < 0) {
        if (chunk->last)
            client_free(client);
        else
            client_lost(client);
        return;
    }
    if (chunk->last) {
        last_written(client);
        return;
    }
    client->pieces++;
    if (client_blocked(client))
        client_watch(client);
    else
        give_credit(client);
}

void client_refuse(client_t *client, exchange_t **exchange, response_flag_t flag, unsigned status)
{
    client->exchange = *exchange;
    *exchange = NULL;
    exchange_answer(client->exchange, flag);
    client->exchange->response.status = (uint16_t)status;
    client->exchange->response.reason = http_status_reason(status);
    client->keep_alive = false;
    client->body.done = false; /* where the next request begins is not known */
    begin_response(client);
}

/* --- events --- */

static void throw_away(client_t *client)
{
    char *scratch = actor_scratch(client->owner->me);
    ssize_t n = tcp_read(client->tcp, scratch, ACTOR_SCRATCH);
    if (n < 0 && n != GW_EAGAIN)
        client_free(client);
}

/* More of the next request, or the end, while this one is served. */
static void read_ahead(client_t *client)
{
    char *scratch = actor_scratch(client->owner->me);
    ssize_t n = tcp_read(client->tcp, scratch, ACTOR_SCRATCH);
    if (n == GW_EAGAIN)
        return;
    if (n < 0) {
        client_lost(client);
        return;
    }
    strbuf_add(&client->in, slice_make(scratch, (size_t)n));
    client_watch(client);
}

static void read_request(client_t *client)
{
    char *scratch = actor_scratch(client->owner->me);
    ssize_t n = tcp_read(client->tcp, scratch, ACTOR_SCRATCH);
    if (n == GW_EAGAIN)
        return;
    if (n < 0)
        client_free(client); /* nothing is under way */
    else
        client_input(client, slice_make(scratch, (size_t)n));
}

static void on_readable(void *owner, tcp_t *tcp)
{
    (void)tcp;
    client_t *client = owner;
    switch (client->phase) {
    case CLIENT_IDLE:
    case CLIENT_HEAD:
        read_request(client);
        break;
    case CLIENT_WAITING:
    case CLIENT_ANSWERED:
        if (client->body.done)
            read_ahead(client);
        else
            client_upload(client);
        break;
    default:
        throw_away(client);
    }
}

void client_expired(client_t *client)
{
    client->timer = 0;
    exchange_t *exchange = NULL;
    switch (client->phase) {
    case CLIENT_IDLE:
        traffic_idle_closed(&client->owner->traffic, client->listener);
        client_free(client);
        break;
    case CLIENT_HEAD:
        exchange = exchange_new(client->owner->pool);
        client_refuse(client, &exchange, RESPONSE_FLAG_IT, 408);
        break;
    case CLIENT_WAITING:
        client_give_up(client, client->body.done ? RESPONSE_FLAG_UT : RESPONSE_FLAG_IT);
        break;
    case CLIENT_ANSWERED:
        abort_response(client, RESPONSE_FLAG_DC);
        break;
    case CLIENT_CLOSING:
    case CLIENT_LINGER:
        client_free(client);
        break;
    default:
        break;
    }
}

/* Who waits between requests knows that the connection may close. Who has only just connected is
 * about to send a request that nobody would answer, so it gets a moment. */
void client_drain(client_t *client)
{
    if (client->phase != CLIENT_IDLE || client->in.len > 0)
        client->keep_alive = false;
    else if (client->started_ns == 0)
        client_wait(client, FIRST_REQUEST_MS);
    else
        client_free(client);
}
