#include "xds/cluster.h"

#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

static const cluster_t *only_cluster(const world_t *world)
{
    uint32_t at = 0;
    return snapshot_next_cluster(world->snapshot, &at);
}

static void try(world_t *world, const cluster_message_t *message)
{
    change_cluster(&world->update, message);
    world_apply(world);
}

static void test_absent_fields_have_the_defaults_of_the_api(void **state)
{
    world_t *world = *state;
    try(world, make_cluster(&world->arena, "c"));
    const cluster_t *cluster = only_cluster(world);
    assert_slice(cluster->name, "c");
    assert_int_equal(cluster->policy, CLUSTER_ROUND_ROBIN);
    assert_int_equal(cluster->connect_timeout_ms, 5000);
    assert_int_equal(cluster->max_connections, 1024);
    assert_int_equal(cluster->max_pending_requests, 1024);
    assert_int_equal(cluster->max_requests, 1024);
    assert_int_equal(cluster->max_retries, 3);
    assert_int_equal(cluster->endpoints, cluster->number);
    assert_slice(snapshot_series_name(world->snapshot, SERIES_BACKEND, cluster->series.number),
                 "c");
}

static void test_limits_and_policy_are_taken(void **state)
{
    world_t *world = *state;
    cluster_message_t *message = make_cluster(&world->arena, "c");
    Google__Protobuf__UInt32Value seven = GOOGLE__PROTOBUF__UINT32_VALUE__INIT;
    Envoy__Config__Cluster__V3__CircuitBreakers__Thresholds limits =
        ENVOY__CONFIG__CLUSTER__V3__CIRCUIT_BREAKERS__THRESHOLDS__INIT;
    Envoy__Config__Cluster__V3__CircuitBreakers breakers =
        ENVOY__CONFIG__CLUSTER__V3__CIRCUIT_BREAKERS__INIT;
    seven.value = 7;
    limits.max_requests = &seven;
    breakers.thresholds = (Envoy__Config__Cluster__V3__CircuitBreakers__Thresholds *[]){&limits};
    breakers.n_thresholds = 1;
    message->circuit_breakers = &breakers;
    message->lb_policy = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__LEAST_REQUEST;
    try(world, message);
    assert_int_equal(only_cluster(world)->max_requests, 7);
    assert_int_equal(only_cluster(world)->max_connections, 1024);
    assert_string_equal(cluster_policy_text(only_cluster(world)->policy), "LEAST_REQUEST");
}

static void test_a_backend_is_counted_by_its_service(void **state)
{
    world_t *world = *state;
    cluster_message_t *message = make_cluster(&world->arena, "shop/cart/80");
    make_backend(&world->arena, message, "shop", "cart");
    try(world, message);
    const cluster_t *cluster = only_cluster(world);
    assert_slice(cluster->service, "cart");
    assert_int_equal(cluster->port, 80);
    assert_slice(snapshot_series_name(world->snapshot, SERIES_BACKEND, cluster->series.number),
                 "shop/cart");
}

static void test_endpoints_come_by_the_service_name(void **state)
{
    world_t *world = *state;
    cluster_message_t *message = make_cluster(&world->arena, "c");
    Envoy__Config__Cluster__V3__Cluster__EdsClusterConfig config =
        ENVOY__CONFIG__CLUSTER__V3__CLUSTER__EDS_CLUSTER_CONFIG__INIT;
    config.service_name = "shared";
    message->eds_cluster_config = &config;
    change_assignment(&world->update, make_assignment(&world->arena, "shared", 2, 80));
    try(world, message);
    const endpoints_t *endpoints = snapshot_endpoints(world->snapshot, only_cluster(world));
    assert_non_null(endpoints);
    assert_slice(endpoints->name, "shared");
}

static void test_other_kinds_of_clusters_are_refused(void **state)
{
    world_t *world = *state;
    cluster_message_t *message = make_cluster(&world->arena, "c");
    message->lb_policy = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__MAGLEV;
    try(world, message);
    assert_string_equal(world_reject_field(world), "lb_policy");
    message = make_cluster(&world->arena, "c");
    message->type = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__STATIC;
    try(world, message);
    assert_string_equal(world_reject_field(world), "type");
    message = make_cluster(&world->arena, "c");
    message->load_assignment = make_assignment(&world->arena, "c", 1, 80);
    try(world, message);
    assert_string_equal(world_reject_field(world), "load_assignment");
    assert_null(only_cluster(world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_absent_fields_have_the_defaults_of_the_api),
        WORLD_TEST(test_limits_and_policy_are_taken),
        WORLD_TEST(test_a_backend_is_counted_by_its_service),
        WORLD_TEST(test_endpoints_come_by_the_service_name),
        WORLD_TEST(test_other_kinds_of_clusters_are_refused),
    };
    return cmocka_run_group_tests_name("cluster", tests, NULL, NULL);
}
