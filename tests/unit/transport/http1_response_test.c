/*
 * http1_response_test.c: a catalogue of response heads as bytes. A backend is held to the rules
 * that hold for a client.
 */
#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"
#include "transport/http1.h"

static const http1_limits_t LIMITS = HTTP1_LIMITS_DEFAULT;
static const http1_asked_t PLAIN = {0}, HEAD = {.head = true}, UPGRADE = {.upgrade = true};

#define RAW(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
#define OK(fields) RAW("HTTP/1.1 200 OK\r\n" fields "\r\n")
#define CL5        "Content-Length: 5\r\n"
#define CHUNKED    "Transfer-Encoding: chunked\r\n"

/* What was asked, what came, and what it means: see describe(). */
typedef struct taken {
    const char *source;
    const http1_asked_t *asked;
    slice_t raw;
    const char *want;
} taken_t;

static const taken_t TAKEN[] = {
    {"9112 4", &PLAIN, OK(CL5), "200 OK 1.1 length=5 keep"},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 200 \r\n" CL5 "\r\n"), "200  1.1 length=5 keep"},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 200\r\n" CL5 "\r\n"), "200  1.1 length=5 keep"},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 404 Not\tFound \xc3\xa9!\r\n" CL5 "\r\n"),
     "404 Not\tFound \xc3\xa9! 1.1 length=5 keep"},
    {"9110 15", &PLAIN, RAW("HTTP/1.1 599 x\r\n" CL5 "\r\n"), "599 x 1.1 length=5 keep"},
    {"9112 6.3", &PLAIN, OK("Content-Length: 0\r\n"), "200 OK 1.1 length=0 keep"},
    {"9112 6.3", &PLAIN, OK(CHUNKED), "200 OK 1.1 chunked keep"},
    {"9112 6.3", &PLAIN, OK("transfer-encoding:CHUNKED\r\n"), "200 OK 1.1 chunked keep"},
    {"9112 6.3", &PLAIN, OK(""), "200 OK 1.1 until-close close"},
    {"9112 6.3", &PLAIN, OK("Connection: keep-alive\r\n"), "200 OK 1.1 until-close close"},
    {"9112 6.3", &HEAD, OK(CL5), "200 OK 1.1 none keep"},
    {"9112 6.3", &HEAD, OK(CHUNKED), "200 OK 1.1 none keep"},
    {"9112 6.3", &HEAD, OK(""), "200 OK 1.1 none keep"},
    {"9112 6.3", &PLAIN, RAW("HTTP/1.1 204 No Content\r\n\r\n"), "204 No Content 1.1 none keep"},
    {"9110 8.6", &PLAIN, RAW("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n"), "204  1.1 none keep"},
    {"9112 6.3", &PLAIN, RAW("HTTP/1.1 304 \r\n" CL5 "\r\n"), "304  1.1 none keep"},
    {"9112 6.1", &PLAIN, RAW("HTTP/1.1 304 \r\n" CHUNKED "\r\n"), "304  1.1 none keep"},
    {"9110 15.2", &PLAIN, RAW("HTTP/1.1 100 Continue\r\n\r\n"), "100 Continue 1.1 none keep"},
    {"8297", &PLAIN, RAW("HTTP/1.1 103 \r\nLink: </a>\r\n\r\n"), "103  1.1 none keep"},
    {"9110 15.2.2", &UPGRADE, RAW("HTTP/1.1 101 \r\nUpgrade: x\r\n\r\n"), "101  1.1 none close"},
    {"9112 9.3", &PLAIN, OK(CL5 "Connection: close\r\n"), "200 OK 1.1 length=5 close"},
    {"9112 9.3", &PLAIN, RAW("HTTP/1.0 200 OK\r\n" CL5 "\r\n"), "200 OK 1.0 length=5 close"},
    {"9112 9.3", &PLAIN, RAW("HTTP/1.0 200 OK\r\n" CL5 "Connection: keep-alive\r\n\r\n"),
     "200 OK 1.0 length=5 keep"},
    {"9112 9.3", &PLAIN, RAW("HTTP/1.0 200 OK\r\n\r\n"), "200 OK 1.0 until-close close"},
    {"9110 15.3.6", &PLAIN, RAW("HTTP/1.1 205 \r\nContent-Length: 0\r\n\r\n"),
     "205  1.1 length=0 keep"},
};

typedef struct refused {
    const char *source;
    const http1_asked_t *asked;
    slice_t raw;
    http1_reject_id_t why;
} refused_t;

static const refused_t REFUSED[] = {
    {"9112 4", &PLAIN, RAW("\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 20 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 2000 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 2x0 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("HTTP/1.1  200 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("HTTP/1.1 200\tOK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("HTTP/1.1\t200 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW(" HTTP/1.1 200 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("200 OK\r\n" CL5 "\r\n"), HTTP1_STATUS_LINE},
    {"9112 4", &PLAIN, RAW("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9110 15", &PLAIN, RAW("HTTP/1.1 099 x\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9110 15", &PLAIN, RAW("HTTP/1.1 600 x\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 2.3", &PLAIN, RAW("HTTP/2.0 200 OK\r\n\r\n"), HTTP1_VERSION},
    {"9112 2.3", &PLAIN, RAW("HTTP/1.2 200 OK\r\n\r\n"), HTTP1_VERSION},
    {"9112 2.3", &PLAIN, RAW("HTTP/x.y 200 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 2.3", &PLAIN, RAW("http/1.1 200 OK\r\n\r\n"), HTTP1_STATUS_LINE},
    {"9112 2.2", &PLAIN, RAW("HTTP/1.1 200 OK\n" CL5 "\r\n"), HTTP1_BARE_LF},
    {"9112 2.2", &PLAIN, RAW("HTTP/1.1 200 OK\r\nX: a\n\r\n"), HTTP1_BARE_LF},
    {"9112 2.2", &PLAIN, RAW("HTTP/1.1 200 OK\r" CL5 "\r\n"), HTTP1_BARE_CR},
    {"9112 2.2", &PLAIN, RAW("HTTP/1.1 200 O\0K\r\n\r\n"), HTTP1_CONTROL},
    {"header splitting", &PLAIN, OK("X: a\rSet-Cookie: b\r\n"), HTTP1_BARE_CR},
    {"9112 5.1", &PLAIN, OK("X : a\r\n"), HTTP1_FIELD_SPACE},
    {"9112 5.1", &PLAIN, OK("Content-Length : 5\r\n"), HTTP1_FIELD_SPACE},
    {"9112 5.2", &PLAIN, OK("X: a\r\n b\r\n"), HTTP1_FIELD_FOLD},
    {"9110 5.1", &PLAIN, OK("X@: a\r\n"), HTTP1_FIELD_NAME},
    {"9112 6.3", &PLAIN, OK(CL5 "Content-Length: 6\r\n"), HTTP1_LENGTH_REPEATED},
    {"9112 6.3", &PLAIN, OK(CL5 CL5), HTTP1_LENGTH_REPEATED},
    {"9112 6.3", &PLAIN, OK("Content-Length: 5,5\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3", &PLAIN, OK("Content-Length: -1\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3", &PLAIN, OK("Content-Length: x\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.3", &HEAD, OK("Content-Length: x\r\n"), HTTP1_LENGTH_INVALID},
    {"9112 6.1", &PLAIN, OK(CL5 CHUNKED), HTTP1_LENGTH_AND_CODING},
    {"9112 6.1", &HEAD, OK(CHUNKED CL5), HTTP1_LENGTH_AND_CODING},
    {"9112 6.1", &PLAIN, OK(CHUNKED CHUNKED), HTTP1_CODING_REPEATED},
    {"9112 6.1", &PLAIN, OK("Transfer-Encoding: gzip, chunked\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", &PLAIN, OK("Transfer-Encoding: identity\r\n"), HTTP1_CODING_UNKNOWN},
    {"9112 6.1", &PLAIN, RAW("HTTP/1.0 200 OK\r\n" CHUNKED "\r\n"), HTTP1_CODING_VERSION},
    {"9112 6.1", &PLAIN, RAW("HTTP/1.1 204 \r\n" CHUNKED "\r\n"), HTTP1_BODY_FORBIDDEN},
    {"9110 8.6", &PLAIN, RAW("HTTP/1.1 204 \r\n" CL5 "\r\n"), HTTP1_BODY_FORBIDDEN},
    {"9110 8.6", &PLAIN, RAW("HTTP/1.1 100 \r\n" CL5 "\r\n"), HTTP1_BODY_FORBIDDEN},
    {"9112 6.1", &PLAIN, RAW("HTTP/1.1 103 \r\n" CHUNKED "\r\n"), HTTP1_BODY_FORBIDDEN},
    {"9112 6.1", &UPGRADE, RAW("HTTP/1.1 101 \r\n" CHUNKED "\r\n"), HTTP1_BODY_FORBIDDEN},
    {"9110 7.8", &PLAIN, RAW("HTTP/1.1 101 \r\nUpgrade: x\r\n\r\n"), HTTP1_SWITCH_UNASKED},
    {"9110 7.6.1", &PLAIN, OK("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n"),
     HTTP1_CONNECTION_OPTIONS},
};

enum {
    TAKEN_COUNT = sizeof(TAKEN) / sizeof(TAKEN[0]),
    REFUSED_COUNT = sizeof(REFUSED) / sizeof(REFUSED[0])
};

/* What came of a response: a head in memory of exactly its size, or why there is none. */
typedef struct outcome {
    int result;
    char *memory;
    http_response_head_t head;
    http1_reject_t why;
    arena_t arena;
} outcome_t;

static void parse(outcome_t *o, slice_t raw, http1_asked_t asked, const http1_limits_t *limits)
{
    o->memory = xmalloc(raw.len);
    memcpy(o->memory, raw.base, raw.len);
    o->result =
        http1_parse_response(o->memory, raw.len, &o->arena, limits, asked, &o->head, &o->why);
}

/* Scans what came first, then all of it, then parses. */
static void run_split(outcome_t *o, slice_t raw, size_t first, http1_asked_t asked)
{
    *o = (outcome_t){0};
    http1_scan_t scan = {.response = true};
    o->result = http1_scan_head(&scan, slice_sub(raw, 0, first), &LIMITS, &o->why);
    if (o->result == GW_EAGAIN)
        o->result = http1_scan_head(&scan, raw, &LIMITS, &o->why);
    if (o->result == 0)
        parse(o, slice_sub(raw, scan.start, scan.len), asked, &LIMITS);
}

static void drop(outcome_t *o)
{
    arena_fini(&o->arena);
    free(o->memory);
}

/* status reason version framing keep|close */
static char *describe(const http_response_head_t *head)
{
    static const char *const FRAMINGS[] = {"none", "length", "chunked", "until-close"};
    strbuf_t text = {0};
    strbuf_printf(&text, "%d %.*s 1.%d %s", head->status, SLICE_ARG(head->reason), head->minor,
                  FRAMINGS[head->framing]);
    if (head->framing == HTTP_BODY_LENGTH)
        strbuf_printf(&text, "=%llu", (unsigned long long)head->content_length);
    strbuf_add_text(&text, head->keep_alive ? " keep" : " close");
    return strbuf_take(&text);
}

static void check_taken(const taken_t *wanted, size_t first)
{
    outcome_t o;
    run_split(&o, wanted->raw, first, *wanted->asked);
    if (o.result)
        fail_msg("%s: %s: refused: %s", wanted->source, wanted->want, o.why.reason);
    char *got = describe(&o.head);
    if (strcmp(got, wanted->want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", wanted->source, got, wanted->want);
    free(got);
    drop(&o);
}

static void test_good_responses_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        for (size_t first = 0; first <= TAKEN[i].raw.len; first++)
            check_taken(&TAKEN[i], first);
    }
}

static void test_bad_responses_are_refused_by_the_parser_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        outcome_t o = {0};
        parse(&o, REFUSED[i].raw, *REFUSED[i].asked, &LIMITS);
        assert_int_equal(o.result, GW_EPARSE);
        if (o.why.id != REFUSED[i].why)
            fail_msg("case %zu, %s: %s", i, REFUSED[i].source, o.why.reason);
        assert_int_equal(o.why.status, 502);
        assert_null(o.head.headers.at);
        drop(&o);
    }
}

static void test_bad_responses_are_refused_wherever_they_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        for (size_t first = 0; first <= REFUSED[i].raw.len; first++) {
            outcome_t o;
            run_split(&o, REFUSED[i].raw, first, *REFUSED[i].asked);
            if (o.result != GW_EPARSE)
                fail_msg("case %zu, %s: split at %zu: taken", i, REFUSED[i].source, first);
            drop(&o);
        }
    }
}

static void test_a_part_of_a_response_is_no_response(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        for (size_t len = 1; len < TAKEN[i].raw.len; len++) {
            outcome_t o = {0};
            parse(&o, slice_sub(TAKEN[i].raw, 0, len), *TAKEN[i].asked, &LIMITS);
            assert_int_equal(o.result, GW_EPARSE);
            drop(&o);
        }
    }
}

static void test_limits_hold_to_the_byte(void **state)
{
    (void)state;
    slice_t raw = SLICE("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y\r\n\r\n");
    http1_limits_t limits = {(uint32_t)raw.len, 0, 2};
    outcome_t o = {0};
    parse(&o, raw, PLAIN, &limits);
    assert_int_equal(o.result, 0);
    drop(&o);
    limits.head_bytes--;
    o = (outcome_t){0};
    parse(&o, raw, PLAIN, &limits);
    assert_int_equal(o.why.id, HTTP1_HEAD_SIZE);
    drop(&o);
    limits = (http1_limits_t){4096, 0, 1};
    o = (outcome_t){0};
    parse(&o, raw, PLAIN, &limits);
    assert_int_equal(o.why.id, HTTP1_FIELD_COUNT);
    drop(&o);
}

static void test_fields_that_connection_names_are_gone(void **state)
{
    (void)state;
    outcome_t o = {0};
    parse(&o,
          SLICE("HTTP/1.1 200 OK\r\nX-Hop: 1\r\nContent-Length: 0\r\nSet-Cookie: a\r\n"
                "Connection: x-hop, content-length\r\nSet-Cookie: b\r\n\r\n"),
          PLAIN, &LIMITS);
    assert_int_equal(o.result, 0);
    assert_null(http_headers_find(&o.head.headers, SLICE("x-hop")));
    assert_int_equal(o.head.headers.count, 4);
    assert_int_equal(o.head.framing, HTTP_BODY_LENGTH);
    assert_slice(o.head.headers.at[3].value, "b");
    drop(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_responses_are_read),
        cmocka_unit_test(test_bad_responses_are_refused_by_the_parser_alone),
        cmocka_unit_test(test_bad_responses_are_refused_wherever_they_are_split),
        cmocka_unit_test(test_a_part_of_a_response_is_no_response),
        cmocka_unit_test(test_limits_hold_to_the_byte),
        cmocka_unit_test(test_fields_that_connection_names_are_gone),
    };
    return cmocka_run_group_tests_name("http1_response", tests, NULL, NULL);
}
