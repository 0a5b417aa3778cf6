#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <regex.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/log_line.h"
#include "tests/unit/test.h"

static strbuf_t captured;

static void capture(void *context, slice_t line)
{
    strbuf_t *buf = context;
    strbuf_add(buf, line);
    strbuf_add_char(buf, '\n');
}

static int setup(void **state)
{
    (void)state;
    captured.len = 0;
    log_set_spec(SLICE("info"), NULL);
    log_capture(capture, &captured);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    log_capture(NULL, NULL);
    log_close();
    strbuf_fini(&captured);
    return 0;
}

/* Parses the one line that was captured; the caller owns the object. */
static json_t *captured_object(void)
{
    json_error_t error;
    assert_true(captured.len > 0 && captured.base[captured.len - 1] == '\n');
    assert_int_equal(slice_chr(strbuf_slice(&captured), '\n'), captured.len - 1);
    json_t *object = json_loadb(captured.base, captured.len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(object);
    return object;
}

static const char *text_of(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void test_a_line_has_its_fixed_fields_in_order(void **state)
{
    (void)state;
    log_info(listener, "LISTENER-BOUND", "the listener is bound", log_text("name", "web"),
             log_u64("port", 10080));
    strbuf_add_char(&captured, '\0');
    regex_t shape;
    assert_int_equal(
        regcomp(&shape,
                "^\\{\"time\":\"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                "\\.[0-9]{3}Z\",\"level\":\"info\",\"msg\":\"the listener is bound\","
                "\"id\":\"LISTENER-BOUND\",\"component\":\"listener\","
                "\"name\":\"web\",\"port\":10080\\}\n$",
                REG_EXTENDED | REG_NOSUB),
        0);
    assert_int_equal(regexec(&shape, captured.base, 0, NULL, 0), 0);
    regfree(&shape);
}

static void test_fields_keep_their_type(void **state)
{
    (void)state;
    log_warn(router, "TEST-TYPES", "all types", log_i64("i", INT64_MIN), log_u64("u", UINT64_MAX),
             log_bool("b", true), log_seconds("s", 1500000), log_seconds("whole", 2000000000u),
             log_hex("h", 0xabc), log_code("c", GW_EIO), log_errno("e", ENOENT),
             log_text("n", NULL), log_str("q", SLICE("a\"b\n\x80")));
    strbuf_add_char(&captured, '\0');
    assert_non_null(strstr(captured.base, "\"i\":-9223372036854775808,\"u\":18446744073709551615,"
                                          "\"b\":true,\"s\":0.0015,\"whole\":2,"
                                          "\"h\":\"0000000000000abc\","
                                          "\"c\":\"input or output failed\","
                                          "\"e\":\"No such file or directory\",\"n\":\"\","
                                          "\"q\":\"a\\\"b\\n\\ufffd\"}\n"));
}

static uint64_t count_evaluation(int *evaluations)
{
    return (uint64_t)++ * evaluations;
}

static void test_a_level_that_is_off_evaluates_nothing(void **state)
{
    (void)state;
    int evaluations = 0;
    log_debug(router, "TEST-OFF", "off", log_u64("n", count_evaluation(&evaluations)));
    assert_int_equal(evaluations, 0);
    assert_int_equal(captured.len, 0);
    log_info(router, "TEST-ON", "on", log_u64("n", count_evaluation(&evaluations)));
    assert_int_equal(evaluations, 1);
    assert_true(captured.len > 0);
}

static void test_levels_per_component(void **state)
{
    (void)state;
    assert_int_equal(log_set_spec(SLICE("warn, actor=debug,connection = off"), NULL), 0);
    assert_false(log_on(INFO, router));
    assert_true(log_on(WARN, router));
    assert_true(log_on(DEBUG, actor));
    assert_false(log_on(TRACE, actor));
    assert_false(log_on(ERROR, connection));
    assert_int_equal(log_set_spec(SLICE("actor=trace"), NULL), 0);
    assert_true(log_on(TRACE, actor));
    assert_true(log_on(INFO, connection)); /* named anew: back to the default */
    assert_int_equal(log_set_spec(SLICE(""), NULL), 0);
    assert_false(log_on(DEBUG, actor));
}

static void expect_bad_spec(const char *spec, const char *why)
{
    strbuf_t error = {0};
    assert_int_equal(log_set_spec(slice_of(spec), &error), GW_EPARSE);
    assert_slice(strbuf_slice(&error), why);
    strbuf_fini(&error);
}

static void test_a_bad_spec_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(log_set_spec(SLICE("warn"), NULL), 0);
    const char *levels = "is no level; there are off, error, warn, info, debug and trace";
    char why[128];
    snprintf(why, sizeof(why), "\"loud\" %s", levels);
    expect_bad_spec("trace,router=loud", why);
    snprintf(why, sizeof(why), "\"\" %s", levels);
    expect_bad_spec("trace,,info", why);
    expect_bad_spec("trace,nobody=info", "there is no component \"nobody\"");
    assert_int_equal(log_set_spec(SLICE("nobody=info"), NULL), GW_EPARSE);
    assert_int_equal(log_check_spec(SLICE("nobody=info"), NULL), GW_EPARSE);
    assert_int_equal(log_check_spec(SLICE("trace"), NULL), 0); /* and that is all */
    assert_false(log_on(INFO, router));
}

static void test_the_spec_can_be_read_back(void **state)
{
    (void)state;
    strbuf_t spec = {0};
    log_set_spec(SLICE("debug,router=warn,actor=trace"), NULL);
    log_get_spec(&spec);
    assert_slice(strbuf_slice(&spec), "debug,actor=trace,router=warn");
    assert_int_equal(log_set_spec(strbuf_slice(&spec), NULL), 0);
    strbuf_fini(&spec);
}

static void test_a_long_value_is_cut_and_marked(void **state)
{
    (void)state;
    char value[5000];
    memset(value, '\x01', sizeof(value)); /* six bytes each in JSON */
    log_info(router, "TEST-LONG", "long", log_str("v", slice_make(value, sizeof(value))),
             log_u64("after", 7));
    json_t *object = captured_object();
    const char *cut = text_of(object, "v");
    assert_int_equal(strlen(cut), LOG_VALUE_MAX / 6 + 3);
    assert_string_equal(cut + LOG_VALUE_MAX / 6, "\xe2\x80\xa6");
    assert_int_equal(json_integer_value(json_object_get(object, "after")), 7);
    assert_true(json_is_true(json_object_get(object, "truncated")));
    json_decref(object);
}

static void expect_line_of_limited_size(size_t len)
{
    char value[2000];
    memset(value, 'x', sizeof(value));
    slice_t v = slice_make(value, len);
    captured.len = 0;
    log_info(router, "TEST-FULL", "full", log_str("a", v), log_str("b", v), log_str("c", v),
             log_str("d", v), log_str("e", v), log_u64("n", INT64_MAX), log_str("f", v),
             log_i64("m", INT64_MIN), log_bool("t", true));
    assert_true(captured.len <= LOG_LINE_MAX);
    json_t *object = captured_object();
    bool whole =
        json_object_get(object, "t") && json_object_get(object, "m") && len <= LOG_VALUE_MAX;
    if (!whole)
        assert_true(json_is_true(json_object_get(object, "truncated")));
    json_decref(object);
}

static void test_no_line_is_longer_than_the_limit(void **state)
{
    (void)state;
    for (size_t len = 0; len < 1100; len++)
        expect_line_of_limited_size(len);
    assert_true(captured.len > LOG_LINE_MAX - 100); /* and the room is used */
}

static void test_text_lines(void **state)
{
    (void)state;
    const log_field_t fields[] = {log_text("name", "web"), log_text("why", "no room"),
                                  log_text("empty", ""), log_u64("port", 80)};
    const log_event_t event = {.wall_ns = UINT64_C(1795514105123999999),
                               .level = LOG_LEVEL_WARN,
                               .component = LOG_COMPONENT_listener,
                               .id = "TEST-TEXT",
                               .msg = "as text",
                               .fields = fields,
                               .count = 4};
    log_line_format(&event, LOG_FORMAT_TEXT, &captured);
    assert_slice(strbuf_slice(&captured),
                 "2026-11-24T09:55:05.123Z warn  listener TEST-TEXT: as text name=web "
                 "why=\"no room\" empty=\"\" port=80\n");
}

static void test_a_long_text_line_is_cut_too(void **state)
{
    (void)state;
    char value[LOG_LINE_MAX];
    memset(value, 'x', sizeof(value));
    slice_t v = slice_make(value, sizeof(value));
    const log_field_t fields[] = {log_str("a", v), log_str("b", v), log_str("c", v),
                                  log_str("d", v), log_str("e", v)};
    const log_event_t event = {.id = "TEST-TEXT", .msg = "long", .fields = fields, .count = 5};
    log_line_format(&event, LOG_FORMAT_TEXT, &captured);
    assert_true(captured.len <= LOG_LINE_MAX);
    assert_true(slice_ends_with(strbuf_slice(&captured), SLICE(" truncated=true\n")));
}

/* Logs `lines` lines and says how many of them were dropped. */
static uint64_t log_lines(int lines)
{
    log_counters_t before, after;
    log_read_counters(&before);
    for (int i = 0; i < lines; i++)
        log_info(router, "TEST-SINK", "a line", log_i64("n", i));
    log_read_counters(&after);
    assert_int_equal(after.lines[LOG_LEVEL_INFO] - before.lines[LOG_LEVEL_INFO], lines);
    return after.dropped - before.dropped;
}

static size_t count_lines(int fd)
{
    char bytes[4096];
    size_t lines = 0;
    ssize_t got;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < got; i++)
            lines += bytes[i] == '\n';
    }
    return lines;
}

static void expect_full_sink_drops(int reader, int writer)
{
    enum { LINES = 20000 }; /* more than any buffer here holds */
    log_capture(NULL, NULL);
    log_open(writer, LOG_FORMAT_JSON);
    uint64_t dropped = log_lines(LINES);
    assert_true(dropped > 0 && dropped < LINES);
    assert_int_equal(count_lines(reader), LINES - dropped);
    assert_int_equal(log_lines(1), 0); /* there is room again */
    log_close();
    close(reader);
    close(writer);
}

static void test_a_full_pipe_drops_and_counts(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    expect_full_sink_drops(ends[0], ends[1]);
}

static void test_a_full_socket_drops_and_counts(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    expect_full_sink_drops(ends[0], ends[1]);
}

static void test_the_callers_pipe_stays_blocking(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    log_open(ends[1], LOG_FORMAT_TEXT);
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    log_close();
    assert_int_equal(close(ends[1]), 0);
    close(ends[0]);
}

static void test_the_default_sink_does_not_block_either(void **state)
{
    (void)state;
    int ends[2], stderr_copy = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    log_capture(NULL, NULL);
    uint64_t dropped = log_lines(2000);
    dup2(stderr_copy, STDERR_FILENO);
    close(stderr_copy);
    close(ends[1]);
    assert_true(dropped > 0 && dropped < 2000);
    assert_int_equal(count_lines(ends[0]), 2000 - dropped);
    close(ends[0]);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_file_may_be_shared(void **state)
{
    (void)state;
    char path[32], text[2048] = "";
    FILE *file = tmpfile();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
    int access_log = open(path, O_WRONLY | O_APPEND);
    log_capture(NULL, NULL);
    log_open(fileno(file), LOG_FORMAT_JSON);
    assert_int_equal(log_lines(1), 0);
    assert_int_equal(write(access_log, "other\n", 6), 6);
    assert_int_equal(log_lines(1), 0);
    assert_true(fread(text, 1, sizeof(text) - 1, (rewind(file), file)) > 0);
    assert_non_null(strstr(text, "}\nother\n{\"time\":"));
    close(access_log);
    fclose(file);
}

static void test_a_torn_line_does_not_spoil_the_next(void **state)
{
    (void)state;
    char text[2048];
    FILE *file = tmpfile();
    log_capture(NULL, NULL);
    log_open(fileno(file), LOG_FORMAT_JSON);
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(600); /* the disk is full after a few lines */
    uint64_t dropped = log_lines(10);
    limit_file_size(0);
    assert_int_equal(log_lines(1), 0);
    size_t len = fread(text, 1, sizeof(text), (rewind(file), file));
    size_t last = slice_chr(slice_make(text + 600, len - 600), '\n'); /* ends the torn one */
    assert_int_equal(last, 0);
    assert_true(slice_starts_with(slice_make(text + 601, len - 601), SLICE("{\"time\":")));
    assert_true(dropped > 0 && dropped < 10);
    fclose(file);
}

static void test_errno_survives_a_line(void **state)
{
    (void)state;
    log_capture(NULL, NULL);
    log_open(-1, LOG_FORMAT_JSON);
    errno = ENOTTY;
    log_info(router, "TEST-ERRNO", "to nowhere");
    assert_int_equal(errno, ENOTTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line_has_its_fixed_fields_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fields_keep_their_type, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_level_that_is_off_evaluates_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_levels_per_component, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_bad_spec_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_spec_can_be_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_long_value_is_cut_and_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_line_is_longer_than_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_long_text_line_is_cut_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_pipe_drops_and_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_socket_drops_and_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_callers_pipe_stays_blocking, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_default_sink_does_not_block_either, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_file_may_be_shared, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_torn_line_does_not_spoil_the_next, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errno_survives_a_line, setup, teardown),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
