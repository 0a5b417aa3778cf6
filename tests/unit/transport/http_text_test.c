#include "transport/http_text.h"

#include "tests/unit/test.h"

static const slice_t EMPTY = {NULL, 0};

/* RFC 9110 section 5.6.2. */
static void test_a_token_has_tchars_and_nothing_else(void **state)
{
    (void)state;
    static const char TCHARS[] = "!#$%&'*+-.^_`|~0123456789"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    assert_true(http_token_valid(SLICE(TCHARS)));
    assert_false(http_token_valid(EMPTY));
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        bool want = byte != 0 && strchr(TCHARS, byte) != NULL;
        assert_int_equal(http_token_valid(slice_make(&c, 1)), want);
    }
}

/* RFC 9110 section 5.5. */
static void test_a_value_has_no_controls_and_no_blank_ends(void **state)
{
    (void)state;
    assert_true(http_value_valid(EMPTY));
    assert_true(http_value_valid(SLICE("a \t b")));
    assert_true(http_value_valid(SLICE("caf\xc3\xa9")));
    assert_false(http_value_valid(SLICE(" a")));
    assert_false(http_value_valid(SLICE("a\t")));
    assert_false(http_value_valid(SLICE("a\r\nX: y")));
    assert_false(http_value_valid(SLICE("a\0b")));
    assert_false(http_value_valid(SLICE("a\x7f")));
}

static void test_a_request_id_is_short_and_harmless(void **state)
{
    (void)state;
    char text[129];
    memset(text, 'a', sizeof(text));
    assert_true(http_request_id_valid(SLICE("0b9c5d3e-0f1a-4c58-9d2c-d4f8e1a2b3c4")));
    assert_true(http_request_id_valid(SLICE("Root=1-67891233:a.b_c~d+e@f")));
    assert_true(http_request_id_valid(slice_make(text, 128)));
    assert_false(http_request_id_valid(slice_make(text, 129)));
    assert_false(http_request_id_valid(EMPTY));
    assert_false(http_request_id_valid(SLICE("a b")));
    assert_false(http_request_id_valid(SLICE("a/b")));
    assert_false(http_request_id_valid(SLICE("\"a\"")));
    assert_false(http_request_id_valid(SLICE("a\xc3\xa9")));
}

static void test_blanks_are_taken_off_both_ends(void **state)
{
    (void)state;
    assert_slice(http_trim(SLICE(" \ta b\t ")), "a b");
    assert_slice(http_trim(SLICE(" \t ")), "");
    assert_slice(http_trim(EMPTY), "");
}

/* RFC 9110 section 5.6.1.2: empty elements are legal and mean nothing. */
static void test_a_list_gives_its_elements(void **state)
{
    (void)state;
    slice_t rest = SLICE(" a ,, b\t,c c, "), element;
    assert_true(http_list_next(&rest, &element));
    assert_slice(element, "a");
    assert_true(http_list_next(&rest, &element));
    assert_slice(element, "b");
    assert_true(http_list_next(&rest, &element));
    assert_slice(element, "c c");
    assert_false(http_list_next(&rest, &element));
}

static void test_a_list_has_an_element_in_any_case(void **state)
{
    (void)state;
    assert_true(http_list_has(SLICE("keep-alive, Upgrade"), SLICE("upgrade")));
    assert_false(http_list_has(SLICE("keep-alive, upgrades"), SLICE("upgrade")));
    assert_false(http_list_has(EMPTY, SLICE("upgrade")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_token_has_tchars_and_nothing_else),
        cmocka_unit_test(test_a_value_has_no_controls_and_no_blank_ends),
        cmocka_unit_test(test_a_request_id_is_short_and_harmless),
        cmocka_unit_test(test_blanks_are_taken_off_both_ends),
        cmocka_unit_test(test_a_list_gives_its_elements),
        cmocka_unit_test(test_a_list_has_an_element_in_any_case),
    };
    return cmocka_run_group_tests_name("http_text", tests, NULL, NULL);
}
