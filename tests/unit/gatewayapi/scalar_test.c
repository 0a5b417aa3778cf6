#include "gatewayapi/scalar.h"

#include "tests/unit/test.h"

static void assert_type(const char *text, node_type_t expected)
{
    int64_t integer = 0;
    node_type_t type = scalar_resolve(slice_of(text), &integer);
    if (type != expected)
        fail_msg("\"%s\" is %s and not %s", text, node_type_name(type), node_type_name(expected));
}

static void assert_integer(const char *text, int64_t expected)
{
    int64_t integer = 0;
    assert_int_equal(scalar_resolve(slice_of(text), &integer), NODE_INT);
    assert_int_equal(integer, expected);
}

static void test_nulls_and_booleans_are_those_of_yaml_1_1(void **state)
{
    (void)state;
    int64_t integer = 7;
    const char *nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < 5; i++)
        assert_type(nulls[i], NODE_NULL);
    const char *words[] = {"true", "yes", "On", "FALSE", "no", "off"};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(scalar_resolve(slice_of(words[i]), &integer), NODE_BOOL);
        assert_int_equal(integer, i < 3);
    }
    assert_type("y", NODE_STRING);
    assert_type("nULL", NODE_STRING);
}

static void test_integers_have_bases_signs_and_underscores(void **state)
{
    (void)state;
    assert_integer("0", 0);
    assert_integer("-12", -12);
    assert_integer("+12", 12);
    assert_integer("0x1F", 31);
    assert_integer("0o17", 15);
    assert_integer("017", 15);
    assert_integer("0b101", 5);
    assert_integer("1_000", 1000);
    assert_integer("9223372036854775807", INT64_MAX);
}

static void test_what_only_looks_like_an_integer_is_none(void **state)
{
    (void)state;
    assert_type("9223372036854775808", NODE_FLOAT);
    assert_type("018", NODE_FLOAT); /* no octal number, so YAML takes the decimal fraction's form */
    assert_type("0x", NODE_STRING);
    assert_type("_1", NODE_STRING);
    assert_type("1a", NODE_STRING);
    assert_type("-", NODE_STRING);
    assert_type("1s", NODE_STRING);
}

static void test_floats(void **state)
{
    (void)state;
    const char *floats[] = {"1.5", ".5", "5.", "-1e3", "1.5E-3", ".inf", "-.inf", ".NaN"};
    for (size_t i = 0; i < sizeof(floats) / sizeof(floats[0]); i++)
        assert_type(floats[i], NODE_FLOAT);
    const char *strings[] = {".", "1e", "e3", "1.2.3", "10.0.0.1", "1e+", "--1"};
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        assert_type(strings[i], NODE_STRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nulls_and_booleans_are_those_of_yaml_1_1),
        cmocka_unit_test(test_integers_have_bases_signs_and_underscores),
        cmocka_unit_test(test_what_only_looks_like_an_integer_is_none),
        cmocka_unit_test(test_floats),
    };
    return cmocka_run_group_tests_name("scalar", tests, NULL, NULL);
}
