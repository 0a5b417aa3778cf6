/*
 * scale_test.c: what a change costs when there is much that did not change: 5,000 routes in as many
 * sources, each with a Service and an EndpointSlice of its own. It prints the times; what it
 * asserts is that an update has exactly what changed and that everything else stays the same
 * pointer.
 */
#include <time.h>

#include "core/mem.h"
#include "tests/unit/gatewayapi/world.h"
#include "tests/unit/test.h"

enum { ROUTES = 5000, SAMPLES = 200 };

static const char base[] = "apiVersion: gateway.networking.k8s.io/v1\n"
                           "kind: GatewayClass\n"
                           "metadata: {name: nantian-gw}\n"
                           "spec: {controllerName: gateway.networking.k8s.io/nantian-gw}\n"
                           "---\n"
                           "apiVersion: gateway.networking.k8s.io/v1\n"
                           "kind: Gateway\n"
                           "metadata: {name: gw}\n"
                           "spec:\n"
                           "  gatewayClassName: nantian-gw\n"
                           "  listeners: [{name: http, port: 80, protocol: HTTP}]\n";

/* Where the routes differ: each has a host of its own, or all share one and differ in their path.
 */
typedef enum layout { OWN_HOST, ONE_HOST } layout_t;

static void print_route(strbuf_t *out, layout_t layout, unsigned index, unsigned version)
{
    unsigned host = layout == OWN_HOST ? index : 0;
    strbuf_printf(out,
                  "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
                  "metadata: {name: r%u}\nspec:\n"
                  "  parentRefs: [{name: gw}]\n  hostnames: [h%u.example.com]\n"
                  "  rules:\n  - matches: [{path: {type: PathPrefix, value: /p%u/v%u}}]\n"
                  "    backendRefs: [{name: s%u, port: 80}]\n---\n",
                  index, host, index, version, index);
}

static void print_backend(strbuf_t *out, unsigned index, unsigned version)
{
    strbuf_printf(out,
                  "apiVersion: v1\nkind: Service\nmetadata: {name: s%u}\n"
                  "spec: {ports: [{name: http, port: 80}]}\n---\n"
                  "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                  "metadata: {name: s%u-1, labels: {kubernetes.io/service-name: s%u}}\n"
                  "addressType: IPv4\nports: [{name: http, port: 3000}]\n"
                  "endpoints: [{addresses: [10.%u.%u.%u]}]\n---\n",
                  index, index, index, version % 256, index / 256, index % 256);
}

/* put gives one source its route, Service and slice, in these versions. */
static void put(world_t *world, layout_t layout, unsigned index, unsigned route, unsigned endpoint)
{
    char name[16];
    strbuf_t text = {0};
    snprintf(name, sizeof(name), "r%05u.yaml", index);
    print_route(&text, layout, index, route);
    print_backend(&text, index, endpoint);
    strbuf_add_char(&text, '\0');
    world_put(world, name, text.base);
    strbuf_fini(&text);
}

static void open_full(world_t *world, layout_t layout)
{
    world_open(world);
    world_put(world, "base.yaml", base);
    for (unsigned i = 0; i < ROUTES; i++)
        put(world, layout, i, 0, 0);
    world_run(world);
}

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* report prints the median and the largest of the samples. */
static void report(const char *what, double *samples, size_t count)
{
    qsort(samples, count, sizeof(*samples), compare_doubles);
    print_message("%-48s median %9.1f us, max %9.1f us\n", what, samples[count / 2],
                  samples[count - 1]);
}

static void time_changes(layout_t layout, const char *route_title, const char *endpoint_title)
{
    world_t world;
    double samples[SAMPLES];
    double start = now_us();
    open_full(&world, layout);
    print_message("%u sources parsed, stored and translated in %.0f ms\n", ROUTES,
                  (now_us() - start) / 1e3);
    for (unsigned i = 0; i < SAMPLES; i++) {
        put(&world, layout, i * 7 % ROUTES, i + 1, 0);
        start = now_us();
        world_run(&world);
        samples[i] = now_us() - start;
        assert_int_equal(world.update.changed_count, 1);
        assert_int_equal(xds_resource_type(world.update.changed[0]), XDS_VIRTUAL_HOST);
    }
    report(route_title, samples, SAMPLES);
    for (unsigned i = 0; i < SAMPLES; i++) {
        put(&world, layout, i * 7 % ROUTES, i + 1, i + 1);
        start = now_us();
        world_run(&world);
        samples[i] = now_us() - start;
        assert_int_equal(world.update.changed_count, 1);
        assert_int_equal(xds_resource_type(world.update.changed[0]), XDS_LOAD_ASSIGNMENT);
        assert_int_equal(world.status.changed_count, 0);
    }
    report(endpoint_title, samples, SAMPLES);
    world_close(&world);
}

static void test_one_change_among_5000_routes_with_hosts_of_their_own(void **state)
{
    (void)state;
    time_changes(OWN_HOST, "one route of 5,000 hosts", "one endpoint, 5,000 hosts");
}

static void test_one_change_among_5000_routes_on_one_host(void **state)
{
    (void)state;
    time_changes(ONE_HOST, "one route of 5,000 on one host", "one endpoint, one host");
}

static void test_what_did_not_change_stays_the_same_pointer(void **state)
{
    (void)state;
    world_t world;
    open_full(&world, OWN_HOST);
    size_t count = world.update.changed_count;
    xds_resource_t **before = xmalloc(count * sizeof(*before));
    for (size_t i = 0; i < count; i++)
        before[i] = xds_resource_ref(world.update.changed[i]);

    put(&world, OWN_HOST, 17, 1, 0);
    put(&world, OWN_HOST, 18, 0, 1);
    world_run(&world);

    assert_int_equal(world.update.changed_count, 2);
    assert_true(world_changed(&world, XDS_VIRTUAL_HOST, "default/gw/80/h17.example.com"));
    assert_true(world_changed(&world, XDS_LOAD_ASSIGNMENT, "default/s18:80"));
    assert_int_equal(world.update.removed_count, 0);
    size_t same = 0;
    for (size_t i = 0; i < count; i++) {
        same += translator_resource(world.translator, xds_resource_type(before[i]),
                                    xds_resource_name(before[i])) == before[i];
        xds_resource_unref(before[i]);
    }
    assert_int_equal(same, count - 2);
    free(before);
    world_close(&world);
}

static void test_a_gateway_made_anew_leaves_equal_resources_alone(void **state)
{
    (void)state;
    world_t world;
    open_full(&world, OWN_HOST);
    const char *flow = "  listeners: [{name: http, port: 80, protocol: HTTP}]\n";
    strbuf_t text = {0};
    strbuf_add(&text, slice_sub(slice_of(base), 0, strlen(base) - strlen(flow)));
    strbuf_printf(&text, "  listeners: [{name: http, port: 80, protocol: HTTP, "
                         "allowedRoutes: {namespaces: {from: All}}}]\n");
    strbuf_add_char(&text, '\0');
    double start = now_us();
    world_put(&world, "base.yaml", text.base);
    world_run(&world);
    print_message("a Gateway with 5,000 routes made anew in %.1f ms\n", (now_us() - start) / 1e3);
    assert_int_equal(world.update.changed_count, 0);
    assert_int_equal(world.update.removed_count, 0);
    assert_int_equal(world.status.changed_count, 0);
    strbuf_fini(&text);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_change_among_5000_routes_with_hosts_of_their_own),
        cmocka_unit_test(test_one_change_among_5000_routes_on_one_host),
        cmocka_unit_test(test_what_did_not_change_stays_the_same_pointer),
        cmocka_unit_test(test_a_gateway_made_anew_leaves_equal_resources_alone),
    };
    return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}
