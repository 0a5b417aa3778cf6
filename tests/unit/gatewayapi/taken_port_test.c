/* A port that turns out to belong to somebody else. */
#include "gatewayapi/ports.h"
#include "tests/unit/test.h"

static uint16_t bound_of(port_map_t *map, uint16_t port)
{
    port_mapping_t wanted = {SLICE("default"), SLICE("web"), port, 0};
    port_map_update(map, &wanted, 1);
    return wanted.bound;
}

static void test_a_taken_port_is_given_up_for_another(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    assert_int_equal(bound_of(map, 8080), 8080);
    port_map_take(map, 8080);
    assert_int_equal(bound_of(map, 8080), 20000);
    assert_int_equal(bound_of(map, 8080), 20000);
    port_map_take(map, 20000);
    assert_int_equal(bound_of(map, 8080), 20001);
    port_map_free(map);
}

static void test_even_the_port_of_80_can_be_taken(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    assert_int_equal(bound_of(map, 80), 10080);
    port_map_take(map, 10080);
    assert_int_equal(bound_of(map, 80), 20000);
    port_map_free(map);
}

static void test_taking_changes_the_map(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    port_mapping_t wanted = {SLICE("default"), SLICE("web"), 8080, 0};
    assert_true(port_map_update(map, &wanted, 1));
    assert_false(port_map_update(map, &wanted, 1));
    port_map_take(map, 8080);
    assert_true(port_map_update(map, &wanted, 1));
    port_map_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_taken_port_is_given_up_for_another),
        cmocka_unit_test(test_even_the_port_of_80_can_be_taken),
        cmocka_unit_test(test_taking_changes_the_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
