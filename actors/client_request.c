/*
 * client_request.c: a request on its way in: from the bytes of a head to an exchange that is
 * sent to the router, and its body in pieces after it.
 */
#include "actors/client.h"
#include "actors/router_msg.h"
#include "actors/upstream_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/trace.h"
#include "transport/http_text.h"

enum { UUID_LEN = 36 };

/* --- what the gateway adds --- */

/* The eight hexadecimal digits of a number, all at once: a nibble per byte, then each of them
 * becomes its digit. Which end comes first does not matter for random numbers. */
static uint64_t hex_digits(uint32_t number)
{
    uint64_t x = number;
    x = (x & 0xffff0000) << 16 | (x & 0xffff);
    x = (x & UINT64_C(0x0000ff000000ff00)) << 8 | (x & UINT64_C(0x000000ff000000ff));
    x = (x & UINT64_C(0x00f000f000f000f0)) << 4 | (x & UINT64_C(0x000f000f000f000f));
    uint64_t above_nine = (x + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    return x + UINT64_C(0x3030303030303030) + above_nine * ('a' - '0' - 10);
}

/* RFC 9562 section 5.4, version 4. */
static slice_t new_request_id(actor_t *me, arena_t *arena)
{
    uint64_t random[2] = {actor_random(me), actor_random(me)};
    uint64_t digits[4] = {hex_digits((uint32_t)random[0]), hex_digits((uint32_t)(random[0] >> 32)),
                          hex_digits((uint32_t)random[1]), hex_digits((uint32_t)(random[1] >> 32))};
    char hex[32], *text = arena_bytes(arena, UUID_LEN);
    memcpy(hex, digits, sizeof(hex));
    hex[12] = '4';
    hex[16] = "89ab"[random[0] & 3];
    memcpy(text, hex, 8);
    memcpy(text + 9, hex + 8, 4);
    memcpy(text + 14, hex + 12, 4);
    memcpy(text + 19, hex + 16, 4);
    memcpy(text + 24, hex + 20, 12);
    text[8] = text[13] = text[18] = text[23] = '-';
    return slice_make(text, UUID_LEN);
}

static slice_t request_id(client_t *client, exchange_t *exchange)
{
    const http_header_t *given =
        http_headers_get(&exchange->request.headers, HTTP_HEADER_X_REQUEST_ID);
    if (given && http_request_id_valid(given->value))
        return given->value;
    return new_request_id(client->owner->me, &exchange->arena);
}

/*
 * The client's address, behind what trusted proxies before us have said. What an untrusted
 * client says of itself is worth nothing and goes no further.
 */
static slice_t forwarded_for(const client_t *client, exchange_t *exchange)
{
    slice_t ip = slice_make(client->ip, client->ip_len);
    const http_headers_t *headers = &exchange->request.headers;
    size_t size = ip.len;
    if (client->owner->args->trusted_hops == 0)
        return arena_dup(&exchange->arena, ip); /* it may outlive the client */
    for (uint32_t i = 0; i < headers->count; i++) {
        if (headers->at[i].id == HTTP_HEADER_X_FORWARDED_FOR)
            size += headers->at[i].value.len + 2;
    }
    char *list = arena_bytes(&exchange->arena, size), *at = list;
    for (uint32_t i = 0; i < headers->count; i++) {
        slice_t value = headers->at[i].value;
        if (headers->at[i].id != HTTP_HEADER_X_FORWARDED_FOR || value.len == 0)
            continue;
        memcpy(at, value.base, value.len);
        memcpy(at + value.len, ", ", 2);
        at += value.len + 2;
    }
    memcpy(at, ip.base, ip.len);
    return slice_make(list, (size_t)(at + ip.len - list));
}

/* What a trusted proxy has said, or our own view. */
static slice_t forwarded(const client_t *client, const exchange_t *exchange, http_header_id_t id,
                         slice_t own)
{
    const http_header_t *said =
        client->owner->args->trusted_hops ? http_headers_get(&exchange->request.headers, id) : NULL;
    return said && said->value.len ? said->value : own;
}

static void add(exchange_t *exchange, slice_t name, slice_t value, http_header_id_t id)
{
    http_headers_add(&exchange->added, &exchange->arena, name, value, id);
}

static void add_headers(client_t *client, exchange_t *exchange)
{
    exchange->request_id = request_id(client, exchange);
    add(exchange, SLICE("x-forwarded-for"), forwarded_for(client, exchange),
        HTTP_HEADER_X_FORWARDED_FOR);
    add(exchange, SLICE("x-forwarded-proto"),
        forwarded(client, exchange, HTTP_HEADER_X_FORWARDED_PROTO, SLICE("http")),
        HTTP_HEADER_X_FORWARDED_PROTO);
    slice_t host =
        forwarded(client, exchange, HTTP_HEADER_X_FORWARDED_HOST, exchange->request.authority);
    if (host.len)
        add(exchange, SLICE("x-forwarded-host"), host, HTTP_HEADER_X_FORWARDED_HOST);
    add(exchange, SLICE("x-request-id"), exchange->request_id, HTTP_HEADER_X_REQUEST_ID);
}

/* --- the body --- */

/* All payload in `in`, joined at `to`; *ret_used tells how much of `in` belongs to the body. */
static ssize_t decode(client_t *client, slice_t in, char *to, size_t *ret_used)
{
    size_t len = 0, at = 0;
    http1_reject_t why;
    while (at < in.len && !client->body.done) {
        size_t used;
        slice_t data;
        if (http1_body_feed(&client->body, slice_sub(in, at, in.len), &used, &data, &why) < 0) {
            log_debug(connection, "REQUEST-BODY-REFUSED", "a request's body is malformed",
                      log_text("reason", why.reason));
            return GW_EPARSE;
        }
        if (data.len)
            memcpy(to + len, data.base, data.len);
        len += data.len;
        at += used;
    }
    client->received += len;
    *ret_used = at;
    return (ssize_t)len;
}

static void send_piece(client_t *client, body_chunk_t **chunk)
{
    client->credits--;
    send_REQUEST_BODY_tag(client->owner->me, client->upstream, chunk, client->upstream_handle);
}

/* The upstream must not take what came so far for the whole. */
static void spoil(client_t *client)
{
    body_chunk_t *chunk = body_chunk_new((slice_t){0}, true);
    chunk->aborted = true;
    send_piece(client, &chunk);
}

static void upload(client_t *client, slice_t in)
{
    size_t used = 0;
    body_chunk_t *chunk = body_chunk_new(in, false); /* room for all of it */
    ssize_t len = decode(client, in, chunk->data, &used);
    if (len < 0) {
        body_chunk_free(chunk);
        spoil(client);
        client_give_up(client, RESPONSE_FLAG_BR);
        return;
    }
    chunk->len = (uint32_t)len;
    chunk->last = client->body.done;
    if (len > 0 || chunk->last)
        send_piece(client, &chunk);
    else
        body_chunk_free(chunk);
    strbuf_add(&client->in, slice_sub(in, used, in.len));
    client_pace(client);
    client_watch(client);
}

void client_upload(client_t *client)
{
    char *scratch = actor_scratch(client->owner->me);
    ssize_t n = tcp_read(client->tcp, scratch, BODY_CHUNK_MAX);
    if (n == GW_EAGAIN)
        return;
    if (n < 0) {
        spoil(client);
        client_lost(client);
        return;
    }
    upload(client, slice_make(scratch, (size_t)n));
}

static void say_continue(client_t *client)
{
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct iovec iov = {(char *)line, sizeof(line) - 1};
    client->expects = false;
    client_write(client, &iov, 1); /* an error shows when the body is read */
}

void client_granted(client_t *client, actor_ref_t from, uint32_t handle)
{
    if (client->phase != CLIENT_WAITING && client->phase != CLIENT_ANSWERED)
        return;
    client->upstream = from;
    client->upstream_handle = handle;
    client->credits = BODY_WINDOW;
    if (client->expects)
        say_continue(client);
    client_pace(client);
    client_watch(client);
}

void client_credited(client_t *client)
{
    if (client->upstream_handle == 0 || client->body.done)
        return;
    client->credits++;
    client_watch(client);
}

/* --- the head --- */

static void launch(client_t *client, exchange_t **exchange)
{
    connection_t *c = client->owner;
    client->phase = CLIENT_WAITING;
    client->minor = (*exchange)->request.minor;
    client->keep_alive = (*exchange)->request.keep_alive;
    client->head_only = slice_eq((*exchange)->request.method, SLICE("HEAD"));
    client->expects = (*exchange)->request.expect_continue && !(*exchange)->request_complete &&
                      client->received == 0;
    (*exchange)->client = client->peer;
    (*exchange)->listener = client->listener;
    (*exchange)->stream = client->node.id;
    (*exchange)->started_ns = client->started_ns;
    add_headers(client, *exchange);
    c->requests++;
    client->counted = true;
    traffic_began(&c->traffic, client->listener);
    actor_set_trace(c->me, trace_of_request((*exchange)->request_id));
    client->request = request_ROUTE_REQUEST(c->me, c->router, exchange, 0, client);
    client_wait(client, c->args->request_timeout_ms);
}

static void refuse_head(client_t *client, exchange_t **exchange, const http1_reject_t *why)
{
    log_debug(connection, "REQUEST-REFUSED", "a request's head is not acceptable",
              log_text("reason", why->reason), log_u64("status", why->status));
    client_refuse(client, exchange,
                  why->status == 431 || why->status == 414 ? RESPONSE_FLAG_RH : RESPONSE_FLAG_BR,
                  why->status);
}

/* A whole head is at the front of `in`. Returns what is left behind the request, which points
 * into `in`; *ret_refused says that there is no request. */
static slice_t take_request(client_t *client, slice_t in, bool *ret_refused)
{
    exchange_t *exchange = exchange_new(client->owner->pool);
    http1_reject_t why = {0};
    size_t used = 0;
    char *head = arena_bytes(&exchange->arena, client->scan.len);
    memcpy(head, in.base + client->scan.start, client->scan.len);
    *ret_refused = true;
    if (http1_parse_request(head, client->scan.len, &exchange->arena, &client->owner->args->limits,
                            &exchange->request, &why) < 0) {
        refuse_head(client, &exchange, &why);
        return (slice_t){0};
    }
    slice_t rest = slice_sub(in, client->scan.start + client->scan.len, in.len);
    arena_reset(&client->trailers);
    http1_body_init(&client->body, exchange->request.framing, exchange->request.content_length,
                    &client->trailers);
    if (!client->body.done && rest.len) {
        char *to = arena_bytes(&exchange->arena, rest.len);
        ssize_t len = decode(client, rest, to, &used);
        if (len < 0) {
            client_refuse(client, &exchange, RESPONSE_FLAG_BR, 400);
            return (slice_t){0};
        }
        exchange->request_body = slice_make(to, (size_t)len);
    }
    exchange->request_complete = client->body.done;
    *ret_refused = false;
    launch(client, &exchange);
    return slice_sub(rest, used, rest.len);
}

/* Keeps what was not used; `rest` may point into client->in. */
static void keep(client_t *client, slice_t rest)
{
    strbuf_t kept = {0};
    strbuf_add(&kept, rest);
    strbuf_fini(&client->in);
    client->in = kept;
}

static void begin_head(client_t *client)
{
    client->phase = CLIENT_HEAD;
    client->scan = (http1_scan_t){0};
    client->started_ns = actor_now(client->owner->me);
}

/* The time runs from the first byte; more bytes do not prolong it. Most heads come whole and need
 * no timer of their own. */
static void wait_for_head(client_t *client)
{
    uint64_t passed = actor_now(client->owner->me) - client->started_ns;
    uint64_t limit_ms = client->owner->args->header_timeout_ms, passed_ms = passed / 1000000;
    client_wait(client, passed_ms < limit_ms ? (uint32_t)(limit_ms - passed_ms) : 0);
}

static void take_head(client_t *client, slice_t in)
{
    http1_reject_t why = {0};
    bool refused;
    int rc = http1_scan_head(&client->scan, in, &client->owner->args->limits, &why);
    if (rc == GW_EAGAIN) {
        wait_for_head(client);
        if (in.base != client->in.base)
            keep(client, in);
        client_watch(client);
        return;
    }
    if (rc < 0) {
        exchange_t *exchange = exchange_new(client->owner->pool);
        refuse_head(client, &exchange, &why);
        return;
    }
    slice_t rest = take_request(client, in, &refused);
    if (refused)
        return; /* the client may be gone */
    if (rest.len || client->in.len)
        keep(client, rest);
    client_watch(client);
}

void client_input(client_t *client, slice_t in)
{
    if (client->in.len) {
        strbuf_add(&client->in, in);
        in = strbuf_slice(&client->in);
    }
    if (client->phase == CLIENT_IDLE)
        begin_head(client);
    /* A full router gets no new requests; what came stays here and no more is read. */
    client->blocked = actor_muted(client->owner->me);
    if (client->blocked) {
        if (in.base != client->in.base)
            keep(client, in);
        client_watch(client);
        return;
    }
    take_head(client, in);
}

void client_resume(client_t *client)
{
    if (client->phase != CLIENT_IDLE && client->phase != CLIENT_HEAD)
        return;
    client->blocked = false;
    if (client->in.len)
        client_input(client, (slice_t){0});
    else
        client_watch(client);
}
