#include "xds/endpoints.h"

#include <arpa/inet.h>

#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

typedef Envoy__Config__Endpoint__V3__LbEndpoint endpoint_message_t;

static endpoint_message_t *message_at(const assignment_message_t *message, size_t i)
{
    return message->endpoints[0]->lb_endpoints[i];
}

static Envoy__Config__Core__V3__SocketAddress *socket_at(const assignment_message_t *message,
                                                         size_t i)
{
    return message_at(message, i)->endpoint->address->socket_address;
}

/* Applies it, with a cluster of that name, and gives what became of it. */
static const endpoints_t *try(world_t *world, const assignment_message_t *message)
{
    uint32_t at = 0;
    change_cluster(&world->update, make_cluster(&world->arena, message->cluster_name));
    change_assignment(&world->update, message);
    world_apply(world);
    return snapshot_endpoints(world->snapshot, snapshot_next_cluster(world->snapshot, &at));
}

static void test_addresses_are_ready_to_connect(void **state)
{
    world_t *world = *state;
    assignment_message_t *message = make_assignment(&world->arena, "c", 2, 8080);
    socket_at(message, 1)->address = "FD00:0::1";
    const endpoints_t *endpoints = try(world, message);
    assert_int_equal(endpoints->count, 2);
    const address_t *v4 = &endpoints->at[0].address, *v6 = &endpoints->at[1].address;
    assert_slice(v4->text, "10.0.0.1:8080");
    assert_int_equal(v4->socket.v4.sin_family, AF_INET);
    assert_int_equal(ntohs(v4->socket.v4.sin_port), 8080);
    assert_int_equal(ntohl(v4->socket.v4.sin_addr.s_addr), 0x0a000001);
    assert_slice(v6->text, "[fd00::1]:8080");
    assert_int_equal(v6->socket.v6.sin6_family, AF_INET6);
    assert_int_equal(ntohs(v6->socket.v6.sin6_port), 8080);
}

static void test_health_and_weight_are_taken(void **state)
{
    world_t *world = *state;
    static const uint8_t expected[] = {ENDPOINT_HEALTHY,  ENDPOINT_HEALTHY,   ENDPOINT_UNHEALTHY,
                                       ENDPOINT_DRAINING, ENDPOINT_UNHEALTHY, ENDPOINT_DEGRADED};
    assignment_message_t *message = make_assignment(&world->arena, "c", 6, 80);
    Google__Protobuf__UInt32Value weight = GOOGLE__PROTOBUF__UINT32_VALUE__INIT;
    weight.value = 5;
    for (int status = 0; status < 6; status++)
        message_at(message, (size_t)status)->health_status = status;
    message_at(message, 0)->load_balancing_weight = &weight;
    const endpoints_t *endpoints = try(world, message);
    for (int i = 0; i < 6; i++)
        assert_int_equal(endpoints->at[i].health, expected[i]);
    assert_int_equal(endpoints->healthy_count, 2);
    assert_int_equal(endpoints->at[0].weight, 5);
    assert_int_equal(endpoints->at[1].weight, 1);
}

static void test_an_empty_assignment_is_no_endpoints(void **state)
{
    world_t *world = *state;
    const endpoints_t *endpoints = try(world, make_assignment(&world->arena, "c", 0, 80));
    assert_int_equal(endpoints->count, 0);
    assert_int_equal(endpoints->healthy_count, 0);
}

static void test_what_cannot_be_connected_to_is_refused(void **state)
{
    world_t *world = *state;
    assignment_message_t *message = make_assignment(&world->arena, "c", 2, 80);
    socket_at(message, 1)->address = "example.com";
    assert_null(try(world, message));
    assert_string_equal(world_reject_field(world),
                        "endpoints[0].lb_endpoints[1].endpoint.address.socket_address.address");
    assert_string_equal(world_reject_reason(world), "\"example.com\" is not an IP address");
    assert_null(try(world, make_assignment(&world->arena, "c", 1, 0)));
    assert_string_equal(world_reject_reason(world), "must not be 0");
    assert_null(try(world, make_assignment(&world->arena, "c", 1, 65536)));
    assert_string_equal(world_reject_reason(world), "not a port");
    message = make_assignment(&world->arena, "c", 1, 80);
    message->endpoints[0]->priority = 1;
    assert_null(try(world, message));
    assert_string_equal(world_reject_field(world), "endpoints[0].priority");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_addresses_are_ready_to_connect),
        WORLD_TEST(test_health_and_weight_are_taken),
        WORLD_TEST(test_an_empty_assignment_is_no_endpoints),
        WORLD_TEST(test_what_cannot_be_connected_to_is_refused),
    };
    return cmocka_run_group_tests_name("endpoints", tests, NULL, NULL);
}
