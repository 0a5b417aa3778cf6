#include "gatewayapi/syntax.h"

#include "core/error.h"
#include "tests/unit/test.h"

/* accepts asserts what a check says of each of two lists, which end with NULL. */
static void accepts(syntax_check_t check, const char *const *good, const char *const *bad)
{
    for (; *good; good++)
        if (check(slice_of(*good)) != NULL)
            fail_msg("\"%s\" is refused: %s", *good, check(slice_of(*good)));
    for (; *bad; bad++)
        if (check(slice_of(*bad)) == NULL)
            fail_msg("\"%s\" is accepted", *bad);
}

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void test_names(void **state)
{
    (void)state;
    accepts(syntax_dns_label, LIST("a", "a-b", "0a"),
            LIST("", "-a", "a-", "A", "a.b", "a_b",
                 "a23456789012345678901234567890123456789012345678901234567890123x"));
    accepts(syntax_subdomain, LIST("a", "a.b-c.d1"), LIST("", "a..b", ".a", "a.", "a.-b", "A.b"));
    accepts(syntax_group, LIST("", "example.com"), LIST("a..b", "/"));
    accepts(syntax_kind, LIST("Gateway", "a-1"), LIST("", "1a", "a-", "a b"));
    accepts(syntax_port_name, LIST("http", "a1"), LIST("", "1", "Http", "a_b"));
    accepts(syntax_protocol, LIST("HTTP", "x-y", "example.com/P"), LIST("", "-x", "a/b c", "a/"));
    accepts(syntax_controller, LIST("example.com/a", "e.com/a/b%~"),
            LIST("", "example.com", "example.com/", "E.com/a", "e.com/a b"));
}

static void test_hostnames(void **state)
{
    (void)state;
    accepts(syntax_hostname, LIST("a", "a.example.com", "*.example.com", "*.com"),
            LIST("", "*", "*.", "*a.com", "a.*.com", "A.com", "1.2.3.4", "a.com:80", "[::1]"));
    accepts(syntax_precise_hostname, LIST("a.example.com"), LIST("*.example.com", "1.2.3.4"));
}

static void test_paths(void **state)
{
    (void)state;
    accepts(syntax_path, LIST("/", "/a", "/a/", "/a%20b", "/a/...", "/~!$&'()*+,;=:@-._"),
            LIST("", "a", "//", "/a//b", "/./a", "/a/../b", "/a/.", "/a/..", "/a%2Fb", "/a%2fb",
                 "/a#b", "/a?b", "/a b", "/%2", "/%zz", "/\xc3\xa4"));
}

static void test_header_names(void **state)
{
    (void)state;
    accepts(syntax_header_name, LIST("a", "X-A_b.c", "!#$%&'*+-.^_`|~"),
            LIST("", "a b", "a:", "a/b", "\xc3\xa4"));
}

static void test_labels(void **state)
{
    (void)state;
    accepts(syntax_label_key, LIST("a", "A_b.c-d", "example.com/a"),
            LIST("", "-a", "/a", "example.com/", "A.com/a", "a/b/c"));
    accepts(syntax_label_value, LIST("", "a", "A_b.c-9"), LIST("-a", "a b", "a/b"));
}

static void test_addresses(void **state)
{
    (void)state;
    accepts(syntax_ip, LIST("10.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"),
            LIST("", "10.0.0", "10.0.0.256", "fe80::1%eth0", "a", "[::1]"));
}

static void test_durations_of_gep_2257(void **state)
{
    (void)state;
    const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"0s", 0},          {"500ms", 500},           {"10s", 10000},    {"1h30m", 5400000},
                {"1m1s1ms", 61001}, {"99999h", 359996400000}, {"1s1s1s1s", 4000}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t ms = 1;
        assert_int_equal(duration_parse(slice_of(good[i].text), &ms), 0);
        assert_int_equal(ms, good[i].ms);
    }
    accepts(syntax_duration, LIST("1s"),
            LIST("", "1", "s", "1.5s", "-1s", "100000s", "1s1s1s1s1s", "1d", "1s ", "1 s"));
}

static void assert_time(const char *text, int64_t expected)
{
    int64_t ms = -1;
    assert_int_equal(time_parse(slice_of(text), &ms), 0);
    assert_int_equal(ms, expected);
}

static void test_times_of_rfc_3339(void **state)
{
    (void)state;
    assert_time("1970-01-01T00:00:00Z", 0);
    assert_time("2000-02-29T12:00:00Z", 951825600000);
    assert_time("2026-11-24T10:00:00.25Z", 1795514400250);
    assert_time("2026-11-24t12:30:00+02:30", 1795514400000);
    assert_time("1969-12-31T23:59:59-00:00", -1000);
    accepts(syntax_time, LIST("2024-02-29T00:00:00Z"),
            LIST("", "2024", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-04-31T00:00:00Z",
                 "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z",
                 "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00+2:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_hostnames),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_header_names),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_durations_of_gep_2257),
        cmocka_unit_test(test_times_of_rfc_3339),
    };
    return cmocka_run_group_tests_name("syntax", tests, NULL, NULL);
}
