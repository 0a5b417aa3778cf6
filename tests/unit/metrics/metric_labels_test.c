#include "metrics/label_table.h"
#include "tests/unit/test.h"

static metric_labels_t *edge(metric_label_table_t *table, const char *route)
{
    const slice_t values[] = {SLICE("gw/http"), slice_of(route), SLICE("ns/svc:80")};
    return metric_label_table_get(table, METRIC_GROUP_HTTP, values);
}

static void test_values_become_escaped_text(void **state)
{
    (void)state;
    const slice_t values[] = {SLICE("a\"b\\c\nd"), SLICE("caf\xc3\xa9 \xff"), SLICE("")};
    metric_labels_t *labels = metric_labels_new(METRIC_GROUP_HTTP, values, NULL);
    assert_slice(metric_labels_text(labels), "listener=\"a\\\"b\\\\c\\nd\",route=\"caf\xc3\xa9 "
                                             "\xef\xbf\xbd\",backend=\"\"");
    metric_labels_drop(labels);
}

static void test_the_same_values_give_the_same_labels(void **state)
{
    (void)state;
    metric_label_table_t *table = metric_label_table_new((metric_limits_t){10, 10});
    metric_labels_t *a = edge(table, "r1"), *b = edge(table, "r1"), *c = edge(table, "r2");
    const slice_t backend[] = {SLICE("ns/svc:80")};
    metric_labels_t *d = metric_label_table_get(table, METRIC_GROUP_BACKEND, backend);
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, c);
    assert_int_equal(metric_labels_group(d), METRIC_GROUP_BACKEND);
    assert_int_equal(metric_label_table_count(table), 3);
    metric_labels_drop(a);
    metric_labels_drop(b);
    metric_labels_drop(c);
    metric_labels_drop(d);
    metric_label_table_free(table);
}

static void test_labels_die_with_their_last_user_and_may_come_back(void **state)
{
    (void)state;
    metric_label_table_t *table = metric_label_table_new((metric_limits_t){10, 10});
    metric_labels_t *labels = metric_labels_hold(edge(table, "r1"));
    metric_labels_keep(labels);
    metric_labels_drop(labels);
    assert_true(metric_labels_alive(labels));
    metric_labels_drop(labels);
    assert_false(metric_labels_alive(labels)); /* but kept */
    assert_ptr_equal(edge(table, "r1"), labels);
    assert_true(metric_labels_alive(labels));
    metric_label_table_free(table);
    metric_labels_release(labels);
    assert_true(metric_labels_alive(labels));
    metric_labels_drop(labels); /* and free: the sanitizer watches */
}

static void test_the_table_forgets_the_dead_and_nobody_else(void **state)
{
    (void)state;
    metric_label_table_t *table = metric_label_table_new((metric_limits_t){10, 10});
    metric_labels_t *alive = edge(table, "alive"), *kept = metric_labels_keep(edge(table, "kept"));
    metric_labels_drop(kept);
    for (int i = 0; i < 5000; i++) {
        char route[16];
        snprintf(route, sizeof(route), "r%d", i);
        metric_labels_drop(edge(table, route));
    }
    assert_true(metric_label_table_count(table) <= 1024);
    assert_ptr_equal(edge(table, "alive"), alive);
    assert_ptr_equal(edge(table, "kept"), kept);
    metric_labels_drop(alive);
    metric_labels_drop(alive);
    metric_labels_drop(kept);
    metric_label_table_free(table);
    metric_labels_release(kept);
}

static void test_the_budget_is_for_those_who_count(void **state)
{
    (void)state;
    metric_label_table_t *table = metric_label_table_new((metric_limits_t){2, 10});
    metric_labels_t *labels[4];
    for (int i = 0; i < 4; i++) {
        char route[16];
        snprintf(route, sizeof(route), "r%d", i);
        labels[i] = edge(table, route); /* being there takes no place */
    }
    assert_true(metric_labels_admit(labels[3]));
    assert_false(metric_labels_scarce(labels[0]));
    assert_true(metric_labels_admit(labels[1]));
    assert_true(metric_labels_scarce(labels[0]));
    assert_false(metric_labels_admit(labels[0]));
    assert_true(metric_labels_admit(labels[3])); /* never taken away again */
    for (int i = 0; i < 4; i++)
        metric_labels_drop(labels[i]);
    metric_label_table_free(table);
}

static void test_a_place_is_free_again_when_the_labels_are_gone(void **state)
{
    (void)state;
    metric_budget_t *budget = metric_budget_new(1);
    const slice_t a[] = {SLICE("a")}, b[] = {SLICE("b")};
    metric_labels_t *first = metric_labels_new(METRIC_GROUP_BACKEND, a, budget);
    metric_labels_t *second = metric_labels_new(METRIC_GROUP_BACKEND, b, budget);
    metric_budget_drop(budget); /* the labels keep it */
    assert_true(metric_labels_admit(first));
    assert_true(metric_labels_scarce(second));
    metric_labels_drop(first);
    assert_false(metric_labels_scarce(second));
    assert_true(metric_labels_admit(second));
    metric_labels_drop(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_become_escaped_text),
        cmocka_unit_test(test_the_same_values_give_the_same_labels),
        cmocka_unit_test(test_labels_die_with_their_last_user_and_may_come_back),
        cmocka_unit_test(test_the_table_forgets_the_dead_and_nobody_else),
        cmocka_unit_test(test_the_budget_is_for_those_who_count),
        cmocka_unit_test(test_a_place_is_free_again_when_the_labels_are_gone),
    };
    return cmocka_run_group_tests_name("metric_labels", tests, NULL, NULL);
}
