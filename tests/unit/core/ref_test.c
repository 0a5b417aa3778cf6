#include "core/ref.h"
#include "tests/unit/test.h"

static void test_the_maker_holds_the_only_reference(void **state)
{
    (void)state;
    ref_count_t ref;
    ref_init(&ref);
    assert_true(ref_drop(&ref));
}

static void test_only_the_last_one_out_is_told_so(void **state)
{
    (void)state;
    ref_count_t ref;
    ref_init(&ref);
    for (int i = 0; i < 1000; i++)
        ref_hold(&ref);
    for (int i = 0; i < 1000; i++)
        assert_false(ref_drop(&ref));
    assert_int_equal(ref_get(&ref), 1);
    assert_true(ref_drop(&ref));
    assert_int_equal(ref_get(&ref), 0);
}

static void test_what_is_let_go_of_is_not_taken_up_again(void **state)
{
    (void)state;
    ref_count_t ref;
    ref_init(&ref);
    assert_true(ref_hold_live(&ref));
    assert_int_equal(ref_get(&ref), 2);
    ref_drop(&ref);
    ref_drop(&ref);
    assert_false(ref_hold_live(&ref));
    assert_int_equal(ref_get(&ref), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_maker_holds_the_only_reference),
        cmocka_unit_test(test_only_the_last_one_out_is_told_so),
        cmocka_unit_test(test_what_is_let_go_of_is_not_taken_up_again),
    };
    return cmocka_run_group_tests_name("ref", tests, NULL, NULL);
}
