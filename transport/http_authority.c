/*
 * http_authority.c: reading a host and a port, see http_authority.h.
 */
#include "transport/http_authority.h"

#include <arpa/inet.h>

#include "core/error.h"
#include "transport/http_bytes.h"

enum { HOST_MAX = 255, IPV6_TEXT_MAX = INET6_ADDRSTRLEN };

static slice_t lower_copy(slice_t text, arena_t *arena)
{
    char *copy = arena_bytes(arena, text.len);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = slice_lower(text.base[i]);
    return slice_make(copy, text.len);
}

/* The name at the start of `text`, a block at a time; an empty slice if there is no good one. */
static slice_t parse_name(slice_t text, arena_t *arena)
{
    size_t len = 0;
    unsigned after_dot = 1; /* no dot in front, and none behind another */
    unsigned bad = 0, capitals = 0, more;
    do {
        block_t block = block_load_upto(text.base + len, text.len - len);
        block_bools_t dot = block_equal(block, '.');
        unsigned name = block_mask(block_letters(block) | block_between(block, '0', '9') | dot |
                                   block_equal(block, '-') | block_equal(block, '_'));
        more = (unsigned)__builtin_ctz(~name); /* the bits behind the block are set */
        unsigned within = (1u << more) - 1, dots = block_mask(dot) & within;
        unsigned doubled = dots & (dots << 1 | after_dot);
        bad |= doubled;
        after_dot = more ? dots >> (more - 1) & 1 : after_dot;
        capitals |= block_mask(block_between(block, 'A', 'Z')) & within;
        len += more;
    } while (more == BLOCK_LEN && len <= HOST_MAX);
    if (bad || len == 0 || len > HOST_MAX)
        return (slice_t){NULL, 0};
    slice_t name = slice_make(text.base, len - after_dot);
    return capitals ? lower_copy(name, arena) : name;
}

/* The bracketed address at the start of `text`; an empty slice if it is none. */
static slice_t parse_ipv6(slice_t text, arena_t *arena)
{
    size_t close = slice_chr(text, ']');
    char address[IPV6_TEXT_MAX];
    struct in6_addr ignored;
    if (close == text.len || close - 1 >= sizeof(address))
        return (slice_t){NULL, 0};
    memcpy(address, text.base + 1, close - 1);
    address[close - 1] = '\0';
    /* a NUL inside would end the C string early */
    if (strlen(address) != close - 1 || inet_pton(AF_INET6, address, &ignored) != 1)
        return (slice_t){NULL, 0};
    return lower_copy(slice_sub(text, 0, close + 1), arena);
}

static int parse_port(slice_t text, uint16_t *ret)
{
    uint64_t port;
    if (text.len > 5 || slice_to_u64(text, &port) != 0 || port == 0 || port > UINT16_MAX)
        return GW_EPARSE;
    *ret = (uint16_t)port;
    return 0;
}

int http_authority_parse(slice_t text, arena_t *arena, http_authority_t *ret)
{
    if (text.len == 0)
        return GW_EPARSE;
    bool bracket = text.base[0] == '[';
    slice_t host = bracket ? parse_ipv6(text, arena) : parse_name(text, arena);
    if (host.len == 0)
        return GW_EPARSE;
    size_t used = host.len;
    if (!bracket && used < text.len && text.base[used] == '.')
        used++;
    uint16_t port = 0;
    if (used < text.len) {
        if (text.base[used] != ':' || parse_port(slice_sub(text, used + 1, text.len), &port) != 0)
            return GW_EPARSE;
    }
    *ret = (http_authority_t){host, port};
    return 0;
}
