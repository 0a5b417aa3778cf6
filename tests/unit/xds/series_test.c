#include "xds/series.h"

#include "tests/unit/test.h"

static void test_a_name_keeps_its_number(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1);
    assert_int_equal(series_number(&series, SLICE("a")), 0);
    assert_int_equal(series_number(&series, SLICE("b")), 1);
    assert_int_equal(series_number(&series, SLICE("a")), 0);
    assert_int_equal(series_number(&series, SLICE("")), 2);
    assert_int_equal(series.count, 3);
    series_fini(&series);
}

static void test_numbers_are_dense_and_have_names(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1);
    for (uint32_t i = 0; i < 1000; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "Http/ns/%u", i);
        assert_int_equal(series_number(&series, slice_make(name, (size_t)len)), i);
    }
    cow_view_t *view = series_view(&series);
    assert_slice(series_view_name(view, 0), "Http/ns/0");
    assert_slice(series_view_name(view, 31), "Http/ns/31");
    assert_slice(series_view_name(view, 999), "Http/ns/999");
    assert_slice(series_view_name(view, 1000), "");
    assert_slice(series_view_name(view, UINT32_MAX), "");
    cow_view_unref(view);
    series_fini(&series);
}

static void test_a_view_outlives_the_series(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1);
    series_number(&series, SLICE("a"));
    cow_view_t *view = series_view(&series);
    series_number(&series, SLICE("later"));
    series_fini(&series);
    assert_slice(series_view_name(view, 0), "a");
    assert_slice(series_view_name(view, 1), "");
    cow_view_unref(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_keeps_its_number),
        cmocka_unit_test(test_numbers_are_dense_and_have_names),
        cmocka_unit_test(test_a_view_outlives_the_series),
    };
    return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
