/*
 * precedence.h: the order in which the matches of all routes of a virtual host are tried
 * (HTTPRouteRule.matches in the Gateway API): the hostname that the route names, exact path,
 * longest prefix, method, most headers, most query parameters, oldest route, namespace and name,
 * and in one route the order in which rules and matches stand.
 */
#ifndef GATEWAYAPI_PRECEDENCE_H
#define GATEWAYAPI_PRECEDENCE_H

#include "gatewayapi/object.h"

/* One match of one rule, and the Route message that it became. */
typedef struct route_entry {
    bool exact, method;
    uint16_t path_len, headers, queries;
    uint16_t rule, match;   /* positions in the route */
    const uint8_t *message; /* packed, with its length in front as on the wire */
    uint32_t message_len;
} route_entry_t;

/* What competes in a virtual host. */
typedef struct candidate {
    const route_entry_t *entry;
    const object_t *route;
    uint32_t rank; /* hostname_rank of the hostname that the route names */
} candidate_t;

/* route_entry_measure fills in what the order needs from a match. */
void route_entry_measure(route_entry_t *entry, const route_match_t *match);

/* precedence_compare is for qsort over candidate_t: the one that is tried first comes first. */
int precedence_compare(const void *a, const void *b);

#endif
