/*
 * client.c: one connection to a client: its life from accept to close, and what the socket and
 * the clock say. The request on its way in is in client_request.c, the response on its way out
 * in client_response.c.
 */
#include "actors/client.h"

#include "actors/upstream_msg.h"
#include "core/log.h"
#include "core/mem.h"

enum {
    LINGER_MS = 2000,
    FIRST_REQUEST_MS = 1000, /* for a new connection when the process stops */
    /* A pipelined request is kept while the one before is served; beyond that the client waits. */
    AHEAD_MAX = 65536
};

static void on_readable(void *owner, tcp_t *tcp);
static void on_writable(void *owner, tcp_t *tcp);
static const tcp_events_t events = {.readable = on_readable, .writable = on_writable};

/* --- life --- */

void client_free(client_t *client)
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
    if (!actor_timer_extend(me, client->timer, ns))
        client->timer = actor_timer_start(me, ns, MSG_CLIENT_TIMER, client);
}

void client_pace(client_t *client)
{
    const connection_args_t *args = client->owner->args;
    if (client_blocked(client))
        client_wait(client, args->write_timeout_ms);
    else if (!client->body.done && client->upstream_handle)
        client_wait(client, args->body_timeout_ms);
    else
        client_wait(client, args->request_timeout_ms);
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

static void linger(client_t *client)
{
    client->phase = CLIENT_LINGER;
    tcp_shut(client->tcp);
    client_wait(client, LINGER_MS);
    client_watch(client);
}

/* The response is written. What comes next depends on what both sides want. */
void client_finish(client_t *client)
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

void client_cut(client_t *client, response_flag_t flag)
{
    exchange_t *exchange = client->exchange;
    if (client->phase == CLIENT_ANSWERED) {
        send_RESPONSE_ABORT_tag(client->owner->me, client->upstream, NULL,
                                exchange->upstream_handle);
        client_account(client, exchange, flag, response_flag_status(flag));
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
        client_cut(client, RESPONSE_FLAG_DC);
    }
}

void client_give_up(client_t *client, response_flag_t verdict)
{
    if (client->phase != CLIENT_WAITING) {
        client_cut(client, verdict);
        return;
    }
    client->verdict = (uint8_t)verdict;
    client->keep_alive = false;
    actor_recall(client->owner->me, client->request);
}

void client_abort(client_t *client)
{
    if (client->phase == CLIENT_ANSWERED)
        client_cut(client, RESPONSE_FLAG_OL);
    else
        client_free(client);
}
/* --- events --- */

static void on_writable(void *owner, tcp_t *tcp)
{
    (void)tcp;
    client_t *client = owner;
    if (client_flush(client) < 0) {
        client_lost(client);
        return;
    }
    client_watch(client);
    if (!client_blocked(client))
        client_written(client);
}

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
        client_cut(client, RESPONSE_FLAG_DC);
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
