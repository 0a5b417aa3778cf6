/*
 * http_server_client.c: see http_server_client.h. One request at a time: while it is served or
 * answered, nothing more is read.
 */
#include "transport/http_server_client.h"

#include "core/mem.h"
#include "transport/http1_write.h"

enum {
    LINGER_MS = 2000,
    PART_BYTES = 65536, /* of a source, in one chunk: some hundred microseconds of work */
    READ_BYTES = 16384
};

static const http1_limits_t limits = {.head_bytes = 16384, .target_bytes = 4096, .field_count = 64};

static void on_readable(void *owner, tcp_t *tcp);
static void on_writable(void *owner, tcp_t *tcp);
static const tcp_events_t events = {.readable = on_readable, .writable = on_writable};

/* --- life --- */

static void call_free(http_call_t *call)
{
    if (!call)
        return;
    arena_fini(&call->arena);
    strbuf_fini(&call->received);
    free(call);
}

static void end_source(server_client_t *client)
{
    if (client->source.next)
        client->source.free(client->source.context);
    client->source = (http_source_t){0};
}

void server_client_free(server_client_t *client)
{
    list_remove(&client->link);
    client->server->count--;
    tcp_close(client->tcp);
    strbuf_fini(&client->in);
    strbuf_fini(&client->out);
    end_source(client);
    if (client->phase == SERVER_SERVED)
        client->call->client = NULL; /* its owner still has it */
    else
        call_free(client->call);
    free(client);
}

static bool blocked(const server_client_t *client)
{
    return client->out.len > client->out_at;
}

static void watch(server_client_t *client)
{
    bool reads = client->phase == SERVER_READING || client->phase == SERVER_LINGER;
    tcp_watch(client->tcp, reads, blocked(client) || client->source.next != NULL);
}

static uint64_t now_ms(const server_client_t *client)
{
    return actor_now(client->server->me) / 1000000;
}

void server_client_open(http_server_t *server, int fd, const net_address_t *peer)
{
    server_client_t *client = xcalloc(1, sizeof(*client));
    client->server = server;
    client->peer = *peer;
    list_append(&server->clients, &client->link);
    server->count++;
    client->active_ms = now_ms(client);
    client->tcp = tcp_open(server->me, fd, &events, client);
    if (client->tcp)
        watch(client);
    else
        server_client_free(client);
}

bool server_client_expired(const server_client_t *client, uint64_t now)
{
    uint64_t idle = now - client->active_ms;
    switch (client->phase) {
    case SERVER_SERVED:
        return false; /* its owner answers, in a time of its own */
    case SERVER_READING:
        return idle > HTTP_SERVER_IDLE_MS ||
               (client->began_ms && now - client->began_ms > HTTP_SERVER_REQUEST_MS);
    case SERVER_LINGER:
        return idle > LINGER_MS;
    default:
        return idle > HTTP_SERVER_IDLE_MS;
    }
}

/* --- writing --- */

/* All is written and the connection ends. A client that still sends would lose the answer to a
 * reset, so it gets a moment. */
static void linger(server_client_t *client)
{
    client->phase = SERVER_LINGER;
    tcp_shut(client->tcp);
    strbuf_fini(&client->in);
    watch(client);
}

/* Appends the source's next part as a chunk; behind the last one, what ends the body. */
static void add_part(server_client_t *client)
{
    char size[HTTP1_CHUNK_SIZE_MAX];
    strbuf_t part = {0};
    bool more = true;
    while (more && part.len < PART_BYTES)
        more = client->source.next(client->source.context, &part);
    if (client->chunked && part.len)
        strbuf_add(&client->out, slice_make(size, http1_chunk_put(size, part.len)));
    strbuf_add(&client->out, strbuf_slice(&part));
    if (client->chunked && part.len)
        strbuf_add(&client->out, HTTP1_CHUNK_TAIL);
    strbuf_fini(&part);
    if (more)
        return;
    end_source(client);
    if (client->chunked)
        http1_write_last_chunk(&client->out, &(http_headers_t){0});
}

static int flush(server_client_t *client)
{
    struct iovec iov = {client->out.base + client->out_at, client->out.len - client->out_at};
    ssize_t n = tcp_write(client->tcp, &iov, 1);
    if (n < 0)
        return GW_EIO;
    if (n > 0)
        client->active_ms = now_ms(client);
    client->out_at += (size_t)n;
    if (!blocked(client)) {
        strbuf_fini(&client->out);
        client->out_at = 0;
    }
    return 0;
}

static void process(server_client_t *client);

static void on_writable(void *owner, tcp_t *tcp)
{
    (void)tcp;
    server_client_t *client = owner;
    if (!blocked(client) && client->source.next)
        add_part(client);
    if (blocked(client) && flush(client) < 0) {
        server_client_free(client);
        return;
    }
    watch(client);
    if (client->phase != SERVER_WRITING || blocked(client) || client->source.next)
        return;
    if (client->close) {
        linger(client);
        return;
    }
    client->phase = SERVER_READING;
    watch(client);
    process(client); /* the next request may be here already */
}

/* The answer goes out when the socket says so: whoever answers may hold the client. */
static void begin_answer(server_client_t *client, bool keep_alive)
{
    client->phase = SERVER_WRITING;
    client->close = !keep_alive;
    client->call = NULL;
    client->began_ms = 0;
    tcp_watch(client->tcp, false, true);
}

/* --- reading --- */

static void refuse(server_client_t *client, unsigned status, const char *reason)
{
    strbuf_t body = {0};
    strbuf_printf(&body, "%s\n", reason);
    http1_answer_t answer = {.status = status, .body = strbuf_slice(&body), .client_minor = 1};
    http1_write_answer(&client->out, &answer);
    strbuf_fini(&body);
    call_free(client->call);
    begin_answer(client, false);
}

static void drop_front(strbuf_t *buf, size_t len)
{
    buf->len -= len;
    memmove(buf->base, buf->base + len, buf->len);
}

static int parse_head(server_client_t *client, http_call_t *call, http1_reject_t *why)
{
    slice_t head = slice_make(client->in.base + client->scan.start, client->scan.len);
    head = arena_dup(&call->arena, head);
    return http1_parse_request((char *)(uintptr_t)head.base, head.len, &call->arena, &limits,
                               &call->head, why);
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
    if (rc == 0)
        rc = parse_head(client, call, &why);
    if (rc < 0) {
        refuse(client, why.status, why.reason);
        return false;
    }
    drop_front(&client->in, client->scan.start + client->scan.len);
    client->scan = (http1_scan_t){0};
    http1_body_init(&call->body, call->head.framing, call->head.content_length, &call->arena);
    if (call->head.expect_continue && client->in.len == 0)
        strbuf_add(&client->out, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
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
            refuse(client, why.status, why.reason);
            return false;
        }
        if (call->received.len + data.len > HTTP_SERVER_BODY_MAX) {
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
    if (client->in.len && client->began_ms == 0)
        client->began_ms = now_ms(client);
    bool whole = (client->call || (client->in.len && take_head(client))) && take_body(client);
    if (client->phase != SERVER_READING)
        return; /* refused */
    if (whole)
        client->phase = SERVER_SERVED;
    watch(client);
    if (whole)
        client->server->serve(client->server->owner, client->call);
}

static void on_readable(void *owner, tcp_t *tcp)
{
    server_client_t *client = owner;
    char *scratch = actor_scratch(client->server->me);
    ssize_t n = tcp_read(tcp, scratch, READ_BYTES);
    if (n == GW_EAGAIN)
        return;
    if (n < 0) {
        server_client_free(client);
        return;
    }
    if (client->phase != SERVER_READING)
        return; /* nobody reads this any more */
    client->active_ms = now_ms(client);
    strbuf_add(&client->in, slice_make(scratch, (size_t)n));
    process(client);
}

/* --- the owner's side --- */

static bool is_head(const http_call_t *call)
{
    return slice_eq(call->head.method, SLICE("HEAD"));
}

void http_call_answer(http_call_t *call, unsigned status, const char *type, strbuf_t *body,
                      const http_header_t *field)
{
    server_client_t *client = call->client;
    if (client) {
        http_headers_t added = {(http_header_t *)(uintptr_t)field, 1, 1};
        http1_answer_t answer = {.status = status,
                                 .content_type = slice_of(type),
                                 .body = strbuf_slice(body),
                                 .added = field ? &added : NULL,
                                 .client_minor = call->head.minor,
                                 .head = is_head(call),
                                 .keep_alive = call->head.keep_alive};
        http1_write_answer(&client->out, &answer);
        begin_answer(client, call->head.keep_alive);
    }
    strbuf_fini(body);
    call_free(call);
}

/* How the body of a source is framed; *keep_alive becomes false where its end is the
 * connection's. */
static http_framing_t framing_of(const http_call_t *call, bool *keep_alive)
{
    *keep_alive = call->head.keep_alive;
    if (is_head(call))
        return HTTP_BODY_NONE;
    return http1_client_framing(HTTP_BODY_CHUNKED, call->head.minor, keep_alive);
}

static void begin_stream(server_client_t *client, const http_call_t *call, const char *type)
{
    bool keep_alive;
    http_framing_t framing = framing_of(call, &keep_alive);
    http_header_t field = {SLICE("Content-Type"), slice_of(type), HTTP_HEADER_CONTENT_TYPE};
    http_headers_t fields = {&field, 1, 1};
    http1_write_response(&client->out, &(http1_response_out_t){.status = 200,
                                                               .reason = http_status_reason(200),
                                                               .headers = &fields,
                                                               .framing = framing,
                                                               .client_minor = call->head.minor,
                                                               .keep_alive = keep_alive});
    client->chunked = framing == HTTP_BODY_CHUNKED;
    begin_answer(client, keep_alive);
}

void http_call_stream(http_call_t *call, const char *type, const http_source_t *source)
{
    server_client_t *client = call->client;
    if (client)
        begin_stream(client, call, type);
    if (client && !is_head(call))
        client->source = *source;
    else
        source->free(source->context);
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
