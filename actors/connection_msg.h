/*
 * connection_msg.h: the protocol of the connection actor, one per worker, which owns all
 * connections to clients there.
 */
#ifndef ACTORS_CONNECTION_MSG_H
#define ACTORS_CONNECTION_MSG_H

#include "actors/exchange.h"
#include "actors/metrics_msg.h"
#include "core/core_msg.h"

/* A connection that a client made. The descriptor belongs to whoever holds the message. */
typedef struct accepted {
    int fd;
    uint32_t listener; /* dense id */
    net_address_t peer;
} accepted_t;
void accepted_free(accepted_t *accepted);

/* The upstream is ready for the rest of a request's body: BODY_WINDOW pieces. */
typedef struct grant {
    uint32_t upstream_handle; /* the tag of REQUEST_BODY */
} grant_t;
void grant_free(grant_t *grant);

#define CONNECTION_MESSAGES(X)                                                                     \
    X(ACCEPTED, accepted_t, accepted_free, "listener -> connection: a client has connected")       \
    X(RESPONSE, exchange_t, exchange_free,                                                         \
      "router, upstream -> connection: the answer to ROUTE_REQUEST: head and first part of the "   \
      "body")                                                                                      \
    X(RESPONSE_BODY, body_chunk_t, body_chunk_free,                                                \
      "upstream -> connection (tag: stream): more of the body; answer RESPONSE_CREDIT")            \
    X(REQUEST_GRANT, grant_t, grant_free,                                                          \
      "upstream -> connection (tag: stream): send the rest of the request's body")                 \
    X(REQUEST_CREDIT, msg_none_t, msg_none_free,                                                   \
      "upstream -> connection (tag: stream): one piece has gone on, send another")                 \
    X(CLIENT_TIMER, msg_none_t, msg_none_free, "connection -> itself: a client's time is up")      \
    X(LOG_TIMER, msg_none_t, msg_none_free, "connection -> itself: hand over the access log")

MSG_DECLARE(connection, 11, CONNECTION_MESSAGES)

#endif
