/*
 * backend.h: the inside of the upstream actor: the endpoints of its cluster, the connections to
 * them, and the calls: exchanges under way. Private to actors/upstream*.c and actors/backend*.c.
 */
#ifndef ACTORS_BACKEND_H
#define ACTORS_BACKEND_H

#include "actors/connection_msg.h"
#include "actors/upstream.h"
#include "actors/upstream_msg.h"
#include "core/list.h"
#include "core/slab.h"
#include "transport/http1.h"
#include "transport/http1_body.h"
#include "transport/tcp.h"

typedef struct upstream upstream_t;
typedef struct backend backend_t;

/* An endpoint of the cluster, and what this worker has to do with it. */
typedef struct target {
    list_t link; /* in upstream->targets, or upstream->gone */
    net_address_t address;
    bool gone;       /* no longer in the cluster: finishes what it has */
    uint32_t active; /* calls under way */
    uint32_t connections;
    list_t idle; /* pooled connections, the one used last in front */
    uint32_t idle_count;
} target_t;

/* One exchange at a backend. Its id is the handle that connection knows. */
typedef struct call {
    slab_node_t node;
    list_t link;       /* in upstream->pending while it waits for a connection */
    timer_ref_t timer; /* while it waits */
    upstream_t *upstream;
    exchange_t *exchange; /* NULL once it has gone home with the response's head */
    owed_t owed;
    actor_ref_t connection;
    uint32_t stream;
    backend_t *backend;
    target_t *target;
    uint64_t deadline_ns;
    uint64_t sent_ns;  /* when the request was written */
    http1_body_t body; /* of the response */
    arena_t trailers;  /* of the response */
    uint32_t credits;  /* pieces of the response that connection will take */
    uint32_t pieces;   /* pieces of the request that wait in backend->out */
    uint8_t attempts;
    uint8_t interims;  /* interim responses so far */
    bool request_done; /* all of it was handed to the backend connection */
    bool chunked;      /* the request is */
    bool expects;      /* the client waits for 100 Continue before it sends the body */
    bool keep_alive;   /* the response allows the connection to be used again */
} call_t;

typedef enum backend_state { BACKEND_CONNECTING, BACKEND_BUSY, BACKEND_IDLE } backend_state_t;

/* One connection to an target. */
struct backend {
    list_t link; /* in target->idle, or in upstream->busy */
    upstream_t *upstream;
    target_t *target;
    call_t *call; /* NULL: idle */
    tcp_t *tcp;
    timer_ref_t timer;
    uint64_t started_ns;
    http1_scan_t scan;
    strbuf_t in;  /* a head that is not complete */
    strbuf_t out; /* what the kernel did not take yet */
    size_t out_at;
    uint8_t state; /* backend_state_t */
    bool reused;   /* this is not its first call */
    bool answered; /* bytes of the response to this call have come */
};

struct upstream {
    actor_t *me;
    const router_args_t *limits;
    destination_t *destination;
    backend_series_t *series;
    metric_set_t *metrics; /* where the series is, with those of other upstreams */
    metric_place_t place;
    bool holds; /* the series is held; else it is everybody's "other" */
    slab_t calls;
    list_t targets, gone, busy;
    list_t pending; /* calls that wait for a connection, the oldest in front */
    uint32_t pending_count, connection_count;
    uint32_t target_count;
    bool retiring; /* the cluster is gone */
};

/* --- upstream.c --- */

/* upstream_pick chooses an target by least request of two choices, another one than `except` if
 * there is one; NULL: there is none. */
target_t *upstream_pick(upstream_t *u, const target_t *except);

/* upstream_settle frees what nobody needs any more and exits when the cluster is gone and the
 * last call has ended. */
void upstream_settle(upstream_t *u, target_t *target);

/* upstream_idle chooses a target with a pooled connection, NULL if there is none. */
target_t *upstream_idle(upstream_t *u);

/* upstream_next lets waiting calls begin, as long as there are connections for them. */
void upstream_next(upstream_t *u);

/* --- call.c --- */

/* call_begin sends the exchange to an target; it answers by itself when that fails. */
void call_begin(call_t *call, const target_t *except);

/* call_fail answers (or cuts the response short) and ends the call and its connection. */
void call_fail(call_t *call, response_flag_t flag);

/* call_expired: it has waited for a connection for too long. */
void call_expired(call_t *call);

/* call_grant lets the rest of the request's body come. */
void call_grant(call_t *call);

/* call_lost says that the connection failed; the call is tried again if it may be. */
void call_lost(call_t *call, response_flag_t flag);

/* call_drop ends the call and its connection without a word. */
void call_drop(call_t *call);

/* call_connected writes the request. */
void call_connected(call_t *call);

/* call_read takes what the backend has sent. */
void call_read(call_t *call);

/* call_body sends a piece of the request on. */
void call_body(call_t *call, const body_chunk_t *chunk);

/* call_wait_piece sets how long the backend may take for the next piece of the body. */
void call_wait_piece(call_t *call);

/* call_held_up: the client is slow, not the backend. connection keeps the client's time. */
bool call_held_up(const call_t *call);

/* call_flushed says that backend->out has become empty. */
void call_flushed(call_t *call);

/* --- backend.c --- */

/* backend_take gives a pooled connection of the target, or begins a new one; NULL: that failed
 * at once. The call is attached. */
backend_t *backend_take(target_t *target, call_t *call);

/* backend_give puts it back into the pool, or closes it. */
void backend_give(backend_t *backend);

/* backend_close closes and frees it. */
void backend_close(backend_t *backend);

/* backend_write sends bytes, and keeps what the kernel does not take. Returns 0 or GW_EIO. */
int backend_write(backend_t *backend, const struct iovec *iov, int count);

/* backend_wait sets when BACKEND_TIMER comes. */
void backend_wait(backend_t *backend, uint64_t ns);

/* backend_expired handles BACKEND_TIMER. */
void backend_expired(backend_t *backend);

/* backend_watch sets what is watched from the state of its call. */
void backend_watch(backend_t *backend);

static inline bool backend_blocked(const backend_t *backend)
{
    return backend->out.len > backend->out_at;
}

#endif
