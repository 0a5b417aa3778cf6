/*
 * match_hash.h: the hashes by which routes are found in a match group: the same where a group is
 * built and where it is searched. Private to match_group_build.c and match_group.c.
 */
#ifndef XDS_MATCH_HASH_H
#define XDS_MATCH_HASH_H

#include "xds/match_group.h"

enum {
    LONG_NAME = 63 /* bytes; names from here on share a bit */
};

static inline uint64_t length_bit(size_t len)
{
    return UINT64_C(1) << (len < LONG_NAME ? len : LONG_NAME);
}

static inline uint64_t hash_bit(uint64_t name_hash)
{
    return UINT64_C(1) << (name_hash >> 58);
}

/* Different seeds keep the kinds apart. */
static inline uint64_t method_hash(slice_t method, uint64_t seed)
{
    return slice_hash(method, seed);
}

/* In lower case, as in every route. Callers have checked the length. */
static inline uint64_t header_name_hash(slice_t name, uint64_t seed)
{
    char lower[ROUTE_NAME_MAX];
    for (size_t i = 0; i < name.len; i++)
        lower[i] = slice_lower(name.base[i]);
    return slice_hash(slice_make(lower, name.len), seed + 1);
}

static inline uint64_t query_name_hash(slice_t name, uint64_t seed)
{
    return slice_hash(name, seed + 2);
}

#endif
