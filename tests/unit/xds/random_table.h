/*
 * random_table.h: route tables and requests made from a stream of choices: bytes from a fuzzer,
 * or a seeded generator when there are none. The names and values come from small pools, so that
 * requests and routes meet often.
 */
#ifndef TESTS_UNIT_XDS_RANDOM_TABLE_H
#define TESTS_UNIT_XDS_RANDOM_TABLE_H

#include "tests/unit/xds/reference.h"

/* With data: its bytes, then zeros. Without: an endless sequence from the seed. */
typedef struct choices {
    const uint8_t *data;
    size_t left;
    uint64_t seed;
} choices_t;

/* choose gives a number below `count`. */
uint32_t choose(choices_t *choices, uint32_t count);

/* random_reference gives the virtual hosts of a route configuration that is valid. */
reference_t random_reference(choices_t *choices, arena_t *arena);

/*
 * random_request gives a request, often one that is made after a route; its parts are in the
 * arena, or the reference's.
 */
route_request_t random_request(choices_t *choices, const reference_t *reference, arena_t *arena);

/* random_table builds what the reference says; it must be accepted. The caller unrefs it. */
const snapshot_t *random_table(const reference_t *reference, uint64_t seed);

/*
 * random_agree says whether index and reference have the same route for a request, and prints
 * both when they differ.
 */
bool random_agree(const reference_t *reference, const snapshot_t *snapshot,
                  const route_request_t *request);

#endif
