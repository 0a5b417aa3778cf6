/* Two resources that want the same domain, address or route configuration. */
#include "envoy/config/route/v3/route.pb-c.h"
#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

static vhost_message_t *host(world_t *world, const char *name, const char *domains)
{
    vhost_message_t *vhost = make_vhost(&world->arena, name, domains);
    make_vhost_route(&world->arena, vhost, make_route(&world->arena, ROUTE_PATH_PREFIX, "/", name));
    return vhost;
}

static void change(world_t *world, const char *name, const char *domains)
{
    change_vhost(&world->update, "rc", host(world, name, domains));
}

static void test_who_has_a_domain_keeps_it(void **state)
{
    world_t *world = *state;
    change(world, "b", "x.com");
    world_apply(world);
    change(world, "a", "x.com y.com");
    world_apply(world);
    assert_string_equal(world_reject_field(world), "domains[0]");
    assert_string_equal(world_reject_reason(world), "\"x.com\" belongs to the virtual host \"b\"");
    assert_string_equal(world_goes_to(world, "x.com", "/"), "b");
    assert_string_equal(world_goes_to(world, "y.com", "/"), "none");
}

static void test_of_two_new_ones_the_first_by_name_gets_it(void **state)
{
    world_t *world = *state;
    change(world, "b", "x.com");
    change(world, "a", "*.org X.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 1);
    assert_slice(world->rejects.at[0].name, "rc/b");
    assert_string_equal(world_goes_to(world, "x.com", "/"), "a");
}

static void test_a_domain_moves_in_one_update(void **state)
{
    world_t *world = *state;
    change(world, "a", "x.com");
    change(world, "b", "y.com");
    world_apply(world);
    change(world, "a", "y.com");
    change(world, "b", "x.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 0);
    assert_string_equal(world_goes_to(world, "x.com", "/"), "b");
    assert_string_equal(world_goes_to(world, "y.com", "/"), "a");
    xds_update_remove(&world->update, XDS_VIRTUAL_HOST, SLICE("rc/b"));
    change(world, "c", "x.com");
    world_apply(world);
    assert_string_equal(world_goes_to(world, "x.com", "/"), "c");
}

static void test_the_owner_keeps_it_though_another_comes_first_by_name(void **state)
{
    world_t *world = *state;
    change(world, "b", "x.com");
    world_apply(world);
    change(world, "a", "x.com");
    change(world, "b", "x.com z.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 1);
    assert_slice(world->rejects.at[0].name, "rc/a");
    assert_string_equal(world_goes_to(world, "z.com", "/"), "b");
}

/* b gives x.com up and wants k.com, which k keeps: so b stays as it was, and c gets nothing. */
static void test_who_is_refused_keeps_what_he_had(void **state)
{
    world_t *world = *state;
    change(world, "b", "x.com");
    change(world, "k", "k.com");
    world_apply(world);
    change(world, "b", "k.com");
    change(world, "c", "x.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 2);
    assert_string_equal(world_goes_to(world, "x.com", "/"), "b");
    assert_string_equal(world_goes_to(world, "k.com", "/"), "k");
}

/* a gets x.com before b, is refused for another reason, and so b gets it. */
static void test_who_is_refused_takes_nothing_from_others(void **state)
{
    world_t *world = *state;
    change(world, "k", "k.com");
    world_apply(world);
    change(world, "a", "x.com k.com");
    change(world, "b", "x.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 1);
    assert_slice(world->rejects.at[0].name, "rc/a");
    assert_string_equal(world_goes_to(world, "x.com", "/"), "b");
}

/* b gives x.com up for z.com, which a gets: so b stays as it was, and c gets nothing. */
static void test_who_loses_to_another_keeps_what_he_had(void **state)
{
    world_t *world = *state;
    change(world, "b", "x.com");
    world_apply(world);
    change(world, "a", "z.com");
    change(world, "b", "z.com");
    change(world, "c", "x.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 2);
    assert_string_equal(world_goes_to(world, "z.com", "/"), "a");
    assert_string_equal(world_goes_to(world, "x.com", "/"), "b");
}

static void test_route_configurations_do_not_share_domains(void **state)
{
    world_t *world = *state;
    change(world, "a", "x.com");
    change_vhost(&world->update, "other", host(world, "a", "x.com"));
    world_apply(world);
    assert_int_equal(world->rejects.count, 0);
}

static void test_an_address_has_one_listener(void **state)
{
    world_t *world = *state;
    change_listener(&world->update, make_listener(&world->arena, "a", 80, "rc"));
    world_apply(world);
    assert_string_equal(world_reject_field(world), "address");
    assert_string_equal(world_reject_reason(world), "\"0.0.0.0:80\" belongs to the listener \"l\"");
    change_listener(&world->update, make_listener(&world->arena, "a", 80, "rc"));
    change_listener(&world->update, make_listener(&world->arena, "l", 81, "rc"));
    world_apply(world);
    assert_int_equal(world->rejects.count, 0);
}

static void test_any_free_port_is_no_address_to_have(void **state)
{
    world_t *world = *state;
    change_listener(&world->update, make_listener(&world->arena, "a", 0, "rc"));
    change_listener(&world->update, make_listener(&world->arena, "b", 0, "rc"));
    world_apply(world);
    assert_int_equal(world->rejects.count, 0);
    assert_int_equal(snapshot_find_listener(world->snapshot, SLICE("b"))->listener->address.port,
                     0);
}

static void try_configuration(world_t *world, vhost_message_t **vhosts, size_t count)
{
    Envoy__Config__Route__V3__RouteConfiguration message =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_CONFIGURATION__INIT;
    message.name = "rc";
    message.virtual_hosts = vhosts;
    message.n_virtual_hosts = count;
    xds_resource_t *resource =
        xds_resource_new(XDS_ROUTE_CONFIGURATION, SLICE("rc"), &message.base);
    xds_update_change(&world->update, &resource);
    world_apply(world);
}

static void test_a_configuration_can_list_its_virtual_hosts(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhosts[] = {host(world, "a", "a.com"), host(world, "b/c", "*")};
    try_configuration(world, vhosts, 2);
    assert_string_equal(world_goes_to(world, "a.com", "/"), "a");
    assert_string_equal(world_goes_to(world, "x", "/"), "b/c");
    vhosts[1] = host(world, "a", "*");
    try_configuration(world, vhosts, 2);
    assert_string_equal(world_reject_field(world), "virtual_hosts[1].name");
    vhosts[1] = host(world, "b", "a.com");
    try_configuration(world, vhosts, 2);
    assert_string_equal(world_reject_field(world), "virtual_hosts[1].domains[0]");
    assert_string_equal(world_goes_to(world, "x", "/"), "b/c");
    try_configuration(world, NULL, 0);
    assert_string_equal(world_goes_to(world, "x", "/"), "none");
}

static void test_a_list_and_resources_exclude_each_other(void **state)
{
    world_t *world = *state;
    vhost_message_t *vhost = host(world, "a", "a.com");
    try_configuration(world, &vhost, 1);
    change(world, "v", "v.com");
    world_apply(world);
    assert_string_equal(world_reject_reason(world),
                        "its route configuration lists its virtual hosts itself");
    xds_update_remove(&world->update, XDS_ROUTE_CONFIGURATION, SLICE("rc"));
    change(world, "v", "v.com");
    world_apply(world);
    assert_int_equal(world->rejects.count, 0);
    try_configuration(world, &vhost, 1);
    assert_string_equal(world_reject_reason(world), "its virtual hosts are resources of their own");
    try_configuration(world, NULL, 0); /* what a control plane of our own sends */
    assert_int_equal(world->rejects.count, 0);
    assert_string_equal(world_goes_to(world, "v.com", "/"), "v");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_who_has_a_domain_keeps_it),
        WORLD_TEST(test_of_two_new_ones_the_first_by_name_gets_it),
        WORLD_TEST(test_a_domain_moves_in_one_update),
        WORLD_TEST(test_the_owner_keeps_it_though_another_comes_first_by_name),
        WORLD_TEST(test_who_is_refused_keeps_what_he_had),
        WORLD_TEST(test_who_is_refused_takes_nothing_from_others),
        WORLD_TEST(test_who_loses_to_another_keeps_what_he_had),
        WORLD_TEST(test_route_configurations_do_not_share_domains),
        WORLD_TEST(test_an_address_has_one_listener),
        WORLD_TEST(test_any_free_port_is_no_address_to_have),
        WORLD_TEST(test_a_configuration_can_list_its_virtual_hosts),
        WORLD_TEST(test_a_list_and_resources_exclude_each_other),
    };
    return cmocka_run_group_tests_name("conflict", tests, NULL, NULL);
}
