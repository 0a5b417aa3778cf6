/*
 * http_server.h: a small HTTP/1.1 server on the loop of one actor, for the admin ports. Requests
 * have bodies of at most 64 KiB; answers may be large, may come in parts and may come later. It
 * serves few clients and is not on the way of traffic.
 *
 * Whoever can connect cannot keep others out: a request has 10 s to come, a connection on which
 * nothing moves is closed after 30 s, and when all 128 places are taken the one that has been
 * quiet for longest makes room for a new one.
 *
 * All calls and callbacks are on the actor's thread; callbacks run between actor_enter and
 * actor_leave.
 */
#ifndef TRANSPORT_HTTP_SERVER_H
#define TRANSPORT_HTTP_SERVER_H

#include "core/actor.h"
#include "transport/http.h"
#include "transport/net.h"

enum {
    HTTP_SERVER_CLIENTS_MAX = 128,
    HTTP_SERVER_BODY_MAX = 65536,
    HTTP_SERVER_REQUEST_MS = 10000,
    HTTP_SERVER_IDLE_MS = 30000
};

typedef struct http_server http_server_t;

/* A request that has to be answered exactly once, whether or not its client is still there. */
typedef struct http_call http_call_t;

/* Called for each request. It answers now or keeps the call. */
typedef void (*http_serve_fn)(void *owner, http_call_t *call);

/* http_server_open listens and serves; port 0 takes a free one. Returns 0 or -errno. */
int http_server_open(actor_t *me, const net_address_t *address, http_serve_fn serve, void *owner,
                     http_server_t **ret);

/* http_server_address gives where it listens. */
net_address_t http_server_address(const http_server_t *server);

/* http_server_close stops listening and closes all connections; calls that are kept must still
 * be answered (nobody hears it). NULL is allowed. */
void http_server_close(http_server_t *server);

/* What was asked; all of it is valid until the answer. */
const http_request_head_t *http_call_head(const http_call_t *call);
slice_t http_call_body(const http_call_t *call);
const net_address_t *http_call_peer(const http_call_t *call);

/* http_call_answer answers and frees the call. It takes the body's memory (*body is empty
 * afterwards); `type` is a static text. `field` is one more header field, or NULL. */
void http_call_answer(http_call_t *call, unsigned status, const char *type, strbuf_t *body,
                      const http_header_t *field);

/* A body that is made while it is sent. `next` appends another part, of a size that is a matter
 * of microseconds, and returns false when that was the last; `free` is called once, at the end or
 * when the client has gone. */
typedef struct http_source {
    bool (*next)(void *context, strbuf_t *part);
    void (*free)(void *context);
    void *context;
} http_source_t;

/* http_call_stream answers 200 with the body of a source, which it takes, and frees the call. A
 * part is asked for when the client has taken the one before. */
void http_call_stream(http_call_t *call, const char *type, const http_source_t *source);

#endif
