/*
 * exchange.h: one request and its response, as it travels: connection -> router -> upstream and
 * back, inside the messages ROUTE_REQUEST, DISPATCH and RESPONSE. Whoever holds it owns all of it;
 * it never leaves its worker, and it always comes home to the connection actor, which accounts for
 * it, unless an actor on the way failed.
 */
#ifndef ACTORS_EXCHANGE_H
#define ACTORS_EXCHANGE_H

#include "core/arena.h"
#include "metrics/response_flag.h"
#include "transport/http.h"
#include "transport/net.h"
#include "xds/snapshot.h"

/* A router's hold on the snapshot that its decisions point into. Counted without atomics: it
 * stays on one worker. */
typedef struct route_hold {
    const snapshot_t *snapshot;
    uint32_t holders; /* exchanges, and the router itself */
} route_hold_t;

route_hold_t *route_hold_new(const snapshot_t *snapshot); /* takes the reference */
void route_hold_drop(route_hold_t *hold);                 /* NULL is allowed */

/* Exchanges for reuse on one worker. It lives until its actor has closed it and the last exchange
 * of it is gone. */
typedef struct exchange_pool exchange_pool_t;
exchange_pool_t *exchange_pool_new(void);
void exchange_pool_close(exchange_pool_t *pool); /* NULL is allowed */

enum { EXCHANGE_INLINE = 3072, EXCHANGE_POOL_MAX = 256 };

typedef struct exchange {
    exchange_pool_t *pool; /* where it goes back to, or NULL */
    struct exchange *next; /* in the pool */
    arena_t arena; /* all slices below point into it, or into the snapshot that `hold` keeps */

    /* Of the request; set by connection. */
    http_request_head_t request;
    slice_t request_body;  /* the part that came with the head */
    bool request_complete; /* that part is all of it */
    http_headers_t added;  /* fields that the gateway adds to the request */
    http_header_t added_fields[4];
    slice_t request_id;
    net_address_t client;
    uint32_t listener;   /* dense id of the listener */
    uint32_t stream;     /* connection's handle, the tag of RESPONSE_BODY and REQUEST_GRANT */
    uint64_t started_ns; /* monotonic: first byte of the request */

    /* Of the decision; set by router. */
    route_hold_t *hold;
    const route_t *route;          /* NULL: none matched */
    const cluster_t *cluster;      /* NULL: none needed */
    const route_cluster_t *choice; /* the route's word for that cluster */
    slice_t path, host;            /* for the backend */
    uint64_t deadline_ns;          /* monotonic; 0: none */

    /* Of the response; set by router (its own answers) or upstream. */
    http_response_head_t response;
    slice_t response_body;    /* the part that came with the head */
    bool response_complete;   /* that part is all of it */
    uint32_t upstream_handle; /* the tag of RESPONSE_CREDIT, RESPONSE_ABORT and REQUEST_BODY */
    uint8_t flag;             /* response_flag_t; RESPONSE_FLAG_NONE: the backend answered */
    uint8_t attempts;         /* endpoints tried */
    bool reused;              /* on a pooled connection */
    net_address_t endpoint;   /* any.sa_family 0: none */
    uint64_t connect_ns;      /* time to connect, 0 on a pooled connection */
    uint64_t first_byte_ns;   /* monotonic: head of the response */

    _Alignas(16) char memory[EXCHANGE_INLINE];
} exchange_t;

/* exchange_new gives an exchange whose arena starts inside it; `pool` may be NULL. */
exchange_t *exchange_new(exchange_pool_t *pool);

/* exchange_free frees it and drops the hold; NULL is allowed. The release function of every
 * message that carries one. */
void exchange_free(exchange_t *exchange);

/* exchange_answer makes the gateway's own response: the flag's status and a short text.
 * exchange_respond makes one that the route asks for; `body` must live as long as the hold. */
void exchange_answer(exchange_t *exchange, response_flag_t flag);
void exchange_respond(exchange_t *exchange, unsigned status, slice_t body);

/* A piece of a body, sent as RESPONSE_BODY or REQUEST_BODY; one credit each. */
typedef struct body_chunk {
    uint32_t len;
    bool last;    /* the body ends here */
    bool aborted; /* it was cut short: the receiver must not end its message properly */
    char data[];
} body_chunk_t;

enum {
    BODY_CHUNK_MAX = 16384, /* bytes in one piece */
    BODY_WINDOW = 4         /* pieces that may be on the way in one direction */
};

/* body_chunk_new makes a piece with a copy of the bytes (may be none). */
body_chunk_t *body_chunk_new(slice_t bytes, bool last);
void body_chunk_free(body_chunk_t *chunk);

#endif
