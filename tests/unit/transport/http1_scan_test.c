#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"
#include "transport/http1.h"

static const http1_limits_t LIMITS = HTTP1_LIMITS_DEFAULT;
static const slice_t REQUEST = SLICE("GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n");

/* Scans the bytes as they would come one by one, each time in memory of just that size. */
static int scan_bytewise(http1_scan_t *scan, slice_t raw, http1_reject_t *why, size_t *ret_seen)
{
    int result = GW_EAGAIN;
    size_t len = 0;
    while (result == GW_EAGAIN && len < raw.len) {
        len++;
        char *bytes = xmalloc(len);
        memcpy(bytes, raw.base, len);
        result = http1_scan_head(scan, slice_make(bytes, len), &LIMITS, why);
        free(bytes);
    }
    *ret_seen = len;
    return result;
}

static void test_a_head_ends_with_its_empty_line(void **state)
{
    (void)state;
    http1_scan_t scan = {0};
    http1_reject_t why;
    assert_int_equal(http1_scan_head(&scan, REQUEST, &LIMITS, &why), 0);
    assert_int_equal(scan.start, 0);
    assert_int_equal(scan.len, REQUEST.len);
}

static void test_a_head_that_comes_byte_by_byte_is_found_at_its_last_byte(void **state)
{
    (void)state;
    http1_scan_t scan = {0};
    http1_reject_t why;
    size_t seen;
    assert_int_equal(scan_bytewise(&scan, REQUEST, &why, &seen), 0);
    assert_int_equal(seen, REQUEST.len);
    assert_int_equal(scan.len, REQUEST.len);
}

static void test_what_stands_behind_a_head_is_left_alone(void **state)
{
    (void)state;
    for (size_t behind = 0; behind < 40; behind++) {
        http1_scan_t scan = {0};
        http1_reject_t why;
        char bytes[128];
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, REQUEST.base, REQUEST.len);
        slice_t in = slice_make(bytes, REQUEST.len + behind);
        assert_int_equal(http1_scan_head(&scan, in, &LIMITS, &why), 0);
        assert_int_equal(scan.len, REQUEST.len);
    }
}

static void test_the_first_of_two_heads_is_found(void **state)
{
    (void)state;
    http1_scan_t scan = {0};
    http1_reject_t why;
    strbuf_t both = {0};
    strbuf_add(&both, REQUEST);
    strbuf_add(&both, REQUEST);
    assert_int_equal(http1_scan_head(&scan, strbuf_slice(&both), &LIMITS, &why), 0);
    assert_int_equal(scan.len, REQUEST.len);
    strbuf_fini(&both);
}

/* RFC 9112 section 2.2. */
static void test_one_empty_line_in_front_of_a_request_is_skipped(void **state)
{
    (void)state;
    slice_t raw = SLICE("\r\nGET / HTTP/1.1\r\n\r\nrest");
    http1_scan_t whole = {0}, bytewise = {0};
    http1_reject_t why;
    size_t seen;
    assert_int_equal(http1_scan_head(&whole, raw, &LIMITS, &why), 0);
    assert_int_equal(whole.start, 2);
    assert_int_equal(whole.len, 18);
    assert_int_equal(scan_bytewise(&bytewise, raw, &why, &seen), 0);
    assert_int_equal(bytewise.start, 2);
    assert_int_equal(bytewise.len, 18);
    assert_int_equal(seen, 20);
}

static void test_asking_again_without_new_bytes_changes_nothing(void **state)
{
    (void)state;
    char *bytes = xmalloc(2);
    memcpy(bytes, "\r\n", 2);
    http1_scan_t scan = {0};
    http1_reject_t why;
    assert_int_equal(http1_scan_head(&scan, slice_make(bytes, 2), &LIMITS, &why), GW_EAGAIN);
    assert_int_equal(http1_scan_head(&scan, slice_make(bytes, 2), &LIMITS, &why), GW_EAGAIN);
    assert_int_equal(scan.start, 2);
    free(bytes);
}

static void test_no_empty_line_stands_in_front_of_a_response(void **state)
{
    (void)state;
    slice_t raw = SLICE("\r\nHTTP/1.1 200 OK\r\n\r\n");
    http1_scan_t whole = {.response = true}, bytewise = {.response = true};
    http1_reject_t why;
    size_t seen;
    assert_int_equal(http1_scan_head(&whole, raw, &LIMITS, &why), GW_EPARSE);
    assert_int_equal(why.id, HTTP1_EMPTY_LINE);
    assert_int_equal(scan_bytewise(&bytewise, raw, &why, &seen), GW_EPARSE);
    assert_int_equal(seen, 2);
}

/* Who speaks something else learns it from the first wrong byte, not from a timeout. */
static void test_what_can_become_no_head_is_refused_at_once(void **state)
{
    (void)state;
    static const struct {
        slice_t raw;
        http1_reject_id_t why;
        size_t seen;
    } CASES[] = {
        {SLICE("\x16\x03\x01"), HTTP1_CONTROL, 1},
        {SLICE("GET / HTTP/1.1\nHost: a\n\n"), HTTP1_BARE_LF, 15},
        {SLICE("GET / HTTP/1.1\rHost"), HTTP1_BARE_CR, 16},
        {SLICE("GET / HTTP/1.1\r\nX: a\0b"), HTTP1_CONTROL, 21},
        {SLICE("GET / HTTP/1.1\r\n\n"), HTTP1_BARE_LF, 17},
        {SLICE("\r\n\r\nGET"), HTTP1_EMPTY_LINE, 4},
        {SLICE("\r\n\n"), HTTP1_BARE_LF, 3},
        {SLICE("\rG"), HTTP1_BARE_CR, 2},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        http1_scan_t scan = {0};
        http1_reject_t why = {0};
        size_t seen;
        assert_int_equal(scan_bytewise(&scan, CASES[i].raw, &why, &seen), GW_EPARSE);
        assert_int_equal(why.id, CASES[i].why);
        assert_int_equal(seen, CASES[i].seen);
    }
}

static void test_only_an_empty_line_ends_a_head(void **state)
{
    (void)state;
    http1_scan_t scan = {0};
    http1_reject_t why;
    slice_t in = SLICE("GET / HTTP/1.1\r\nX: a\nb\nHost: example.com\r\n");
    assert_int_equal(http1_scan_head(&scan, in, &LIMITS, &why), GW_EPARSE);
    assert_int_equal(why.id, HTTP1_BARE_LF);
}

static void test_a_head_that_does_not_end_hits_its_limit(void **state)
{
    (void)state;
    http1_limits_t limits = {100, 8192, 100};
    char bytes[200];
    memset(bytes, 'a', sizeof(bytes));
    memcpy(bytes, "GET / HTTP/1.1\r\n", 16);
    http1_scan_t scan = {0};
    http1_reject_t why;
    assert_int_equal(http1_scan_head(&scan, slice_make(bytes, 100), &limits, &why), GW_EAGAIN);
    assert_int_equal(http1_scan_head(&scan, slice_make(bytes, 101), &limits, &why), GW_EPARSE);
    assert_int_equal(why.status, 431);
}

static void test_a_request_line_that_does_not_end_is_a_target_too_long(void **state)
{
    (void)state;
    http1_limits_t limits = {65536, 100, 100};
    char bytes[200];
    memset(bytes, 'a', sizeof(bytes));
    http1_scan_t scan = {0}, response = {.response = true};
    http1_reject_t why;
    slice_t in = slice_make(bytes, sizeof(bytes));
    assert_int_equal(http1_scan_head(&scan, in, &limits, &why), GW_EPARSE);
    assert_int_equal(why.status, 414);
    assert_int_equal(http1_scan_head(&response, in, &limits, &why), GW_EAGAIN);
}

static void test_an_empty_buffer_needs_more(void **state)
{
    (void)state;
    http1_scan_t scan = {0};
    http1_reject_t why;
    slice_t nothing = {NULL, 0};
    assert_int_equal(http1_scan_head(&scan, nothing, &LIMITS, &why), GW_EAGAIN);
    assert_int_equal(http1_scan_head(&scan, REQUEST, &LIMITS, &why), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head_ends_with_its_empty_line),
        cmocka_unit_test(test_a_head_that_comes_byte_by_byte_is_found_at_its_last_byte),
        cmocka_unit_test(test_what_stands_behind_a_head_is_left_alone),
        cmocka_unit_test(test_the_first_of_two_heads_is_found),
        cmocka_unit_test(test_one_empty_line_in_front_of_a_request_is_skipped),
        cmocka_unit_test(test_asking_again_without_new_bytes_changes_nothing),
        cmocka_unit_test(test_no_empty_line_stands_in_front_of_a_response),
        cmocka_unit_test(test_what_can_become_no_head_is_refused_at_once),
        cmocka_unit_test(test_only_an_empty_line_ends_a_head),
        cmocka_unit_test(test_a_head_that_does_not_end_hits_its_limit),
        cmocka_unit_test(test_a_request_line_that_does_not_end_is_a_target_too_long),
        cmocka_unit_test(test_an_empty_buffer_needs_more),
    };
    return cmocka_run_group_tests_name("http1_scan", tests, NULL, NULL);
}
