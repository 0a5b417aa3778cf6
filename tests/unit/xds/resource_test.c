#include "xds/resource.h"

#include "core/error.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "tests/unit/test.h"

typedef Envoy__Config__Route__V3__VirtualHost virtual_host_t;

/* A virtual host message whose parts are all borrowed. */
static virtual_host_t host_message(char *name, char **domain)
{
    virtual_host_t message = ENVOY__CONFIG__ROUTE__V3__VIRTUAL_HOST__INIT;
    message.name = name;
    message.domains = domain;
    message.n_domains = 1;
    return message;
}

static xds_resource_t *host_resource(char *name, char *domain)
{
    virtual_host_t message = host_message(name, &domain);
    return xds_resource_new(XDS_VIRTUAL_HOST, slice_of(name), &message.base);
}

static void test_a_resource_gives_back_what_went_in(void **state)
{
    (void)state;
    xds_resource_t *resource = host_resource("rc/a", "a.example.com");
    arena_t arena = {0};

    const virtual_host_t *message = (const virtual_host_t *)xds_resource_unpack(resource, &arena);

    assert_int_equal(xds_resource_type(resource), XDS_VIRTUAL_HOST);
    assert_slice(xds_resource_name(resource), "rc/a");
    assert_non_null(message);
    assert_string_equal(message->name, "rc/a");
    assert_int_equal(message->n_domains, 1);
    assert_string_equal(message->domains[0], "a.example.com");
    arena_fini(&arena);
    xds_resource_unref(resource);
}

static void test_equal_contents_have_equal_versions(void **state)
{
    (void)state;
    xds_resource_t *a = host_resource("rc/a", "a"), *same = host_resource("rc/a", "a");
    xds_resource_t *other = host_resource("rc/a", "b");

    assert_int_equal(strlen(xds_resource_version(a)), 16);
    assert_string_equal(xds_resource_version(a), xds_resource_version(same));
    assert_string_not_equal(xds_resource_version(a), xds_resource_version(other));
    assert_true(xds_resource_equal(a, same));
    assert_false(xds_resource_equal(a, other));
    xds_resource_unref(a);
    xds_resource_unref(same);
    xds_resource_unref(other);
}

static void test_packed_bytes_make_the_same_resource(void **state)
{
    (void)state;
    xds_resource_t *made = host_resource("rc/a", "a");

    xds_resource_t *received =
        xds_resource_from_bytes(XDS_VIRTUAL_HOST, SLICE("rc/a"), xds_resource_packed(made));
    xds_resource_t *renamed =
        xds_resource_from_bytes(XDS_VIRTUAL_HOST, SLICE("rc/b"), xds_resource_packed(made));

    assert_true(xds_resource_equal(made, received));
    assert_false(xds_resource_equal(made, renamed));
    xds_resource_unref(made);
    xds_resource_unref(received);
    xds_resource_unref(renamed);
}

static void test_bytes_that_are_no_message_do_not_unpack(void **state)
{
    (void)state;
    xds_resource_t *broken =
        xds_resource_from_bytes(XDS_CLUSTER, SLICE("c"), SLICE("\x0a\x7fshort"));
    arena_t arena = {0};
    assert_null(xds_resource_unpack(broken, &arena));
    arena_fini(&arena);
    xds_resource_unref(broken);
}

static void test_a_reference_keeps_the_resource(void **state)
{
    (void)state;
    xds_resource_t *resource = host_resource("rc/a", "a");
    xds_resource_t *second = xds_resource_ref(resource);
    xds_resource_unref(resource);
    assert_slice(xds_resource_name(second), "rc/a");
    xds_resource_unref(second);
    xds_resource_unref(NULL);
}

static void test_a_virtual_host_name_splits_at_the_last_slash(void **state)
{
    (void)state;
    slice_t configuration = SLICE("untouched"), host = SLICE("untouched");

    assert_int_equal(xds_split_virtual_host(SLICE("host"), &configuration, &host), GW_EPARSE);
    assert_int_equal(xds_split_virtual_host(SLICE("/host"), &configuration, &host), GW_EPARSE);
    assert_int_equal(xds_split_virtual_host(SLICE("rc/"), &configuration, &host), GW_EPARSE);
    assert_int_equal(xds_split_virtual_host(SLICE(""), &configuration, &host), GW_EPARSE);
    assert_slice(configuration, "untouched");
    assert_int_equal(xds_split_virtual_host(SLICE("ns/gw/80/*.a"), &configuration, &host), 0);
    assert_slice(configuration, "ns/gw/80");
    assert_slice(host, "*.a");
}

static void test_types_have_names_and_urls(void **state)
{
    (void)state;
    assert_string_equal(xds_type_text(XDS_LOAD_ASSIGNMENT), "load assignment");
    for (xds_type_t type = 0; type < XDS_TYPE_COUNT; type++) {
        const char *message = strchr(xds_type_url(type), '/') + 1;
        assert_string_equal(message, xds_type_descriptor(type)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_resource_gives_back_what_went_in),
        cmocka_unit_test(test_equal_contents_have_equal_versions),
        cmocka_unit_test(test_packed_bytes_make_the_same_resource),
        cmocka_unit_test(test_bytes_that_are_no_message_do_not_unpack),
        cmocka_unit_test(test_a_reference_keeps_the_resource),
        cmocka_unit_test(test_a_virtual_host_name_splits_at_the_last_slash),
        cmocka_unit_test(test_types_have_names_and_urls),
    };
    return cmocka_run_group_tests_name("resource", tests, NULL, NULL);
}
