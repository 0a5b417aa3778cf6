/* precedence.c: see precedence.h. */
#include "gatewayapi/precedence.h"

void route_entry_measure(route_entry_t *entry, const route_match_t *match)
{
    entry->exact = match->path_type == PATH_EXACT;
    entry->path_len = (uint16_t)match->path.len;
    entry->method = match->method.len > 0;
    entry->headers = match->header_count;
    entry->queries = match->query_count;
}

/* more gives <0 if `a` is the larger one. */
static int more(uint32_t a, uint32_t b)
{
    return a > b ? -1 : a < b;
}

static int compare_matches(const route_entry_t *a, const route_entry_t *b)
{
    int order = more(a->exact, b->exact);
    if (order == 0)
        order = more(a->path_len, b->path_len);
    if (order == 0)
        order = more(a->method, b->method);
    if (order == 0)
        order = more(a->headers, b->headers);
    return order ? order : more(a->queries, b->queries);
}

int precedence_compare(const void *a, const void *b)
{
    const candidate_t *left = a, *right = b;
    int order = more(left->rank, right->rank);
    if (order == 0)
        order = compare_matches(left->entry, right->entry);
    if (order == 0 && left->route != right->route)
        order = object_compare_age(left->route, right->route);
    if (order == 0)
        order = more(right->entry->rule, left->entry->rule);
    return order ? order : more(right->entry->match, left->entry->match);
}
