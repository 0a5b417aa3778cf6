#include "core/error.h"
#include "main/options.h"
#include "tests/unit/test.h"

typedef struct parsed {
    standalone_options_t options;
    int code;
    char error[256];
} parsed_t;

/* Up to five arguments behind the subcommand, the first NULL ends them. */
static parsed_t parse(const char *a, const char *b, const char *c, const char *d, const char *e)
{
    char *argv[] = {
        (char *)"standalone", (char *)a, (char *)b, (char *)c, (char *)d, (char *)e, NULL};
    int argc = 1;
    parsed_t parsed = {0};
    strbuf_t error = {0};
    while (argv[argc])
        argc++;
    parsed.code = standalone_options_parse(argc, argv, &parsed.options, &error);
    snprintf(parsed.error, sizeof(parsed.error), "%.*s", SLICE_ARG(strbuf_slice(&error)));
    strbuf_fini(&error);
    return parsed;
}

static void test_what_is_given_is_read(void **state)
{
    (void)state;
    parsed_t parsed = parse("-f", "manifests", "--workers=3", "--log", "debug");
    assert_int_equal(parsed.code, 0);
    assert_string_equal(parsed.options.folder, "manifests");
    assert_int_equal(parsed.options.workers, 3);
    assert_string_equal(parsed.options.log, "debug");
    assert_null(parsed.options.config);
}

static void test_the_folder_must_be_given(void **state)
{
    (void)state;
    parsed_t parsed = parse("--config", "c.yaml", NULL, NULL, NULL);
    assert_int_equal(parsed.code, GW_EINVAL);
    assert_non_null(strstr(parsed.error, "-f DIR"));
    assert_int_equal(parse("--help", NULL, NULL, NULL, NULL).code, 0);
}

static void test_what_is_wrong_is_named(void **state)
{
    (void)state;
    parsed_t parsed = parse("--nonsense", NULL, NULL, NULL, NULL);
    assert_string_equal(parsed.error, "there is no option --nonsense");
    parsed = parse("-f", NULL, NULL, NULL, NULL);
    assert_string_equal(parsed.error, "-f needs a value");
    parsed = parse("-f", "a", "--workers", "many", NULL);
    assert_string_equal(parsed.error, "--workers: 'many' is no number from 1 to 62");
    parsed = parse("-f", "a", "--workers", "63", NULL);
    assert_int_equal(parsed.code, GW_EINVAL);
    parsed = parse("-f", "a", "b", NULL, NULL);
    assert_string_equal(parsed.error, "'b' is one argument too many");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_given_is_read),
        cmocka_unit_test(test_the_folder_must_be_given),
        cmocka_unit_test(test_what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
