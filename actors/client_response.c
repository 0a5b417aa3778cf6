/*
 * client_response.c: a response on its way out: from the exchange that is home to bytes, and its
 * body in pieces after it, as fast as the client takes them.
 */
#include "actors/client.h"
#include "actors/upstream_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "transport/http1_write.h"
#include "xds/route_apply.h"

/* --- writing --- */

int client_flush(client_t *client)
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
        client_pace(client);
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

void client_written(client_t *client)
{
    if (client->phase == CLIENT_CLOSING)
        client_finish(client);
    else if (client->phase == CLIENT_ANSWERED)
        give_credit(client);
}
/* CLOSING means "the last byte is in `out` or with the kernel": the exchange is accounted for. */
static void last_written(client_t *client)
{
    client->phase = CLIENT_CLOSING;
    if (client_blocked(client))
        client_watch(client);
    else
        client_finish(client);
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
        client_account(client, exchange, exchange->flag, exchange->response.status);
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
            client_cut(client, RESPONSE_FLAG_DC);
        return;
    }
    if (exchange->response_complete) {
        last_written(client);
        return;
    }
    client->streaming = traffic_streams(&client->owner->traffic, client->listener, exchange);
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
        client_account(client, client->exchange, client->verdict,
                       response_flag_status(client->verdict));
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
        client_account(client, client->exchange, RESPONSE_FLAG_UC,
                       client->exchange->response.status);
        show_truncation(client);
        client_free(client);
        return;
    }
    char *to = actor_scratch(client->owner->me);
    size_t len = put_body(client, slice_make(chunk->data, chunk->len), chunk->last, to);
    struct iovec iov = {to, len};
    if (chunk->last)
        client_account(client, client->exchange, client->exchange->flag,
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
