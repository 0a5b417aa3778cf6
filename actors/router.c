/*
 * router.c: the actor that decides where a request goes, one per worker. It holds a snapshot of
 * routes, which arrives as a message, and starts an upstream actor for a cluster when the first
 * request needs it. It answers itself what needs no backend.
 */
#include "actors/classes.h"
#include "actors/collect.h"
#include "actors/connection_msg.h"
#include "actors/metrics_msg.h"
#include "actors/router_msg.h"
#include "actors/snapshot_msg.h"
#include "actors/upstream.h"
#include "actors/upstream_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "xds/route_apply.h"

typedef struct router {
    const router_args_t *args;
    route_hold_t *hold;           /* NULL before the first snapshot */
    const route_table_t **tables; /* by the listener's number; NULL: none */
    uint32_t table_count;
    actor_ref_t *upstreams; /* by the cluster's dense number; 0: not in use here */
    uint32_t upstream_count;
    backend_counters_t *counters;
    collect_t collect;
    uint64_t requests;
} router_t;

static int router_init(void *self, actor_t *me, const void *args)
{
    router_t *r = self;
    r->args = args;
    r->counters = backend_counters_new(r->args->series_max);
    /* At the first start there is no snapshot actor yet; after a restart it knows the routes. */
    actor_ref_t snapshot = actor_lookup(me, "snapshot");
    if (snapshot)
        send_ROUTES_WANTED(me, snapshot, NULL);
    return 0;
}

static void router_fini(void *self, actor_t *me)
{
    router_t *r = self;
    /* A restarted router starts upstreams of its own; those of before finish what they have. */
    for (uint32_t i = 0; i < r->upstream_count; i++) {
        if (r->upstreams[i])
            send_DESTINATION(me, r->upstreams[i], NULL);
    }
    free(r->upstreams);
    free(r->tables);
    route_hold_drop(r->hold);
    collect_fini(&r->collect);
    backend_counters_unref(r->counters);
}

/* --- requests --- */

static void grow_upstreams(router_t *r, uint32_t number)
{
    if (number < r->upstream_count)
        return;
    uint32_t count = r->upstream_count ? r->upstream_count : 16;
    while (count <= number)
        count *= 2;
    r->upstreams = xrealloc(r->upstreams, count * sizeof(*r->upstreams));
    memset(r->upstreams + r->upstream_count, 0,
           (count - r->upstream_count) * sizeof(*r->upstreams));
    r->upstream_count = count;
}

/* The name of an upstream that is on its way out may still be taken; then it gets a number. */
static int spawn(router_t *r, actor_t *me, uint32_t number, const cluster_t *cluster, bool again)
{
    char name[128], suffix[16] = "";
    const snapshot_t *snapshot = r->hold->snapshot;
    destination_t *destination = destination_new(cluster, snapshot_endpoints(snapshot, cluster));
    slice_t backend = snapshot_series_name(snapshot, SERIES_BACKEND, cluster->series.number);
    upstream_args_t *args = upstream_args_new(&destination, backend, r->counters, r->args);
    if (again)
        snprintf(suffix, sizeof(suffix), "#%u", ++r->counters->started);
    snprintf(name, sizeof(name), "upstream/%u/%.80s%s", actor_worker(me), cluster->name.base,
             suffix);
    return actor_spawn(me, "upstream", name, args, upstream_args_free, &r->upstreams[number]);
}

static actor_ref_t start_upstream(router_t *r, actor_t *me, uint32_t number,
                                  const cluster_t *cluster)
{
    int rc = spawn(r, me, number, cluster, false);
    if (rc == GW_EEXIST)
        rc = spawn(r, me, number, cluster, true);
    return rc < 0 ? 0 : r->upstreams[number];
}

static actor_ref_t upstream_of(router_t *r, actor_t *me, uint32_t number, const cluster_t *cluster)
{
    grow_upstreams(r, number);
    return r->upstreams[number] ? r->upstreams[number] : start_upstream(r, me, number, cluster);
}

static void answer(actor_t *me, exchange_t **exchange, response_flag_t flag)
{
    exchange_answer(*exchange, flag);
    reply_RESPONSE(me, OWED_CURRENT, exchange);
}

/* What the backend gets to see instead of the client's request. */
static void rewrite(exchange_t *exchange, const route_cluster_t *choice)
{
    http_request_head_t *head = &exchange->request;
    const route_t *route = exchange->route;
    exchange->choice = choice;
    exchange->path = route_path(route, head->path, &exchange->arena);
    exchange->host = route_host(route, choice, head->authority);
    header_edits_apply(&choice->request_edits, &head->headers, &exchange->arena);
    header_edits_apply(&route->request_edits, &head->headers, &exchange->arena);
}

static int forward(router_t *r, actor_t *me, exchange_t **body)
{
    exchange_t *exchange = *body;
    const route_forward_t *forward = &exchange->route->forward;
    const route_cluster_t *choice =
        route_pick_cluster(exchange->route, (uint32_t)(actor_random(me) >> 32));
    exchange->cluster = snapshot_cluster(r->hold->snapshot, choice->cluster);
    if (!exchange->cluster) {
        answer(me, body, RESPONSE_FLAG_IB);
        return 0;
    }
    actor_ref_t upstream = upstream_of(r, me, choice->cluster, exchange->cluster);
    if (!upstream) {
        answer(me, body, RESPONSE_FLAG_UH);
        return 0;
    }
    rewrite(exchange, choice);
    if (forward->timeout_ms)
        exchange->deadline_ns = actor_now(me) + (uint64_t)forward->timeout_ms * 1000000;
    forward_DISPATCH(me, OWED_CURRENT, upstream, body);
    return 0;
}

static const route_t *match(const router_t *r, const exchange_t *exchange)
{
    const route_table_t *routes =
        exchange->listener < r->table_count ? r->tables[exchange->listener] : NULL;
    if (!routes)
        return NULL;
    const http_request_head_t *head = &exchange->request;
    return route_match(routes, &(route_request_t){.method = head->method,
                                                  .host = head->host,
                                                  .path = head->path,
                                                  .query = head->query,
                                                  .has_query = head->has_query,
                                                  .headers = &head->headers});
}

static void redirect(exchange_t *exchange)
{
    slice_t location =
        route_location(exchange->route, SLICE("http"), &exchange->request, &exchange->arena);
    exchange_respond(exchange, exchange->route->redirect.status, (slice_t){0});
    http_headers_add(&exchange->response.headers, &exchange->arena, SLICE("location"), location,
                     HTTP_HEADER_LOCATION);
}

/* A 500 without an author is how the translator says "invalid reference". */
static void respond(exchange_t *exchange)
{
    const route_respond_t *answer = &exchange->route->respond;
    exchange_respond(exchange, answer->status, answer->body);
    if (answer->status == 500)
        exchange->flag = RESPONSE_FLAG_IB;
}

static int on_request(router_t *r, actor_t *me, exchange_t **body, const msg_t *m)
{
    (void)m;
    exchange_t *exchange = *body;
    r->requests++;
    exchange->route = match(r, exchange);
    if (!exchange->route) {
        answer(me, body, RESPONSE_FLAG_NR);
        return 0;
    }
    exchange->hold = r->hold;
    r->hold->holders++;
    if (exchange->route->action == ROUTE_FORWARD)
        return forward(r, me, body);
    if (exchange->route->action == ROUTE_REDIRECT)
        redirect(exchange);
    else
        respond(exchange);
    reply_RESPONSE(me, OWED_CURRENT, body);
    return 0;
}

/* --- snapshots --- */

/* An upstream hears of a change of its cluster before it sees a request decided by it. */
static void update_upstream(router_t *r, actor_t *me, const snapshot_t *before, uint32_t number)
{
    const snapshot_t *now = r->hold->snapshot;
    const cluster_t *old = snapshot_cluster(before, number), *new = snapshot_cluster(now, number);
    /* The number of a cluster that is gone may be another one's by now. */
    if (!new || !old || !slice_eq(new->name, old->name)) {
        send_DESTINATION(me, r->upstreams[number], NULL);
        r->upstreams[number] = 0;
        return;
    }
    const endpoints_t *endpoints = snapshot_endpoints(now, new);
    if (new == old && endpoints == snapshot_endpoints(before, old))
        return;
    destination_t *destination = destination_new(new, endpoints);
    send_DESTINATION(me, r->upstreams[number], &destination);
}

/* Requests name their listener by its number. */
static void index_tables(router_t *r)
{
    uint32_t count;
    const snapshot_listener_t *listeners = snapshot_listeners(r->hold->snapshot, &count);
    free(r->tables);
    r->table_count = snapshot_series_count(r->hold->snapshot, SERIES_LISTENER);
    r->tables = xcalloc(r->table_count, sizeof(*r->tables));
    for (uint32_t i = 0; i < count; i++)
        r->tables[listeners[i].listener->series] = listeners[i].routes;
}

static int on_routes(router_t *r, actor_t *me, snapshot_t **body, const msg_t *m)
{
    (void)m;
    route_hold_t *old = r->hold;
    r->hold = route_hold_new(*body);
    *body = NULL;
    index_tables(r);
    for (uint32_t number = 0; old && number < r->upstream_count; number++) {
        if (r->upstreams[number])
            update_upstream(r, me, old->snapshot, number);
    }
    route_hold_drop(old);
    reply_ROUTES_APPLIED(me, OWED_CURRENT, NULL);
    return 0;
}

static int on_down(router_t *r, actor_t *me, obituary_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    for (uint32_t number = 0; number < r->upstream_count; number++) {
        if (r->upstreams[number] == (*body)->ref)
            r->upstreams[number] = 0; /* the next request starts another one */
    }
    return 0;
}

/* The counters of the backends are kept for the upstreams, which come and go. */
static int on_collect(router_t *r, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    collect_begin(&r->collect, me, r->counters->set);
    return 0;
}

static int on_more(router_t *r, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    collect_more(&r->collect, me);
    return 0;
}

static void router_describe(void *self, actor_t *me, strbuf_t *json)
{
    const router_t *r = self;
    uint32_t running = 0;
    (void)me;
    for (uint32_t i = 0; i < r->upstream_count; i++)
        running += r->upstreams[i] != 0;
    strbuf_printf(json, "\"snapshot\":%llu,\"upstreams\":%u,\"requests\":%llu,\"held\":%u",
                  (unsigned long long)(r->hold ? snapshot_sequence(r->hold->snapshot) : 0), running,
                  (unsigned long long)r->requests, r->hold ? r->hold->holders - 1 : 0);
}

HANDLER(router_t, ROUTE_REQUEST, on_request)
HANDLER(router_t, ROUTES, on_routes)
HANDLER(router_t, DOWN, on_down)
HANDLER(router_t, METRICS_COLLECT, on_collect)
HANDLER(router_t, METRICS_MORE, on_more)

static const actor_handler_t handlers[] = {ON(ROUTE_REQUEST),   ON(ROUTES),       ON(DOWN),
                                           ON(METRICS_COLLECT), ON(METRICS_MORE), ON_END};

static const char *const mutes[] = {"connection", NULL};

const actor_class_t router_class = {.name = "router",
                                    .state_size = sizeof(router_t),
                                    .init = router_init,
                                    .fini = router_fini,
                                    .describe = router_describe,
                                    .handlers = handlers,
                                    .mailbox_high = 4096,
                                    .mutes = mutes};
