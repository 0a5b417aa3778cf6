/*
 * trace.h: the number of a flow. It follows from the request's id, so that who knows the id finds
 * the flow in the flight recorder without a table.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "core/slice.h"

/* trace_of_request gives the flow of a request id; never 0, which means no flow. */
static inline uint64_t trace_of_request(slice_t request_id)
{
    uint64_t trace = slice_hash(request_id, UINT64_C(0x6e616e7469616e));
    return trace ? trace : 1;
}

#endif
