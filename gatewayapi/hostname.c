/* hostname.c: see hostname.h. */
#include "gatewayapi/hostname.h"

bool hostname_is_wildcard(slice_t hostname)
{
    return hostname.len >= 2 && hostname.base[0] == '*';
}

/* suffix gives ".example.com" of "*.example.com". */
static slice_t suffix(slice_t wildcard)
{
    return slice_sub(wildcard, 1, wildcard.len);
}

bool hostname_covers(slice_t outer, slice_t inner)
{
    if (outer.len == 0 || slice_eq(outer, inner))
        return true;
    if (!hostname_is_wildcard(outer) || inner.len == 0)
        return false;
    slice_t end = suffix(outer);
    slice_t name = hostname_is_wildcard(inner) ? suffix(inner) : inner;
    return slice_ends_with(name, end);
}

bool hostname_intersect(slice_t a, slice_t b, slice_t *ret)
{
    if (hostname_covers(a, b))
        *ret = b;
    else if (hostname_covers(b, a))
        *ret = a;
    else
        return false;
    return true;
}

uint32_t hostname_rank(slice_t hostname)
{
    if (hostname.len == 0)
        return 0;
    return (uint32_t)hostname.len | (hostname_is_wildcard(hostname) ? 0 : 1u << 16);
}

slice_t hostname_parent(slice_t hostname, char *room)
{
    slice_t rest = hostname_is_wildcard(hostname) ? slice_sub(hostname, 2, hostname.len) : hostname;
    size_t dot = slice_chr(rest, '.');
    if (rest.len == 0 || dot == rest.len)
        return (slice_t){NULL, 0};
    rest = slice_sub(rest, dot, rest.len);
    room[0] = '*';
    memmove(room + 1, rest.base, rest.len);
    return (slice_t){room, rest.len + 1};
}
