/*
 * http_authority.h: the host and port that a request is for.
 */
#ifndef TRANSPORT_HTTP_AUTHORITY_H
#define TRANSPORT_HTTP_AUTHORITY_H

#include "core/arena.h"
#include "core/slice.h"

typedef struct http_authority {
    slice_t host;  /* lower case, without a trailing dot; IPv6 in brackets */
    uint16_t port; /* 0 if none was given */
} http_authority_t;

/*
 * http_authority_parse reads `host [ ":" port ]` as a Host field has it (RFC 9110 section 7.2).
 * A host is a name of letters, digits, '-', '_' and single dots (at most 255 bytes) or an
 * IPv6 address in brackets; a port is 1 to 65535. User information, percent-encoding, IPvFuture
 * and an empty port are refused, although RFC 3986 has them: nobody sends them in good faith.
 *
 * The host borrows the text, or is a lower-case copy in the arena if the text has capitals.
 * Returns 0 or GW_EPARSE.
 */
int http_authority_parse(slice_t text, arena_t *arena, http_authority_t *ret);

#endif
