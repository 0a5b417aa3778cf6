#include "xds/update.h"

#include "tests/unit/test.h"

static void test_an_update_is_empty_until_something_is_in_it(void **state)
{
    (void)state;
    xds_update_t update = {0};
    assert_true(xds_update_empty(&update));
    xds_update_remove(&update, XDS_CLUSTER, SLICE("c"));
    assert_false(xds_update_empty(&update));
    xds_update_fini(&update);
    assert_true(xds_update_empty(&update));
}

static void test_a_changed_resource_moves_into_the_update(void **state)
{
    (void)state;
    xds_update_t update = {0};
    for (int i = 0; i < 20; i++) {
        char name[8];
        int len = snprintf(name, sizeof(name), "c%d", i);
        xds_resource_t *resource =
            xds_resource_from_bytes(XDS_CLUSTER, slice_make(name, (size_t)len), SLICE(""));
        xds_update_change(&update, &resource);
        assert_null(resource);
    }
    assert_int_equal(update.changed_count, 20);
    assert_slice(xds_resource_name(update.changed[0]), "c0");
    assert_slice(xds_resource_name(update.changed[19]), "c19");
    xds_update_fini(&update);
}

static void test_a_removed_name_is_copied(void **state)
{
    (void)state;
    xds_update_t update = {0};
    char name[] = "rc/a";
    xds_update_remove(&update, XDS_VIRTUAL_HOST, slice_of(name));
    name[3] = 'b';
    assert_int_equal(update.removed_count, 1);
    assert_int_equal(update.removed[0].type, XDS_VIRTUAL_HOST);
    assert_slice(update.removed[0].name, "rc/a");
    xds_update_fini(&update);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_update_is_empty_until_something_is_in_it),
        cmocka_unit_test(test_a_changed_resource_moves_into_the_update),
        cmocka_unit_test(test_a_removed_name_is_copied),
    };
    return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
