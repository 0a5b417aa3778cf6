#include "core/log.h"
#include "metrics/series.h"
#include "tests/unit/test.h"

/* Calls `check` for every metric of every group. */
static void each_metric(void (*check)(const metric_group_info_t *, const metric_info_t *))
{
    for (int group = 0; group < METRIC_GROUP_COUNT; group++) {
        const metric_group_info_t *info = metric_group_info((metric_group_t)group);
        for (unsigned i = 0; i < info->count; i++)
            check(info, &info->metrics()[i]);
    }
}

static void full_name(const metric_group_info_t *group, const metric_info_t *metric,
                      char name[static 128])
{
    snprintf(name, 128, "%s%s", group->prefix, metric->name);
}

static void expect_a_name_that_fits(const metric_group_info_t *group, const metric_info_t *metric)
{
    char name[128];
    full_name(group, metric, name);
    slice_t text = slice_of(name);
    assert_int_equal(slice_ends_with(text, SLICE("_total")), metric->kind == METRIC_COUNTER);
    if (metric->unit == METRIC_SECONDS && metric->kind == METRIC_COUNTER)
        assert_true(slice_ends_with(text, SLICE("_seconds_total")));
    if (metric->unit == METRIC_SECONDS && metric->kind != METRIC_COUNTER)
        assert_true(slice_ends_with(text, SLICE("_seconds")));
    if (metric->unit == METRIC_BYTES)
        assert_non_null(strstr(name, "_bytes"));
    assert_null(strstr(name, "_ms"));
}

static void test_names_say_type_and_unit(void **state)
{
    (void)state;
    each_metric(expect_a_name_that_fits);
}

static void count_name(const metric_group_info_t *group, const metric_info_t *metric)
{
    static char names[METRIC_GROUP_COUNT * 20][128];
    static size_t count;
    full_name(group, metric, names[count]);
    for (size_t i = 0; i < count; i++)
        assert_string_not_equal(names[i], names[count]);
    assert_true(++count < sizeof(names) / sizeof(names[0]));
}

static void test_no_name_is_there_twice(void **state)
{
    (void)state;
    each_metric(count_name);
}

static void expect_help(const metric_group_info_t *group, const metric_info_t *metric)
{
    (void)group;
    slice_t help = slice_of(metric->help);
    assert_true(slice_ends_with(help, SLICE(".")));
    assert_int_equal(slice_chr(help, '\n'), help.len);
    assert_int_equal(slice_chr(help, '\\'), help.len);
    assert_int_equal(slice_chr(help, '|'), help.len); /* it goes into a table */
}

static void test_every_metric_has_help_that_needs_no_escape(void **state)
{
    (void)state;
    each_metric(expect_help);
}

static void expect_cells(const metric_group_info_t *group, const metric_info_t *metric)
{
    unsigned cells = metric->split->count + (metric->kind == METRIC_HISTOGRAM ? 1u : 0u);
    assert_int_equal(metric->cells, cells);
    assert_true(metric->cell + metric->cells <= group->cells);
    assert_int_equal(metric->kind == METRIC_HISTOGRAM, metric->split->bounds_ns != NULL);
}

static void test_the_tables_match_the_structs(void **state)
{
    (void)state;
    each_metric(expect_cells);
    const metric_group_info_t *http = metric_group_info(METRIC_GROUP_HTTP);
    assert_int_equal(http->cells * sizeof(uint64_t), sizeof(http_series_t));
    assert_string_equal(http->metrics()[2].field, "flags");
    assert_int_equal(http->metrics()[2].cell * sizeof(uint64_t), offsetof(http_series_t, flags));
    assert_string_equal(http->metrics()[2].split->values[RESPONSE_FLAG_UF], "UF");
}

static void test_log_levels_are_those_of_the_log(void **state)
{
    (void)state;
    const metric_split_t *split = metric_group_info(METRIC_GROUP_LOG)->metrics()[0].split;
    assert_int_equal(split->count, LOG_LEVEL_COUNT - 1); /* nothing is logged at "off" */
    for (int i = 0; i < split->count; i++)
        assert_string_equal(split->values[i], log_level_name((log_level_t)(i + 1)));
}

static void test_response_flags_have_names_and_statuses(void **state)
{
    (void)state;
    assert_string_equal(response_flag_name(RESPONSE_FLAG_NR), "NR");
    assert_int_equal(response_flag_status(RESPONSE_FLAG_NR), 404);
    assert_int_equal(response_flag_status(RESPONSE_FLAG_UT), 504);
    assert_string_equal(response_flag_name(RESPONSE_FLAG_NONE), "");
    assert_int_equal(response_flag_status(RESPONSE_FLAG_NONE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_say_type_and_unit),
        cmocka_unit_test(test_no_name_is_there_twice),
        cmocka_unit_test(test_every_metric_has_help_that_needs_no_escape),
        cmocka_unit_test(test_the_tables_match_the_structs),
        cmocka_unit_test(test_log_levels_are_those_of_the_log),
        cmocka_unit_test(test_response_flags_have_names_and_statuses),
    };
    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
