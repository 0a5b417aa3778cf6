#include "xds/cow.h"

#include "core/check.h"
#include "core/mem.h"
#include "tests/unit/test.h"

/* An object that says how many hold it. */
typedef struct thing {
    int held;
} thing_t;

static void hold(const void *object)
{
    ((thing_t *)(uintptr_t)object)->held++;
}

static void drop(const void *object)
{
    ((thing_t *)(uintptr_t)object)->held--;
}

static const cow_class_t class = {hold, drop};

static void test_a_slot_holds_its_object(void **state)
{
    (void)state;
    thing_t a = {0}, b = {0};
    cow_t cow;
    cow_init(&cow, &class, 4);
    cow_set(&cow, 1, 7, &a);
    assert_int_equal(a.held, 1);
    assert_ptr_equal(cow_at(&cow, 1)->object, &a);
    assert_int_equal(cow_at(&cow, 1)->key, 7);
    cow_set(&cow, 1, 8, &b);
    assert_int_equal(a.held, 0);
    assert_int_equal(b.held, 1);
    cow_fini(&cow);
    assert_int_equal(b.held, 0);
}

static void test_a_view_stays_as_it_was(void **state)
{
    (void)state;
    thing_t a = {0}, b = {0};
    cow_t cow;
    cow_init(&cow, &class, 100);
    cow_set(&cow, 3, 0, &a);
    cow_view_t *before = cow_take(&cow);
    cow_set(&cow, 3, 0, &b);
    cow_set(&cow, 99, 0, &b);
    assert_ptr_equal(cow_view_at(before, 3)->object, &a);
    assert_null(cow_view_at(before, 99)->object);
    assert_ptr_equal(cow_at(&cow, 3)->object, &b);
    cow_fini(&cow);
    assert_int_equal(a.held, 1);
    cow_view_unref(before);
    assert_int_equal(a.held + b.held, 0);
}

static void test_an_edit_copies_one_chunk_only(void **state)
{
    (void)state;
    thing_t things[10 * COW_CHUNK] = {{0}};
    cow_t cow;
    cow_init(&cow, &class, 10 * COW_CHUNK);
    for (uint32_t i = 0; i < cow.size; i++)
        cow_set(&cow, i, 0, &things[i]);
    cow_view_t *before = cow_take(&cow);
    cow_set(&cow, 5, 0, NULL);
    cow_view_t *after = cow_take(&cow);
    assert_ptr_not_equal(before->chunks[0], after->chunks[0]);
    for (int i = 1; i < 10; i++)
        assert_ptr_equal(before->chunks[i], after->chunks[i]);
    assert_int_equal(things[COW_CHUNK].held, 1); /* its chunk is shared, it is held once */
    cow_view_unref(before);
    cow_view_unref(after);
    cow_fini(&cow);
}

static void test_a_view_is_made_once_for_each_state(void **state)
{
    (void)state;
    thing_t a = {0};
    cow_t cow;
    cow_init(&cow, &class, 4);
    cow_view_t *first = cow_take(&cow), *second = cow_take(&cow);
    assert_ptr_equal(first, second);
    cow_set(&cow, 0, 0, &a);
    cow_view_t *third = cow_take(&cow);
    assert_ptr_not_equal(first, third);
    cow_view_unref(first);
    cow_view_unref(second);
    cow_view_unref(third);
    cow_fini(&cow);
    assert_int_equal(a.held, 0);
}

static void test_growth_keeps_what_is_there(void **state)
{
    (void)state;
    thing_t things[300] = {{0}};
    cow_t cow;
    cow_init(&cow, &class, 2);
    cow_view_t *views[300];
    for (uint32_t i = 0; i < 300; i++) {
        cow_grow(&cow, i + 1);
        cow_set(&cow, i, i, &things[i]);
        views[i] = cow_take(&cow);
    }
    for (uint32_t i = 0; i < 300; i++) {
        assert_ptr_equal(cow_at(&cow, i)->object, &things[i]);
        assert_ptr_equal(cow_view_at(views[299], i)->object, &things[i]);
        assert_ptr_equal(cow_view_at(views[i], i)->object, &things[i]);
    }
    cow_fini(&cow);
    for (uint32_t i = 0; i < 300; i++)
        cow_view_unref(views[i]);
    for (uint32_t i = 0; i < 300; i++)
        assert_int_equal(things[i].held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slot_holds_its_object),
        cmocka_unit_test(test_a_view_stays_as_it_was),
        cmocka_unit_test(test_an_edit_copies_one_chunk_only),
        cmocka_unit_test(test_a_view_is_made_once_for_each_state),
        cmocka_unit_test(test_growth_keeps_what_is_there),
    };
    return cmocka_run_group_tests_name("cow", tests, NULL, NULL);
}
