/*
 * client.h: the inside of the connection actor: one connection to a client, with at most one
 * exchange under way. Private to actors/connection.c and actors/client*.c.
 */
#ifndef ACTORS_CLIENT_H
#define ACTORS_CLIENT_H

#include "actors/collect.h"
#include "actors/connection.h"
#include "actors/connection_msg.h"
#include "actors/traffic.h"
#include "actors/traffic_log.h"
#include "core/list.h"
#include "core/slab.h"
#include "transport/http1.h"
#include "transport/http1_body.h"
#include "transport/tcp.h"

typedef enum client_phase {
    CLIENT_IDLE,     /* between requests: nothing of the next one has come */
    CLIENT_HEAD,     /* a part of a head has come */
    CLIENT_WAITING,  /* the exchange is with router or upstream */
    CLIENT_ANSWERED, /* the response's head has come home; the body may still be coming */
    CLIENT_CLOSING,  /* what is in `out` is the last */
    CLIENT_LINGER,   /* all is written; what the client still sends is thrown away */
    CLIENT_GONE      /* the socket is closed, the exchange is still away */
} client_phase_t;

typedef struct connection connection_t;

/* Its id is the stream that router and upstream know. */
typedef struct client {
    slab_node_t node;
    connection_t *owner;
    tcp_t *tcp;
    list_t link; /* in connection->clients */
    net_address_t peer;
    char ip[NET_TEXT_MAX]; /* of the peer, as text */
    uint8_t ip_len;
    uint32_t listener;
    timer_ref_t timer;
    uint8_t phase; /* client_phase_t */

    /* What came and is not used yet: part of a head, or the next request. */
    strbuf_t in;
    http1_scan_t scan;
    uint64_t started_ns; /* first byte of the request */

    /* The request. */
    uint32_t request; /* the runtime's id of ROUTE_REQUEST; 0: it is home, or there is none */
    http1_body_t body;
    arena_t trailers;
    actor_ref_t upstream;
    uint32_t upstream_handle; /* 0: no grant yet */
    uint32_t credits;         /* pieces of the request that upstream will take */
    uint64_t received;        /* bytes of its body */
    uint8_t minor;
    bool keep_alive;
    bool head_only;  /* the method was HEAD */
    bool expects;    /* it waits for 100 Continue */
    bool counted;    /* among the requests in flight */
    bool blocked;    /* this request waits because the actor is muted */
    uint8_t verdict; /* response_flag_t that overrides the response's; RESPONSE_FLAG_NONE */

    /* The response. */
    exchange_t *exchange;     /* home */
    http_series_t *streaming; /* where it counts as a response on its way, or NULL */
    http_framing_t framing;
    strbuf_t out; /* what the kernel did not take yet */
    size_t out_at;
    uint32_t pieces; /* of the response, written into `out`, not credited yet */
    uint64_t sent;   /* bytes of its body */
} client_t;

struct connection {
    actor_t *me;
    const connection_args_t *args;
    actor_ref_t router;
    slab_t slab;
    exchange_pool_t *pool;
    list_t clients;
    traffic_t traffic;
    collect_t collect;
    actor_ref_t access_log; /* 0: no log is kept */
    traffic_log_t log;
    timer_ref_t log_timer;
    bool draining, stopping;
    uint64_t requests;
};

/* connection_log hands the lines of the access log over. */
void connection_log(connection_t *c);

/* client_open takes an accepted connection; it refuses it when the worker is at its limit. */
void client_open(connection_t *c, accepted_t *accepted);

/* client_expired handles CLIENT_TIMER. */
void client_expired(client_t *client);

/* client_answer handles RESPONSE: the exchange is home. Takes it. */
void client_answer(client_t *client, exchange_t **exchange, actor_ref_t from);

/* client_failed handles FAILED: the exchange is lost. */
void client_failed(client_t *client, int code);

/* client_piece handles RESPONSE_BODY. */
void client_piece(client_t *client, const body_chunk_t *chunk);

/* client_granted handles REQUEST_GRANT, client_credited REQUEST_CREDIT. */
void client_granted(client_t *client, actor_ref_t from, uint32_t handle);
void client_credited(client_t *client);

/* client_resume goes on after the actor was muted, or with the next request of a pipeline. */
void client_resume(client_t *client);

/* client_drain closes the connection if nothing is under way, or as soon as that is so. */
void client_drain(client_t *client);

/* client_abort ends it now, whatever is under way: the actor itself ends. */
void client_abort(client_t *client);

/* --- client_request.c --- */

/* client_input looks at what has come: a head, or part of one. `in` is behind what is in
 * client->in. */
void client_input(client_t *client, slice_t in);

/* client_upload reads more of the request's body. */
void client_upload(client_t *client);

/* --- client_account.c --- */

/* client_account accounts for an exchange, once, before the last byte of its answer is written. */
void client_account(client_t *client, const exchange_t *exchange, response_flag_t flag,
                    unsigned status);

/* --- client_response.c --- */

/* client_flush writes what is left in `out`. Returns 0 or GW_EIO. */
int client_flush(client_t *client);

/* client_written: `out` has become empty. */
void client_written(client_t *client);

/* --- client.c --- */

/* client_free closes the connection and forgets it. */
void client_free(client_t *client);

/* client_finish: the response is written whole; what comes next depends on what both sides want. */
void client_finish(client_t *client);

/* client_cut ends a response that is under way, with that flag in the accounts, and the client. */
void client_cut(client_t *client, response_flag_t flag);

/* client_refuse answers what cannot become an exchange and closes. */
void client_refuse(client_t *client, exchange_t **exchange, response_flag_t flag, unsigned status);

/* client_give_up ends the exchange under way with that verdict. */
void client_give_up(client_t *client, response_flag_t verdict);

/* client_lost: the client has closed, or cannot be read. */
void client_lost(client_t *client);

/* client_wait sets when CLIENT_TIMER comes. */
void client_wait(client_t *client, uint32_t ms);

/* client_pace sets it by whom the exchange waits for: the client, that is to take or to send a
 * body, or the backend, whose time upstream keeps. */
void client_pace(client_t *client);

/* client_watch sets what is watched from the state. */
void client_watch(client_t *client);

/* client_write sends bytes and keeps what the kernel does not take. Returns 0 or GW_EIO. */
int client_write(client_t *client, const struct iovec *iov, int count);

static inline bool client_blocked(const client_t *client)
{
    return client->out.len > client->out_at;
}

#endif
