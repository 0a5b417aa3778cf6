/*
 * hostname.h: the hostnames of listeners and routes as sets of hosts. One is empty (every host),
 * exact ("a.example.com"), or a wildcard ("*.example.com": every host below example.com, at any
 * depth, and not example.com itself). All are in lower case.
 */
#ifndef GATEWAYAPI_HOSTNAME_H
#define GATEWAYAPI_HOSTNAME_H

#include "core/slice.h"

/* hostname_is_wildcard: whether it begins with "*.". */
bool hostname_is_wildcard(slice_t hostname);

/* hostname_covers says whether every host of `inner` is one of `outer` (equal ones cover). */
bool hostname_covers(slice_t outer, slice_t inner);

/*
 * hostname_intersect gives the hosts that both have, which is always one of the two. It returns
 * false if there are none; *ret is untouched then.
 */
bool hostname_intersect(slice_t a, slice_t b, slice_t *ret);

/*
 * hostname_rank orders by how specific a hostname is, the more specific with the higher rank:
 * exact before wildcard, then the longer one; the empty one has rank 0.
 */
uint32_t hostname_rank(slice_t hostname);

/*
 * hostname_parent gives the wildcard just above a hostname: "*.b.c" for "a.b.c" and for
 * "*.a.b.c" "*.b.c"; the empty slice (every host) when there is none. `room` has space for
 * hostname.len + 2 bytes and holds the result.
 */
slice_t hostname_parent(slice_t hostname, char *room);

#endif
