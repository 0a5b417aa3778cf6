/*
 * The index against a walk through the list, on random tables and requests. The seed is fixed, so
 * that a failure is one for everybody; ROUTE_MATCH_SEED in the environment sets another one.
 */
#include "tests/unit/test.h"
#include "tests/unit/xds/random_table.h"

enum { TABLES = 10000, REQUESTS = 100 };

static uint64_t first_seed(void)
{
    const char *text = getenv("ROUTE_MATCH_SEED");
    return text ? strtoull(text, NULL, 10) : 1;
}

/* Counts how often a route was found, so that the test cannot agree on nothing. */
static size_t compare_table(uint64_t seed)
{
    choices_t choices = {.seed = seed};
    arena_t arena = {0}, request_arena = {0};
    reference_t reference = random_reference(&choices, &arena);
    const snapshot_t *snapshot = random_table(&reference, seed);
    const route_table_t *routes = snapshot_find_listener(snapshot, SLICE("l"))->routes;
    size_t found = 0;
    for (int i = 0; i < REQUESTS; i++) {
        route_request_t request = random_request(&choices, &reference, &request_arena);
        if (!random_agree(&reference, snapshot, &request))
            fail_msg("seed %llu", (unsigned long long)seed);
        found += route_match(routes, &request) != NULL;
        arena_reset(&request_arena);
    }
    snapshot_unref(snapshot);
    arena_fini(&request_arena);
    arena_fini(&arena);
    return found;
}

static void test_a_million_requests_go_where_the_list_says(void **state)
{
    (void)state;
    uint64_t seed = first_seed();
    size_t found = 0;
    for (uint64_t i = 0; i < TABLES; i++)
        found += compare_table(seed + i);
    print_message("%d requests, %zu found a route\n", TABLES * REQUESTS, found);
    assert_in_range(found, TABLES * REQUESTS / 4, TABLES * REQUESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_million_requests_go_where_the_list_says),
    };
    return cmocka_run_group_tests_name("route_match_random", tests, NULL, NULL);
}
