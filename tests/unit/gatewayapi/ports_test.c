#include "gatewayapi/ports.h"

#include "tests/unit/test.h"

static port_mapping_t want(const char *gateway, uint16_t port)
{
    return (port_mapping_t){SLICE("ns"), slice_of(gateway), port, 0};
}

static void test_low_ports_are_shifted_and_others_stay(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    port_mapping_t wanted[] = {want("a", 80), want("a", 443), want("a", 8080), want("a", 1023),
                               want("a", 1024)};
    assert_true(port_map_update(map, wanted, 5));
    const uint16_t expected[] = {10080, 10443, 8080, 11023, 1024};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(wanted[i].bound, expected[i]);
    port_map_free(map);
}

static void test_a_mapping_stays_while_the_listener_exists(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    port_mapping_t first[] = {want("b", 80), want("c", 80)};
    port_map_update(map, first, 2);
    assert_int_equal(first[1].bound, 20000);

    port_mapping_t older_came[] = {want("a", 80), want("b", 80), want("c", 80)};
    assert_true(port_map_update(map, older_came, 3));
    assert_int_equal(older_came[0].bound, 20001);
    assert_int_equal(older_came[1].bound, 10080);
    assert_int_equal(older_came[2].bound, 20000);
    assert_false(port_map_update(map, older_came, 3));

    port_mapping_t one_left[] = {want("c", 80)};
    assert_true(port_map_update(map, one_left, 1));
    assert_int_equal(one_left[0].bound, 20000);
    port_map_free(map);
}

static void test_a_port_that_is_free_again_is_chosen_again(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    port_mapping_t one[] = {want("a", 80)};
    port_map_update(map, one, 1);
    port_map_update(map, NULL, 0);
    port_mapping_t other[] = {want("b", 80)};
    port_map_update(map, other, 1);
    assert_int_equal(other[0].bound, 10080);
    port_map_free(map);
}

static void test_reserved_and_taken_ports_are_not_chosen(void **state)
{
    (void)state;
    const uint16_t taken[] = {8080, 20000, 20001};
    port_map_t *map = port_map_new(taken, 3);
    port_mapping_t wanted[] = {want("a", 8080), want("a", 18081), want("a", 20001)};
    port_map_update(map, wanted, 3);
    assert_int_equal(wanted[0].bound, 20002);
    assert_int_equal(wanted[1].bound, 20003);
    assert_int_equal(wanted[2].bound, 20004);
    port_map_free(map);
}

static void test_an_earlier_life_is_remembered(void **state)
{
    (void)state;
    port_map_t *map = port_map_new(NULL, 0);
    size_t count;
    port_mapping_t seed = {SLICE("ns"), SLICE("b"), 80, 20007};
    port_map_seed(map, &seed);
    port_mapping_t wanted[] = {want("a", 80), want("b", 80)};
    port_map_update(map, wanted, 2);
    assert_int_equal(wanted[0].bound, 10080);
    assert_int_equal(wanted[1].bound, 20007);
    const port_mapping_t *list = port_map_list(map, &count);
    assert_int_equal(count, 2);
    assert_slice(list[1].name, "b");
    port_map_free(map);
}

static void test_when_no_port_is_left_there_is_none(void **state)
{
    (void)state;
    static uint16_t taken[65536];
    for (size_t i = 0; i < 65536; i++)
        taken[i] = (uint16_t)i;
    port_map_t *map = port_map_new(taken, 65536);
    port_mapping_t wanted[] = {want("a", 8080)};
    port_map_update(map, wanted, 1);
    assert_int_equal(wanted[0].bound, 0);
    port_map_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_low_ports_are_shifted_and_others_stay),
        cmocka_unit_test(test_a_mapping_stays_while_the_listener_exists),
        cmocka_unit_test(test_a_port_that_is_free_again_is_chosen_again),
        cmocka_unit_test(test_reserved_and_taken_ports_are_not_chosen),
        cmocka_unit_test(test_an_earlier_life_is_remembered),
        cmocka_unit_test(test_when_no_port_is_left_there_is_none),
    };
    return cmocka_run_group_tests_name("ports", tests, NULL, NULL);
}
