#include "metrics/histogram.h"
#include "tests/unit/test.h"

static void test_a_bound_belongs_to_its_bucket(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LATENCY_BUCKETS - 1; i++) {
        latency_histogram_t histogram = {0};
        latency_observe(&histogram, latency_bounds_ns[i]);
        latency_observe(&histogram, latency_bounds_ns[i] + 1);
        assert_int_equal(histogram.buckets[i], 1);
        assert_int_equal(histogram.buckets[i + 1], 1);
        assert_int_equal(histogram.sum_ns, 2 * latency_bounds_ns[i] + 1);
    }
}

static void test_the_ends(void **state)
{
    (void)state;
    latency_histogram_t latency = {0};
    step_histogram_t step = {0};
    latency_observe(&latency, 0);
    latency_observe(&latency, UINT64_MAX / 2);
    step_observe(&step, 0);
    step_observe(&step, UINT64_MAX / 2);
    assert_int_equal(latency.buckets[0], 1);
    assert_int_equal(latency.buckets[LATENCY_BUCKETS - 1], 1);
    assert_int_equal(step.buckets[0], 1);
    assert_int_equal(step.buckets[STEP_BUCKETS - 1], 1);
}

static void test_steps_are_powers_of_four_from_a_microsecond(void **state)
{
    (void)state;
    assert_int_equal(STEP_BUCKETS, 12);
    for (unsigned i = 0; i < STEP_BUCKETS - 1; i++) {
        step_histogram_t histogram = {0};
        assert_int_equal(step_bounds_ns[i], 1000u << (2 * i));
        step_observe(&histogram, step_bounds_ns[i]);
        assert_int_equal(histogram.buckets[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bound_belongs_to_its_bucket),
        cmocka_unit_test(test_the_ends),
        cmocka_unit_test(test_steps_are_powers_of_four_from_a_microsecond),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
