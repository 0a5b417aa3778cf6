#include "gatewayapi/hostname.h"

#include "tests/unit/test.h"

static const char *intersect(const char *a, const char *b)
{
    slice_t common;
    if (!hostname_intersect(slice_of(a), slice_of(b), &common))
        return NULL;
    return common.base == NULL || common.len == 0 ? "" : common.base;
}

static void test_the_intersection_is_the_narrower_one(void **state)
{
    (void)state;
    assert_string_equal(intersect("", "a.com"), "a.com");
    assert_string_equal(intersect("a.com", ""), "a.com");
    assert_string_equal(intersect("a.com", "a.com"), "a.com");
    assert_string_equal(intersect("*.com", "a.com"), "a.com");
    assert_string_equal(intersect("*.com", "*.b.com"), "*.b.com");
    assert_string_equal(intersect("*.b.com", "*.com"), "*.b.com");
    assert_string_equal(intersect("a.b.c.com", "*.com"), "a.b.c.com");
    assert_string_equal(intersect("", ""), "");
}

static void test_hostnames_without_a_common_host(void **state)
{
    (void)state;
    assert_null(intersect("a.com", "b.com"));
    assert_null(intersect("*.a.com", "a.com")); /* a wildcard is not the bare domain */
    assert_null(intersect("*.a.com", "*.b.com"));
    assert_null(intersect("*.a.com", "xa.com")); /* nor part of a label */
    assert_null(intersect("*.a.com", "x-a.com"));
}

static void test_more_specific_ranks_higher(void **state)
{
    (void)state;
    const char *order[] = {"", "*.com", "*.a.com", "*.b.a.com", "a", "a.com", "b.a.com"};
    for (size_t i = 1; i < sizeof(order) / sizeof(order[0]); i++)
        assert_true(hostname_rank(slice_of(order[i - 1])) < hostname_rank(slice_of(order[i])));
}

static void test_the_parents_lead_to_every_host(void **state)
{
    (void)state;
    char room[64];
    slice_t at = hostname_parent(SLICE("a.b.com"), room);
    assert_slice(at, "*.b.com");
    at = hostname_parent(at, room);
    assert_slice(at, "*.com");
    at = hostname_parent(at, room);
    assert_slice(at, "");
    assert_slice(hostname_parent(SLICE("localhost"), room), "");
    assert_slice(hostname_parent(SLICE(""), room), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_intersection_is_the_narrower_one),
        cmocka_unit_test(test_hostnames_without_a_common_host),
        cmocka_unit_test(test_more_specific_ranks_higher),
        cmocka_unit_test(test_the_parents_lead_to_every_host),
    };
    return cmocka_run_group_tests_name("hostname", tests, NULL, NULL);
}
