/*
 * upstream.c: the actor for one cluster on one worker: its endpoints, its connections, the
 * exchanges at them. The parts are in backend.c and call.c.
 */
#include "actors/backend.h"
#include "actors/classes.h"
#include "core/log.h"
#include "core/mem.h"

/* --- endpoints --- */

static target_t *find_target(upstream_t *u, const net_address_t *address)
{
    list_each (link, &u->targets) {
        target_t *target = GW_CONTAINER_OF(link, target_t, link);
        if (net_equal(&target->address, address))
            return target;
    }
    return NULL;
}

static target_t *add_target(upstream_t *u, const net_address_t *address)
{
    target_t *target = xcalloc(1, sizeof(*target));
    target->address = *address;
    list_init(&target->idle);
    list_append(&u->targets, &target->link);
    u->target_count++;
    return target;
}

static void close_idle(target_t *target)
{
    list_each (link, &target->idle)
        backend_close(GW_CONTAINER_OF(link, backend_t, link));
}

/* Its connections finish what they have; nothing new goes there. */
static void remove_target(upstream_t *u, target_t *target)
{
    list_remove(&target->link);
    list_append(&u->gone, &target->link);
    u->target_count--;
    target->gone = true;
    close_idle(target);
    upstream_settle(u, target);
}

static bool usable(const endpoints_t *endpoints, const endpoint_t *endpoint)
{
    return endpoint->health == ENDPOINT_HEALTHY ||
           (endpoint->health == ENDPOINT_DEGRADED && endpoints->healthy_count == 0);
}

/* Afterwards the targets are the cluster's endpoints; those that stay keep their connections. */
static void take_endpoints(upstream_t *u, const endpoints_t *endpoints)
{
    list_each (link, &u->targets)
        GW_CONTAINER_OF(link, target_t, link)->gone = true;
    for (uint32_t i = 0; endpoints && i < endpoints->count; i++) {
        if (!usable(endpoints, &endpoints->at[i]))
            continue;
        net_address_t address = net_from(&endpoints->at[i].address.socket.any);
        target_t *target = find_target(u, &address);
        if (!target)
            target = add_target(u, &address);
        target->gone = false;
    }
    list_each (link, &u->targets) {
        target_t *target = GW_CONTAINER_OF(link, target_t, link);
        if (target->gone)
            remove_target(u, target);
    }
    u->series->health = u->target_count > 0;
}

static target_t *target_at(upstream_t *u, uint32_t index)
{
    list_t *link = u->targets.next;
    while (index-- > 0)
        link = link->next;
    return GW_CONTAINER_OF(link, target_t, link);
}

target_t *upstream_pick(upstream_t *u, const target_t *except)
{
    if (u->target_count == 0)
        return NULL;
    if (u->target_count == 1)
        return target_at(u, 0);
    uint64_t random = actor_random(u->me);
    uint32_t first = (uint32_t)((random >> 32) % u->target_count);
    uint32_t second = (first + 1 + (uint32_t)random % (u->target_count - 1)) % u->target_count;
    target_t *a = target_at(u, first), *b = target_at(u, second);
    if (a == except || (b != except && b->active < a->active))
        return b;
    return a;
}

target_t *upstream_idle(upstream_t *u)
{
    list_each (link, &u->targets) {
        target_t *target = GW_CONTAINER_OF(link, target_t, link);
        if (target->idle_count)
            return target;
    }
    return NULL;
}

void upstream_next(upstream_t *u)
{
    call_t *call; /* one that fails at once leaves the connection to the next */
    while ((call = LIST_FIRST(&u->pending, call_t, link)) != NULL &&
           (u->connection_count < u->limits->connections_max || upstream_idle(u))) {
        list_remove(&call->link);
        u->pending_count--;
        actor_timer_stop(u->me, call->timer);
        call->timer = 0;
        call_begin(call, NULL);
    }
}

void upstream_settle(upstream_t *u, target_t *target)
{
    if (target && target->gone && target->active == 0 && target->connections == 0) {
        list_remove(&target->link);
        free(target);
    }
    if (u->retiring && u->calls.live == 0 && list_empty(&u->busy))
        actor_exit(u->me);
}

/* --- life --- */

static void take_destination(upstream_t *u, destination_t **destination)
{
    destination_free(u->destination);
    u->destination = *destination;
    *destination = NULL;
    take_endpoints(u, u->destination->endpoints);
}

static void hold_series(upstream_t *u, const upstream_args_t *args)
{
    slice_t name = slice_of(args->backend), other = SLICE(METRIC_LABEL_OTHER);
    u->metrics = args->counters->set;
    u->series = hold_BACKEND(u->metrics, &name, &u->place);
    u->holds = u->series != NULL;
    if (!u->holds)
        u->series = named_BACKEND(u->metrics, &other);
}

static int upstream_init(void *self, actor_t *me, const void *args)
{
    upstream_t *u = self;
    const upstream_args_t *a = args;
    u->me = me;
    u->limits = a->limits;
    hold_series(u, a);
    slab_init(&u->calls, sizeof(call_t));
    list_init(&u->targets);
    list_init(&u->gone);
    list_init(&u->busy);
    list_init(&u->pending);
    destination_t *destination =
        destination_new(a->destination->cluster, a->destination->endpoints);
    take_destination(u, &destination);
    return 0;
}

static void free_targets(list_t *targets)
{
    list_each (link, targets) {
        list_remove(link);
        free(GW_CONTAINER_OF(link, target_t, link));
    }
}

/* What it still owes is answered by the runtime; clients with half a response are cut off. */
static void upstream_fini(void *self, actor_t *me)
{
    (void)me;
    upstream_t *u = self;
    u->retiring = false;
    list_each (link, &u->pending)
        call_drop(GW_CONTAINER_OF(link, call_t, link));
    list_each (link, &u->busy) {
        backend_t *backend = GW_CONTAINER_OF(link, backend_t, link);
        if (backend->call->exchange)
            call_drop(backend->call);
        else
            call_fail(backend->call, RESPONSE_FLAG_UC);
    }
    list_each (link, &u->targets)
        close_idle(GW_CONTAINER_OF(link, target_t, link));
    free_targets(&u->targets);
    free_targets(&u->gone);
    slab_fini(&u->calls);
    destination_free(u->destination);
    if (u->holds)
        metric_set_drop(u->metrics, METRIC_GROUP_BACKEND, u->place);
}

/* --- messages --- */

static int on_dispatch(upstream_t *u, actor_t *me, exchange_t **body, const msg_t *m)
{
    call_t *call = slab_new(&u->calls);
    if (!call) {
        exchange_answer(*body, RESPONSE_FLAG_OL);
        reply_RESPONSE(me, OWED_CURRENT, body);
        return 0;
    }
    list_init(&call->link);
    call->upstream = u;
    call->exchange = *body;
    *body = NULL;
    call->connection = m->src;
    call->stream = call->exchange->stream;
    call->deadline_ns = call->exchange->deadline_ns;
    call->owed = actor_keep(me, call);
    u->series->requests_active++;
    call_begin(call, NULL);
    return 0;
}

static int on_recalled(upstream_t *u, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)u;
    (void)body;
    (void)m;
    call_t *call = actor_context(me);
    call_fail(call, RESPONSE_FLAG_DC);
    return 0;
}

/* The asker itself has ended; nobody waits for the exchange. */
static int on_canceled(upstream_t *u, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)u;
    (void)body;
    (void)m;
    call_drop(actor_context(me));
    return 0;
}

static int on_request_body(upstream_t *u, actor_t *me, body_chunk_t **body, const msg_t *m)
{
    (void)me;
    call_t *call = slab_get(&u->calls, m->corr);
    if (call && call->backend)
        call_body(call, *body);
    return 0;
}

static int on_response_credit(upstream_t *u, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    call_t *call = slab_get(&u->calls, m->corr);
    if (call && call->backend) {
        if (call->credits++ == 0 && !call->exchange)
            call_wait_piece(call);
        backend_watch(call->backend);
    }
    return 0;
}

static int on_response_abort(upstream_t *u, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    call_t *call = slab_get(&u->calls, m->corr);
    if (call)
        call_drop(call);
    return 0;
}

static int on_destination(upstream_t *u, actor_t *me, destination_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    if (*body) {
        take_destination(u, body);
        return 0;
    }
    u->retiring = true;
    list_each (link, &u->targets)
        close_idle(GW_CONTAINER_OF(link, target_t, link));
    upstream_settle(u, NULL);
    return 0;
}

static int on_backend_timer(upstream_t *u, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)u;
    (void)body;
    (void)m;
    backend_expired(actor_context(me));
    return 0;
}

static int on_call_timer(upstream_t *u, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)u;
    (void)body;
    (void)m;
    call_expired(actor_context(me));
    return 0;
}

static void upstream_describe(void *self, actor_t *me, strbuf_t *json)
{
    const upstream_t *u = self;
    const char *comma = "";
    (void)me;
    strbuf_add_text(json, "\"cluster\":");
    strbuf_add_json(json, u->destination->cluster->name);
    strbuf_printf(
        json, ",\"calls\":%u,\"pending\":%u,\"connections\":%u,\"retiring\":%s,\"endpoints\":[",
        u->calls.live, u->pending_count, u->connection_count, u->retiring ? "true" : "false");
    list_each (link, &u->targets) {
        const target_t *target = GW_CONTAINER_OF(link, target_t, link);
        char text[NET_TEXT_MAX];
        strbuf_printf(json, "%s{\"address\":\"%.*s\",\"active\":%u,\"connections\":%u,\"idle\":%u}",
                      comma, SLICE_ARG(net_text(&target->address, text)), target->active,
                      target->connections, target->idle_count);
        comma = ",";
    }
    strbuf_add_char(json, ']');
}

HANDLER(upstream_t, DISPATCH, on_dispatch)
HANDLER(upstream_t, RECALLED, on_recalled)
HANDLER(upstream_t, CANCELED, on_canceled)
HANDLER(upstream_t, REQUEST_BODY, on_request_body)
HANDLER(upstream_t, RESPONSE_CREDIT, on_response_credit)
HANDLER(upstream_t, RESPONSE_ABORT, on_response_abort)
HANDLER(upstream_t, DESTINATION, on_destination)
HANDLER(upstream_t, BACKEND_TIMER, on_backend_timer)
HANDLER(upstream_t, CALL_TIMER, on_call_timer)

static const actor_handler_t handlers[] = {
    ON(DISPATCH),       ON(RECALLED),    ON(CANCELED),      ON(REQUEST_BODY), ON(RESPONSE_CREDIT),
    ON(RESPONSE_ABORT), ON(DESTINATION), ON(BACKEND_TIMER), ON(CALL_TIMER),   ON_END};

const actor_class_t upstream_class = {.name = "upstream",
                                      .state_size = sizeof(upstream_t),
                                      .init = upstream_init,
                                      .fini = upstream_fini,
                                      .describe = upstream_describe,
                                      .handlers = handlers};
