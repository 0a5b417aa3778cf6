/*
 * http1_request_test.c: requests as bytes, those of http1_request_cases.h and others. Each case is
 * also run with its bytes split at every place.
 */
#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"
#include "tests/unit/transport/http1_request_cases.h"

static const http1_limits_t LIMITS = HTTP1_LIMITS_DEFAULT;

/* What came of a request: a head in memory of exactly its size, or why there is none. */
typedef struct outcome {
    int result; /* of the scan if that refused, else of the parser */
    char *memory;
    size_t used; /* bytes up to the end of the head */
    http_request_head_t head;
    http1_reject_t why;
    arena_t arena;
} outcome_t;

static void parse(outcome_t *o, slice_t raw, const http1_limits_t *limits)
{
    o->memory = xmalloc(raw.len);
    memcpy(o->memory, raw.base, raw.len);
    o->result = http1_parse_request(o->memory, raw.len, &o->arena, limits, &o->head, &o->why);
}

/* Scans what came first, then all of it, then parses. */
static void run_split(outcome_t *o, slice_t raw, size_t first, const http1_limits_t *limits)
{
    *o = (outcome_t){0};
    http1_scan_t scan = {0};
    char *bytes = xmalloc(raw.len);
    memcpy(bytes, raw.base, raw.len);
    o->result = http1_scan_head(&scan, slice_make(bytes, first), limits, &o->why);
    if (o->result == GW_EAGAIN)
        o->result = http1_scan_head(&scan, slice_make(bytes, raw.len), limits, &o->why);
    o->used = scan.start + scan.len;
    if (o->result == 0)
        parse(o, slice_make(bytes + scan.start, scan.len), limits);
    free(bytes);
}

static void drop(outcome_t *o)
{
    arena_fini(&o->arena);
    free(o->memory);
}

static const char *framing_name(http_framing_t framing)
{
    return framing == HTTP_BODY_NONE ? "none" : framing == HTTP_BODY_CHUNKED ? "chunked" : "length";
}

/* METHOD path[?query] host version framing keep|close [expect] [upgrade] */
static char *describe(const http_request_head_t *head)
{
    strbuf_t text = {0};
    strbuf_printf(&text, "%.*s %.*s", SLICE_ARG(head->method), SLICE_ARG(head->path));
    if (head->has_query)
        strbuf_printf(&text, "?%.*s", SLICE_ARG(head->query));
    strbuf_printf(&text, " %.*s 1.%d %s", SLICE_ARG(head->host), head->minor,
                  framing_name(head->framing));
    if (head->framing == HTTP_BODY_LENGTH)
        strbuf_printf(&text, "=%llu", (unsigned long long)head->content_length);
    strbuf_add_text(&text, head->keep_alive ? " keep" : " close");
    strbuf_add_text(&text, head->expect_continue ? " expect" : "");
    strbuf_add_text(&text, head->upgrade ? " upgrade" : "");
    return strbuf_take(&text);
}

static void check_taken(const taken_t *wanted, size_t first)
{
    outcome_t o;
    run_split(&o, wanted->raw, first, &LIMITS);
    if (o.result)
        fail_msg("%s: %s: refused: %s", wanted->source, wanted->want, o.why.reason);
    char *got = describe(&o.head);
    if (strcmp(got, wanted->want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", wanted->source, got, wanted->want);
    assert_int_equal(o.used, wanted->raw.len);
    free(got);
    drop(&o);
}

static void test_good_requests_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        for (size_t first = 0; first <= TAKEN[i].raw.len; first++)
            check_taken(&TAKEN[i], first);
    }
}

/* The parser relies on no scan. */
static void test_bad_requests_are_refused_by_the_parser_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        outcome_t o = {0};
        /* an empty line in front is no business of the parser */
        bool skip = REFUSED[i].why == HTTP1_EMPTY_LINE;
        parse(&o, REFUSED[i].raw, &LIMITS);
        assert_int_equal(o.result, GW_EPARSE);
        if (!skip && o.why.id != REFUSED[i].why)
            fail_msg("case %zu, %s: %s", i, REFUSED[i].source, o.why.reason);
        assert_null(o.head.method.base);
        drop(&o);
    }
}

/* The scan may see another fault first, but never takes what the parser refuses. */
static void test_bad_requests_are_refused_wherever_they_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        for (size_t first = 0; first <= REFUSED[i].raw.len; first++) {
            outcome_t o;
            run_split(&o, REFUSED[i].raw, first, &LIMITS);
            if (o.result != GW_EPARSE)
                fail_msg("case %zu, %s: split at %zu: taken", i, REFUSED[i].source, first);
            assert_in_range(o.why.status, 400, 505);
            drop(&o);
        }
    }
}

/* Cut anywhere, no head is complete, and the parser does not read beyond what there is. */
static void test_a_part_of_a_request_is_no_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        for (size_t len = 1; len < TAKEN[i].raw.len; len++) {
            outcome_t o = {0};
            parse(&o, slice_sub(TAKEN[i].raw, 0, len), &LIMITS);
            assert_int_equal(o.result, GW_EPARSE);
            drop(&o);
        }
    }
}

static void test_more_than_a_head_is_no_head(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o, SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\nX"), &LIMITS);
    assert_int_equal(o.result, GW_EPARSE);
    assert_int_equal(o.why.id, HTTP1_INCOMPLETE);
    drop(&o);
}

static void test_each_refusal_has_its_status(void **state)
{
    (void)state;
    assert_int_equal(http1_reject_of(HTTP1_BARE_LF).status, 400);
    assert_int_equal(http1_reject_of(HTTP1_TARGET_SIZE).status, 414);
    assert_int_equal(http1_reject_of(HTTP1_HEAD_SIZE).status, 431);
    assert_int_equal(http1_reject_of(HTTP1_FIELD_COUNT).status, 431);
    assert_int_equal(http1_reject_of(HTTP1_METHOD).status, 501);
    assert_int_equal(http1_reject_of(HTTP1_VERSION).status, 505);
    assert_int_equal(http1_reject_of(HTTP1_EXPECTATION).status, 417);
    for (int id = 1; id < HTTP1_REJECT_COUNT; id++) {
        assert_int_equal(http1_reject_of((http1_reject_id_t)id).id, id);
        assert_non_null(http1_reject_of((http1_reject_id_t)id).reason);
    }
}

static http1_reject_id_t refusal(slice_t raw, http1_limits_t limits)
{
    outcome_t o = {0};
    parse(&o, raw, &limits);
    http1_reject_id_t id = o.result ? (http1_reject_id_t)o.why.id : HTTP1_OK;
    drop(&o);
    return id;
}

static void test_limits_hold_to_the_byte(void **state)
{
    (void)state;
    slice_t raw = SLICE("GET /12345 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n");
    http1_limits_t limits = {(uint32_t)raw.len, 6, 2};
    assert_int_equal(refusal(raw, limits), HTTP1_OK);
    limits.head_bytes--;
    assert_int_equal(refusal(raw, limits), HTTP1_HEAD_SIZE);
    limits.head_bytes++;
    limits.target_bytes--;
    assert_int_equal(refusal(raw, limits), HTTP1_TARGET_SIZE);
    limits.target_bytes++;
    limits.field_count--;
    assert_int_equal(refusal(raw, limits), HTTP1_FIELD_COUNT);
}

static void test_fields_are_kept_as_they_came(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o, SLICE("GET / HTTP/1.1\r\nHOST: a\r\nX-One:  1 2 \r\nx-one:3\r\nVia: v\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    const http_headers_t *headers = &o.head.headers;
    assert_int_equal(headers->count, 4);
    assert_slice(headers->at[0].name, "HOST");
    assert_int_equal(headers->at[0].id, HTTP_HEADER_HOST);
    assert_slice(headers->at[1].name, "X-One");
    assert_slice(headers->at[1].value, "1 2");
    assert_slice(headers->at[2].value, "3");
    assert_slice(http_headers_get(headers, HTTP_HEADER_VIA)->value, "v");
    drop(&o);
}

static void test_many_fields_make_the_table_grow(void **state)
{
    (void)state;
    strbuf_t raw = {0};
    strbuf_add_text(&raw, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 1; i < 100; i++)
        strbuf_printf(&raw, "%d:\r\n", i);
    strbuf_add_text(&raw, "\r\n");
    outcome_t o = {0};
    parse(&o, strbuf_slice(&raw), &LIMITS);
    assert_int_equal(o.result, 0);
    assert_int_equal(o.head.headers.count, 100);
    assert_slice(o.head.headers.at[99].name, "99");
    strbuf_fini(&raw);
    drop(&o);
}

static void test_the_target_is_what_is_matched(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o, SLICE("GET http://A:80/%61/%7e?x=%41 HTTP/1.1\r\nHost: a\r\n\r\n"), &LIMITS);
    assert_int_equal(o.result, 0);
    assert_slice(o.head.target, "http://A:80/a/~?x=%41");
    assert_slice(o.head.authority, "A:80");
    assert_slice(o.head.path, "/a/~");
    assert_slice(o.head.query, "x=%41");
    drop(&o);
}

/* RFC 9110 section 7.6.1, and the abuse of it. */
static void test_fields_that_connection_names_are_gone(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("GET / HTTP/1.1\r\nX-Secret: 1\r\nCookie: c\r\nConnection: x-secret, close\r\n"
                "Host: a\r\nX-SECRET: 2\r\nConnection: cookie\r\nUser-Agent: u\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    assert_null(http_headers_find(&o.head.headers, SLICE("x-secret")));
    assert_null(http_headers_get(&o.head.headers, HTTP_HEADER_COOKIE));
    assert_slice(http_headers_get(&o.head.headers, HTTP_HEADER_USER_AGENT)->value, "u");
    assert_int_equal(o.head.headers.count, 4);
    assert_false(o.head.keep_alive);
    drop(&o);
}

static void test_connection_cannot_take_away_what_the_gateway_needs(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("POST / HTTP/1.1\r\nConnection: host, content-length, x-forwarded-for, "
                "x-forwarded-proto, x-forwarded-host, forwarded, x-request-id, upgrade\r\n"
                "Host: a\r\nContent-Length: 3\r\nX-Forwarded-For: 1\r\nX-Forwarded-Proto: p\r\n"
                "X-Forwarded-Host: h\r\nForwarded: f\r\nX-Request-Id: i\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    assert_int_equal(o.head.headers.count, 8);
    assert_int_equal(o.head.content_length, 3);
    drop(&o);
}

/* A field that Connection takes away while Upgrade stands behind it. */
static void test_upgrade_is_found_behind_a_field_that_is_gone(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("GET / HTTP/1.1\r\nX: 1\r\nHost: a\r\nConnection: x, upgrade\r\n"
                "Upgrade: websocket\r\nVia: v\r\n\r\n"),
          &LIMITS);
    assert_int_equal(o.result, 0);
    assert_true(o.head.upgrade);
    assert_int_equal(o.head.headers.count, 4);
    drop(&o);
}

static void test_a_typical_request_needs_no_heap(void **state)
{
    (void)state;
    char memory[2048], head[] = "GET /x HTTP/1.1\r\nHost: example.com\r\nUser-Agent: x\r\n"
                                "Accept: */*\r\nConnection: keep-alive\r\n\r\n";
    arena_t arena;
    arena_init_with(&arena, memory, sizeof(memory));
    http_request_head_t got;
    http1_reject_t why;
    assert_int_equal(http1_parse_request(head, sizeof(head) - 1, &arena, &LIMITS, &got, &why), 0);
    assert_int_equal(arena_heap_size(&arena), 0);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_requests_are_read),
        cmocka_unit_test(test_bad_requests_are_refused_by_the_parser_alone),
        cmocka_unit_test(test_bad_requests_are_refused_wherever_they_are_split),
        cmocka_unit_test(test_a_part_of_a_request_is_no_request),
        cmocka_unit_test(test_more_than_a_head_is_no_head),
        cmocka_unit_test(test_each_refusal_has_its_status),
        cmocka_unit_test(test_limits_hold_to_the_byte),
        cmocka_unit_test(test_fields_are_kept_as_they_came),
        cmocka_unit_test(test_many_fields_make_the_table_grow),
        cmocka_unit_test(test_the_target_is_what_is_matched),
        cmocka_unit_test(test_fields_that_connection_names_are_gone),
        cmocka_unit_test(test_connection_cannot_take_away_what_the_gateway_needs),
        cmocka_unit_test(test_upgrade_is_found_behind_a_field_that_is_gone),
        cmocka_unit_test(test_a_typical_request_needs_no_heap),
    };
    return cmocka_run_group_tests_name("http1_request", tests, NULL, NULL);
}
