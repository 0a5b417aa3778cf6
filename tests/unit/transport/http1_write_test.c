#include "transport/http1_write.h"

#include "core/mem.h"
#include "tests/unit/test.h"
#include "transport/http1.h"

static const http1_limits_t LIMITS = HTTP1_LIMITS_DEFAULT;
static const http_headers_t NO_FIELDS = {0};

/* Writes into memory of exactly the announced size, so that ASAN sees a byte too much. */
static slice_t put_request(const http1_request_out_t *out, arena_t *arena)
{
    size_t size = http1_request_size(out);
    char *memory = xmalloc(size), *end = http1_request_put(out, memory);
    assert_true((size_t)(end - memory) <= size);
    slice_t text = arena_dup(arena, slice_make(memory, (size_t)(end - memory)));
    free(memory);
    return text;
}

static slice_t put_response(const http1_response_out_t *out, arena_t *arena)
{
    size_t size = http1_response_size(out);
    char *memory = xmalloc(size), *end = http1_response_put(out, memory);
    assert_true((size_t)(end - memory) <= size);
    slice_t text = arena_dup(arena, slice_make(memory, (size_t)(end - memory)));
    free(memory);
    return text;
}

static void read_request(const char *raw, arena_t *arena, http_request_head_t *ret)
{
    slice_t head = arena_dup(arena, slice_of(raw));
    http1_reject_t why;
    assert_int_equal(http1_parse_request((char *)head.base, head.len, arena, &LIMITS, ret, &why),
                     0);
}

static void read_response(const char *raw, arena_t *arena, http_response_head_t *ret)
{
    slice_t head = arena_dup(arena, slice_of(raw));
    http1_reject_t why;
    http1_asked_t asked = {0};
    assert_int_equal(
        http1_parse_response((char *)head.base, head.len, arena, &LIMITS, asked, ret, &why), 0);
}

static http1_request_out_t request_of(const http_request_head_t *head)
{
    return (http1_request_out_t){
        .method = head->method,
        .path = head->path,
        .query = head->query,
        .has_query = head->has_query,
        .host = head->authority,
        .headers = &head->headers,
        .framing = head->framing,
        .content_length = head->content_length,
        .keep_alive = true,
        .expect_continue = head->expect_continue,
    };
}

static http1_response_out_t response_of(const http_response_head_t *head)
{
    return (http1_response_out_t){
        .status = head->status,
        .reason = head->reason,
        .headers = &head->headers,
        .framing = head->framing,
        .content_length = head->content_length,
        .client_minor = 1,
        .keep_alive = true,
    };
}

/* RFC 9110 section 7.6.1. */
static void test_end_to_end_fields_pass_and_others_do_not(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_request_head_t head;
    read_request("GET /a?b HTTP/1.1\r\nHost: example.com\r\nKeep-Alive: 5\r\nAccept: */*\r\n"
                 "Connection: keep-alive, x-hop\r\nProxy-Connection: x\r\nTE: trailers\r\n"
                 "X-Hop: 1\r\nTrailer: X\r\nUpgrade: h2c\r\nProxy-Authorization: s\r\n"
                 "User-Agent:u\r\nX-Empty:\r\n\r\n",
                 &arena, &head);
    http1_request_out_t out = request_of(&head);
    assert_slice(put_request(&out, &arena), "GET /a?b HTTP/1.1\r\nHost: example.com\r\n"
                                            "Accept: */*\r\nUser-Agent: u\r\nX-Empty: \r\n\r\n");
    arena_fini(&arena);
}

static void test_added_fields_replace_dropped_ones(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_request_head_t head;
    read_request("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX: y\r\n\r\n", &arena,
                 &head);
    http_headers_t added = {0};
    http_headers_add(&added, &arena, SLICE("X-Forwarded-For"), SLICE("1.1.1.1, 2.2.2.2"),
                     HTTP_HEADER_X_FORWARDED_FOR);
    http_headers_add(&added, &arena, SLICE("X-Request-Id"), SLICE("i"), HTTP_HEADER_X_REQUEST_ID);
    http1_request_out_t out = request_of(&head);
    out.added = &added;
    out.drop = HTTP1_DROP(HTTP_HEADER_X_FORWARDED_FOR) | HTTP1_DROP(HTTP_HEADER_X_REQUEST_ID);
    assert_slice(put_request(&out, &arena),
                 "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2\r\n"
                 "X-Request-Id: i\r\n\r\n");
    arena_fini(&arena);
}

/* What the other side said of the body does not matter, only what the description says. */
static void test_the_writer_frames_requests_by_itself(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_request_head_t head;
    read_request(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\nExpect: 100-continue\r\n\r\n", &arena,
        &head);
    http1_request_out_t out = request_of(&head);
    assert_slice(put_request(&out, &arena), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n"
                                            "Expect: 100-continue\r\n\r\n");
    out.framing = HTTP_BODY_CHUNKED;
    out.expect_continue = false;
    out.keep_alive = false;
    assert_slice(put_request(&out, &arena),
                 "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                 "Connection: close\r\n\r\n");
    out.framing = HTTP_BODY_LENGTH;
    out.content_length = UINT64_MAX;
    assert_slice(put_request(&out, &arena),
                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n"
                 "Connection: close\r\n\r\n");
    arena_fini(&arena);
}

static void test_an_upgrade_is_asked_for(void **state)
{
    (void)state;
    arena_t arena = {0};
    http1_request_out_t out = {
        .method = SLICE("GET"),
        .path = SLICE("/"),
        .has_query = true,
        .host = SLICE("a"),
        .headers = &NO_FIELDS,
        .upgrade = SLICE("websocket"),
        .keep_alive = true,
    };
    assert_slice(put_request(&out, &arena), "GET /? HTTP/1.1\r\nHost: a\r\n"
                                            "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    arena_fini(&arena);
}

/* A filter may put text of its own in place of a value: it must not be taken for the old one. */
static void test_a_changed_field_is_written_as_changed(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_request_head_t head;
    read_request("GET / HTTP/1.1\r\nHost: a\r\nX: value\r\nY: value\r\nZ: value\r\n\r\n", &arena,
                 &head);
    head.headers.at[1].value = SLICE("other");
    head.headers.at[2].value.len = 2;
    head.headers.at[3].name = SLICE("W");
    http1_request_out_t out = request_of(&head);
    assert_slice(put_request(&out, &arena),
                 "GET / HTTP/1.1\r\nHost: a\r\nX: other\r\nY: va\r\nW: value\r\n\r\n");
    arena_fini(&arena);
}

static void test_a_name_and_a_value_that_happen_to_be_near_are_two(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_header_t field = {{"X--y", 1}, {NULL, 1}, HTTP_HEADER_OTHER};
    field.value.base = field.name.base + 3;
    http_headers_t fields = {&field, 1, 1};
    http1_request_out_t out = {.method = SLICE("GET"),
                               .path = SLICE("/"),
                               .host = SLICE("a"),
                               .headers = &fields,
                               .keep_alive = true};
    assert_slice(put_request(&out, &arena), "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n");
    arena_fini(&arena);
}

static void test_a_response_passes_without_hop_by_hop_fields(void **state)
{
    (void)state;
    arena_t arena = {0};
    http_response_head_t head;
    read_response("HTTP/1.1 200 Fine\r\nServer: s\r\nContent-Length: 5\r\nKeep-Alive: 5\r\n"
                  "Connection: keep-alive, x-a\r\nX-A: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n",
                  &arena, &head);
    http1_response_out_t out = response_of(&head);
    assert_slice(put_response(&out, &arena),
                 "HTTP/1.1 200 Fine\r\nServer: s\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
                 "Content-Length: 5\r\n\r\n");
    out.keep_alive = false;
    out.drop = HTTP1_DROP(HTTP_HEADER_SERVER) | HTTP1_DROP(HTTP_HEADER_SET_COOKIE);
    assert_slice(put_response(&out, &arena),
                 "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
    arena_fini(&arena);
}

/* RFC 9112 section 9.3: an HTTP/1.0 client closes unless it is told. */
static void test_an_old_client_is_told_that_the_connection_stays(void **state)
{
    (void)state;
    arena_t arena = {0};
    http1_response_out_t out = {
        .status = 200, .headers = &NO_FIELDS, .framing = HTTP_BODY_LENGTH, .keep_alive = true};
    assert_slice(put_response(&out, &arena),
                 "HTTP/1.1 200 \r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
    arena_fini(&arena);
}

/* RFC 9110 sections 8.6, 9.3.2 and 15.4.5. */
static void test_a_length_without_a_body_passes_where_it_means_something(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *want;
    } CASES[] = {
        {200, "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n"},
        {304, "HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n"},
        {204, "HTTP/1.1 204 \r\n\r\n"},
        {103, "HTTP/1.1 103 \r\n\r\n"},
    };
    arena_t arena = {0};
    http_header_t length = {SLICE("Content-Length"), SLICE("5"), HTTP_HEADER_CONTENT_LENGTH};
    http_headers_t fields = {&length, 1, 1};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        http1_response_out_t out = {.status = CASES[i].status,
                                    .headers = &fields,
                                    .framing = HTTP_BODY_NONE,
                                    .client_minor = 1,
                                    .keep_alive = true};
        assert_slice(put_response(&out, &arena), CASES[i].want);
        out.drop = HTTP1_DROP(HTTP_HEADER_CONTENT_LENGTH);
        assert_null(strstr(put_response(&out, &arena).base, "Content-Length"));
    }
    arena_fini(&arena);
}

static void test_a_switch_of_protocols_is_announced(void **state)
{
    (void)state;
    arena_t arena = {0};
    http1_response_out_t out = {
        .status = 101, .headers = &NO_FIELDS, .upgrade = SLICE("websocket"), .client_minor = 1};
    assert_slice(put_response(&out, &arena),
                 "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    arena_fini(&arena);
}

static void test_the_framing_is_one_that_the_client_knows(void **state)
{
    (void)state;
    static const struct {
        http_framing_t from;
        uint8_t minor;
        http_framing_t want;
        bool keep;
    } CASES[] = {
        {HTTP_BODY_NONE, 0, HTTP_BODY_NONE, true},
        {HTTP_BODY_LENGTH, 0, HTTP_BODY_LENGTH, true},
        {HTTP_BODY_CHUNKED, 0, HTTP_BODY_CLOSE, false},
        {HTTP_BODY_CLOSE, 0, HTTP_BODY_CLOSE, false},
        {HTTP_BODY_NONE, 1, HTTP_BODY_NONE, true},
        {HTTP_BODY_LENGTH, 1, HTTP_BODY_LENGTH, true},
        {HTTP_BODY_CHUNKED, 1, HTTP_BODY_CHUNKED, true},
        {HTTP_BODY_CLOSE, 1, HTTP_BODY_CHUNKED, true},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        bool keep = true;
        assert_int_equal(http1_client_framing(CASES[i].from, CASES[i].minor, &keep), CASES[i].want);
        assert_int_equal(keep, CASES[i].keep);
    }
}

static void test_a_chunk_size_is_hexadecimal(void **state)
{
    (void)state;
    static const struct {
        uint64_t len;
        const char *want;
    } CASES[] = {{1, "1\r\n"},       {15, "f\r\n"},        {16, "10\r\n"},
                 {0xabc, "abc\r\n"}, {0x1000, "1000\r\n"}, {UINT64_MAX, "ffffffffffffffff\r\n"}};
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[HTTP1_CHUNK_SIZE_MAX];
        size_t len = http1_chunk_put(text, CASES[i].len);
        assert_slice(slice_make(text, len), CASES[i].want);
    }
}

static void test_a_chunked_body_ends_with_its_trailers(void **state)
{
    (void)state;
    strbuf_t text = {0};
    http_header_t field = {SLICE("X-Sum"), SLICE("1"), HTTP_HEADER_OTHER};
    http_headers_t trailers = {&field, 1, 1};
    http1_write_last_chunk(&text, &NO_FIELDS);
    http1_write_last_chunk(&text, &trailers);
    assert_slice(strbuf_slice(&text), "0\r\n\r\n0\r\nX-Sum: 1\r\n\r\n");
    strbuf_fini(&text);
}

static void test_an_answer_has_a_type_and_a_length(void **state)
{
    (void)state;
    strbuf_t text = {0};
    http1_answer_t answer = {
        .status = 404, .body = SLICE("no route\n"), .client_minor = 1, .keep_alive = true};
    http1_write_answer(&text, &answer);
    assert_slice(strbuf_slice(&text),
                 "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Length: 9\r\n\r\nno route\n");
    strbuf_fini(&text);
}

static void test_an_answer_to_head_has_no_body(void **state)
{
    (void)state;
    strbuf_t text = {0};
    http1_answer_t answer = {.status = 200,
                             .content_type = SLICE("application/json"),
                             .body = SLICE("{}"),
                             .client_minor = 1,
                             .head = true};
    http1_write_answer(&text, &answer);
    assert_slice(strbuf_slice(&text), "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                      "Content-Length: 2\r\nConnection: close\r\n\r\n");
    strbuf_fini(&text);
}

static void test_an_answer_without_content_says_nothing_of_it(void **state)
{
    (void)state;
    strbuf_t text = {0};
    http_header_t field = {SLICE("Location"), SLICE("/x"), HTTP_HEADER_LOCATION};
    http_headers_t added = {&field, 1, 1};
    http1_answer_t answer = {.status = 204, .client_minor = 1, .keep_alive = true};
    http1_write_answer(&text, &answer);
    answer.status = 302;
    answer.added = &added;
    http1_write_answer(&text, &answer);
    assert_slice(strbuf_slice(&text), "HTTP/1.1 204 No Content\r\n\r\n"
                                      "HTTP/1.1 302 Found\r\nLocation: /x\r\n"
                                      "Content-Length: 0\r\n\r\n");
    strbuf_fini(&text);
}

static void test_heads_are_appended_to_a_buffer(void **state)
{
    (void)state;
    strbuf_t text = {0};
    http1_request_out_t request = {.method = SLICE("GET"),
                                   .path = SLICE("/"),
                                   .host = SLICE("a"),
                                   .headers = &NO_FIELDS,
                                   .keep_alive = true};
    http1_response_out_t response = {.status = 100, .headers = &NO_FIELDS, .client_minor = 1};
    http1_write_request(&text, &request);
    http1_write_response(&text, &response);
    assert_slice(strbuf_slice(&text), "GET / HTTP/1.1\r\nHost: a\r\n\r\nHTTP/1.1 100 \r\n\r\n");
    strbuf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end_to_end_fields_pass_and_others_do_not),
        cmocka_unit_test(test_added_fields_replace_dropped_ones),
        cmocka_unit_test(test_the_writer_frames_requests_by_itself),
        cmocka_unit_test(test_an_upgrade_is_asked_for),
        cmocka_unit_test(test_a_changed_field_is_written_as_changed),
        cmocka_unit_test(test_a_name_and_a_value_that_happen_to_be_near_are_two),
        cmocka_unit_test(test_a_response_passes_without_hop_by_hop_fields),
        cmocka_unit_test(test_an_old_client_is_told_that_the_connection_stays),
        cmocka_unit_test(test_a_length_without_a_body_passes_where_it_means_something),
        cmocka_unit_test(test_a_switch_of_protocols_is_announced),
        cmocka_unit_test(test_the_framing_is_one_that_the_client_knows),
        cmocka_unit_test(test_a_chunk_size_is_hexadecimal),
        cmocka_unit_test(test_a_chunked_body_ends_with_its_trailers),
        cmocka_unit_test(test_an_answer_has_a_type_and_a_length),
        cmocka_unit_test(test_an_answer_to_head_has_no_body),
        cmocka_unit_test(test_an_answer_without_content_says_nothing_of_it),
        cmocka_unit_test(test_heads_are_appended_to_a_buffer),
    };
    return cmocka_run_group_tests_name("http1_write", tests, NULL, NULL);
}
