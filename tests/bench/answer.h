/*
 * answer.h: reads one HTTP/1.1 answer and says whether it is the expected one. It knows what the
 * benchmark's backend sends (a Content-Length body) and takes everything else for an error.
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include "core/slice.h"

/* What can be wrong with a request; the names stand in the report of bench_load. */
#define ANSWER_FAULTS(X)                                                                           \
    X(wrong_status, "answered, not with 200")                                                      \
    X(wrong_length, "200 with a body of another length")                                           \
    X(wrong_body, "200 with another body of that length")                                          \
    X(malformed, "no HTTP/1.1 answer with Content-Length")                                         \
    X(unsolicited, "more bytes than the answer has")                                               \
    X(closed, "the connection ended before the answer did")                                        \
    X(connect_failed, "no connection for the request")                                             \
    X(timed_out, "no answer in time")

#define ANSWER_FAULT_ENUM(name, text) ANSWER_##name,
typedef enum answer_kind {
    ANSWER_ok,
    ANSWER_FAULTS(ANSWER_FAULT_ENUM) ANSWER_KINDS,
    ANSWER_incomplete /* read on */
} answer_kind_t;
#undef ANSWER_FAULT_ENUM

/*
 * answer_check judges the bytes received so far for one request; `body` is the one expected.
 * ANSWER_incomplete: no verdict yet. wrong_status, wrong_length and wrong_body leave the
 * connection usable: the whole answer was read. After another fault the framing is lost.
 */
answer_kind_t answer_check(slice_t received, slice_t body);

#endif
