/*
 * client_account.c: what is written down of an exchange when it ends: counters, and a line of the
 * access log.
 */
#include "actors/client.h"

/* How long a line of the access log may wait for others. */
static const uint64_t LOG_DELAY_NS = 100000000;

static uint64_t elapsed(const client_t *client)
{
    return actor_now(client->owner->me) - client->started_ns;
}

/* The timer serves all requests; it is not part of this one's flow. */
static void start_log_timer(connection_t *c)
{
    uint64_t trace = actor_trace(c->me);
    actor_set_trace(c->me, 0);
    c->log_timer = actor_timer_start(c->me, LOG_DELAY_NS, MSG_LOG_TIMER, NULL);
    actor_set_trace(c->me, trace);
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
        start_log_timer(c);
}

static void uncount(client_t *client)
{
    if (client->streaming)
        traffic_streamed(client->streaming);
    if (client->counted)
        traffic_left(&client->owner->traffic, client->listener);
    client->streaming = NULL;
    client->counted = false;
}

/* Every exchange is accounted for once, before the last byte of its answer is written. */
void client_account(client_t *client, const exchange_t *exchange, response_flag_t flag,
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
    uncount(client);
    traffic_ended(&client->owner->traffic, &end);
    log_line(client->owner, &end);
}
