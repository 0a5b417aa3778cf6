/*
 * http1_scan.h: the strict reading of raw field lines, for heads and trailer sections. Private
 * to transport/http1*.
 */
#ifndef TRANSPORT_HTTP1_SCAN_H
#define TRANSPORT_HTTP1_SCAN_H

#include "transport/http1.h"

#define HTTP1_FIELD_BIT(id) (UINT64_C(1) << (id))
_Static_assert(HTTP_HEADER_COUNT <= 64, "a bit for each known field");

/* A field section, and where the known fields are in it. */
typedef struct http1_fields {
    http_headers_t headers;
    uint64_t seen;                     /* HTTP1_FIELD_BIT of each known field that is there */
    uint64_t repeated;                 /* of each that is there more than once */
    uint32_t first[HTTP_HEADER_COUNT]; /* index of the first one, for those in `seen` */
} http1_fields_t;

/*
 * http1_scan_fields reads field lines from `at` on; the empty line that ends them must be the
 * last two bytes before `end`. Every rule of RFC 9112 section 5 holds: no white space before
 * the colon, no folding, token names, CRLF. The table is in the arena.
 */
http1_reject_id_t http1_scan_fields(const char *at, const char *end, arena_t *arena,
                                    uint32_t max_count, http1_fields_t *ret);

/* http1_fields_get gives the first field with that id, or NULL. O(1). */
static inline const http_header_t *http1_fields_get(const http1_fields_t *fields,
                                                    http_header_id_t id)
{
    return fields->seen & HTTP1_FIELD_BIT(id) ? &fields->headers.at[fields->first[id]] : NULL;
}

/* http1_line_fault says what is wrong with the line at `at`, which has been found to be bad: the
 * bare CR or LF or the control character in it, if there is one, else `otherwise`. */
http1_reject_id_t http1_line_fault(const char *at, const char *end, http1_reject_id_t otherwise);

/* http1_refuse fills *why and gives the error to return. */
int http1_refuse(http1_reject_id_t id, http1_reject_t *why);

#endif
