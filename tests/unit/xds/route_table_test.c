#include "xds/route_table.h"

#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

/* Adds a virtual host with these domains and one route for `path`, to a cluster of its name. */
static vhost_message_t *add(world_t *world, const char *name, const char *domains, const char *path)
{
    vhost_message_t *vhost = make_vhost(&world->arena, name, domains);
    make_vhost_route(&world->arena, vhost,
                     make_route(&world->arena, ROUTE_PATH_PREFIX, path, name));
    return vhost;
}

static void test_the_most_specific_domain_gets_the_request(void **state)
{
    world_t *world = *state;
    change_vhost(&world->update, "rc", add(world, "any", "*", "/"));
    change_vhost(&world->update, "rc", add(world, "com", "*.com", "/"));
    change_vhost(&world->update, "rc", add(world, "example", "*.example.com", "/"));
    change_vhost(&world->update, "rc", add(world, "www", "www.example.com WWW.Example.ORG", "/"));
    world_apply(world);

    assert_string_equal(world_goes_to(world, "www.example.com", "/"), "www");
    assert_string_equal(world_goes_to(world, "www.example.org", "/"), "www");
    assert_string_equal(world_goes_to(world, "a.example.com", "/"), "example");
    assert_string_equal(world_goes_to(world, "b.a.example.com", "/"), "example");
    assert_string_equal(world_goes_to(world, "example.com", "/"), "com");
    assert_string_equal(world_goes_to(world, ".example.com", "/"), "com");
    assert_string_equal(world_goes_to(world, "com", "/"), "any");
    assert_string_equal(world_goes_to(world, "", "/"), "any");
}

static void test_without_a_domain_there_is_no_route(void **state)
{
    world_t *world = *state;
    assert_null(world_match(world, "a.com", "/"));
    world_try(world, add(world, "a", "a.com", "/"));
    assert_null(world_match(world, "b.com", "/"));
    assert_null(route_match(NULL, &(route_request_t){.path = SLICE("/")}));
}

static void test_a_host_does_not_fall_through_by_itself(void **state)
{
    world_t *world = *state;
    change_vhost(&world->update, "rc", add(world, "wide", "*.a.com", "/"));
    change_vhost(&world->update, "rc", add(world, "narrow", "x.a.com", "/only"));
    world_apply(world);
    assert_string_equal(world_goes_to(world, "x.a.com", "/only"), "narrow");
    assert_string_equal(world_goes_to(world, "x.a.com", "/other"), "none");
    assert_string_equal(world_goes_to(world, "y.a.com", "/other"), "wide");
}

static void test_what_is_inherited_comes_in_order_and_not_transitively(void **state)
{
    world_t *world = *state;
    vhost_message_t *narrow = add(world, "narrow", "x.a.com", "/narrow");
    vhost_message_t *second = add(world, "second", "*.com", "/sec");
    make_inherits(&world->arena, narrow, "missing first second");
    make_inherits(&world->arena, second, "third");
    change_vhost(&world->update, "rc", narrow);
    change_vhost(&world->update, "rc", add(world, "first", "*.a.com", "/second/deep"));
    change_vhost(&world->update, "rc", second);
    change_vhost(&world->update, "rc", add(world, "third", "*", "/"));
    world_apply(world);

    assert_int_equal(world->rejects.count, 0);
    assert_string_equal(world_goes_to(world, "x.a.com", "/narrow"), "narrow");
    assert_string_equal(world_goes_to(world, "x.a.com", "/second/deep"), "first");
    assert_string_equal(world_goes_to(world, "x.a.com", "/second"), "second");
    assert_string_equal(world_goes_to(world, "x.a.com", "/other"), "none");
    assert_string_equal(world_goes_to(world, "z.com", "/other"), "third");
}

static void test_the_inherited_is_the_present_version(void **state)
{
    world_t *world = *state;
    vhost_message_t *narrow = add(world, "narrow", "a.com", "/narrow");
    make_inherits(&world->arena, narrow, "wide");
    world_try(world, narrow);
    assert_string_equal(world_goes_to(world, "a.com", "/x"), "none");
    world_try(world, add(world, "wide", "*", "/x"));
    assert_string_equal(world_goes_to(world, "a.com", "/x"), "wide");
    world_try(world, add(world, "wide", "*", "/y"));
    assert_string_equal(world_goes_to(world, "a.com", "/x"), "none");
    assert_string_equal(world_goes_to(world, "a.com", "/y"), "wide");
}

static void test_a_virtual_host_that_is_gone_gets_nothing(void **state)
{
    world_t *world = *state;
    change_vhost(&world->update, "rc", add(world, "any", "*", "/"));
    change_vhost(&world->update, "rc", add(world, "wild", "*.a.com", "/"));
    change_vhost(&world->update, "rc", add(world, "other", "c.com", "/"));
    world_apply(world);
    xds_update_remove(&world->update, XDS_VIRTUAL_HOST, SLICE("rc/wild"));
    world_apply(world);
    assert_string_equal(world_goes_to(world, "x.a.com", "/"), "any");
    const snapshot_t *before = snapshot_ref(world->snapshot); /* which keeps the old one alive */
    world_try(world, add(world, "any", "b.com", "/"));
    assert_string_equal(world_goes_to(world, "x.a.com", "/"), "none");
    assert_string_equal(world_goes_to(world, "b.com", "/"), "any");
    snapshot_unref(before);
}

static void test_the_lowest_position_wins(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    static const struct {
        route_path_kind_t kind;
        const char *path, *cluster;
    } routes[] = {{ROUTE_PATH_PREFIX, "/a/b", "0"},   {ROUTE_PATH_PREFIX, "/a", "1"},
                  {ROUTE_PATH_EXACT, "/a/x", "2"},    {ROUTE_PATH_EXACT, "/s", "3"},
                  {ROUTE_PATH_SEPARATED, "/s", "4"},  {ROUTE_PATH_PREFIX, "/s", "5"},
                  {ROUTE_PATH_SEPARATED, "/s/t", "6"}};
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        make_vhost_route(
            &world->arena, vhost,
            make_route(&world->arena, routes[i].kind, routes[i].path, routes[i].cluster));
    world_try(world, vhost);
    assert_string_equal(world_goes_to(world, "h", "/a/bc"), "0");
    assert_string_equal(world_goes_to(world, "h", "/a/x"), "1");
    assert_string_equal(world_goes_to(world, "h", "/s"), "3");
    assert_string_equal(world_goes_to(world, "h", "/s/"), "4");
    assert_string_equal(world_goes_to(world, "h", "/s/t"), "4");
    assert_string_equal(world_goes_to(world, "h", "/st"), "5");
    assert_string_equal(world_goes_to(world, "h", "/"), "none");
}

static void test_a_walk_meets_every_virtual_host(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 50; i++)
        change_vhost(&world->update, "rc",
                     add(world, make_text(&world->arena, "v%d", i),
                         make_text(&world->arena, "h%d.com *.h%d.com", i, i), "/"));
    world_apply(world);
    const route_table_t *table = snapshot_find_listener(world->snapshot, SLICE("l"))->routes;
    uint32_t at = 0, count = 0;
    for (const vhost_t *vhost; (vhost = route_table_next(table, &at)); count++) {
        assert_int_equal(vhost->domain_count, 2);
        assert_ptr_equal(route_table_find_vhost(table, vhost->name), vhost);
        assert_ptr_equal(route_table_vhost(table, vhost_domain_text(&vhost->domains[0])), vhost);
        assert_true(slice_starts_with(vhost_domain_text(&vhost->domains[1]), SLICE("*.h")));
    }
    assert_int_equal(count, 50);
    assert_slice(route_table_name(table), "rc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_the_most_specific_domain_gets_the_request),
        WORLD_TEST(test_without_a_domain_there_is_no_route),
        WORLD_TEST(test_a_host_does_not_fall_through_by_itself),
        WORLD_TEST(test_what_is_inherited_comes_in_order_and_not_transitively),
        WORLD_TEST(test_the_inherited_is_the_present_version),
        WORLD_TEST(test_a_virtual_host_that_is_gone_gets_nothing),
        WORLD_TEST(test_the_lowest_position_wins),
        WORLD_TEST(test_a_walk_meets_every_virtual_host),
    };
    return cmocka_run_group_tests_name("route_table", tests, NULL, NULL);
}
