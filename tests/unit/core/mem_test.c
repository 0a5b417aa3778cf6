#include <signal.h>

#include "core/mem.h"
#include "tests/unit/core/child.h"
#include "tests/unit/test.h"

static void test_no_bytes_are_a_valid_allocation(void **state)
{
    (void)state;
    free(xmalloc(0));
    free(xcalloc(0, 8));
    free(xrealloc(NULL, 0));
}

static void test_cleared_memory_is_cleared(void **state)
{
    (void)state;
    char *memory = xcalloc(100, 10);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(memory[i], 0);
    free(memory);
}

static void test_resizing_keeps_the_content(void **state)
{
    (void)state;
    char *memory = xstrdup("content");
    memory = xrealloc(memory, 100000);
    assert_string_equal(memory, "content");
    free(memory);
}

static void test_copies_of_text(void **state)
{
    (void)state;
    char *whole = xstrdup(""), *part = xstrndup("abcdef", 3), *none = xstrndup(NULL, 0);
    assert_string_equal(whole, "");
    assert_string_equal(part, "abc");
    assert_string_equal(none, "");
    free(whole);
    free(part);
    free(none);
}

/* The product overflows a size_t, so that no allocator can answer it. */
static void ask_for_too_much(void)
{
    signal(SIGABRT, SIG_DFL);
    free(xcalloc((size_t)-1 / 4, 8));
}

static void test_memory_that_is_not_there_ends_the_process(void **state)
{
    (void)state;
    char text[4096];
    int status = child_run(ask_for_too_much, text, sizeof(text));
    /* a sanitizer's allocator may end the process itself, with its own message */
    assert_int_not_equal(status, 0);
    assert_true(strstr(text, "out of memory") || strstr(text, "Sanitizer"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_bytes_are_a_valid_allocation),
        cmocka_unit_test(test_cleared_memory_is_cleared),
        cmocka_unit_test(test_resizing_keeps_the_content),
        cmocka_unit_test(test_copies_of_text),
        cmocka_unit_test(test_memory_that_is_not_there_ends_the_process),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
