/*
 * http1_body_test.c: bodies as bytes, each also fed in two parts split at every place and byte
 * by byte, always from memory of just the size of the part.
 */
#include "transport/http1_body.h"

#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"

#define RAW(text)                                                                                  \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* What came of a body. */
typedef struct outcome {
    int result;
    size_t used; /* bytes of the body, framing included */
    strbuf_t data;
    http1_body_t body;
    http1_reject_t why;
    arena_t arena;
} outcome_t;

static void start(outcome_t *o, http_framing_t framing, uint64_t length)
{
    *o = (outcome_t){0};
    http1_body_init(&o->body, framing, length, &o->arena);
}

static void drop(outcome_t *o)
{
    strbuf_fini(&o->data);
    arena_fini(&o->arena);
}

/* Feeds one part, as a caller does: until it is used up or the body is over. */
static void feed(outcome_t *o, slice_t part)
{
    char *bytes = xmalloc(part.len ? part.len : 1);
    if (part.len)
        memcpy(bytes, part.base, part.len);
    slice_t in = slice_make(bytes, part.len);
    while (o->result == 0 && in.len && !o->body.done) {
        size_t used = 0;
        slice_t data = {NULL, 0};
        o->result = http1_body_feed(&o->body, in, &used, &data, &o->why);
        if (o->result)
            break;
        assert_true(used > 0 && used <= in.len && data.len <= used);
        strbuf_add(&o->data, data);
        o->used += used;
        in = slice_sub(in, used, in.len);
    }
    free(bytes);
}

static void run_split(outcome_t *o, slice_t raw, size_t first)
{
    start(o, HTTP_BODY_CHUNKED, 0);
    feed(o, slice_sub(raw, 0, first));
    feed(o, slice_sub(raw, first, raw.len));
}

static void run_bytewise(outcome_t *o, slice_t raw)
{
    start(o, HTTP_BODY_CHUNKED, 0);
    for (size_t i = 0; i < raw.len; i++)
        feed(o, slice_sub(raw, i, 1));
}

/* RFC 9112 section 7.1 and its parts. */
static const struct taken {
    const char *source;
    slice_t raw;
    const char *data;
    size_t left; /* bytes behind the body */
} TAKEN[] = {
    {"7.1", RAW("0\r\n\r\n"), "", 0},
    {"7.1", RAW("000\r\n\r\n"), "", 0},
    {"7.1", RAW("5\r\nhello\r\n0\r\n\r\n"), "hello", 0},
    {"7.1", RAW("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "hello world", 0},
    {"7.1", RAW("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), "01234567890123456789", 0},
    {"7.1", RAW("0000000000000005\r\nhello\r\n0\r\n\r\n"), "hello", 0},
    {"7.1", RAW("4\r\n\r\n\r\n\r\n0\r\n\r\n"), "\r\n\r\n", 0},
    {"7.1", RAW("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n"), "a", 16},
    {"7.1.1", RAW("5;a\r\nhello\r\n0;b=c\r\n\r\n"), "hello", 0},
    {"7.1.1", RAW("5;a=\"b; c\" ;\td\r\nhello\r\n0\r\n\r\n"), "hello", 0},
    {"7.1.2", RAW("0\r\nX: y\r\n\r\n"), "", 0},
    {"7.1.2", RAW("1\r\na\r\n0\r\nX-One: 1\r\nX-Two:  2 \r\n\r\nrest"), "a", 4},
};

static const struct refused {
    const char *source;
    slice_t raw;
    http1_reject_id_t why;
} REFUSED[] = {
    {"7.1", RAW("\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1", RAW("x\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1", RAW("g\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 sign", RAW("+5\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 sign", RAW("-5\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 prefix", RAW("0x5\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 space", RAW(" 5\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 space", RAW("5 \r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 space", RAW("5\t\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 space", RAW("5 ;a\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 digits", RAW("5_0\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 NUL", RAW("5\0\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 too long", RAW("00000000000000005\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 overflow", RAW("fffffffffffffffff\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 overflow", RAW("8000000000000000\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1 empty size", RAW(";a\r\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"2.2 bare LF", RAW("5\nhello\r\n"), HTTP1_CHUNK_SIZE},
    {"2.2 bare CR", RAW("5\rhello\r\n"), HTTP1_BARE_CR},
    {"TERM.EXT", RAW("5;\nhello\r\n"), HTTP1_CHUNK_EXTENSION},
    {"TERM.EXT", RAW("5;a\nhello\r\n"), HTTP1_CHUNK_EXTENSION},
    {"TERM.EXT", RAW("5;a\rb\r\nhello\r\n"), HTTP1_BARE_CR},
    {"TERM.EXT", RAW("5;a=\"\n\"\r\nhello\r\n"), HTTP1_CHUNK_EXTENSION},
    {"7.1.1 NUL", RAW("5;\0\r\nhello\r\n"), HTTP1_CHUNK_EXTENSION},
    {"7.1.1 8-bit", RAW("5;\xc3\xa9\r\nhello\r\n"), HTTP1_CHUNK_EXTENSION},
    {"7.1 terminator", RAW("5\r\nhello0\r\n\r\n"), HTTP1_CHUNK_END},
    {"7.1 terminator", RAW("5\r\nhello\n0\r\n\r\n"), HTTP1_CHUNK_END},
    {"7.1 terminator", RAW("5\r\nhello\rx0\r\n\r\n"), HTTP1_CHUNK_END},
    {"7.1 terminator", RAW("5\r\nhelloworld\r\n"), HTTP1_CHUNK_END},
    {"7.1 terminator", RAW("5\r\nhello\r\n\r\n0\r\n\r\n"), HTTP1_CHUNK_SIZE},
    {"7.1.2 bare LF", RAW("0\r\n\n"), HTTP1_BARE_LF},
    {"7.1.2 bare LF", RAW("0\r\nX: y\n\r\n"), HTTP1_BARE_LF},
    {"7.1.2 bare CR", RAW("0\r\nX: y\rZ: a\r\n\r\n"), HTTP1_BARE_CR},
    {"7.1.2 bare CR", RAW("0\r\n\rX"), HTTP1_BARE_CR},
    {"7.1.2 control", RAW("0\r\nX: \0\r\n\r\n"), HTTP1_CONTROL},
    {"7.1.2 folding", RAW("0\r\nX: y\r\n z\r\n\r\n"), HTTP1_FIELD_FOLD},
    {"7.1.2 folding", RAW("0\r\n X: y\r\n\r\n"), HTTP1_FIELD_FOLD},
    {"7.1.2 space", RAW("0\r\nX : y\r\n\r\n"), HTTP1_FIELD_SPACE},
    {"7.1.2 name", RAW("0\r\nGET / HTTP/1.1\r\n\r\n"), HTTP1_FIELD_SPACE},
    {"7.1.2 name", RAW("0\r\nX\r\n\r\n"), HTTP1_FIELD_NAME},
    {"9110 6.5.1", RAW("0\r\nContent-Length: 5\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\ntransfer-encoding: chunked\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\nHost: a\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\nX: y\r\nAUTHORIZATION: a\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\nConnection: x\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\nSet-Cookie: a\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\nX-Forwarded-For: a\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
    {"9110 6.5.1", RAW("0\r\nContent-Encoding: gzip\r\n\r\n"), HTTP1_TRAILER_FORBIDDEN},
};

enum {
    TAKEN_COUNT = sizeof(TAKEN) / sizeof(TAKEN[0]),
    REFUSED_COUNT = sizeof(REFUSED) / sizeof(REFUSED[0])
};

static void check_taken(const struct taken *wanted, outcome_t *o)
{
    if (o->result)
        fail_msg("%s: %s: refused: %s", wanted->source, wanted->raw.base, o->why.reason);
    assert_true(o->body.done);
    assert_slice(strbuf_slice(&o->data), wanted->data);
    assert_int_equal(o->used, wanted->raw.len - wanted->left);
    assert_int_equal(http1_body_end(&o->body), 0);
    drop(o);
}

static void test_good_chunks_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < TAKEN_COUNT; i++) {
        outcome_t o;
        for (size_t first = 0; first <= TAKEN[i].raw.len; first++) {
            run_split(&o, TAKEN[i].raw, first);
            check_taken(&TAKEN[i], &o);
        }
        run_bytewise(&o, TAKEN[i].raw);
        check_taken(&TAKEN[i], &o);
    }
}

static void check_refused(const struct refused *wanted, outcome_t *o)
{
    if (o->result != GW_EPARSE || o->why.id != wanted->why)
        fail_msg("%s: %s: got %d, %s", wanted->source, wanted->raw.base, o->result,
                 o->result ? o->why.reason : "taken");
    assert_false(o->body.done);
    drop(o);
}

static void test_bad_chunks_are_refused_wherever_they_are_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < REFUSED_COUNT; i++) {
        outcome_t o;
        for (size_t first = 0; first <= REFUSED[i].raw.len; first++) {
            run_split(&o, REFUSED[i].raw, first);
            check_refused(&REFUSED[i], &o);
        }
        run_bytewise(&o, REFUSED[i].raw);
        check_refused(&REFUSED[i], &o);
    }
}

static void test_chunks_that_stop_early_are_cut_off(void **state)
{
    (void)state;
    slice_t raw = SLICE("5\r\nhello\r\n0\r\nX: y\r\n\r\n");
    for (size_t len = 0; len < raw.len; len++) {
        outcome_t o;
        run_split(&o, slice_sub(raw, 0, len), 0);
        assert_int_equal(o.result, 0);
        assert_false(o.body.done);
        assert_int_equal(http1_body_end(&o.body), GW_EOF);
        drop(&o);
    }
}

static void test_trailers_are_given_once_the_body_is_done(void **state)
{
    (void)state;
    outcome_t o;
    run_bytewise(&o, SLICE("0\r\nX-Sum: abc\r\nServer-Timing:  t \r\n\r\n"));
    assert_true(o.body.done);
    assert_int_equal(o.body.trailers.count, 2);
    assert_slice(o.body.trailers.at[0].name, "X-Sum");
    assert_slice(o.body.trailers.at[0].value, "abc");
    assert_slice(o.body.trailers.at[1].value, "t");
    drop(&o);
}

static void test_long_trailers_are_kept_whole(void **state)
{
    (void)state;
    outcome_t o;
    start(&o, HTTP_BODY_CHUNKED, 0);
    feed(&o, SLICE("0\r\n"));
    for (int i = 10; i < 70; i++) {
        char line[64];
        int len = snprintf(line, sizeof(line), "X-Name-%d: a value of some bytes %d\r\n", i, i);
        feed(&o, slice_make(line, (size_t)len));
    }
    feed(&o, SLICE("\r\n"));
    assert_true(o.body.done);
    assert_int_equal(o.body.trailers.count, 60);
    assert_slice(o.body.trailers.at[0].name, "X-Name-10");
    assert_slice(o.body.trailers.at[59].value, "a value of some bytes 69");
    drop(&o);
}

static void test_a_body_without_trailers_needs_no_memory(void **state)
{
    (void)state;
    outcome_t o;
    run_bytewise(&o, SLICE("5\r\nhello\r\n0\r\n\r\n"));
    assert_true(o.body.done);
    assert_int_equal(o.body.trailers.count, 0);
    assert_int_equal(arena_heap_size(&o.arena), 0);
    drop(&o);
}

/* Gives a body a repeated piece until it is refused; the number of pieces that were taken. */
static int feed_until_refused(outcome_t *o, const char *piece, int most)
{
    int taken = 0;
    while (taken < most) {
        feed(o, slice_of(piece));
        if (o->result)
            break;
        taken++;
    }
    return taken;
}

static void test_trailers_are_bounded(void **state)
{
    (void)state;
    outcome_t o;
    start(&o, HTTP_BODY_CHUNKED, 0);
    feed(&o, SLICE("0\r\n"));
    assert_in_range(feed_until_refused(&o, "X-Name: value\r\n", 100000), 500, 546);
    assert_int_equal(o.why.id, HTTP1_TRAILER_SIZE);
    assert_true(arena_heap_size(&o.arena) < 32768);
    drop(&o);

    start(&o, HTTP_BODY_CHUNKED, 0);
    feed(&o, SLICE("0\r\n"));
    assert_int_equal(feed_until_refused(&o, "X: y\r\n", 65), 65);
    feed(&o, SLICE("\r\n"));
    assert_int_equal(o.why.id, HTTP1_TRAILER_SIZE);
    drop(&o);
}

/* Chunks of one byte with long extensions cost the receiver much and the sender little. */
static void test_extensions_are_bounded(void **state)
{
    (void)state;
    outcome_t o;
    start(&o, HTTP_BODY_CHUNKED, 0);
    feed(&o, SLICE("1;"));
    assert_int_equal(feed_until_refused(&o, "x", 1000), 256);
    assert_int_equal(o.why.id, HTTP1_CHUNK_EXTENSION_SIZE);
    drop(&o);

    start(&o, HTTP_BODY_CHUNKED, 0);
    assert_int_equal(feed_until_refused(&o, "1;0123456789abcdef\r\nx\r\n", 100000), 1024);
    assert_int_equal(o.why.id, HTTP1_CHUNK_EXTENSION_SIZE);
    drop(&o);
}

static void test_payload_is_a_part_of_what_was_fed(void **state)
{
    (void)state;
    outcome_t o;
    start(&o, HTTP_BODY_CHUNKED, 0);
    slice_t in = SLICE("5\r\nhello\r\n0\r\n\r\n"), data;
    size_t used;
    assert_int_equal(http1_body_feed(&o.body, in, &used, &data, &o.why), 0);
    assert_ptr_equal(data.base, in.base + 3);
    assert_int_equal(data.len, 5);
    assert_int_equal(used, 8);
    drop(&o);
}

static void test_a_counted_body_ends_with_its_last_byte(void **state)
{
    (void)state;
    slice_t raw = SLICE("helloGET /");
    for (size_t first = 0; first <= raw.len; first++) {
        outcome_t o;
        start(&o, HTTP_BODY_LENGTH, 5);
        feed(&o, slice_sub(raw, 0, first));
        assert_int_equal(o.body.done, first >= 5);
        assert_int_equal(http1_body_end(&o.body), first >= 5 ? 0 : GW_EOF);
        feed(&o, slice_sub(raw, first, raw.len));
        assert_slice(strbuf_slice(&o.data), "hello");
        assert_int_equal(o.used, 5);
        drop(&o);
    }
}

static void test_a_body_of_nothing_is_done_at_once(void **state)
{
    (void)state;
    outcome_t o;
    start(&o, HTTP_BODY_LENGTH, 0);
    assert_true(o.body.done);
    drop(&o);
    start(&o, HTTP_BODY_NONE, 0);
    assert_true(o.body.done);
    size_t used;
    slice_t data;
    assert_int_equal(http1_body_feed(&o.body, SLICE("GET /"), &used, &data, &o.why), 0);
    assert_int_equal(used, 0);
    assert_int_equal(data.len, 0);
    drop(&o);
}

static void test_a_body_until_close_ends_with_the_connection(void **state)
{
    (void)state;
    outcome_t o;
    start(&o, HTTP_BODY_CLOSE, 0);
    feed(&o, SLICE("hello "));
    feed(&o, SLICE("world"));
    assert_false(o.body.done);
    assert_slice(strbuf_slice(&o.data), "hello world");
    assert_int_equal(http1_body_end(&o.body), 0);
    assert_true(o.body.done);
    drop(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_chunks_are_read),
        cmocka_unit_test(test_bad_chunks_are_refused_wherever_they_are_split),
        cmocka_unit_test(test_chunks_that_stop_early_are_cut_off),
        cmocka_unit_test(test_trailers_are_given_once_the_body_is_done),
        cmocka_unit_test(test_long_trailers_are_kept_whole),
        cmocka_unit_test(test_a_body_without_trailers_needs_no_memory),
        cmocka_unit_test(test_trailers_are_bounded),
        cmocka_unit_test(test_extensions_are_bounded),
        cmocka_unit_test(test_payload_is_a_part_of_what_was_fed),
        cmocka_unit_test(test_a_counted_body_ends_with_its_last_byte),
        cmocka_unit_test(test_a_body_of_nothing_is_done_at_once),
        cmocka_unit_test(test_a_body_until_close_ends_with_the_connection),
    };
    return cmocka_run_group_tests_name("http1_body", tests, NULL, NULL);
}
