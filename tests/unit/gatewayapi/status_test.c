#include "gatewayapi/status.h"

#include "tests/unit/gatewayapi/world.h"
#include "tests/unit/test.h"

static const char manifests[] =
    "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: c}\n"
    "spec: {controllerName: gateway.networking.k8s.io/nantian-gw}\n"
    "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
    "metadata: {name: gw, generation: 4}\n"
    "spec: {gatewayClassName: c, listeners: [{name: http, port: 80, protocol: HTTP}]}\n"
    "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\n"
    "spec: {parentRefs: [{name: gw, namespace: default, port: 80}]}\n";

static void assert_json(const object_status_t *status, const char *expected)
{
    strbuf_t json = {0};
    status_add_json(status, &json);
    strbuf_add_char(&json, '\0');
    assert_string_equal(json.base, expected);
    strbuf_fini(&json);
}

static void test_a_status_as_json(void **state)
{
    (void)state;
    world_t world;
    world_open(&world);
    world_apply(&world, "f", manifests);
    assert_int_equal(world.status.changed_count, 3);
    assert_json(
        world.status.changed[0],
        "{\"kind\":\"GatewayClass\",\"name\":\"c\",\"observedGeneration\":0,\"conditions\":["
        "{\"type\":\"Accepted\",\"status\":\"True\",\"reason\":\"Accepted\","
        "\"message\":\"the class is served by this gateway\"}]}");
    assert_json(
        world.status.changed[2],
        "{\"kind\":\"HTTPRoute\",\"namespace\":\"default\",\"name\":\"r\",\"observedGeneration\":0,"
        "\"parents\":[{\"parentRef\":{\"group\":\"gateway.networking.k8s.io\",\"kind\":\"Gateway\","
        "\"namespace\":\"default\",\"name\":\"gw\",\"port\":80},"
        "\"controllerName\":\"gateway.networking.k8s.io/nantian-gw\",\"conditions\":["
        "{\"type\":\"Accepted\",\"status\":\"True\",\"reason\":\"Accepted\","
        "\"message\":\"the route is accepted\"},"
        "{\"type\":\"ResolvedRefs\",\"status\":\"True\",\"reason\":\"ResolvedRefs\","
        "\"message\":\"all references are resolved\"}]}]}");
    world_close(&world);
}

static void test_a_gateways_json_has_its_listeners(void **state)
{
    (void)state;
    world_t world;
    strbuf_t json = {0};
    world_open(&world);
    world_apply(&world, "f", manifests);
    status_add_json(world.status.changed[1], &json);
    strbuf_add_char(&json, '\0');
    assert_non_null(strstr(json.base, "\"observedGeneration\":4,"));
    assert_non_null(strstr(json.base,
                           "\"listeners\":[{\"name\":\"http\",\"attachedRoutes\":1,"
                           "\"supportedKinds\":[{\"group\":\"gateway.networking.k8s.io\","
                           "\"kind\":\"HTTPRoute\"}],\"conditions\":[{\"type\":\"Accepted\""));
    strbuf_fini(&json);
    world_close(&world);
}

static void test_copies_are_equal_until_something_differs(void **state)
{
    (void)state;
    world_t world;
    world_open(&world);
    world_apply(&world, "f", manifests);
    for (size_t i = 0; i < world.status.changed_count; i++) {
        object_status_t *copy = status_new(world.status.changed[i]);
        assert_true(status_equal(copy, world.status.changed[i]));
        assert_false(status_equal(copy, NULL));
        status_unref(copy);
    }
    object_status_t draft = *world.status.changed[0];
    draft.conditions.at[0].message = SLICE("something else");
    object_status_t *other = status_new(&draft);
    assert_false(status_equal(other, world.status.changed[0]));
    status_unref(other);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_status_as_json),
        cmocka_unit_test(test_a_gateways_json_has_its_listeners),
        cmocka_unit_test(test_copies_are_equal_until_something_differs),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
