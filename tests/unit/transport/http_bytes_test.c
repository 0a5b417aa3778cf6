#include "transport/http_bytes.h"

#include "core/mem.h"
#include "tests/unit/test.h"

enum { LEN_MAX = 40 };

/* A search and what it looks for, one byte at a time. */
typedef struct search {
    const char *(*find)(const char *at, const char *end);
    bool (*hit)(uint8_t byte);
} search_t;

static const char *find_colon(const char *at, const char *end)
{
    return bytes_find(at, end, ':');
}

static bool is_colon(uint8_t byte)
{
    return byte == ':';
}

static const char *find_control(const char *at, const char *end)
{
    return bytes_find_control(at, end);
}

static bool is_control(uint8_t byte)
{
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

static const char *find_not_graphic(const char *at, const char *end)
{
    return bytes_find_not_graphic(at, end);
}

static bool is_not_graphic(uint8_t byte)
{
    return byte < 0x21 || byte > 0x7e;
}

static const char *find_special(const char *at, const char *end)
{
    return bytes_find_if(at, end, block_special_in_target, 0);
}

static bool is_special(uint8_t byte)
{
    return byte == '.' || byte == '%' || byte == '\\' || byte == '?';
}

static const search_t SEARCHES[] = {
    {find_colon, is_colon},
    {find_control, is_control},
    {find_not_graphic, is_not_graphic},
    {find_special, is_special},
};

/* Every byte at every place of every length, in memory of just that size. */
static void check_search(const search_t *search)
{
    for (size_t len = 0; len <= LEN_MAX; len++) {
        char *text = xmalloc(len ? len : 1);
        memset(text, 'x', len);
        assert_ptr_equal(search->find(text, text + len), text + len);
        for (size_t at = 0; at < len; at++) {
            for (int byte = 0; byte < 256; byte++) {
                text[at] = (char)byte;
                const char *want = search->hit((uint8_t)byte) ? text + at : text + len;
                assert_ptr_equal(search->find(text, text + len), want);
            }
            text[at] = 'x';
        }
        free(text);
    }
}

static void test_every_search_finds_what_a_plain_loop_finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(SEARCHES) / sizeof(SEARCHES[0]); i++)
        check_search(&SEARCHES[i]);
}

static void test_the_first_of_several_is_found(void **state)
{
    (void)state;
    char text[LEN_MAX];
    memset(text, 'x', sizeof(text));
    for (size_t first = 0; first < sizeof(text); first++) {
        for (size_t second = first + 1; second < sizeof(text); second++) {
            text[first] = text[second] = ':';
            assert_ptr_equal(bytes_find(text, text + sizeof(text), ':'), text + first);
            text[second] = 'x';
        }
        text[first] = 'x';
    }
}

static void test_a_part_of_a_block_is_loaded_with_zeros_behind(void **state)
{
    (void)state;
    for (size_t len = 0; len < BLOCK_LEN; len++) {
        char *text = xmalloc(len ? len : 1), want[BLOCK_LEN] = {0};
        for (size_t i = 0; i < len; i++)
            want[i] = text[i] = (char)(0x80 + i);
        block_t block = block_load_part(text, len);
        assert_memory_equal(&block, want, sizeof(want));
        free(text);
    }
}

static void test_letters_are_the_ascii_ones(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        assert_int_equal(block_mask(block_letters(block_all((char)byte))), letter ? 0xffff : 0);
    }
}

static void test_the_mask_has_a_bit_for_each_byte(void **state)
{
    (void)state;
    for (unsigned mask = 0; mask <= 0xffff; mask++) {
        block_bools_t bools;
        for (int i = 0; i < BLOCK_LEN; i++)
            bools[i] = (char)(mask >> i & 1 ? -1 : 0);
        assert_int_equal(block_mask(bools), mask);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_search_finds_what_a_plain_loop_finds),
        cmocka_unit_test(test_the_first_of_several_is_found),
        cmocka_unit_test(test_a_part_of_a_block_is_loaded_with_zeros_behind),
        cmocka_unit_test(test_letters_are_the_ascii_ones),
        cmocka_unit_test(test_the_mask_has_a_bit_for_each_byte),
    };
    return cmocka_run_group_tests_name("http_bytes", tests, NULL, NULL);
}
