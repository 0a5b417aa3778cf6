#include "metrics/process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/test.h"

static void test_the_numbers_are_those_of_this_process(void **state)
{
    (void)state;
    process_series_t before = {0}, after = {0};
    struct rlimit files;
    process_read(&before);
    int fd = open("/dev/null", O_RDONLY);
    process_read(&after);
    close(fd);
    getrlimit(RLIMIT_NOFILE, &files);
    assert_int_equal(after.open_fds, before.open_fds + 1);
    assert_int_equal(after.max_fds, files.rlim_cur);
    assert_true(after.threads >= 1);
    assert_true(after.resident_memory > 100000);
    assert_true(after.virtual_memory > after.resident_memory);
    assert_true(after.cpu > 0 && after.cpu >= before.cpu);
}

static void test_the_start_is_in_the_near_past_and_stays(void **state)
{
    (void)state;
    process_series_t series = {0};
    process_read(&series);
    int64_t start = series.start_time, now = (int64_t)time(NULL) * 1000000000;
    assert_true(start > now - INT64_C(600000000000) && start < now + INT64_C(2000000000));
    process_read(&series);
    assert_int_equal(series.start_time, start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_numbers_are_those_of_this_process),
        cmocka_unit_test(test_the_start_is_in_the_near_past_and_stays),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
