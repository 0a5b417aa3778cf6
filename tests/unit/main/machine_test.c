#include "main/machine.h"
#include "tests/unit/test.h"

static void test_a_quota_is_rounded_up_to_whole_cpus(void **state)
{
    (void)state;
    assert_int_equal(machine_quota(SLICE("100000 100000\n")), 1);
    assert_int_equal(machine_quota(SLICE("150000 100000\n")), 2);
    assert_int_equal(machine_quota(SLICE("20000 100000\n")), 1);
    assert_int_equal(machine_quota(SLICE("400000 100000")), 4);
}

static void test_what_is_no_quota_limits_nothing(void **state)
{
    (void)state;
    assert_int_equal(machine_quota(SLICE("max 100000\n")), 0);
    assert_int_equal(machine_quota(SLICE("")), 0);
    assert_int_equal(machine_quota(SLICE("100000")), 0);
    assert_int_equal(machine_quota(SLICE("100000 0\n")), 0);
    assert_int_equal(machine_quota(SLICE("0 100000\n")), 0);
}

static void test_the_machine_has_a_cpu_and_a_free_port(void **state)
{
    (void)state;
    net_address_t address;
    assert_true(machine_cpus() >= 1);
    assert_int_equal(net_parse(SLICE("127.0.0.1"), 0, &address), 0);
    assert_int_not_equal(machine_free_port(address), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_quota_is_rounded_up_to_whole_cpus),
        cmocka_unit_test(test_what_is_no_quota_limits_nothing),
        cmocka_unit_test(test_the_machine_has_a_cpu_and_a_free_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
