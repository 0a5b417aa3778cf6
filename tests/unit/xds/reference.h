/*
 * reference.h: the matcher that the index is compared with. It reads the messages themselves and
 * walks every list from its beginning, so that it shares no code with what it judges.
 */
#ifndef TESTS_UNIT_XDS_REFERENCE_H
#define TESTS_UNIT_XDS_REFERENCE_H

#include "tests/unit/xds/make.h"

/* The virtual hosts of one route configuration. */
typedef struct reference {
    vhost_message_t **vhosts;
    size_t count;
} reference_t;

/* Where a request goes; `vhost` NULL: nowhere. */
typedef struct reference_match {
    const vhost_message_t *vhost;
    size_t position;
} reference_match_t;

reference_match_t reference_find(const reference_t *reference, const route_request_t *request);

#endif
