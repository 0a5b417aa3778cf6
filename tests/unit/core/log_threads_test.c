/*
 * Several threads log into one pipe while another one changes the levels: every line arrives
 * whole, or is dropped and counted. Runs under TSAN.
 */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "core/log.h"
#include "tests/unit/test.h"

enum { THREADS = 4, LINES = 2000 };

static void *talk(void *context)
{
    uint64_t thread = (uint64_t)(uintptr_t)context;
    for (uint64_t i = 0; i < LINES; i++) {
        log_error(router, "TEST-THREADS", "a line", log_u64("thread", thread), log_u64("n", i));
        log_debug(router, "TEST-THREADS", "at times", log_u64("thread", thread));
    }
    return NULL;
}

static void *change_levels(void *context)
{
    (void)context;
    for (int i = 0; i < LINES; i++)
        log_set_spec(i % 2 ? SLICE("info") : SLICE("info,router=trace"), NULL);
    return NULL;
}

/* Reads to the end; counts the lines and those among them that are not whole. */
typedef struct reader {
    int fd;
    uint64_t lines, broken;
} reader_t;

static void check_line(reader_t *reader, slice_t line)
{
    reader->lines++;
    if (!slice_starts_with(line, SLICE("{\"time\":\"")) || line.base[line.len - 1] != '}')
        reader->broken++;
}

static void *read_lines(void *context)
{
    reader_t *reader = context;
    strbuf_t text = {0};
    ssize_t got;
    while ((got = read(reader->fd, strbuf_room(&text, 4096), 4096)) > 0) {
        text.len += (size_t)got;
        slice_t rest = strbuf_slice(&text);
        for (size_t end; (end = slice_chr(rest, '\n')) < rest.len;) {
            check_line(reader, slice_sub(rest, 0, end));
            rest = slice_sub(rest, end + 1, rest.len);
        }
        memmove(text.base, rest.base, rest.len);
        text.len = rest.len;
    }
    reader->broken += text.len > 0;
    strbuf_fini(&text);
    return NULL;
}

static uint64_t lines_written(void)
{
    log_counters_t counters;
    uint64_t lines = 0;
    log_read_counters(&counters);
    for (int level = 0; level < LOG_LEVEL_COUNT; level++)
        lines += counters.lines[level];
    return lines - counters.dropped;
}

/* All threads log into `ends`, which were opened with `log_open` or are descriptor 2. */
static void expect_whole_lines(int ends[2])
{
    pthread_t talkers[THREADS], changer, reading;
    reader_t reader = {.fd = ends[0]};
    uint64_t before = lines_written();
    pthread_create(&reading, NULL, read_lines, &reader);
    pthread_create(&changer, NULL, change_levels, NULL);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&talkers[i], NULL, talk, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(talkers[i], NULL);
    pthread_join(changer, NULL);
    log_close();
    close(ends[1]);
    pthread_join(reading, NULL);
    close(ends[0]);
    assert_int_equal(reader.broken, 0);
    assert_int_equal(reader.lines, lines_written() - before);
    assert_true(reader.lines > 0);
}

static void test_lines_of_threads_do_not_mix(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    log_open(ends[1], LOG_FORMAT_JSON);
    expect_whole_lines(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_threads_do_not_mix),
    };
    return cmocka_run_group_tests_name("log_threads", tests, NULL, NULL);
}
