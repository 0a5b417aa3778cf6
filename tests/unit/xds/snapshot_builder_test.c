#include "xds/snapshot_builder.h"

#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

static vhost_message_t *host(world_t *world, const char *name, const char *domains,
                             const char *cluster)
{
    vhost_message_t *vhost = make_vhost(&world->arena, name, domains);
    make_vhost_route(&world->arena, vhost,
                     make_route(&world->arena, ROUTE_PATH_PREFIX, "/", cluster));
    return vhost;
}

static void spoil(vhost_message_t *vhost)
{
    vhost->routes[0]->match->path_specifier_case = 0;
}

static const vhost_t *vhost_of(const snapshot_t *snapshot, const char *name)
{
    const route_table_t *routes = snapshot_find_listener(snapshot, SLICE("l"))->routes;
    return route_table_find_vhost(routes, slice_of(name));
}

static void test_it_starts_empty(void **state)
{
    (void)state;
    snapshot_builder_t *builder = snapshot_builder_new(1);
    const snapshot_t *snapshot = snapshot_builder_current(builder);
    uint32_t count = 1, at = 0;
    snapshot_listeners(snapshot, &count);
    assert_int_equal(count, 0);
    assert_null(snapshot_next_cluster(snapshot, &at));
    assert_null(snapshot_cluster(snapshot, 12345));
    assert_int_equal(snapshot_sequence(snapshot), 0);
    snapshot_builder_free(builder);
    snapshot_builder_free(NULL);
}

static void test_an_equal_update_gives_the_same_snapshot(void **state)
{
    world_t *world = *state;
    world_try(world, host(world, "v", "*", "c"));
    const snapshot_t *before = snapshot_ref(world->snapshot);
    world_try(world, host(world, "v", "*", "c"));
    assert_ptr_equal(world->snapshot, before);
    world_apply(world); /* nothing at all */
    xds_update_remove(&world->update, XDS_CLUSTER, SLICE("unknown"));
    world_apply(world);
    assert_ptr_equal(world->snapshot, before);
    snapshot_unref(before);
}

static void test_what_did_not_change_is_shared(void **state)
{
    world_t *world = *state;
    change_vhost(&world->update, "rc", host(world, "a", "a.com", "c"));
    change_vhost(&world->update, "rc", host(world, "b", "b.com", "c"));
    change_vhost(&world->update, "other", host(world, "o", "*", "c"));
    change_listener(&world->update, make_listener(&world->arena, "o", 81, "other"));
    change_cluster(&world->update, make_cluster(&world->arena, "c"));
    world_apply(world);
    const snapshot_t *before = snapshot_ref(world->snapshot);
    world_try(world, host(world, "a", "a.com", "other"));
    const snapshot_t *after = world->snapshot;
    assert_ptr_not_equal(vhost_of(before, "a"), vhost_of(after, "a"));
    assert_ptr_equal(vhost_of(before, "b"), vhost_of(after, "b"));
    assert_ptr_equal(snapshot_find_listener(before, SLICE("o"))->routes,
                     snapshot_find_listener(after, SLICE("o"))->routes);
    uint32_t at = 0, again = 0;
    assert_ptr_equal(snapshot_next_cluster(before, &at), snapshot_next_cluster(after, &again));
    assert_int_equal(snapshot_sequence(after), snapshot_sequence(before) + 1);
    snapshot_unref(before);
}

static void test_an_old_snapshot_goes_on_matching(void **state)
{
    world_t *world = *state;
    world_try(world, host(world, "v", "*", "old"));
    const snapshot_t *before = snapshot_ref(world->snapshot);
    const route_t *route = world_match(world, "x", "/");
    xds_update_remove(&world->update, XDS_VIRTUAL_HOST, SLICE("rc/v"));
    xds_update_remove(&world->update, XDS_LISTENER, SLICE("l"));
    world_apply(world);
    assert_null(snapshot_find_listener(world->snapshot, SLICE("l")));
    route_request_t request = {.host = SLICE("x"), .path = SLICE("/")};
    assert_ptr_equal(route_match(snapshot_find_listener(before, SLICE("l"))->routes, &request),
                     route);
    snapshot_unref(before);
}

static void test_a_bad_resource_leaves_its_old_version_and_the_others(void **state)
{
    world_t *world = *state;
    world_try(world, host(world, "v", "v.com", "old"));
    vhost_message_t *bad = host(world, "v", "v.com", "new");
    spoil(bad);
    change_vhost(&world->update, "rc", bad);
    change_vhost(&world->update, "rc", host(world, "w", "w.com", "w"));
    world_apply(world);
    assert_int_equal(world->rejects.count, 1);
    assert_slice(world->rejects.at[0].name, "rc/v");
    assert_string_equal(world_goes_to(world, "v.com", "/"), "old");
    assert_string_equal(world_goes_to(world, "w.com", "/"), "w");
}

static void test_an_update_of_bad_resources_alone_changes_nothing(void **state)
{
    world_t *world = *state;
    vhost_message_t *bad = host(world, "v", "v.com", "c");
    const snapshot_t *before = snapshot_ref(world->snapshot);
    spoil(bad);
    world_try(world, bad);
    assert_ptr_equal(world->snapshot, before);
    assert_null(snapshot_builder_find(world->builder, XDS_VIRTUAL_HOST, SLICE("rc/v")));
    snapshot_unref(before);
}

static void test_a_name_changed_and_removed_in_one_update_is_changed(void **state)
{
    world_t *world = *state;
    change_vhost(&world->update, "rc", host(world, "v", "*", "first"));
    change_vhost(&world->update, "rc", host(world, "v", "*", "last"));
    xds_update_remove(&world->update, XDS_VIRTUAL_HOST, SLICE("rc/v"));
    world_apply(world);
    assert_string_equal(world_goes_to(world, "x", "/"), "last");
}

static void test_numbers_are_stable(void **state)
{
    world_t *world = *state;
    world_try(world, host(world, "v", "*", "b"));
    change_cluster(&world->update, make_cluster(&world->arena, "a"));
    change_cluster(&world->update, make_cluster(&world->arena, "b"));
    world_apply(world);
    uint32_t number = world_match(world, "x", "/")->forward.clusters[0].cluster;
    assert_slice(snapshot_cluster(world->snapshot, number)->name, "b");
    xds_update_remove(&world->update, XDS_CLUSTER, SLICE("b"));
    world_apply(world);
    assert_null(snapshot_cluster(world->snapshot, number));
    assert_slice(snapshot_series_name(world->snapshot, SERIES_CLUSTER, number), "b");
    change_cluster(&world->update, make_cluster(&world->arena, "b"));
    world_apply(world);
    assert_slice(snapshot_cluster(world->snapshot, number)->name, "b");
}

/* One route to one cluster, both of a name that nobody had before. */
static void change_all_names(world_t *world, int round)
{
    char *name = make_text(&world->arena, "name-%d", round);
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    route_message_t *route = make_route(&world->arena, ROUTE_PATH_PREFIX, "/", name);
    route->name = name;
    make_vhost_route(&world->arena, vhost, route);
    change_vhost(&world->update, "rc", vhost);
    change_cluster(&world->update, make_cluster(&world->arena, name));
    change_assignment(&world->update, make_assignment(&world->arena, name, 1, 80));
    if (round == 0)
        return;
    slice_t old = slice_of(make_text(&world->arena, "name-%d", round - 1));
    xds_update_remove(&world->update, XDS_CLUSTER, old);
    xds_update_remove(&world->update, XDS_LOAD_ASSIGNMENT, old);
}

static void test_names_that_come_and_go_need_no_more_numbers(void **state)
{
    world_t *world = *state;
    for (int round = 0; round < 300; round++) {
        change_all_names(world, round);
        world_apply(world);
        assert_string_equal(world_goes_to(world, "x", "/"),
                            make_text(&world->arena, "name-%d", round));
    }
    for (int kind = 0; kind < SERIES_KINDS; kind++)
        assert_true(snapshot_series_count(world->snapshot, kind) <= 3);
}

static void test_a_removed_configuration_leaves_no_name(void **state)
{
    world_t *world = *state;
    change_all_names(world, 0);
    world_apply(world);
    series_id_t id = world_route(world)->series;
    assert_true(snapshot_series_has(world->snapshot, SERIES_ROUTE, id));
    xds_update_remove(&world->update, XDS_VIRTUAL_HOST, SLICE("rc/v"));
    xds_update_remove(&world->update, XDS_CLUSTER, SLICE("name-0"));
    xds_update_remove(&world->update, XDS_LOAD_ASSIGNMENT, SLICE("name-0"));
    world_apply(world);
    assert_false(snapshot_series_has(world->snapshot, SERIES_ROUTE, id));
    for (int kind = SERIES_ROUTE; kind < SERIES_KINDS; kind++)
        assert_slice(snapshot_series_name(world->snapshot, kind, 0), "");
}

static void test_endpoints_change_alone(void **state)
{
    world_t *world = *state;
    uint32_t at = 0;
    change_cluster(&world->update, make_cluster(&world->arena, "c"));
    world_apply(world);
    const cluster_t *cluster = snapshot_next_cluster(world->snapshot, &at);
    assert_null(snapshot_endpoints(world->snapshot, cluster));
    change_assignment(&world->update, make_assignment(&world->arena, "c", 3, 80));
    world_apply(world);
    assert_ptr_equal(snapshot_cluster(world->snapshot, cluster->number), cluster);
    assert_int_equal(snapshot_endpoints(world->snapshot, cluster)->count, 3);
    xds_update_remove(&world->update, XDS_LOAD_ASSIGNMENT, SLICE("c"));
    world_apply(world);
    assert_null(snapshot_endpoints(world->snapshot, cluster));
}

static void test_what_is_in_effect_can_be_listed(void **state)
{
    world_t *world = *state;
    world_try(world, host(world, "v", "*", "c"));
    uint32_t at = 0, again = 0;
    assert_slice(xds_resource_name(snapshot_builder_next(world->builder, XDS_VIRTUAL_HOST, &at)),
                 "rc/v");
    assert_null(snapshot_builder_next(world->builder, XDS_VIRTUAL_HOST, &at));
    assert_slice(xds_resource_name(snapshot_builder_next(world->builder, XDS_LISTENER, &again)),
                 "l");
}

static void test_many_virtual_hosts_come_and_go(void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 200; i++) {
        const char *name = make_text(&world->arena, "v%d", i);
        world_try(world, host(world, name, make_text(&world->arena, "%s.com", name), name));
    }
    for (int i = 0; i < 200; i += 2) {
        slice_t name = slice_of(make_text(&world->arena, "rc/v%d", i));
        xds_update_remove(&world->update, XDS_VIRTUAL_HOST, name);
        world_apply(world);
    }
    for (int i = 0; i < 200; i++) {
        const char *name = make_text(&world->arena, "v%d", i);
        assert_string_equal(world_goes_to(world, make_text(&world->arena, "%s.com", name), "/"),
                            i % 2 ? name : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_starts_empty),
        WORLD_TEST(test_an_equal_update_gives_the_same_snapshot),
        WORLD_TEST(test_what_did_not_change_is_shared),
        WORLD_TEST(test_an_old_snapshot_goes_on_matching),
        WORLD_TEST(test_a_bad_resource_leaves_its_old_version_and_the_others),
        WORLD_TEST(test_an_update_of_bad_resources_alone_changes_nothing),
        WORLD_TEST(test_a_name_changed_and_removed_in_one_update_is_changed),
        WORLD_TEST(test_numbers_are_stable),
        WORLD_TEST(test_names_that_come_and_go_need_no_more_numbers),
        WORLD_TEST(test_a_removed_configuration_leaves_no_name),
        WORLD_TEST(test_endpoints_change_alone),
        WORLD_TEST(test_what_is_in_effect_can_be_listed),
        WORLD_TEST(test_many_virtual_hosts_come_and_go),
    };
    return cmocka_run_group_tests_name("snapshot_builder", tests, NULL, NULL);
}
