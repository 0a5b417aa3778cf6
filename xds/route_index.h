/*
 * route_index.h: finds the first route of a list that matches a request, without walking the
 * list. Which route that is does not depend on the index: the lowest position whose path and
 * matchers all hold.
 */
#ifndef XDS_ROUTE_INDEX_H
#define XDS_ROUTE_INDEX_H

#include "xds/path_tree.h"

/* It lies in the memory of its virtual host, with the routes. */
typedef struct route_index {
    path_tree_t tree;
    const match_group_t *groups;
    uint64_t seed;
} route_index_t;

/*
 * route_index_build indexes routes that lie in the order of their positions, which begin at 0.
 * `arena` keeps the index, `temp` is for the making.
 */
route_index_t route_index_build(const route_t *routes, uint32_t count, uint64_t seed,
                                arena_t *arena, arena_t *temp);

/*
 * route_index_search gives the position of the first route that matches, or ROUTE_NONE. No
 * allocation, no lock; any thread.
 */
uint32_t route_index_search(const route_index_t *index, const route_t *routes,
                            const route_request_t *request);

#endif
