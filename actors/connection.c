/*
 * connection.c: the actor that owns all connections to clients on one worker. What happens on
 * one connection is in client.c; a fault there ends that connection, not the actor.
 */
#include <unistd.h>

#include "actors/classes.h"
#include "actors/client.h"
#include "actors/snapshot_msg.h"
#include "core/log.h"
#include "core/mem.h"

static int connection_init(void *self, actor_t *me, const void *args)
{
    connection_t *c = self;
    char name[32];
    c->me = me;
    c->args = args;
    snprintf(name, sizeof(name), "router/%u", actor_worker(me));
    c->router = actor_lookup(me, name);
    slab_init(&c->slab, sizeof(client_t));
    list_init(&c->clients);
    c->pool = exchange_pool_new();
    traffic_init(&c->traffic, c->args->series_max);
    traffic_log_init(&c->log, c->args->access_log_sample, c->args->access_log_window);
    if (c->args->access_log)
        c->access_log = actor_lookup(me, "access_log");
    actor_ref_t snapshot = actor_lookup(me, "snapshot");
    if (snapshot) /* this is a restart: it knows the listeners' names */
        send_LISTENERS_WANTED(me, snapshot, NULL);
    return c->router ? 0 : GW_ENOACTOR;
}

static void connection_fini(void *self, actor_t *me)
{
    (void)me;
    connection_t *c = self;
    c->stopping = false; /* the actor ends already */
    list_each (link, &c->clients)
        client_abort(GW_CONTAINER_OF(link, client_t, link));
    connection_log(c);
    traffic_log_fini(&c->log);
    collect_fini(&c->collect);
    traffic_fini(&c->traffic);
    slab_fini(&c->slab);
    exchange_pool_close(c->pool);
}

void connection_log(connection_t *c)
{
    log_lines_t *lines = traffic_log_take(&c->log);
    if (lines)
        send_LOG_LINES(c->me, c->access_log, &lines);
}

static int on_log_timer(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    c->log_timer = 0;
    connection_log(c);
    return 0;
}

static int on_log_credit(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    traffic_log_credit(&c->log);
    return 0;
}

static int on_accepted(connection_t *c, actor_t *me, accepted_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    client_open(c, *body);
    return 0;
}

/* The listener passes on what it got. After a restart we have asked for it: then it is a request,
 * and the snapshot actor does not expect us to have bound anything. */
static int on_listeners(connection_t *c, actor_t *me, snapshot_t **body, const msg_t *m)
{
    bound_list_t *none = NULL;
    traffic_configure(&c->traffic, body);
    if (m->flags & MSG_REQUEST)
        reply_BOUND(me, OWED_CURRENT, &none);
    return 0;
}

static int on_response(connection_t *c, actor_t *me, exchange_t **body, const msg_t *m)
{
    (void)c;
    client_answer(actor_context(me), body, m->src);
    return 0;
}

static int on_failed(connection_t *c, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)c;
    (void)m;
    client_failed(actor_context(me), (*body)->code);
    return 0;
}

static int on_response_body(connection_t *c, actor_t *me, body_chunk_t **body, const msg_t *m)
{
    (void)me;
    client_t *client = slab_get(&c->slab, m->corr);
    if (client)
        client_piece(client, *body);
    return 0;
}

static int on_request_grant(connection_t *c, actor_t *me, grant_t **body, const msg_t *m)
{
    (void)me;
    client_t *client = slab_get(&c->slab, m->corr);
    if (client)
        client_granted(client, m->src, (*body)->upstream_handle);
    return 0;
}

static int on_request_credit(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    client_t *client = slab_get(&c->slab, m->corr);
    if (client)
        client_credited(client);
    return 0;
}

static int on_client_timer(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)c;
    (void)body;
    (void)m;
    client_expired(actor_context(me));
    return 0;
}

static int on_unmuted(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    list_each (link, &c->clients) {
        client_t *client = GW_CONTAINER_OF(link, client_t, link);
        if (client->blocked && !actor_muted(me))
            client_resume(client);
    }
    return 0;
}

static int on_drain(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    c->draining = true; /* from now on every response says that it is the last */
    return 0;
}

static int on_stop(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    c->draining = true;
    list_each (link, &c->clients)
        client_drain(GW_CONTAINER_OF(link, client_t, link));
    c->stopping = true;
    if (list_empty(&c->clients))
        actor_exit(me);
    return 0;
}

static int on_collect(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    series_DATAPLANE(c->traffic.set)->log_dropped += traffic_log_dropped(&c->log);
    collect_begin(&c->collect, me, c->traffic.set);
    return 0;
}

static int on_more(connection_t *c, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    collect_more(&c->collect, me);
    return 0;
}

static void connection_describe(void *self, actor_t *me, strbuf_t *json)
{
    const connection_t *c = self;
    uint32_t phases[CLIENT_GONE + 1] = {0};
    (void)me;
    list_each (link, &c->clients)
        phases[GW_CONTAINER_OF(link, client_t, link)->phase]++;
    strbuf_printf(json,
                  "\"clients\":%u,\"idle\":%u,\"reading\":%u,\"waiting\":%u,\"answering\":%u,"
                  "\"closing\":%u,\"requests\":%llu,\"draining\":%s",
                  c->slab.live, phases[CLIENT_IDLE], phases[CLIENT_HEAD], phases[CLIENT_WAITING],
                  phases[CLIENT_ANSWERED], phases[CLIENT_CLOSING] + phases[CLIENT_LINGER],
                  (unsigned long long)c->requests, c->draining ? "true" : "false");
}

HANDLER(connection_t, ACCEPTED, on_accepted)
HANDLER(connection_t, LISTENERS, on_listeners)
HANDLER(connection_t, RESPONSE, on_response)
HANDLER(connection_t, FAILED, on_failed)
HANDLER(connection_t, RESPONSE_BODY, on_response_body)
HANDLER(connection_t, REQUEST_GRANT, on_request_grant)
HANDLER(connection_t, REQUEST_CREDIT, on_request_credit)
HANDLER(connection_t, CLIENT_TIMER, on_client_timer)
HANDLER(connection_t, LOG_TIMER, on_log_timer)
HANDLER(connection_t, LOG_CREDIT, on_log_credit)
HANDLER(connection_t, UNMUTED, on_unmuted)
HANDLER(connection_t, DRAIN, on_drain)
HANDLER(connection_t, STOP, on_stop)
HANDLER(connection_t, METRICS_COLLECT, on_collect)
HANDLER(connection_t, METRICS_MORE, on_more)

static const actor_handler_t handlers[] = {
    ON(ACCEPTED),      ON(LISTENERS),       ON(RESPONSE),       ON(FAILED),
    ON(RESPONSE_BODY), ON(REQUEST_GRANT),   ON(REQUEST_CREDIT), ON(CLIENT_TIMER),
    ON(LOG_TIMER),     ON(LOG_CREDIT),      ON(UNMUTED),        ON(DRAIN),
    ON(STOP),          ON(METRICS_COLLECT), ON(METRICS_MORE),   ON_END};

const actor_class_t connection_class = {.name = "connection",
                                        .state_size = sizeof(connection_t),
                                        .init = connection_init,
                                        .fini = connection_fini,
                                        .describe = connection_describe,
                                        .handlers = handlers};
