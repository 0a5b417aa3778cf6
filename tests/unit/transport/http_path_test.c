#include "transport/http_path.h"

#include "core/mem.h"
#include "tests/unit/test.h"

/* Normalises a copy of exactly the text's size; the caller frees *copy. */
static http_path_fault_t normalise(const char *text, char **copy, http_path_t *ret)
{
    size_t len = strlen(text);
    *copy = xmalloc(len);
    memcpy(*copy, text, len);
    return http_path_normalise(*copy, len, ret);
}

static void test_what_means_the_same_is_written_in_one_way(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
        size_t read;
    } CASES[] = {
        {"/", "/", 1},
        {"/a/b.html", "/a/b.html", 9},
        {"/a?b=../%2f#", "/a", 2},
        {"/?", "/", 1},
        {"?x", "", 0},
        {"//a//", "//a//", 5},
        {"/a;x=1/b", "/a;x=1/b", 8},
        {"/...", "/...", 4},
        {"/..a/.b/c./d..", "/..a/.b/c./d..", 14},
        {"/%61%2D%5f%7e%5A%39", "/a-_~Z9", 19},
        {"/caf%c3%a9?%61", "/caf%C3%A9", 10},
        {"/%25%3f%23%20%3b", "/%25%3F%23%20%3B", 16},
        {"/%41/long/enough/for/a/block/%42?", "/A/long/enough/for/a/block/B", 32},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char *copy;
        http_path_t path;
        assert_int_equal(normalise(CASES[i].text, &copy, &path), HTTP_PATH_OK);
        assert_slice(slice_make(copy, path.len), CASES[i].want);
        assert_int_equal(path.read, CASES[i].read);
        free(copy);
    }
}

static void test_what_may_mean_two_things_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        http_path_fault_t want;
    } CASES[] = {
        {"/.", HTTP_PATH_DOTS},           {"/..", HTTP_PATH_DOTS},
        {"/./a", HTTP_PATH_DOTS},         {"/a/../b", HTTP_PATH_DOTS},
        {"/a/..?q", HTTP_PATH_DOTS},      {"/a/..;x/b", HTTP_PATH_DOTS},
        {"/.;/a", HTTP_PATH_DOTS},        {"/%41/..", HTTP_PATH_DOTS},
        {"/a\\b", HTTP_PATH_BACKSLASH},   {"/%", HTTP_PATH_ENCODING},
        {"/%4", HTTP_PATH_ENCODING},      {"/%4?1", HTTP_PATH_ENCODING},
        {"/%4g", HTTP_PATH_ENCODING},     {"/%%41", HTTP_PATH_ENCODING},
        {"/%u0041", HTTP_PATH_ENCODING},  {"/%2e", HTTP_PATH_HIDDEN},
        {"/a%2Eb", HTTP_PATH_HIDDEN},     {"/a%2fb", HTTP_PATH_HIDDEN},
        {"/a%5Cb", HTTP_PATH_HIDDEN},     {"/a%00b", HTTP_PATH_HIDDEN},
        {"/%c0%af", HTTP_PATH_HIDDEN},    {"/%C1%9c", HTTP_PATH_HIDDEN},
        {"/%e0%80%af", HTTP_PATH_HIDDEN}, {"/%f0%80%80%af", HTTP_PATH_HIDDEN},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char *copy;
        http_path_t path = {77, 77};
        assert_int_equal(normalise(CASES[i].text, &copy, &path), CASES[i].want);
        assert_int_equal(path.read, 77);
        free(copy);
    }
}

/* Else matching twice could match two paths. */
static void test_normalising_twice_changes_nothing(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char text[] = "/x/%00/y", *once;
        text[4] = "0123456789ABCDEF"[byte >> 4];
        text[5] = "0123456789abcdef"[byte & 15];
        http_path_t first, second;
        if (normalise(text, &once, &first) == HTTP_PATH_OK) {
            char *twice = xmalloc(first.len);
            memcpy(twice, once, first.len);
            assert_int_equal(http_path_normalise(twice, first.len, &second), HTTP_PATH_OK);
            assert_int_equal(second.len, first.len);
            assert_memory_equal(twice, once, first.len);
            free(twice);
        }
        free(once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_means_the_same_is_written_in_one_way),
        cmocka_unit_test(test_what_may_mean_two_things_is_refused),
        cmocka_unit_test(test_normalising_twice_changes_nothing),
    };
    return cmocka_run_group_tests_name("http_path", tests, NULL, NULL);
}
