/*
 * http_server_client.h: one connection to the small HTTP server: a request is read, its owner
 * answers, the answer is written, and so on. Private to transport/http_server*.c.
 */
#ifndef TRANSPORT_HTTP_SERVER_CLIENT_H
#define TRANSPORT_HTTP_SERVER_CLIENT_H

#include "core/list.h"
#include "transport/http1.h"
#include "transport/http1_body.h"
#include "transport/http_server.h"
#include "transport/tcp.h"

typedef enum server_phase {
    SERVER_READING, /* a request, or nothing yet */
    SERVER_SERVED,  /* the request is with the owner */
    SERVER_WRITING, /* the answer */
    SERVER_LINGER   /* all is written and the last; what still comes is thrown away */
} server_phase_t;

typedef struct server_client {
    list_t link; /* in server->clients */
    http_server_t *server;
    tcp_t *tcp;
    net_address_t peer;
    strbuf_t in, out;
    size_t out_at;
    http1_scan_t scan;
    http_call_t *call;    /* being read or served */
    http_source_t source; /* of the rest of the answer; next is NULL: there is none */
    uint64_t active_ms;   /* last byte in either direction */
    uint64_t began_ms;    /* first byte of the request; 0: none has come */
    uint8_t phase;        /* server_phase_t */
    bool chunked;         /* how the source's bytes are framed */
    bool close;           /* after this answer */
} server_client_t;

struct http_call {
    server_client_t *client; /* NULL: it has gone */
    arena_t arena;
    http_request_head_t head;
    http1_body_t body;
    strbuf_t received;
    net_address_t peer;
};

/* What a client needs of its server. */
struct http_server {
    actor_t *me;
    http_serve_fn serve;
    void *owner;
    net_address_t address;
    int fd;
    struct uv_poll_s *poll;
    struct uv_timer_s *sweep;
    list_t clients;
    uint32_t count;
};

/* server_client_open takes a connected descriptor. */
void server_client_open(http_server_t *server, int fd, const net_address_t *peer);

/* server_client_free closes the connection; a call that its owner still has stays valid. */
void server_client_free(server_client_t *client);

/* server_client_expired says that the client has used up its time. */
bool server_client_expired(const server_client_t *client, uint64_t now_ms);

#endif
