/*
 * router_msg.h: the protocol of the router actor, one per worker, which decides where a request
 * goes.
 */
#ifndef ACTORS_ROUTER_MSG_H
#define ACTORS_ROUTER_MSG_H

#include "actors/exchange.h"
#include "actors/listener_msg.h"

#define ROUTER_MESSAGES(X)                                                                         \
    X(ROUTE_REQUEST, exchange_t, exchange_free,                                                    \
      "connection -> router: where does this go? answer RESPONSE")                                 \
    X(ROUTES, snapshot_t, snapshot_release,                                                        \
      "snapshot -> router: decide by this from now on; answer ROUTES_APPLIED")                     \
    X(ROUTES_APPLIED, msg_none_t, msg_none_free, "router -> snapshot: done")

MSG_DECLARE(router, 12, ROUTER_MESSAGES)

#endif
