#include "main/config_key.h"

#include "main/config_nearest.h"
#include "main/config_value.h"
#include "tests/unit/test.h"

static void test_a_field_is_named_after_its_path(void **state)
{
    (void)state;
    const config_key_t *key;
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        char field[128];
        snprintf(field, sizeof(field), "%s", key->path);
        for (char *dot; (dot = strchr(field, '.'));)
            *dot = '_';
        assert_string_equal(field, key->field);
    }
}

static void test_keys_and_sections_are_found(void **state)
{
    (void)state;
    assert_string_equal(config_key_find(SLICE("dataplane.drain.delay"))->path,
                        "dataplane.drain.delay");
    assert_null(config_key_find(SLICE("dataplane.drain")));
    assert_null(config_key_find(SLICE("")));
    assert_true(config_key_section(SLICE("dataplane")));
    assert_true(config_key_section(SLICE("dataplane.drain")));
    assert_false(config_key_section(SLICE("dataplane.drain.delay")));
    assert_false(config_key_section(SLICE("data")));
}

static void test_no_path_is_there_twice_and_sections_are_in_one_piece(void **state)
{
    (void)state;
    const config_key_t *key, *before;
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        assert_ptr_equal(config_key_find(slice_of(key->path)), key);
        assert_false(config_key_section(slice_of(key->path)));
        const char *dot = strrchr(key->path, '.');
        size_t section = (size_t)(dot - key->path) + 1;
        bool apart = false;
        for (size_t j = i; j > 0; j--) {
            before = config_key_at(j - 1);
            bool same = strncmp(before->path, key->path, section) == 0;
            assert_false(same && apart);
            apart |= !same;
        }
    }
}

/* All but texts and booleans need limits, and the default is within them: setting it asserts. */
static void test_every_size_and_time_has_limits(void **state)
{
    (void)state;
    const config_key_t *key;
    config_t config = {0};
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        bool limited = key->type != CONFIG_BOOL && key->type < CONFIG_STRING;
        assert_int_equal(key->limits[0] != '\0', limited);
        assert_true(key->help[strlen(key->help) - 1] == '.');
        assert_null(strchr(key->help, '|')); /* it goes into a table */
        config_value_default(key, &config);
    }
    config_fini(&config);
}

static void expect_nearest(const char *path, const char *nearest)
{
    const char *found = config_nearest(slice_of(path));
    if (nearest)
        assert_string_equal(found, nearest);
    else
        assert_null(found);
}

static void test_what_was_meant(void **state)
{
    (void)state;
    expect_nearest("log.levle", "log.level");
    expect_nearest("LOG.LEVEL", "log.level");
    expect_nearest("dataplane.accessLog.sampleRate", "dataplane.access_log.sample_rate");
    expect_nearest("dataplane.http.trusted-hops", "dataplane.http.trusted_hops");
    expect_nearest("trusted_hops", "dataplane.http.trusted_hops");
    expect_nearest("runtime.worker", "runtime.workers");
    expect_nearest("x", NULL);
    expect_nearest("", NULL);
    expect_nearest("something.entirely.different", NULL);
    char endless[1000];
    memset(endless, 'a', sizeof(endless));
    assert_null(config_nearest(slice_make(endless, sizeof(endless))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_field_is_named_after_its_path),
        cmocka_unit_test(test_keys_and_sections_are_found),
        cmocka_unit_test(test_no_path_is_there_twice_and_sections_are_in_one_piece),
        cmocka_unit_test(test_every_size_and_time_has_limits),
        cmocka_unit_test(test_what_was_meant),
    };
    return cmocka_run_group_tests_name("config_key", tests, NULL, NULL);
}
