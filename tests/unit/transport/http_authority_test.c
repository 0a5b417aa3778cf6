#include "transport/http_authority.h"

#include "core/error.h"
#include "tests/unit/test.h"

/* RFC 9110 section 7.2, RFC 3986 section 3.2.2. */
static void test_a_host_is_read_in_lower_case_and_without_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        uint16_t port;
    } CASES[] = {
        {"example.com", "example.com", 0},
        {"EXAMPLE.com:8080", "example.com", 8080},
        {"a", "a", 0},
        {"a_b-1.example", "a_b-1.example", 0},
        {"example.com.", "example.com", 0},
        {"example.com.:80", "example.com", 80},
        {"127.0.0.1:10080", "127.0.0.1", 10080},
        {"[::1]", "[::1]", 0},
        {"[2001:DB8::1]:65535", "[2001:db8::1]", 65535},
        {"[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]", 1},
        {"a-name-longer.than-one-block.example", "a-name-longer.than-one-block.example", 0},
        {"sixteen-bytes-ok:7", "sixteen-bytes-ok", 7},
        {"sixteen-bytes-o.k", "sixteen-bytes-o.k", 0},
        {"a:00080", "a", 80},
    };
    arena_t arena = {0};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        http_authority_t got;
        assert_int_equal(http_authority_parse(slice_of(CASES[i].text), &arena, &got), 0);
        assert_slice(got.host, CASES[i].host);
        assert_int_equal(got.port, CASES[i].port);
    }
    arena_fini(&arena);
}

static void test_what_is_no_plain_host_is_refused(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "",
        ".",
        "..",
        ".a",
        "a..b",
        "a.b..",
        "a:",
        "a:0",
        "a:65536",
        "a:1x",
        "a:-1",
        "a:000080",
        "a:80:80",
        "user@a",
        "a/b",
        "a b",
        "a,b",
        "a%20b",
        "a\\b",
        "[::1",
        "[]",
        "[::1]x",
        "[::g]",
        "[fe80::1%25eth0]",
        "[v1.a]",
        "::1",
        "a#",
        "a?b",
        "\xc3\xa9.example",
        "sixteen-bytes-o..k",
        "sixteen-bytes-ok@b",
        "http://a",
        "[1.2.3.4]",
    };
    arena_t arena = {0};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        http_authority_t got = {.port = 77};
        assert_int_equal(http_authority_parse(slice_of(CASES[i]), &arena, &got), GW_EPARSE);
        assert_int_equal(got.port, 77);
    }
    http_authority_t got;
    assert_int_equal(http_authority_parse(SLICE("a\0b"), &arena, &got), GW_EPARSE);
    assert_int_equal(http_authority_parse(SLICE("[::1\0]"), &arena, &got), GW_EPARSE);
    arena_fini(&arena);
}

static void test_a_name_may_have_255_bytes(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_authority_t got;
    char text[512];
    memset(text, 'a', sizeof(text));
    assert_int_equal(http_authority_parse(slice_make(text, 255), &arena, &got), 0);
    assert_int_equal(got.host.len, 255);
    assert_int_equal(http_authority_parse(slice_make(text, 256), &arena, &got), GW_EPARSE);
    assert_int_equal(http_authority_parse(slice_make(text, 512), &arena, &got), GW_EPARSE);
    arena_fini(&arena);
}

static void test_a_lower_case_host_is_not_copied(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_authority_t got;
    slice_t text = SLICE("example.com:80");
    assert_int_equal(http_authority_parse(text, &arena, &got), 0);
    assert_ptr_equal(got.host.base, text.base);
    assert_int_equal(arena_heap_size(&arena), 0);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_is_read_in_lower_case_and_without_port),
        cmocka_unit_test(test_what_is_no_plain_host_is_refused),
        cmocka_unit_test(test_a_name_may_have_255_bytes),
        cmocka_unit_test(test_a_lower_case_host_is_not_copied),
    };
    return cmocka_run_group_tests_name("http_authority", tests, NULL, NULL);
}
