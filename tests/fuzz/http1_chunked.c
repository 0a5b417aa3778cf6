/*
 * http1_chunked.c: any bytes as a chunked body.
 *
 * However it is split, the outcome is the same; http-parser finds the same payload and the same
 * end in what we take; and what we write of it reads the same again.
 */
#include "tests/fuzz/http1_check.h"
#include "transport/http1_body.h"

/* What came of a body. */
typedef struct outcome {
    int result;
    http1_reject_t why;
    size_t used;
    strbuf_t data;
    http1_body_t body;
    arena_t arena;
} outcome_t;

static void feed(outcome_t *o, slice_t part)
{
    char *bytes = copy_exact(part);
    slice_t in = slice_make(bytes, part.len);
    while (o->result == 0 && in.len && !o->body.done) {
        size_t used = 0;
        slice_t data = {NULL, 0};
        o->result = http1_body_feed(&o->body, in, &used, &data, &o->why);
        if (o->result)
            break;
        GW_ASSERT(used > 0 && used <= in.len && data.len <= used);
        GW_ASSERT(!data.len || (data.base >= in.base && data.base + data.len <= in.base + used));
        strbuf_add(&o->data, data);
        o->used += used;
        in = slice_sub(in, used, in.len);
    }
    free(bytes);
}

/* Parts of at most `most` bytes, chosen by the seed. */
static void run(outcome_t *o, slice_t raw, size_t most, uint64_t seed)
{
    *o = (outcome_t){0};
    http1_body_init(&o->body, HTTP_BODY_CHUNKED, 0, &o->arena);
    for (size_t at = 0; at < raw.len;) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t len = 1 + (seed >> 33) % most;
        feed(o, slice_sub(raw, at, len));
        at += len;
    }
}

static void drop(outcome_t *o)
{
    strbuf_fini(&o->data);
    arena_fini(&o->arena);
}

static void check_same(const outcome_t *a, const outcome_t *b)
{
    GW_ASSERT(a->result == b->result && a->body.done == b->body.done);
    GW_ASSERT(a->result == 0 || a->why.id == b->why.id);
    GW_ASSERT(slice_eq(strbuf_slice(&a->data), strbuf_slice(&b->data)));
    GW_ASSERT(!a->body.done || a->used == b->used);
    GW_ASSERT(a->body.trailers.count == b->body.trailers.count);
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    strbuf_add(parser->data, slice_make(at, len));
    return 0;
}

static int on_end(http_parser *parser)
{
    http_parser_pause(parser, 1);
    return 0;
}

static void check_http_parser(const outcome_t *o, slice_t raw)
{
    static const http_parser_settings SETTINGS = {.on_body = on_body,
                                                  .on_message_complete = on_end};
    slice_t head = SLICE("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    strbuf_t data = {0};
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &data;
    http_parser_execute(&parser, &SETTINGS, head.base, head.len);
    size_t used = http_parser_execute(&parser, &SETTINGS, raw.base, raw.len);
    GW_ASSERT(HTTP_PARSER_ERRNO(&parser) == HPE_PAUSED);
    GW_ASSERT(used == o->used || used + 1 == o->used); /* a pause may leave the last byte */
    GW_ASSERT(slice_eq(strbuf_slice(&data), strbuf_slice(&o->data)));
    strbuf_fini(&data);
}

static void check_written(const outcome_t *o)
{
    strbuf_t text = {0};
    if (o->data.len) {
        char size[HTTP1_CHUNK_SIZE_MAX];
        strbuf_add(&text, slice_make(size, http1_chunk_put(size, o->data.len)));
        strbuf_add(&text, strbuf_slice(&o->data));
        strbuf_add(&text, HTTP1_CHUNK_TAIL);
    }
    http1_write_last_chunk(&text, &o->body.trailers);
    outcome_t again;
    run(&again, strbuf_slice(&text), SIZE_MAX / 2, 1);
    GW_ASSERT(again.result == 0 && again.body.done && again.used == text.len);
    GW_ASSERT(slice_eq(strbuf_slice(&again.data), strbuf_slice(&o->data)));
    GW_ASSERT(again.body.trailers.count == o->body.trailers.count);
    drop(&again);
    strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t raw = slice_make((const char *)data, size);
    outcome_t whole, parts, bytes;
    run(&whole, raw, size ? size : 1, 0);
    run(&parts, raw, 9, slice_hash(raw, 1));
    run(&bytes, raw, 1, 0);
    check_same(&whole, &parts);
    check_same(&whole, &bytes);
    if (whole.body.done && whole.result == 0) {
        check_fields(&whole.body.trailers);
        check_http_parser(&whole, raw);
        check_written(&whole);
    }
    drop(&whole);
    drop(&parts);
    drop(&bytes);
    return 0;
}
