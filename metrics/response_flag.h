/*
 * response_flag.h: why a request did not go its normal way, in two letters: the same in metrics,
 * access log and trace. Absent (RESPONSE_FLAG_NONE): the backend's answer, or the one that the
 * route asked for.
 */
#ifndef METRICS_RESPONSE_FLAG_H
#define METRICS_RESPONSE_FLAG_H

/* NAME, the status that goes with it, what happened */
#define RESPONSE_FLAGS(X)                                                                          \
    X(NR, 404, "no route matches the request")                                                     \
    X(IB, 500, "the route's backend references are invalid")                                       \
    X(UH, 503, "the backend has no healthy endpoint")                                              \
    X(UF, 503, "the connection to the endpoint failed")                                            \
    X(UC, 502, "the endpoint closed the connection before its answer was complete")                \
    X(UT, 504, "the endpoint did not answer in time")                                              \
    X(CB, 503, "the backend's circuit breaker is open or its queue is full")                       \
    X(OL, 503, "the worker is at its limit")                                                       \
    X(RL, 429, "a rate limit was reached")                                                         \
    X(RH, 431, "the request's header is too large")                                                \
    X(RB, 413, "the request's body is too large")                                                  \
    X(DC, 499, "the client closed the connection before the answer was complete")                  \
    X(IT, 408, "the client did not send its request in time")                                      \
    X(BR, 400, "the request is malformed")

#define RESPONSE_FLAG_ENUM(name, status, about) RESPONSE_FLAG_##name,
typedef enum response_flag {
    RESPONSE_FLAGS(RESPONSE_FLAG_ENUM) RESPONSE_FLAG_COUNT,
    RESPONSE_FLAG_NONE = RESPONSE_FLAG_COUNT
} response_flag_t;
#undef RESPONSE_FLAG_ENUM

/* response_flag_name gives "NR" and so on; "" for RESPONSE_FLAG_NONE. Static string. */
const char *response_flag_name(response_flag_t flag);

/* response_flag_status gives the status that the client gets, 0 for RESPONSE_FLAG_NONE. */
unsigned response_flag_status(response_flag_t flag);

#endif
