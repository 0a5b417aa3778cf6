#include "xds/series.h"

#include "tests/unit/test.h"

static void test_a_name_keeps_its_number(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1, true);
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
    series_init(&series, 1, true);
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
    series_init(&series, 1, true);
    series_number(&series, SLICE("a"));
    cow_view_t *view = series_view(&series);
    series_number(&series, SLICE("later"));
    series_fini(&series);
    assert_slice(series_view_name(view, 0), "a");
    assert_slice(series_view_name(view, 1), "");
    cow_view_unref(view);
}

static void test_a_number_without_use_is_given_to_another_name(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1, true);
    series_id_t a = series_identify(&series, SLICE("a"));
    series_use(&series, a.number);
    series_settle(&series);
    cow_view_t *view = series_view(&series);
    series_drop(&series, a.number);
    series_settle(&series);
    series_id_t b = series_identify(&series, SLICE("b"));
    assert_true(b.number == a.number && b.birth != a.birth);
    cow_view_t *later = series_view(&series);
    assert_true(series_view_has(view, a) && !series_view_has(view, b));
    assert_true(series_view_has(later, b) && !series_view_has(later, a));
    assert_slice(series_view_name(view, a.number), "a");
    assert_slice(series_view_name(later, a.number), "b");
    cow_view_unref(view);
    cow_view_unref(later);
    series_fini(&series);
}

static void test_a_name_that_is_used_again_before_the_end_stays(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1, true);
    series_id_t a = series_identify(&series, SLICE("a"));
    series_use(&series, a.number);
    series_drop(&series, a.number);
    series_use(&series, a.number);
    series_settle(&series);
    assert_int_equal(series_identify(&series, SLICE("a")).birth, a.birth);
    series_fini(&series);
}

static void test_names_that_come_and_go_need_no_more_numbers(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1, true);
    for (uint32_t i = 0; i < 10000; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "%u", i);
        uint32_t number = series_number(&series, slice_make(name, (size_t)len));
        series_use(&series, number);
        series_settle(&series);
        series_drop(&series, number);
    }
    assert_true(series.count <= 2 && series.by_name.count <= 2);
    series_fini(&series);
}

static void test_a_series_that_does_not_forget_keeps_every_number(void **state)
{
    (void)state;
    series_t series;
    series_init(&series, 1, false);
    assert_int_equal(series_number(&series, SLICE("a")), 0);
    series_settle(&series);
    assert_int_equal(series_number(&series, SLICE("b")), 1);
    series_use(&series, 0);
    series_drop(&series, 0);
    series_settle(&series);
    assert_int_equal(series_number(&series, SLICE("a")), 0);
    series_fini(&series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_keeps_its_number),
        cmocka_unit_test(test_numbers_are_dense_and_have_names),
        cmocka_unit_test(test_a_view_outlives_the_series),
        cmocka_unit_test(test_a_number_without_use_is_given_to_another_name),
        cmocka_unit_test(test_a_name_that_is_used_again_before_the_end_stays),
        cmocka_unit_test(test_names_that_come_and_go_need_no_more_numbers),
        cmocka_unit_test(test_a_series_that_does_not_forget_keeps_every_number),
    };
    return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
