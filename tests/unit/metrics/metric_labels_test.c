#include "metrics/metric_labels.h"
#include "tests/unit/test.h"

static void test_values_become_escaped_text(void **state)
{
    (void)state;
    const slice_t values[] = {SLICE("a\"b\\c\nd"), SLICE("caf\xc3\xa9 \xff"), SLICE("")};
    metric_labels_t *labels = metric_labels_new(METRIC_GROUP_HTTP, values);
    assert_slice(metric_labels_text(labels), "listener=\"a\\\"b\\\\c\\nd\",route=\"caf\xc3\xa9 "
                                             "\xef\xbf\xbd\",backend=\"\"");
    metric_labels_unref(labels);
}

static void test_equal_are_those_of_one_group_with_equal_values(void **state)
{
    (void)state;
    const slice_t one[] = {SLICE("1")}, two[] = {SLICE("2")};
    metric_labels_t *a = metric_labels_new(METRIC_GROUP_BACKEND, one);
    metric_labels_t *b = metric_labels_new(METRIC_GROUP_BACKEND, one);
    metric_labels_t *c = metric_labels_new(METRIC_GROUP_BACKEND, two);
    metric_labels_t *d = metric_labels_new(METRIC_GROUP_LISTENER, one);
    assert_true(metric_labels_eq(a, b) && metric_labels_hash(a) == metric_labels_hash(b));
    assert_false(metric_labels_eq(a, c));
    assert_false(metric_labels_eq(a, d));
    metric_labels_unref(a);
    metric_labels_unref(b);
    metric_labels_unref(c);
    metric_labels_unref(d);
}

static void test_the_last_reference_frees(void **state)
{
    (void)state;
    const slice_t value[] = {SLICE("1")};
    metric_labels_t *labels = metric_labels_ref(metric_labels_new(METRIC_GROUP_BACKEND, value));
    metric_labels_unref(labels);
    assert_slice(metric_labels_text(labels), "backend=\"1\"");
    metric_labels_unref(labels); /* the sanitizer watches */
    metric_labels_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_become_escaped_text),
        cmocka_unit_test(test_equal_are_those_of_one_group_with_equal_values),
        cmocka_unit_test(test_the_last_reference_frees),
    };
    return cmocka_run_group_tests_name("metric_labels", tests, NULL, NULL);
}
