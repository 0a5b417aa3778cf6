#include "transport/http.h"

#include "tests/unit/test.h"

static const struct known {
    const char *name;
    http_header_id_t id;
} KNOWN[] = {
#define KNOWN_ENTRY(id, name) {name, HTTP_HEADER_##id},
    HTTP_KNOWN_HEADERS(KNOWN_ENTRY)
#undef KNOWN_ENTRY
};

enum { KNOWN_COUNT = sizeof(KNOWN) / sizeof(KNOWN[0]), NAME_ROOM = 64 };

static void test_every_known_name_is_found_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        char upper[NAME_ROOM] = {0};
        slice_t name = slice_of(KNOWN[i].name);
        for (size_t k = 0; k < name.len; k++)
            upper[k] = (char)(name.base[k] >= 'a' ? name.base[k] - 0x20 : name.base[k]);
        assert_int_equal(http_header_lookup(name), KNOWN[i].id);
        assert_int_equal(http_header_lookup(slice_of(upper)), KNOWN[i].id);
        assert_slice(http_header_name(KNOWN[i].id), KNOWN[i].name);
    }
}

/* A name that differs in one byte, also in the bit that tells the case of letters, is another. */
static void test_a_name_that_is_off_by_one_byte_is_not_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        size_t len = strlen(KNOWN[i].name);
        for (size_t at = 0; at < len; at++) {
            for (int bit = 0; bit < 8; bit++) {
                char name[NAME_ROOM];
                memcpy(name, KNOWN[i].name, len);
                name[at] = (char)(name[at] ^ 1 << bit);
                bool same = bit == 5 && KNOWN[i].name[at] != '-';
                http_header_id_t id = http_header_lookup(slice_make(name, len));
                assert_int_equal(id, same ? KNOWN[i].id : HTTP_HEADER_OTHER);
            }
        }
    }
}

static void test_other_names_are_other(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"",
                                        "a",
                                        "accept",
                                        "content-lengt",
                                        "content-length2",
                                        "x-forwarded-foo",
                                        "proxy-authorizationx"};
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
        assert_int_equal(http_header_lookup(slice_of(NAMES[i])), HTTP_HEADER_OTHER);
}

static void test_fields_are_kept_in_order_and_found(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_headers_t headers = {0};
    http_headers_add(&headers, &arena, SLICE("X-A"), SLICE("1"), HTTP_HEADER_OTHER);
    http_headers_add(&headers, &arena, SLICE("Host"), SLICE("h"), HTTP_HEADER_HOST);
    http_headers_add(&headers, &arena, SLICE("x-a"), SLICE("2"), HTTP_HEADER_OTHER);

    assert_int_equal(headers.count, 3);
    assert_slice(http_headers_get(&headers, HTTP_HEADER_HOST)->value, "h");
    assert_null(http_headers_get(&headers, HTTP_HEADER_VIA));
    assert_slice(http_headers_find(&headers, SLICE("x-A"))->value, "1");
    assert_slice(http_headers_find(&headers, SLICE("HOST"))->value, "h");
    assert_null(http_headers_find(&headers, SLICE("x-b")));
    arena_fini(&arena);
}

static void test_a_table_grows_and_keeps_its_fields(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_headers_t headers = {0};
    char text[200];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)i;
        http_headers_add(&headers, &arena, SLICE("n"), slice_make(&text[i], 1), HTTP_HEADER_OTHER);
    }
    assert_int_equal(headers.count, sizeof(text));
    assert_true(headers.capacity >= headers.count);
    for (size_t i = 0; i < sizeof(text); i++)
        assert_ptr_equal(headers.at[i].value.base, &text[i]);
    arena_fini(&arena);
}

static void test_reserving_less_than_there_is_changes_nothing(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_headers_t headers = {0};
    http_headers_reserve(&headers, &arena, 16);
    const http_header_t *at = headers.at;
    http_headers_reserve(&headers, &arena, 4);
    assert_ptr_equal(headers.at, at);
    assert_int_equal(headers.capacity, 16);
    arena_fini(&arena);
}

static void test_a_status_has_its_phrase(void **state)
{
    (void)state;
    assert_slice(http_status_reason(200), "OK");
    assert_slice(http_status_reason(404), "Not Found");
    assert_slice(http_status_reason(503), "Service Unavailable");
    assert_slice(http_status_reason(299), "");
    assert_slice(http_status_reason(0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_known_name_is_found_in_any_case),
        cmocka_unit_test(test_a_name_that_is_off_by_one_byte_is_not_known),
        cmocka_unit_test(test_other_names_are_other),
        cmocka_unit_test(test_fields_are_kept_in_order_and_found),
        cmocka_unit_test(test_a_table_grows_and_keeps_its_fields),
        cmocka_unit_test(test_reserving_less_than_there_is_changes_nothing),
        cmocka_unit_test(test_a_status_has_its_phrase),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
