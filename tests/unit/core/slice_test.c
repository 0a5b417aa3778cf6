#include "core/error.h"
#include "tests/unit/test.h"

static const slice_t EMPTY = {NULL, 0};

static void test_a_null_string_is_the_empty_slice(void **state)
{
    (void)state;
    assert_int_equal(slice_of(NULL).len, 0);
    assert_int_equal(slice_of("").len, 0);
    assert_slice(SLICE("abc"), "abc");
}

static void test_equality_looks_at_length_and_bytes(void **state)
{
    (void)state;
    assert_true(slice_eq(SLICE("abc"), slice_of("abc")));
    assert_false(slice_eq(SLICE("abc"), SLICE("abd")));
    assert_false(slice_eq(SLICE("abc"), SLICE("ab")));
    assert_true(slice_eq(EMPTY, SLICE("")));
    assert_true(slice_eq(SLICE("a\0b"), SLICE("a\0b")));
    assert_false(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
}

static void test_case_is_ignored_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(slice_eq_nocase(SLICE("Content-LENGTH"), SLICE("content-length")));
    assert_false(slice_eq_nocase(SLICE("content"), SLICE("content-length")));
    /* '@' and '`', '[' and '{' differ by the case bit and are no letters */
    assert_false(slice_eq_nocase(SLICE("@["), SLICE("`{")));
    assert_false(slice_eq_nocase(SLICE("\xc3\x84"), SLICE("\xc3\xa4")));
}

static void test_prefix_and_suffix(void **state)
{
    (void)state;
    assert_true(slice_starts_with(SLICE("/api/v1"), SLICE("/api")));
    assert_false(slice_starts_with(SLICE("/ap"), SLICE("/api")));
    assert_true(slice_starts_with(EMPTY, EMPTY));
    assert_true(slice_ends_with(SLICE("www.example.com"), SLICE(".example.com")));
    assert_false(slice_ends_with(SLICE("example.com"), SLICE(".example.com")));
    assert_true(slice_ends_with(SLICE("x"), EMPTY));
}

static void test_a_part_is_clamped_to_the_whole(void **state)
{
    (void)state;
    assert_slice(slice_sub(SLICE("abcdef"), 2, 3), "cde");
    assert_slice(slice_sub(SLICE("abcdef"), 4, 9), "ef");
    assert_slice(slice_sub(SLICE("abcdef"), 9, 1), "");
    assert_slice(slice_sub(SLICE("abcdef"), 1, SIZE_MAX), "bcdef");
    assert_slice(slice_sub(EMPTY, 0, 1), "");
}

static void test_a_byte_is_found_or_the_length_is_given(void **state)
{
    (void)state;
    assert_int_equal(slice_chr(SLICE("a:b:c"), ':'), 1);
    assert_int_equal(slice_chr(SLICE("abc"), ':'), 3);
    assert_int_equal(slice_chr(EMPTY, ':'), 0);
}

static void test_order_is_bytewise_and_a_prefix_comes_first(void **state)
{
    (void)state;
    assert_true(slice_compare(SLICE("a"), SLICE("b")) < 0);
    assert_true(slice_compare(SLICE("b"), SLICE("a")) > 0);
    assert_true(slice_compare(SLICE("ab"), SLICE("abc")) < 0);
    assert_true(slice_compare(SLICE("abc"), SLICE("ab")) > 0);
    assert_true(slice_compare(SLICE("\x7f"), SLICE("\x80")) < 0);
    assert_int_equal(slice_compare(EMPTY, SLICE("")), 0);
}

static void test_equal_text_has_an_equal_hash_wherever_it_lies(void **state)
{
    (void)state;
    char copy[64] = "?the quick brown fox";
    for (size_t len = 0; len <= 19; len++) {
        slice_t a = slice_make("the quick brown fox", len), b = slice_make(copy + 1, len);
        assert_int_equal(slice_hash(a, 7), slice_hash(b, 7));
    }
}

static void test_every_bit_and_the_seed_change_the_hash(void **state)
{
    (void)state;
    char text[] = "0123456789abcdef012";
    slice_t s = slice_of(text);
    uint64_t before = slice_hash(s, 1);
    assert_int_not_equal(before, slice_hash(s, 2));
    for (size_t bit = 0; bit < 8 * s.len; bit++) {
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        assert_int_not_equal(slice_hash(s, 1), before);
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
    }
    assert_int_not_equal(slice_hash(SLICE("\0"), 1), slice_hash(SLICE("\0\0"), 1));
}

static void test_hashes_of_similar_names_spread_over_buckets(void **state)
{
    (void)state;
    unsigned used[256] = {0}, most = 0;
    for (unsigned i = 0; i < 256 * 16; i++) {
        char name[32];
        int len = snprintf(name, sizeof(name), "host-%u.example.com", i);
        unsigned bucket = (unsigned)(slice_hash(slice_make(name, (size_t)len), 3) & 255);
        if (++used[bucket] > most)
            most = used[bucket];
    }
    /* mean 16; a Poisson tail beyond 48 has a probability below 1e-9 */
    assert_true(most < 48);
}

static void test_a_number_is_digits_and_nothing_else(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_int_equal(slice_to_u64(SLICE("18446744073709551615"), &value), 0);
    assert_true(value == UINT64_MAX);
    assert_int_equal(slice_to_u64(SLICE("007"), &value), 0);
    assert_true(value == 7);
}

static void test_a_bad_number_leaves_the_result_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "/", ":"};
    uint64_t value = 42;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(slice_to_u64(slice_of(bad[i]), &value), GW_EPARSE);
    assert_int_equal(slice_to_u64(SLICE("18446744073709551616"), &value), GW_ELIMIT);
    assert_int_equal(slice_to_u64(SLICE("99999999999999999999999"), &value), GW_ELIMIT);
    assert_true(value == 42);
}

static void test_the_character_at_the_front(void **state)
{
    (void)state;
    assert_int_equal(slice_utf8_len(SLICE("az")), 1);
    assert_int_equal(slice_utf8_len(SLICE("\xc3\xa9z")), 2);
    assert_int_equal(slice_utf8_len(SLICE("\xe2\x82\xac")), 3);
    assert_int_equal(slice_utf8_len(SLICE("\xf0\x9f\x98\x80")), 4);
    assert_int_equal(slice_utf8_len(SLICE("\xe2\x82")), 0);
    assert_int_equal(slice_utf8_len(SLICE("\xff")), 0);
    assert_int_equal(slice_utf8_len((slice_t){NULL, 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_null_string_is_the_empty_slice),
        cmocka_unit_test(test_equality_looks_at_length_and_bytes),
        cmocka_unit_test(test_case_is_ignored_for_ascii_letters_only),
        cmocka_unit_test(test_prefix_and_suffix),
        cmocka_unit_test(test_a_part_is_clamped_to_the_whole),
        cmocka_unit_test(test_a_byte_is_found_or_the_length_is_given),
        cmocka_unit_test(test_order_is_bytewise_and_a_prefix_comes_first),
        cmocka_unit_test(test_equal_text_has_an_equal_hash_wherever_it_lies),
        cmocka_unit_test(test_every_bit_and_the_seed_change_the_hash),
        cmocka_unit_test(test_hashes_of_similar_names_spread_over_buckets),
        cmocka_unit_test(test_a_number_is_digits_and_nothing_else),
        cmocka_unit_test(test_a_bad_number_leaves_the_result_alone),
        cmocka_unit_test(test_the_character_at_the_front),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
