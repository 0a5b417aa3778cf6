/*
 * upstream_msg.h: the protocol of the upstream actors: on each worker one for every cluster that
 * is in use there.
 */
#ifndef ACTORS_UPSTREAM_MSG_H
#define ACTORS_UPSTREAM_MSG_H

#include "actors/exchange.h"
#include "core/core_msg.h"

/* What a cluster is now: counted references. */
typedef struct destination {
    const cluster_t *cluster;
    const endpoints_t *endpoints; /* NULL: not known (yet) */
} destination_t;
destination_t *destination_new(const cluster_t *cluster, const endpoints_t *endpoints);
void destination_free(destination_t *destination);

#define UPSTREAM_MESSAGES(X)                                                                       \
    X(DISPATCH, exchange_t, exchange_free,                                                         \
      "router -> upstream: send this to an endpoint; answer RESPONSE to the asker")                \
    X(REQUEST_BODY, body_chunk_t, body_chunk_free,                                                 \
      "connection -> upstream (tag: handle): more of the request; answer REQUEST_CREDIT")          \
    X(RESPONSE_CREDIT, msg_none_t, msg_none_free,                                                  \
      "connection -> upstream (tag: handle): one piece has gone on, send another")                 \
    X(RESPONSE_ABORT, msg_none_t, msg_none_free,                                                   \
      "connection -> upstream (tag: handle): the client has gone, stop")                           \
    X(DESTINATION, destination_t, destination_free,                                                \
      "router -> upstream: the cluster has changed; NULL: it is gone, finish and exit")            \
    X(BACKEND_TIMER, msg_none_t, msg_none_free, "upstream -> itself: a connection's time is up")   \
    X(CALL_TIMER, msg_none_t, msg_none_free,                                                       \
      "upstream -> itself: an exchange has waited too long for a connection")

MSG_DECLARE(upstream, 13, UPSTREAM_MESSAGES)

#endif
