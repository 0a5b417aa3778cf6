#include "core/error.h"
#include "tests/unit/test.h"

#define ERROR_CODE(name, number, text) name,
static const int CODES[] = {GW_ERRORS(ERROR_CODE)};
#undef ERROR_CODE

enum { CODE_COUNT = sizeof(CODES) / sizeof(CODES[0]) };

static void test_every_error_is_negative_and_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODE_COUNT; i++) {
        assert_true(CODES[i] < 0);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(CODES[i], CODES[j]);
    }
}

static void test_every_error_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODE_COUNT; i++) {
        assert_true(slice_starts_with(slice_of(gw_error_name(CODES[i])), SLICE("GW_E")));
        assert_string_not_equal(gw_error_name(CODES[i]), gw_error_name(1));
        assert_string_not_equal(gw_error_text(CODES[i]), gw_error_text(1));
    }
    assert_string_equal(gw_error_name(GW_ELIMIT), "GW_ELIMIT");
    assert_string_equal(gw_error_text(GW_ELIMIT), "a limit was reached");
}

static void test_success_and_unknown_codes_have_names_too(void **state)
{
    (void)state;
    assert_string_equal(gw_error_name(0), "GW_OK");
    assert_string_equal(gw_error_text(0), "success");
    assert_string_equal(gw_error_name(-9999), "GW_EUNKNOWN");
    assert_string_equal(gw_error_text(-9999), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_is_negative_and_its_own),
        cmocka_unit_test(test_every_error_has_a_name_and_a_text),
        cmocka_unit_test(test_success_and_unknown_codes_have_names_too),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
