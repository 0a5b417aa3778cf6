/*
 * http1_response.c: any bytes as the head of a response; the first one chooses what was asked.
 *
 * Whatever is taken is taken however it is split; has no control character; means to http-parser
 * what it means to us; and what we write of it for a client means the same again.
 */
#include "tests/fuzz/http1_check.h"

static const http1_limits_t LIMITS = {4096, 1024, 64};

static void check_head(const http_response_head_t *head, http1_asked_t asked)
{
    check_fields(&head->headers);
    GW_ASSERT(head->status >= 100 && head->status <= 599);
    bool bare = asked.head || head->status < 200 || head->status == 204 || head->status == 304;
    GW_ASSERT(bare == (head->framing == HTTP_BODY_NONE));
    GW_ASSERT(head->status != 101 || asked.upgrade);
    GW_ASSERT(head->framing != HTTP_BODY_CLOSE || !head->keep_alive);
    for (size_t i = 0; i < head->reason.len; i++)
        GW_ASSERT((uint8_t)head->reason.base[i] >= 0x20 || head->reason.base[i] == '\t');
}

static void check_http_parser(slice_t raw, const http_response_head_t *head)
{
    second_opinion_t so;
    if (confuses_http_parser(raw, &head->headers))
        return;
    ask_http_parser(HTTP_RESPONSE, raw, &so);
    GW_ASSERT(so.parser.status_code == head->status);
    GW_ASSERT(so.parser.http_major == 1 && so.parser.http_minor == head->minor);
    check_same_fields(&head->headers, &so);
    if (head->framing != HTTP_BODY_NONE)
        check_same_framing(head->framing, head->content_length, &so);
}

static void check_written(const http_response_head_t *head, http1_asked_t asked)
{
    bool keep = head->keep_alive;
    http_framing_t framing = http1_client_framing(head->framing, 1, &keep);
    http1_response_out_t out = {
        .status = head->status,
        .reason = head->reason,
        .headers = &head->headers,
        .framing = framing,
        .content_length = head->content_length,
        .client_minor = 1,
        .keep_alive = keep,
    };
    size_t size = http1_response_size(&out);
    char *text = xmalloc(size);
    size_t len = (size_t)(http1_response_put(&out, text) - text);
    GW_ASSERT(len <= size);
    arena_t arena = {0};
    http_response_head_t again;
    http1_reject_t why;
    static const http1_limits_t MORE = {65536, 8192, 128};
    GW_ASSERT(http1_parse_response(text, len, &arena, &MORE, asked, &again, &why) == 0);
    GW_ASSERT(again.status == head->status && slice_eq(again.reason, head->reason));
    GW_ASSERT(again.framing == framing && again.content_length == head->content_length);
    GW_ASSERT(again.keep_alive == keep || head->status < 200);
    arena_fini(&arena);
    free(text);
}

static bool parse(slice_t raw, http1_asked_t asked)
{
    arena_t arena = {0};
    http_response_head_t head;
    http1_reject_t why;
    char *bytes = copy_exact(raw);
    bool taken = http1_parse_response(bytes, raw.len, &arena, &LIMITS, asked, &head, &why) == 0;
    if (taken) {
        check_head(&head, asked);
        check_http_parser(raw, &head);
        check_written(&head, asked);
    } else {
        GW_ASSERT(why.status == 502 && why.reason);
    }
    arena_fini(&arena);
    free(bytes);
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    http1_asked_t asked = {.head = data[0] & 1, .upgrade = data[0] & 2};
    slice_t raw = slice_make((const char *)data + 1, size - 1);
    http1_scan_t once = {.response = true}, parts = {.response = true};
    int at_once = scan_at_once(raw, &LIMITS, &once);
    int in_parts = scan_in_parts(raw, &LIMITS, &parts, slice_hash(raw, 1));
    bool taken = parse(at_once == 0 ? slice_sub(raw, 0, once.len) : raw, asked);
    if (at_once == 0 && in_parts == 0)
        GW_ASSERT(once.start == 0 && parts.start == 0 && once.len == parts.len);
    else if (at_once == 0)
        GW_ASSERT(!taken); /* in parts, a fault was seen before the end */
    else
        GW_ASSERT(at_once == in_parts && !taken);
    return 0;
}
