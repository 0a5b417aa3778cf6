#include "xds/listener.h"

#include "envoy/extensions/filters/http/router/v3/router.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager
    manager_message_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpFilter
    http_filter_message_t;
typedef Envoy__Config__Route__V3__RouteConfiguration configuration_message_t;

#define MANAGER(name)                                                                              \
    ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__##name

static void try(world_t *world, const listener_message_t *message)
{
    change_listener(&world->update, message);
    world_apply(world);
}

/* Gives a listener another connection manager. */
static listener_message_t *with_manager(world_t *world, const manager_message_t *manager)
{
    listener_message_t *listener = make_listener(&world->arena, "l2", 81, "rc");
    listener->filter_chains[0]->filters[0]->typed_config = any_pack(&manager->base, &world->arena);
    return listener;
}

static const snapshot_listener_t *find(const world_t *world, const char *name)
{
    return snapshot_find_listener(world->snapshot, slice_of(name));
}

static void test_a_listener_has_address_and_gateway(void **state)
{
    world_t *world = *state;
    listener_message_t *message = make_listener(&world->arena, "l2", 8080, "rc");
    Nantian__Xds__V1__ListenerInfo info = NANTIAN__XDS__V1__LISTENER_INFO__INIT;
    Envoy__Config__Core__V3__Metadata metadata = ENVOY__CONFIG__CORE__V3__METADATA__INIT;
    Envoy__Config__Core__V3__Metadata__TypedFilterMetadataEntry entry =
        ENVOY__CONFIG__CORE__V3__METADATA__TYPED_FILTER_METADATA_ENTRY__INIT;
    info.gateway_namespace = "infra";
    info.gateway_name = "edge";
    info.gateway_port = 80;
    info.listener_names = (char *[]){"http", "wild"};
    info.n_listener_names = 2;
    entry.key = XDS_KEY_LISTENER;
    entry.value = any_pack(&info.base, &world->arena);
    make_append(&world->arena, &metadata.typed_filter_metadata, &metadata.n_typed_filter_metadata,
                &entry);
    message->metadata = &metadata;
    try(world, message);
    const listener_t *listener = find(world, "l2")->listener;
    assert_slice(listener->address.text, "0.0.0.0:8080");
    assert_int_equal(listener->address.port, 8080);
    assert_slice(listener->gateway_namespace, "infra");
    assert_slice(listener->gateway_name, "edge");
    assert_int_equal(listener->gateway_port, 80);
    assert_int_equal(listener->gateway_listener_count, 2);
    assert_slice(listener->gateway_listeners[1], "wild");
    assert_slice(listener->label, "infra/edge:80"); /* two listeners share it */
    assert_slice(snapshot_series_name(world->snapshot, SERIES_LISTENER, listener->series), "l2");
}

static void test_listeners_are_sorted_and_share_routes(void **state)
{
    world_t *world = *state;
    change_vhost(&world->update, "rc", make_vhost(&world->arena, "v", "*"));
    change_listener(&world->update, make_listener(&world->arena, "b", 82, "unknown"));
    change_listener(&world->update, make_listener(&world->arena, "a", 81, "rc"));
    world_apply(world);
    uint32_t count;
    const snapshot_listener_t *all = snapshot_listeners(world->snapshot, &count);
    assert_int_equal(count, 3);
    assert_slice(all[0].listener->name, "a");
    assert_slice(all[1].listener->name, "b");
    assert_slice(all[2].listener->name, "l");
    assert_non_null(all[0].routes);
    assert_ptr_equal(all[0].routes, all[2].routes);
    assert_null(all[1].routes);
    assert_null(find(world, "unknown"));
}

static void test_routes_can_stand_in_the_listener(void **state)
{
    world_t *world = *state;
    manager_message_t manager = MANAGER(INIT);
    configuration_message_t routes = ENVOY__CONFIG__ROUTE__V3__ROUTE_CONFIGURATION__INIT;
    vhost_message_t *vhost = make_vhost(&world->arena, "with/slash", "*");
    make_vhost_route(&world->arena, vhost, make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c"));
    routes.name = "inline";
    routes.virtual_hosts = &vhost;
    routes.n_virtual_hosts = 1;
    manager.route_specifier_case = MANAGER(ROUTE_SPECIFIER_ROUTE_CONFIG);
    manager.route_config = &routes;
    try(world, with_manager(world, &manager));
    const route_table_t *table = find(world, "l2")->routes;
    route_request_t request = {.host = SLICE("x"), .path = SLICE("/y")};
    assert_slice(route_table_name(table), "inline");
    assert_non_null(route_match(table, &request));
    vhost->routes[0]->match->path_specifier_case = 0;
    try(world, with_manager(world, &manager));
    assert_string_equal(world_reject_field(world),
                        "filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0]."
                        "routes[0].match.path_specifier");
}

static void test_the_router_is_the_only_http_filter(void **state)
{
    world_t *world = *state;
    manager_message_t manager = MANAGER(INIT);
    Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__Rds rds =
        ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__RDS__INIT;
    Envoy__Extensions__Filters__Http__Router__V3__Router router =
        ENVOY__EXTENSIONS__FILTERS__HTTP__ROUTER__V3__ROUTER__INIT;
    http_filter_message_t filter =
        ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_FILTER__INIT;
    rds.route_config_name = "rc";
    manager.rds = &rds;
    manager.route_specifier_case = MANAGER(ROUTE_SPECIFIER_RDS);
    filter.name = "the filter";
    filter.config_type_case = 4;
    filter.typed_config = any_pack(&router.base, &world->arena);
    manager.http_filters = (http_filter_message_t *[]){&filter};
    manager.n_http_filters = 1;
    try(world, with_manager(world, &manager));
    assert_int_equal(world->rejects.count, 0);
    filter.typed_config = any_pack(&rds.base, &world->arena);
    try(world, with_manager(world, &manager));
    assert_string_equal(world_reject_reason(world),
                        "the HTTP filter \"the filter\" is not supported");
    filter.disabled = true;
    try(world, with_manager(world, &manager));
    assert_int_equal(world->rejects.count, 0);
}

static void no_routes(listener_message_t *message, world_t *world)
{
    manager_message_t manager = MANAGER(INIT);
    message->filter_chains[0]->filters[0]->typed_config = any_pack(&manager.base, &world->arena);
}

static void http2(listener_message_t *message, world_t *world)
{
    manager_message_t manager = MANAGER(INIT);
    manager.codec_type = MANAGER(CODEC_TYPE__HTTP2);
    message->filter_chains[0]->filters[0]->typed_config = any_pack(&manager.base, &world->arena);
}

static void no_filter_chain(listener_message_t *message, world_t *world)
{
    (void)world;
    message->n_filter_chains = 0;
}

static void tls(listener_message_t *message, world_t *world)
{
    static Envoy__Config__Core__V3__TransportSocket socket =
        ENVOY__CONFIG__CORE__V3__TRANSPORT_SOCKET__INIT;
    (void)world;
    message->filter_chains[0]->transport_socket = &socket;
}

static void udp(listener_message_t *message, world_t *world)
{
    (void)world;
    message->address->socket_address->protocol =
        ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PROTOCOL__UDP;
}

static const struct {
    void (*spoil)(listener_message_t *message, world_t *world);
    const char *field;
} cases[] = {
    {no_routes, "filter_chains[0].filters[0].typed_config.route_specifier"},
    {http2, "filter_chains[0].filters[0].typed_config.codec_type"},
    {no_filter_chain, "filter_chains"},
    {tls, "filter_chains[0].transport_socket"},
    {udp, "address.socket_address.protocol"},
};

static void test_what_is_wrong_is_refused_and_named(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        listener_message_t *message = make_listener(&world->arena, "l2", 81, "rc");
        cases[i].spoil(message, world);
        try(world, message);
        assert_string_equal(world_reject_field(world), cases[i].field);
        assert_null(find(world, "l2"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_a_listener_has_address_and_gateway),
        WORLD_TEST(test_listeners_are_sorted_and_share_routes),
        WORLD_TEST(test_routes_can_stand_in_the_listener),
        WORLD_TEST(test_the_router_is_the_only_http_filter),
        WORLD_TEST(test_what_is_wrong_is_refused_and_named),
    };
    return cmocka_run_group_tests_name("listener", tests, NULL, NULL);
}
