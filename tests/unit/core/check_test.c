#include <signal.h>

#include "core/check.h"
#include "tests/unit/core/child.h"
#include "tests/unit/test.h"

static void break_a_rule(void)
{
    signal(SIGABRT, SIG_DFL);
    GW_ASSERT(1 + 1 == 3);
}

static void keep_the_rules(void)
{
    GW_ASSERT(1 + 1 == 2);
}

static void test_a_broken_condition_aborts_and_says_where(void **state)
{
    (void)state;
    char text[512];
    int status = child_run(break_a_rule, text, sizeof(text));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(text, "1 + 1 == 3"));
    assert_non_null(strstr(text, "check_test.c:"));
}

static void test_a_true_condition_does_nothing(void **state)
{
    (void)state;
    char text[512];
    assert_int_equal(child_run(keep_the_rules, text, sizeof(text)), 0);
    assert_string_equal(text, "");
}

struct outer {
    int before, member, after;
};

static void test_the_container_of_a_member_is_found(void **state)
{
    (void)state;
    struct outer outer;
    assert_ptr_equal(GW_CONTAINER_OF(&outer.member, struct outer, member), &outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_broken_condition_aborts_and_says_where),
        cmocka_unit_test(test_a_true_condition_does_nothing),
        cmocka_unit_test(test_the_container_of_a_member_is_found),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
