#include "core/registry.h"
#include "tests/unit/test.h"

static const actor_class_t one = {.name = "one"}, two = {.name = "two"};

static void test_a_role_has_the_class_that_was_set_last(void **state)
{
    (void)state;
    registry_t *registry = registry_new();
    assert_null(registry_class(registry, "router"));
    registry_set(registry, "router", &one);
    registry_set(registry, "upstream", &one);
    registry_set(registry, "router", &two);
    assert_ptr_equal(registry_class(registry, "router"), &two);
    assert_ptr_equal(registry_class(registry, "upstream"), &one);
    registry_free(registry);
}

static void test_a_name_belongs_to_one_actor(void **state)
{
    (void)state;
    registry_t *registry = registry_new();
    assert_int_equal(registry_publish(registry, "router/1", 11), 0);
    assert_int_equal(registry_publish(registry, "router/1", 12), GW_EEXIST);
    assert_int_equal(registry_lookup(registry, "router/1"), 11);
    assert_int_equal(registry_lookup(registry, "router/2"), 0);
    registry_free(registry);
}

static void test_only_its_actor_withdraws_a_name(void **state)
{
    (void)state;
    registry_t *registry = registry_new();
    registry_publish(registry, "router/1", 11);
    registry_withdraw(registry, "router/1", 12);
    assert_int_equal(registry_lookup(registry, "router/1"), 11);
    registry_withdraw(registry, "router/1", 11);
    assert_int_equal(registry_lookup(registry, "router/1"), 0);
    assert_int_equal(registry_publish(registry, "router/1", 12), 0);
    registry_free(registry);
}

static void test_an_address_gives_its_name(void **state)
{
    (void)state;
    char name[8];
    registry_t *registry = registry_new();
    registry_publish(registry, "a-long-name", 11);
    registry_name_of(registry, 11, name, sizeof(name));
    assert_string_equal(name, "a-long-");
    registry_name_of(registry, 12, name, sizeof(name));
    assert_string_equal(name, "?");
    registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_role_has_the_class_that_was_set_last),
        cmocka_unit_test(test_a_name_belongs_to_one_actor),
        cmocka_unit_test(test_only_its_actor_withdraws_a_name),
        cmocka_unit_test(test_an_address_gives_its_name),
    };
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
