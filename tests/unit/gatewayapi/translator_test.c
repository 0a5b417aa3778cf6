/*
 * translator_test.c: what a change leads to: the update has this and nothing else.
 */
#include "tests/unit/gatewayapi/world.h"
#include "tests/unit/test.h"

#define GATEWAY_API "---\napiVersion: gateway.networking.k8s.io/v1\n"
#define CLASS                                                                                      \
    GATEWAY_API "kind: GatewayClass\nmetadata: {name: c}\n"                                        \
                "spec: {controllerName: gateway.networking.k8s.io/nantian-gw}\n"
#define GATEWAY(name, listeners)                                                                   \
    GATEWAY_API "kind: Gateway\nmetadata: {name: " name "}\n"                                      \
                "spec: {gatewayClassName: c, listeners: [" listeners "]}\n"
#define LISTENER(name, port, more) "{name: " name ", port: " port ", protocol: HTTP" more "}"
#define ROUTE(name, more, rule)                                                                    \
    GATEWAY_API "kind: HTTPRoute\nmetadata: {name: " name "}\n"                                    \
                "spec: {parentRefs: [{name: gw}], " more "rules: [{" rule "}]}\n"
#define BACKEND(name) "backendRefs: [{name: " name ", port: 80}]"
#define SERVICE(name, port)                                                                        \
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: " name "}\nspec: {ports: [" port "]}\n"
#define ENDPOINTS(name, address)                                                                   \
    "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"                                  \
    "metadata: {name: " name "-1, labels: {kubernetes.io/service-name: " name "}}\n"               \
    "addressType: IPv4\nports: [{name: http, port: 3000}]\n"                                       \
    "endpoints: [{addresses: [" address "]}]\n"
#define HTTP_PORT "{name: http, port: 80}"

/* open_usual makes a world with a Gateway, a route on a.example.com and its backend. */
static void open_usual(world_t *world)
{
    world_open(world);
    world_put(world, "gateway", CLASS GATEWAY("gw", LISTENER("http", "80", "")));
    world_put(world, "route", ROUTE("r", "hostnames: [a.example.com], ", BACKEND("s")));
    world_put(world, "service", SERVICE("s", HTTP_PORT));
    world_apply(world, "endpoints", ENDPOINTS("s", "127.0.0.1"));
}

static void assert_counts(const world_t *world, size_t changed, size_t removed, size_t statuses)
{
    assert_int_equal(world->update.changed_count, changed);
    assert_int_equal(world->update.removed_count, removed);
    assert_int_equal(world->status.changed_count, statuses);
}

static void test_without_anything_10080_answers_404(void **state)
{
    (void)state;
    world_t world;
    world_open(&world);
    world_run(&world);
    assert_counts(&world, 2, 0, 0);
    world_says(&world, "listener tcp/10080: 0.0.0.0:10080, routes default\nroutes default\n");
    world_run(&world);
    assert_counts(&world, 0, 0, 0);
    world_close(&world);
}

static void test_a_gateway_takes_10080_over_and_gives_it_back(void **state)
{
    (void)state;
    world_t world;
    world_open(&world);
    world_run(&world);
    world_apply(&world, "gateway", CLASS GATEWAY("gw", LISTENER("http", "80", "")));
    assert_true(world_changed(&world, XDS_LISTENER, "tcp/10080"));
    assert_true(world_removed(&world, XDS_ROUTE_CONFIGURATION, "default"));
    assert_false(world_removed(&world, XDS_LISTENER, "tcp/10080"));
    world_apply(&world, "gateway", "");
    assert_true(world_changed(&world, XDS_LISTENER, "tcp/10080"));
    assert_true(world_changed(&world, XDS_ROUTE_CONFIGURATION, "default"));
    assert_true(world_removed(&world, XDS_ROUTE_CONFIGURATION, "default/gw/80"));
    assert_true(world_removed(&world, XDS_VIRTUAL_HOST, "default/gw/80/*"));
    assert_int_equal(world.status.removed_count, 2);
    world_close(&world);
}

static void test_an_endpoint_touches_one_load_assignment(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "endpoints", ENDPOINTS("s", "127.0.0.2"));
    assert_counts(&world, 1, 0, 0);
    world_says(&world, "endpoints default/s:80: [127.0.0.2]:3000\n");
    world_apply(&world, "endpoints", "");
    assert_counts(&world, 1, 0, 0);
    world_says(&world, "endpoints default/s:80: none\n");
    world_close(&world);
}

static void test_a_slice_that_moves_to_another_service_touches_both(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_put(&world, "route-2", ROUTE("r2", "", BACKEND("t")));
    world_apply(&world, "service-2", SERVICE("t", HTTP_PORT));
    const char *moved = "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                        "metadata: {name: s-1, labels: {kubernetes.io/service-name: t}}\n"
                        "addressType: IPv4\nports: [{name: http, port: 3000}]\n"
                        "endpoints: [{addresses: [127.0.0.1]}]\n";
    world_apply(&world, "endpoints", moved);
    assert_counts(&world, 2, 0, 0);
    world_says(&world, "endpoints default/s:80: none\nendpoints default/t:80: [127.0.0.1]:3000\n");
    world_close(&world);
}

static void test_a_service_that_changes_a_ports_name_touches_no_route(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "service", SERVICE("s", "{name: web, port: 80}"));
    assert_counts(&world, 1, 0, 0);
    world_says(&world, "endpoints default/s:80: none\n");
    world_close(&world);
}

static void test_a_service_that_goes_turns_200_into_500(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "service", "");
    assert_counts(&world, 1, 2, 1);
    world_says(&world, "prefix / -> nantian-invalid-backend else 500");
    world_says(&world, "ResolvedRefs=False/BackendNotFound");
    assert_true(world_removed(&world, XDS_CLUSTER, "default/s:80"));
    assert_true(world_removed(&world, XDS_LOAD_ASSIGNMENT, "default/s:80"));
    world_apply(&world, "service", SERVICE("s", HTTP_PORT));
    world_says(&world, "prefix / -> default/s:80");
    world_says(&world, "endpoints default/s:80: [127.0.0.1]:3000");
    world_says(&world, "ResolvedRefs=True/ResolvedRefs");
    world_close(&world);
}

static void test_a_grant_that_goes_turns_200_into_500(void **state)
{
    (void)state;
    world_t world;
    const char *grant = GATEWAY_API
        "kind: ReferenceGrant\nmetadata: {name: g, namespace: other}\n"
        "spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}],"
        " to: [{group: \"\", kind: Service}]}\n";
    open_usual(&world);
    world_put(&world, "other",
              "---\napiVersion: v1\nkind: Service\n"
              "metadata: {name: s, namespace: other}\nspec: {ports: [{port: 80}]}\n");
    world_put(&world, "grant", grant);
    world_apply(&world, "route",
                ROUTE("r", "", "backendRefs: [{name: s, namespace: other, port: 80}]"));
    world_says(&world, "-> other/s:80");
    world_apply(&world, "grant", "");
    world_says(&world, "-> nantian-invalid-backend else 500");
    world_says(&world, "ResolvedRefs=False/RefNotPermitted");
    world_apply(&world, "grant", grant);
    world_says(&world, "-> other/s:80");
    world_close(&world);
}

static void test_a_namespaces_labels_decide_anew(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "gateway",
                CLASS GATEWAY("gw", LISTENER("http", "80",
                                             ", allowedRoutes: {namespaces: {from: Selector, "
                                             "selector: {matchLabels: {a: b}}}}")));
    world_says(&world, "Accepted=False/NotAllowedByListeners");
    world_says(&world, "listener http: 0 routes attached");
    world_apply(&world, "ns",
                "kind: Namespace\napiVersion: v1\nmetadata: {name: default, labels: {a: b}}\n");
    world_says(&world, "Accepted=True/Accepted: the route is accepted");
    world_says(&world, "listener http: 1 routes attached");
    assert_true(world_changed(&world, XDS_VIRTUAL_HOST, "default/gw/80/a.example.com"));
    world_close(&world);
}

static void test_a_listener_that_comes_and_goes(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "gateway",
                CLASS GATEWAY("gw", LISTENER("http", "80", "") ", " LISTENER("more", "8080", "")));
    assert_counts(&world, 4, 0, 1); /* listener, routes, its own host and the route's */
    world_says(&world, "listener more: 1 routes attached");
    world_apply(&world, "gateway", CLASS GATEWAY("gw", LISTENER("http", "80", "")));
    assert_counts(&world, 0, 4, 1);
    world_close(&world);
}

static void test_a_more_specific_listener_takes_its_hosts(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "gateway",
                CLASS GATEWAY("gw", LISTENER("http", "80", "") ", " LISTENER(
                                        "host", "80",
                                        ", hostname: a.example.com, allowedRoutes: "
                                        "{kinds: [{kind: GRPCRoute}]}")));
    world_says(&world, "host default/gw/80/a.example.com: listener host\n");
    world_says(&world, "listener http: 1 routes attached");
    world_close(&world);
}

static void test_a_wildcard_route_changes_no_other_host(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "wild", ROUTE("wild", "hostnames: [\"*.example.com\"], ", BACKEND("s")));
    assert_counts(&world, 1, 0, 2);
    assert_true(world_changed(&world, XDS_VIRTUAL_HOST, "default/gw/80/*.example.com"));
    world_apply(&world, "wild", "");
    assert_counts(&world, 0, 1, 1);
    world_close(&world);
}

static void test_a_route_of_another_controllers_gateway_makes_nothing(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "foreign",
                SERVICE("u", HTTP_PORT) GATEWAY_API
                "kind: HTTPRoute\nmetadata: {name: foreign}\n"
                "spec: {parentRefs: [{name: theirs}], rules: [{" BACKEND("u") "}]}\n");
    assert_counts(&world, 0, 0, 0);
    world_close(&world);
}

static void test_a_class_that_goes_takes_its_gateways_along(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "gateway", GATEWAY("gw", LISTENER("http", "80", "")));
    assert_int_equal(world.status.removed_count, 3); /* class, Gateway, route */
    assert_null(world_resource(&world, XDS_VIRTUAL_HOST, "default/gw/80/a.example.com"));
    assert_null(world_resource(&world, XDS_CLUSTER, "default/s:80"));
    assert_non_null(world_resource(&world, XDS_LISTENER, "tcp/10080"));
    world_close(&world);
}

static void test_a_status_follows_the_generation_alone(void **state)
{
    (void)state;
    world_t world;
    open_usual(&world);
    world_apply(&world, "route",
                GATEWAY_API "kind: HTTPRoute\nmetadata: {name: r, generation: 2}\n"
                            "spec: {parentRefs: [{name: gw}], hostnames: [a.example.com], "
                            "rules: [{" BACKEND("s") "}]}\n");
    assert_counts(&world, 0, 0, 1);
    assert_int_equal(world.status.changed[0]->object->generation, 2);
    world_close(&world);
}

static void test_loopback_endpoints_can_be_forbidden(void **state)
{
    (void)state;
    world_t world;
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    world_open_with(&world, &options);
    world_put(&world, "gateway", CLASS GATEWAY("gw", LISTENER("http", "80", "")));
    world_put(&world, "route", ROUTE("r", "", BACKEND("s")));
    world_put(&world, "service", SERVICE("s", HTTP_PORT));
    world_apply(&world, "endpoints", ENDPOINTS("s", "127.0.0.1"));
    world_says(&world, "endpoints default/s:80: none\n");
    world_apply(&world, "endpoints", ENDPOINTS("s", "169.254.169.254"));
    assert_counts(&world, 0, 0, 0);
    world_apply(&world, "endpoints", ENDPOINTS("s", "10.0.0.1"));
    world_says(&world, "endpoints default/s:80: [10.0.0.1]:3000\n");
    world_close(&world);
}

static void test_the_fixed_ports_can_be_moved(void **state)
{
    (void)state;
    world_t world;
    size_t count;
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    options.address = "127.0.0.1";
    options.http_port = 0;
    world_open_with(&world, &options);
    world_apply(&world, "gateway", CLASS GATEWAY("gw", LISTENER("http", "80", "")));
    world_says(&world, "listener tcp/10080: 127.0.0.1:0, routes default/gw/80");
    const port_mapping_t *ports = translator_ports(world.translator, &count);
    assert_int_equal(count, 1);
    assert_slice(ports[0].name, "gw");
    assert_int_equal(ports[0].port, 80);
    assert_int_equal(ports[0].bound, PORT_HTTP);
    world_close(&world);
}

static void test_a_listener_without_a_free_port_says_so(void **state)
{
    (void)state;
    world_t world;
    static uint16_t taken[65536];
    for (size_t i = 0; i < 65536; i++)
        taken[i] = (uint16_t)i;
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    options.taken = taken;
    options.taken_count = 65536;
    world_open_with(&world, &options);
    world_apply(&world, "gateway", CLASS GATEWAY("gw", LISTENER("http", "8080", "")));
    world_says(&world, "Accepted=False/PortUnavailable");
    world_says(&world, "Accepted=False/ListenersNotValid");
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_anything_10080_answers_404),
        cmocka_unit_test(test_a_gateway_takes_10080_over_and_gives_it_back),
        cmocka_unit_test(test_an_endpoint_touches_one_load_assignment),
        cmocka_unit_test(test_a_slice_that_moves_to_another_service_touches_both),
        cmocka_unit_test(test_a_service_that_changes_a_ports_name_touches_no_route),
        cmocka_unit_test(test_a_service_that_goes_turns_200_into_500),
        cmocka_unit_test(test_a_grant_that_goes_turns_200_into_500),
        cmocka_unit_test(test_a_namespaces_labels_decide_anew),
        cmocka_unit_test(test_a_listener_that_comes_and_goes),
        cmocka_unit_test(test_a_more_specific_listener_takes_its_hosts),
        cmocka_unit_test(test_a_wildcard_route_changes_no_other_host),
        cmocka_unit_test(test_a_route_of_another_controllers_gateway_makes_nothing),
        cmocka_unit_test(test_a_class_that_goes_takes_its_gateways_along),
        cmocka_unit_test(test_a_status_follows_the_generation_alone),
        cmocka_unit_test(test_loopback_endpoints_can_be_forbidden),
        cmocka_unit_test(test_the_fixed_ports_can_be_moved),
        cmocka_unit_test(test_a_listener_without_a_free_port_says_so),
    };
    return cmocka_run_group_tests_name("translator", tests, NULL, NULL);
}
