#include "actors/exchange.h"

#include "core/mem.h"

route_hold_t *route_hold_new(const snapshot_t *snapshot)
{
    route_hold_t *hold = xmalloc(sizeof(*hold));
    *hold = (route_hold_t){.snapshot = snapshot, .holders = 1};
    return hold;
}

void route_hold_drop(route_hold_t *hold)
{
    if (!hold || --hold->holders > 0)
        return;
    snapshot_unref(hold->snapshot);
    free(hold);
}

struct exchange_pool {
    exchange_t *free;
    uint32_t count;
    uint32_t holders; /* its actor, and every exchange that is not in it */
};

exchange_pool_t *exchange_pool_new(void)
{
    exchange_pool_t *pool = xcalloc(1, sizeof(*pool));
    pool->holders = 1;
    return pool;
}

static void drop_pool(exchange_pool_t *pool)
{
    if (--pool->holders > 0)
        return;
    for (exchange_t *exchange = pool->free, *next; exchange; exchange = next) {
        next = exchange->next;
        free(exchange);
    }
    free(pool);
}

void exchange_pool_close(exchange_pool_t *pool)
{
    if (pool)
        drop_pool(pool);
}

static exchange_t *take(exchange_pool_t *pool)
{
    exchange_t *exchange = pool ? pool->free : NULL;
    if (!exchange)
        return xmalloc(sizeof(*exchange));
    pool->free = exchange->next;
    pool->count--;
    return exchange;
}

exchange_t *exchange_new(exchange_pool_t *pool)
{
    exchange_t *exchange = take(pool);
    memset(exchange, 0, offsetof(exchange_t, memory)); /* the rest is written before it is read */
    exchange->pool = pool;
    if (pool)
        pool->holders++;
    arena_init_with(&exchange->arena, exchange->memory, sizeof(exchange->memory));
    exchange->flag = RESPONSE_FLAG_NONE;
    exchange->added.at = exchange->added_fields;
    exchange->added.capacity = sizeof(exchange->added_fields) / sizeof(http_header_t);
    return exchange;
}

void exchange_free(exchange_t *exchange)
{
    if (!exchange)
        return;
    exchange_pool_t *pool = exchange->pool;
    route_hold_drop(exchange->hold);
    arena_fini(&exchange->arena);
    if (pool && pool->count < EXCHANGE_POOL_MAX) {
        exchange->next = pool->free;
        pool->free = exchange;
        pool->count++;
    } else {
        free(exchange);
    }
    if (pool)
        drop_pool(pool);
}

/* What the client reads. It says what happened and names nothing of the inside. */
static slice_t explanation(response_flag_t flag)
{
    switch (flag) {
    case RESPONSE_FLAG_NR:
        return SLICE("no route matches this request\n");
    case RESPONSE_FLAG_IB:
        return SLICE("the route's backend is not valid\n");
    case RESPONSE_FLAG_UH:
        return SLICE("the backend has no healthy endpoint\n");
    case RESPONSE_FLAG_UF:
        return SLICE("the backend cannot be reached\n");
    case RESPONSE_FLAG_UC:
        return SLICE("the backend closed the connection or answered wrongly\n");
    case RESPONSE_FLAG_UT:
        return SLICE("the backend did not answer in time\n");
    case RESPONSE_FLAG_OL:
        return SLICE("the gateway is overloaded\n");
    case RESPONSE_FLAG_RH:
        return SLICE("the request's header is too large\n");
    case RESPONSE_FLAG_IT:
        return SLICE("the request did not arrive in time\n");
    case RESPONSE_FLAG_BR:
        return SLICE("the request is malformed\n");
    default:
        return SLICE("the request could not be served\n");
    }
}

void exchange_answer(exchange_t *exchange, response_flag_t flag)
{
    exchange_respond(exchange, response_flag_status(flag), explanation(flag));
    exchange->flag = (uint8_t)flag;
}

void exchange_respond(exchange_t *exchange, unsigned status, slice_t body)
{
    http_response_head_t *head = &exchange->response;
    *head = (http_response_head_t){.status = (uint16_t)status,
                                   .reason = http_status_reason(status),
                                   .content_length = body.len,
                                   .framing = HTTP_BODY_LENGTH,
                                   .minor = 1,
                                   .keep_alive = true};
    if (body.len)
        http_headers_add(&head->headers, &exchange->arena, SLICE("content-type"),
                         SLICE("text/plain; charset=utf-8"), HTTP_HEADER_CONTENT_TYPE);
    exchange->response_body = body;
    exchange->response_complete = true;
}

body_chunk_t *body_chunk_new(slice_t bytes, bool last)
{
    body_chunk_t *chunk = xmalloc(sizeof(*chunk) + bytes.len);
    *chunk = (body_chunk_t){.len = (uint32_t)bytes.len, .last = last};
    if (bytes.len)
        memcpy(chunk->data, bytes.base, bytes.len);
    return chunk;
}

void body_chunk_free(body_chunk_t *chunk)
{
    free(chunk);
}
