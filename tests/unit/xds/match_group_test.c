/* That variants of one path are found without trying them one by one. */
#include "xds/match_group.h"

#include "core/strbuf.h"
#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

enum { VARIANTS = 1000 };

/* Most routes that a request tries one by one, in the largest group. */
static uint32_t longest_walk(const world_t *world)
{
    const vhost_t *vhost = world_route(world)->vhost;
    uint32_t longest = 0;
    for (uint32_t group = 0; group < vhost->route_count; group++) {
        /* every route is in one group; there are at most so many groups that have any */
        uint32_t count = vhost->index.groups[group].plain_count;
        longest = count > longest ? count : longest;
        if (vhost->index.groups[0].table == NULL)
            break;
    }
    return longest;
}

/* The position of the route for a request with these header fields, or -1. */
static int position(const world_t *world, http_header_t *fields, uint32_t count, const char *query)
{
    http_headers_t headers = {.at = fields, .count = count};
    route_request_t request = {
        .method = SLICE("GET"), .path = SLICE("/"), .query = slice_of(query), .headers = &headers};
    const route_table_t *table = snapshot_find_listener(world->snapshot, SLICE("l"))->routes;
    const route_t *route = route_match(table, &request);
    return route ? (int)route->position : -1;
}

static void test_variants_by_one_header(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    for (int i = 0; i < VARIANTS; i++) {
        route_message_t *route = make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c");
        make_header(&world->arena, route, ":method", "GET");
        make_header(&world->arena, route, "X-Tenant", make_text(&world->arena, "t%d", i));
        make_vhost_route(&world->arena, vhost, route);
    }
    world_try(world, vhost);
    assert_in_range(longest_walk(world), 0, 1);
    for (int i = 0; i < VARIANTS; i++) {
        http_header_t field = {.name = SLICE("x-TENANT"),
                               .value = slice_of(make_text(&world->arena, "t%d", i))};
        assert_int_equal(position(world, &field, 1, ""), i);
    }
    assert_int_equal(position(world, NULL, 0, ""), -1);
}

static void test_variants_by_many_names(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    for (int i = 0; i < VARIANTS; i++) {
        route_message_t *route = make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c");
        make_header(&world->arena, route, make_text(&world->arena, "x-%d", i), "on");
        make_vhost_route(&world->arena, vhost, route);
    }
    world_try(world, vhost);
    assert_in_range(longest_walk(world), 0, 1);
    http_header_t fields[] = {{.name = SLICE("X-700"), .value = SLICE("on")},
                              {.name = SLICE("x-7"), .value = SLICE("off")},
                              {.name = SLICE("x-70"), .value = SLICE("on")}};
    assert_int_equal(position(world, fields, 3, ""), 70);
}

/* 32 times 32 pairs: each of the two headers alone leaves 32 routes. */
static void test_variants_by_two_conditions(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    for (int i = 0; i < 1024; i++) {
        route_message_t *route = make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c");
        make_header(&world->arena, route, "a", make_text(&world->arena, "%d", i / 32));
        make_query(&world->arena, route, "b", make_text(&world->arena, "%d", i % 32));
        make_vhost_route(&world->arena, vhost, route);
    }
    world_try(world, vhost);
    assert_in_range(longest_walk(world), 0, 1);
    http_header_t field = {.name = SLICE("a"), .value = SLICE("30")};
    assert_int_equal(position(world, &field, 1, "b=31"), 30 * 32 + 31);
    assert_int_equal(position(world, &field, 1, "b=0&b=31"), 30 * 32);
    assert_int_equal(position(world, &field, 1, "b=32"), -1);
}

/*
 * All routes ask for the same twenty parameters, so that there are twenty levels of groups. A
 * query that has each of them four times would be searched 4^20 times if each was followed.
 */
static void test_repetition_in_a_query_costs_nothing(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    for (int i = 0; i < 200; i++) {
        route_message_t *route = make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c");
        for (int level = 0; level < 20; level++)
            make_query(&world->arena, route, make_text(&world->arena, "p%d", level), "1");
        make_presence(&world->arena, route, make_text(&world->arena, "x-%d", i), true);
        make_vhost_route(&world->arena, vhost, route);
    }
    world_try(world, vhost);
    strbuf_t query = {0};
    for (int i = 0; i < 80; i++)
        strbuf_printf(&query, "p%d=1&", i % 20);
    strbuf_add_char(&query, '\0');
    http_header_t field = {.name = SLICE("x-150"), .value = SLICE("")};
    assert_int_equal(position(world, NULL, 0, query.base), -1); /* ends, that is the test */
    assert_int_equal(position(world, &field, 1, query.base), 150);
    strbuf_fini(&query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_variants_by_one_header),
        WORLD_TEST(test_variants_by_many_names),
        WORLD_TEST(test_variants_by_two_conditions),
        WORLD_TEST(test_repetition_in_a_query_costs_nothing),
    };
    return cmocka_run_group_tests_name("match_group", tests, NULL, NULL);
}
