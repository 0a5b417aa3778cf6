/*
 * match_group.h: the routes of a virtual host that ask for the same path, arranged so that a
 * request looks at few of them even when there are thousands: a route that asks for an exact
 * method, header or query parameter is found by a hash of it, and only the others one by one.
 *
 * The hash is of the kind, the name and the value of one condition, the one by which a route
 * differs most from the others of its group. Routes with the same one form a group of their own,
 * which is divided again by what else they ask for. A hash only finds candidates: whether a route
 * accepts a request is always asked of the route itself, so that a collision does no harm.
 */
#ifndef XDS_MATCH_GROUP_H
#define XDS_MATCH_GROUP_H

#include "core/arena.h"
#include "xds/route_request.h"

enum { ROUTE_NONE = UINT32_MAX }; /* no position */

typedef struct match_slot {
    uint64_t hash;
    uint32_t group; /* ROUTE_NONE: an empty slot */
} match_slot_t;

/* What names occur in a table: most of a request's need not be looked up. */
typedef struct name_filter {
    uint64_t lengths; /* bit n: a name of n bytes, and bit 63: or a longer one */
    uint64_t hashes;  /* bit n: one with these upper bits of its hash */
} name_filter_t;

/* Groups by hash; open addressing, at most half full. */
typedef struct match_table {
    name_filter_t headers, query;
    uint32_t mask;
    bool methods; /* a method occurs */
    match_slot_t slots[];
} match_table_t;

typedef struct match_group {
    const uint32_t *plain;      /* positions of routes that are tried one by one, ascending */
    const match_table_t *table; /* NULL: there are no others */
    uint32_t plain_count;
    uint32_t lowest; /* position of all routes in here and below */
} match_group_t;

/* Groups under construction. A zeroed list is empty. */
typedef struct match_groups {
    match_group_t *at;
    uint32_t count, room;
} match_groups_t;

/* What building a group needs. `arena` keeps, `temp` does not. */
typedef struct match_builder {
    arena_t *arena, *temp;
    const route_t *routes;
    uint64_t seed;
    match_groups_t groups; /* in temp */
} match_builder_t;

/*
 * match_group_build makes a group of the routes at these positions (ascending, at least one) and
 * gives its number in builder->groups.
 */
uint32_t match_group_build(match_builder_t *builder, const uint32_t *positions, uint32_t count);

/*
 * match_group_search gives the lowest position below `best` of a route in the group that accepts
 * the request, or `best`. No allocation; the number of steps depends on the request and on the
 * routes that ask for the same things, not on how many there are.
 */
uint32_t match_group_search(const match_group_t *groups, uint32_t group, const route_t *routes,
                            uint64_t seed, const route_request_t *request, uint32_t best);

#endif
