#include "transport/http_query.h"

#include "tests/unit/test.h"

static void test_parameters_come_one_after_the_other(void **state)
{
    (void)state;
    slice_t rest = SLICE("a=1&&b&c=&=d&e=f=g&"), name, value;
    static const char *const WANT[][2] = {
        {"a", "1"}, {"b", ""}, {"c", ""}, {"", "d"}, {"e", "f=g"}};
    for (size_t i = 0; i < sizeof(WANT) / sizeof(WANT[0]); i++) {
        assert_true(http_query_next(&rest, &name, &value));
        assert_slice(name, WANT[i][0]);
        assert_slice(value, WANT[i][1]);
    }
    assert_false(http_query_next(&rest, &name, &value));
}

static void test_an_empty_query_has_no_parameter(void **state)
{
    (void)state;
    slice_t rest = {NULL, 0}, name, value;
    assert_false(http_query_next(&rest, &name, &value));
}

static void test_text_without_percent_is_not_copied(void **state)
{
    (void)state;
    arena_t arena = {0};
    slice_t text = SLICE("a+b");
    assert_ptr_equal(http_percent_decode(text, &arena).base, text.base);
    assert_int_equal(arena_heap_size(&arena), 0);
    arena_fini(&arena);
}

/* RFC 3986 section 2.1. */
static void test_percent_encoding_is_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } CASES[] = {
        {"%41%62%2B", "Ab+"}, {"a%20b", "a b"}, {"%e2%82%AC", "\xe2\x82\xac"},
        {"%2541", "%41"},     {"%", "%"},       {"%4", "%4"},
        {"%zz%41", "%zzA"},   {"100%", "100%"},
    };
    arena_t arena = {0};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        assert_slice(http_percent_decode(slice_of(CASES[i].text), &arena), CASES[i].want);
    slice_t nul = http_percent_decode(SLICE("a%00b"), &arena);
    assert_int_equal(nul.len, 3);
    assert_memory_equal(nul.base, "a\0b", 3);
    arena_fini(&arena);
}

static void test_hex_digits_are_those_sixteen(void **state)
{
    (void)state;
    static const char DIGITS[] = "0123456789abcdef";
    for (int byte = 0; byte < 256; byte++) {
        int lower = byte >= 'A' && byte <= 'F' ? byte + 0x20 : byte;
        const char *at = lower ? strchr(DIGITS, lower) : NULL;
        assert_int_equal(http_hex_digit((char)byte), at ? at - DIGITS : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_come_one_after_the_other),
        cmocka_unit_test(test_an_empty_query_has_no_parameter),
        cmocka_unit_test(test_text_without_percent_is_not_copied),
        cmocka_unit_test(test_percent_encoding_is_decoded),
        cmocka_unit_test(test_hex_digits_are_those_sixteen),
    };
    return cmocka_run_group_tests_name("http_query", tests, NULL, NULL);
}
