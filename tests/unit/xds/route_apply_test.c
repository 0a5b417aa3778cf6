/*
 * route_apply_test.c: changes of header fields, rewrites and redirects.
 */
#include "xds/route_apply.h"

#include "tests/unit/test.h"

static int set_up(void **state)
{
    static arena_t arena;
    arena = (arena_t){0};
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_fini(*state);
    return 0;
}

static void add(http_headers_t *headers, arena_t *arena, const char *name, const char *value)
{
    http_headers_add(headers, arena, slice_of(name), slice_of(value),
                     http_header_lookup(slice_of(name)));
}

static void edit(http_headers_t *headers, arena_t *arena, const char *name, const char *value,
                 header_change_t change)
{
    header_edit_t one = {slice_of(name), slice_of(value), (uint8_t)change};
    header_edits_apply(&(header_edits_t){&one, 1}, headers, arena);
}

static void test_each_change_does_what_its_name_says(void **state)
{
    arena_t *arena = *state;
    http_headers_t headers = {0};
    add(&headers, arena, "X-A", "1");
    add(&headers, arena, "x-a", "2");
    edit(&headers, arena, "x-A", "3", HEADER_APPEND);
    assert_int_equal(headers.count, 3);
    edit(&headers, arena, "x-a", "no", HEADER_ADD_IF_ABSENT);
    edit(&headers, arena, "x-b", "no", HEADER_OVERWRITE_IF_EXISTS);
    assert_int_equal(headers.count, 3);
    edit(&headers, arena, "X-A", "4", HEADER_OVERWRITE);
    edit(&headers, arena, "x-b", "5", HEADER_ADD_IF_ABSENT);
    edit(&headers, arena, "x-b", "6", HEADER_OVERWRITE_IF_EXISTS);
    assert_int_equal(headers.count, 2);
    assert_slice(headers.at[0].value, "4");
    assert_slice(headers.at[1].value, "6");
    edit(&headers, arena, "X-B", "", HEADER_REMOVE);
    assert_int_equal(headers.count, 1);
}

static void rewritten(arena_t *arena, const char *matched, const char *by, const char *path,
                      const char *expected)
{
    route_t route = {.path = slice_of(matched), .action = ROUTE_FORWARD};
    route.forward.prefix_rewrite = slice_of(by);
    assert_slice(route_path(&route, slice_of(path), arena), expected);
}

static void test_prefixes_are_replaced_and_slashes_meet_once(void **state)
{
    rewritten(*state, "/a", "/b", "/a/c", "/b/c");
    rewritten(*state, "/a", "/b", "/a", "/b");
    rewritten(*state, "/a", "/", "/a/c", "/c");
    rewritten(*state, "/a", "/", "/a", "/");
    rewritten(*state, "/", "/b", "/c", "/bc"); /* xDS is literal; the translator writes "/b/" */
    rewritten(*state, "/", "/b/", "/c", "/b/c");
    rewritten(*state, "/a", "", "/a/c", "/a/c");
}

static void test_the_nearest_host_rewrite_counts(void **state)
{
    route_t route = {.action = ROUTE_FORWARD};
    route_cluster_t cluster = {0};
    (void)state;
    assert_slice(route_host(&route, &cluster, SLICE("a:80")), "a:80");
    route.forward.host_rewrite = SLICE("b");
    assert_slice(route_host(&route, &cluster, SLICE("a:80")), "b");
    cluster.host_rewrite = SLICE("c");
    assert_slice(route_host(&route, &cluster, SLICE("a:80")), "c");
}

static void redirected(arena_t *arena, route_redirect_t redirect, const char *expected)
{
    route_t route = {.path = SLICE("/a"), .action = ROUTE_REDIRECT, .redirect = redirect};
    http_request_head_t head = {.authority = SLICE("x.com:8080"),
                                .host = SLICE("x.com"),
                                .path = SLICE("/a/b"),
                                .query = SLICE("q=1"),
                                .has_query = true};
    assert_slice(route_location(&route, SLICE("http"), &head, arena), expected);
}

static void test_a_location_keeps_what_is_not_replaced(void **state)
{
    redirected(*state, (route_redirect_t){.status = 302}, "http://x.com:8080/a/b?q=1");
    redirected(*state, (route_redirect_t){.scheme = SLICE("https")}, "https://x.com/a/b?q=1");
    redirected(*state, (route_redirect_t){.host = SLICE("y")}, "http://y/a/b?q=1");
    redirected(*state, (route_redirect_t){.port = 81}, "http://x.com:81/a/b?q=1");
    redirected(*state, (route_redirect_t){.port = 80}, "http://x.com/a/b?q=1");
    redirected(*state, (route_redirect_t){.scheme = SLICE("https"), .port = 443},
               "https://x.com/a/b?q=1");
    redirected(*state, (route_redirect_t){.has_path = true, .path = SLICE("/z")},
               "http://x.com:8080/z?q=1");
    redirected(*state, (route_redirect_t){.has_path = true, .path = SLICE("/z?r")},
               "http://x.com:8080/z?r");
    redirected(*state, (route_redirect_t){.has_prefix = true, .prefix = SLICE("/n")},
               "http://x.com:8080/n/b?q=1");
    redirected(*state, (route_redirect_t){.strip_query = true}, "http://x.com:8080/a/b");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_each_change_does_what_its_name_says),
        TEST(test_prefixes_are_replaced_and_slashes_meet_once),
        TEST(test_the_nearest_host_rewrite_counts),
        TEST(test_a_location_keeps_what_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
