#include "core/mem.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"

static void test_pieces_are_appended_in_order(void **state)
{
    (void)state;
    strbuf_t buf = {0};
    strbuf_add(&buf, SLICE("one"));
    strbuf_add_char(&buf, ' ');
    strbuf_add_text(&buf, "two");
    strbuf_add(&buf, (slice_t){NULL, 0});
    strbuf_add_text(&buf, NULL);
    assert_slice(strbuf_slice(&buf), "one two");
    strbuf_fini(&buf);
}

static void test_it_grows_and_keeps_what_it_had(void **state)
{
    (void)state;
    strbuf_t buf = {0};
    for (unsigned i = 0; i < 10000; i++)
        strbuf_add_char(&buf, (char)('a' + i % 26));
    assert_int_equal(buf.len, 10000);
    assert_true(buf.cap >= 10000 && buf.cap < 40000);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(buf.base[i], 'a' + i % 26);
    strbuf_fini(&buf);
}

static void test_room_is_writable_and_changes_no_length(void **state)
{
    (void)state;
    strbuf_t buf = {0};
    strbuf_add_text(&buf, "head");
    memset(strbuf_room(&buf, 5000), 'x', 5000);
    assert_slice(strbuf_slice(&buf), "head");
    buf.len += 5000;
    assert_int_equal(buf.base[4], 'x');
    assert_int_equal(buf.base[5003], 'x');
    strbuf_fini(&buf);
}

static void test_numbers(void **state)
{
    (void)state;
    strbuf_t buf = {0};
    strbuf_add_u64(&buf, 0);
    strbuf_add_char(&buf, ' ');
    strbuf_add_u64(&buf, 10);
    strbuf_add_char(&buf, ' ');
    strbuf_add_u64(&buf, UINT64_MAX);
    assert_slice(strbuf_slice(&buf), "0 10 18446744073709551615");
    strbuf_fini(&buf);
}

static void test_formatted_text_of_any_length(void **state)
{
    (void)state;
    char digits[2001];
    memset(digits, '7', 2000);
    digits[2000] = '\0';
    strbuf_t buf = {0};
    strbuf_printf(&buf, "%d|%s|%s", 5, digits, "end");
    assert_int_equal(buf.len, 2 + 2000 + 4);
    assert_slice(slice_sub(strbuf_slice(&buf), 2000, 6), "77|end");
    strbuf_printf(&buf, "%s", "");
    assert_int_equal(buf.len, 2 + 2000 + 4);
    strbuf_fini(&buf);
}

/* expect_json checks what one text becomes. */
static void expect_json(slice_t text, const char *json)
{
    strbuf_t buf = {0};
    strbuf_add_json(&buf, text);
    assert_slice(strbuf_slice(&buf), json);
    strbuf_fini(&buf);
}

static void test_json_escapes_what_it_must(void **state)
{
    (void)state;
    expect_json(SLICE(""), "\"\"");
    expect_json(SLICE("a\"b\\c\nd"), "\"a\\\"b\\\\c\\nd\"");
    expect_json(SLICE("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\\u007f\"");
    expect_json(SLICE("</script>"), "\"</script>\"");
}

static void test_json_keeps_utf8(void **state)
{
    (void)state;
    expect_json(SLICE("\xc2\x80 \xdf\xbf"), "\"\xc2\x80 \xdf\xbf\"");
    expect_json(SLICE("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"),
                "\"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf\"");
    expect_json(SLICE("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"),
                "\"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\"");
}

static void test_json_replaces_bytes_that_are_no_utf8(void **state)
{
    (void)state;
    expect_json(SLICE("a\x80z"), "\"a\\ufffdz\"");
    expect_json(SLICE("\xc0\xaf"), "\"\\ufffd\\ufffd\"");                       /* overlong '/' */
    expect_json(SLICE("\xe0\x9f\xbf"), "\"\\ufffd\\ufffd\\ufffd\"");            /* overlong */
    expect_json(SLICE("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");            /* a surrogate */
    expect_json(SLICE("\xf4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* > U+10FFFF */
    expect_json(SLICE("\xe2\x82"), "\"\\ufffd\\ufffd\"");                       /* cut off */
    expect_json(SLICE("\xe2\x28\xa1"), "\"\\ufffd(\\ufffd\"");
}

static void test_a_part_of_json_ends_between_characters(void **state)
{
    (void)state;
    strbuf_t buf = {0};
    assert_int_equal(strbuf_add_json_part(&buf, SLICE("ab\xc3\xa9z"), 3), 2); /* half an e acute */
    assert_slice(strbuf_slice(&buf), "ab");
    assert_int_equal(strbuf_add_json_part(&buf, SLICE("\x01z"), 5), 0); /* half an escape */
    assert_int_equal(strbuf_add_json_part(&buf, SLICE("\x01z"), 6), 1);
    assert_slice(strbuf_slice(&buf), "ab\\u0001");
    assert_int_equal(strbuf_add_json_part(&buf, SLICE("z"), 1), 1);
    assert_int_equal(strbuf_add_json_part(&buf, SLICE(""), 0), 0);
    assert_slice(strbuf_slice(&buf), "ab\\u0001z");
    strbuf_fini(&buf);
}

static void test_taken_text_is_a_c_string_of_its_own(void **state)
{
    (void)state;
    strbuf_t buf = {0};
    strbuf_add_text(&buf, "mine");
    char *text = strbuf_take(&buf);
    assert_string_equal(text, "mine");
    assert_null(buf.base);
    assert_int_equal(buf.len, 0);
    free(text);
    text = strbuf_take(&buf);
    assert_string_equal(text, "");
    free(text);
    strbuf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_appended_in_order),
        cmocka_unit_test(test_it_grows_and_keeps_what_it_had),
        cmocka_unit_test(test_room_is_writable_and_changes_no_length),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_formatted_text_of_any_length),
        cmocka_unit_test(test_json_escapes_what_it_must),
        cmocka_unit_test(test_json_keeps_utf8),
        cmocka_unit_test(test_json_replaces_bytes_that_are_no_utf8),
        cmocka_unit_test(test_a_part_of_json_ends_between_characters),
        cmocka_unit_test(test_taken_text_is_a_c_string_of_its_own),
    };
    return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
