#include "metrics/label_map.h"
#include "tests/unit/test.h"

enum { COUNT = 500 };

static metric_labels_t *make(int i)
{
    char name[16];
    snprintf(name, sizeof(name), "b%d", i);
    const slice_t values[] = {slice_of(name)};
    return metric_labels_new(METRIC_GROUP_BACKEND, values);
}

static void test_equal_labels_are_found_too(void **state)
{
    (void)state;
    label_map_t map = {0};
    metric_labels_t *labels = make(1), *equal = make(1), *other = make(2);
    int value;
    assert_null(label_map_find(&map, labels));
    label_map_add(&map, labels, &value);
    assert_ptr_equal(label_map_find(&map, equal)->value, &value);
    assert_ptr_equal(label_map_find(&map, equal)->labels, labels);
    assert_null(label_map_find(&map, other));
    label_map_fini(&map);
    metric_labels_unref(labels);
    metric_labels_unref(equal);
    metric_labels_unref(other);
}

/* Which entries are there is what the removals left, whatever the order. */
static void remove_some(label_map_t *map, metric_labels_t **labels, bool *there, uint32_t *random)
{
    for (int n = 0; n < COUNT / 2; n++) {
        *random = *random * 1664525u + 1013904223u;
        uint32_t i = (*random >> 8) % COUNT;
        label_entry_t *entry = label_map_find(map, labels[i]);
        assert_int_equal(entry != NULL, there[i]);
        if (entry)
            label_map_remove(map, entry);
        else
            label_map_add(map, labels[i], labels[i]);
        there[i] = !there[i];
    }
}

static void test_removing_leaves_the_others_findable(void **state)
{
    (void)state;
    label_map_t map = {0};
    metric_labels_t *labels[COUNT];
    bool there[COUNT] = {false};
    uint32_t random = 7;
    size_t count = 0;
    for (int i = 0; i < COUNT; i++)
        labels[i] = make(i);
    for (int round = 0; round < 50; round++)
        remove_some(&map, labels, there, &random);
    for (int i = 0; i < COUNT; i++) {
        label_entry_t *entry = label_map_find(&map, labels[i]);
        assert_int_equal(entry != NULL, there[i]);
        assert_true(!entry || entry->value == labels[i]);
        count += there[i];
    }
    assert_int_equal(map.count, count);
    for (int i = 0; i < COUNT; i++)
        metric_labels_unref(labels[i]);
    label_map_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_labels_are_found_too),
        cmocka_unit_test(test_removing_leaves_the_others_findable),
    };
    return cmocka_run_group_tests_name("label_map", tests, NULL, NULL);
}
