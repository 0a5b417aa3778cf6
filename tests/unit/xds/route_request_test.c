#include "xds/route_request.h"

#include "tests/unit/test.h"

#define HEADER(field, text)                                                                        \
    {                                                                                              \
        .name = SLICE(field), .value = SLICE(text)                                                 \
    }
#define HEADERS(...)                                                                               \
    (&(http_headers_t){.at = (http_header_t[]){__VA_ARGS__},                                       \
                       .count = sizeof((http_header_t[]){__VA_ARGS__}) / sizeof(http_header_t)})

static void test_a_header_is_found_in_any_case(void **state)
{
    (void)state;
    route_request_t request = {.headers = HEADERS(HEADER("Host", "a"), HEADER("X-Tenant", "red"))};
    route_scratch_t scratch;
    slice_t value;
    assert_true(request_header(&request, SLICE("x-tenant"), &scratch, &value));
    assert_slice(value, "red");
    assert_false(request_header(&request, SLICE("x-tenan"), &scratch, &value));
    request.headers = NULL;
    assert_false(request_header(&request, SLICE("x-tenant"), &scratch, &value));
}

static void test_several_fields_of_a_name_are_one_value(void **state)
{
    (void)state;
    route_request_t request = {
        .headers = HEADERS(HEADER("X", "1"), HEADER("Y", "no"), HEADER("x", ""), HEADER("X", "2"))};
    route_scratch_t scratch;
    slice_t value;
    assert_true(request_header(&request, SLICE("x"), &scratch, &value));
    assert_slice(value, "1,,2");
    assert_true(request_header_at(&request, 0, &scratch, &value));
    assert_slice(value, "1,,2");
    assert_true(request_header_at(&request, 1, &scratch, &value));
    assert_slice(value, "no");
    assert_false(request_header_at(&request, 3, &scratch, &value)); /* the name came before */
}

static void test_a_joined_value_that_is_too_long_is_equal_to_none(void **state)
{
    (void)state;
    char half[ROUTE_VALUE_MAX];
    memset(half, 'v', sizeof(half));
    http_header_t fields[] = {{.name = SLICE("x"), .value = slice_make(half, sizeof(half))},
                              {.name = SLICE("x"), .value = SLICE("more")}};
    http_headers_t headers = {.at = fields, .count = 2};
    route_request_t request = {.headers = &headers};
    route_scratch_t scratch;
    slice_t value;
    assert_true(request_header(&request, SLICE("x"), &scratch, &value));
    assert_int_equal(value.len, ROUTE_VALUE_MAX + 1);
}

static void test_the_first_parameter_of_a_name_counts(void **state)
{
    (void)state;
    static const struct {
        const char *query, *name, *value; /* value NULL: not there */
    } cases[] = {
        {"a=1&b=2", "b", "2"}, {"a=1&a=2", "a", "1"}, {"a", "a", ""},        {"a=", "a", ""},
        {"a=1=2", "a", "1=2"}, {"&&a=1", "a", "1"},   {"aa=1", "a", NULL},   {"", "a", NULL},
        {"b=a", "a", NULL},    {"%61=1", "a", NULL},  {"a=%20", "a", "%20"}, {"=1", "a", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        route_request_t request = {.query = slice_of(cases[i].query)};
        slice_t value = SLICE("untouched");
        bool found = request_parameter(&request, slice_of(cases[i].name), &value);
        assert_int_equal(found, cases[i].value != NULL);
        assert_slice(value, cases[i].value ? cases[i].value : "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_header_is_found_in_any_case),
        cmocka_unit_test(test_several_fields_of_a_name_are_one_value),
        cmocka_unit_test(test_a_joined_value_that_is_too_long_is_equal_to_none),
        cmocka_unit_test(test_the_first_parameter_of_a_name_counts),
    };
    return cmocka_run_group_tests_name("route_request", tests, NULL, NULL);
}
