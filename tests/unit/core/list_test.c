#include "core/list.h"
#include "tests/unit/test.h"

typedef struct item {
    int value;
    list_t node;
} item_t;

/* expect_values checks the list forwards and backwards. */
static void expect_values(list_t *list, const int *values, size_t count)
{
    list_t *at = list;
    for (size_t i = 0; i < count; i++) {
        at = at->next;
        assert_int_equal(GW_CONTAINER_OF(at, item_t, node)->value, values[i]);
    }
    assert_ptr_equal(at->next, list);
    for (size_t i = count; i > 0; i--, at = at->prev)
        assert_int_equal(GW_CONTAINER_OF(at, item_t, node)->value, values[i - 1]);
    assert_ptr_equal(at, list);
}

static void test_a_new_list_is_empty(void **state)
{
    (void)state;
    list_t list;
    list_init(&list);
    assert_true(list_empty(&list));
    assert_null(LIST_FIRST(&list, item_t, node));
    expect_values(&list, NULL, 0);
}

static void test_append_goes_to_the_end_and_prepend_to_the_front(void **state)
{
    (void)state;
    list_t list;
    item_t a = {.value = 1}, b = {.value = 2}, c = {.value = 3};
    list_init(&list);
    list_append(&list, &b.node);
    list_append(&list, &c.node);
    list_prepend(&list, &a.node);
    expect_values(&list, (int[]){1, 2, 3}, 3);
    assert_ptr_equal(LIST_FIRST(&list, item_t, node), &a);
    assert_false(list_empty(&list));
}

static void test_a_node_may_be_removed_twice(void **state)
{
    (void)state;
    list_t list;
    item_t a = {.value = 1}, b = {.value = 2}, c = {.value = 3};
    list_init(&list);
    list_append(&list, &a.node);
    list_append(&list, &b.node);
    list_remove(&b.node);
    list_append(&list, &c.node); /* its old neighbours are not neighbours any more */
    list_remove(&b.node);
    expect_values(&list, (int[]){1, 3}, 2);
    list_append(&list, &b.node);
    expect_values(&list, (int[]){1, 3, 2}, 3);
}

static void test_the_current_node_may_be_removed_while_walking(void **state)
{
    (void)state;
    list_t list;
    item_t items[5];
    list_init(&list);
    for (int i = 0; i < 5; i++) {
        items[i].value = i;
        list_append(&list, &items[i].node);
    }
    int seen = 0;
    list_each (node, &list) {
        seen++;
        if (GW_CONTAINER_OF(node, item_t, node)->value % 2 == 0)
            list_remove(node);
    }
    assert_int_equal(seen, 5);
    expect_values(&list, (int[]){1, 3}, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_list_is_empty),
        cmocka_unit_test(test_append_goes_to_the_end_and_prepend_to_the_front),
        cmocka_unit_test(test_a_node_may_be_removed_twice),
        cmocka_unit_test(test_the_current_node_may_be_removed_while_walking),
    };
    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
