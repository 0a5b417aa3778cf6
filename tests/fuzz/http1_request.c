/*
 * http1_request.c: any bytes as a request.
 *
 * Whatever is taken is taken however it is split; has no control character and no path of two
 * meanings; means to http-parser what it means to us; and what we write of it for a backend
 * means the same again.
 */
#include "tests/fuzz/http1_check.h"
#include "transport/http_path.h"

static const http1_limits_t LIMITS = {4096, 1024, 64};

/* A path is the same when it is normalised once more. */
static void check_path(slice_t path)
{
    if (slice_eq(path, SLICE("*")))
        return;
    GW_ASSERT(path.len > 0 && path.base[0] == '/');
    char *copy = copy_exact(path);
    http_path_t again;
    GW_ASSERT(http_path_normalise(copy, path.len, &again) == HTTP_PATH_OK);
    GW_ASSERT(slice_eq(slice_make(copy, again.len), path));
    free(copy);
}

static void check_head(const http_request_head_t *head)
{
    check_fields(&head->headers);
    check_path(head->path);
    GW_ASSERT(http_token_valid(head->method));
    for (size_t i = 0; i < head->host.len; i++)
        GW_ASSERT(head->host.base[i] == slice_lower(head->host.base[i]));
    for (size_t i = 0; i < head->target.len; i++)
        GW_ASSERT(head->target.base[i] > 0x20 && head->target.base[i] < 0x7f);
    GW_ASSERT(!head->has_query || slice_ends_with(head->target, head->query));
    GW_ASSERT(head->has_query || head->query.len == 0);
    GW_ASSERT(head->host.len > 0 || head->minor == 0);
    GW_ASSERT(head->framing != HTTP_BODY_CLOSE);
    GW_ASSERT(!head->upgrade || head->framing != HTTP_BODY_CHUNKED);
}

static void check_http_parser(slice_t raw, const http_request_head_t *head)
{
    second_opinion_t so;
    if (confuses_http_parser(raw, &head->headers))
        return;
    ask_http_parser(HTTP_REQUEST, raw, &so);
    slice_t method = slice_of(http_method_str((enum http_method)so.parser.method));
    GW_ASSERT(slice_eq(method, head->method));
    GW_ASSERT(so.parser.http_major == 1 && so.parser.http_minor == head->minor);
    GW_ASSERT(so.url.len >= head->target.len);
    check_same_fields(&head->headers, &so);
    check_same_framing(head->framing, head->content_length, &so);
    /* we say "close" more often: when both are named, and to what else it takes for a token */
    if (head->keep_alive && !http_headers_get(&head->headers, HTTP_HEADER_PROXY_CONNECTION))
        GW_ASSERT(!(so.parser.flags & F_CONNECTION_CLOSE));
}

/* Which fields a writer passes on. */
static bool passes(const http_header_t *header)
{
    switch ((http_header_id_t)header->id) {
    case HTTP_HEADER_CONNECTION:
    case HTTP_HEADER_KEEP_ALIVE:
    case HTTP_HEADER_PROXY_CONNECTION:
    case HTTP_HEADER_PROXY_AUTHENTICATE:
    case HTTP_HEADER_PROXY_AUTHORIZATION:
    case HTTP_HEADER_TE:
    case HTTP_HEADER_TRAILER:
    case HTTP_HEADER_TRANSFER_ENCODING:
    case HTTP_HEADER_UPGRADE:
    case HTTP_HEADER_HOST:
    case HTTP_HEADER_CONTENT_LENGTH:
    case HTTP_HEADER_EXPECT:
        return false;
    default:
        return true;
    }
}

/* The fields that pass are the same, in the same order. */
static void check_passed(const http_headers_t *from, const http_headers_t *to)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        if (!passes(&from->at[i]))
            continue;
        while (at < to->count && !passes(&to->at[at]))
            at++;
        GW_ASSERT(at < to->count && slice_eq(from->at[i].name, to->at[at].name) &&
                  slice_eq(from->at[i].value, to->at[at].value));
        at++;
    }
    while (at < to->count && !passes(&to->at[at]))
        at++;
    GW_ASSERT(at == to->count);
}

static void check_written(const http_request_head_t *head)
{
    http1_request_out_t out = {
        .method = head->method,
        .path = head->path,
        .query = head->query,
        .has_query = head->has_query,
        .host = head->authority.len ? head->authority : SLICE("none"),
        .headers = &head->headers,
        .framing = head->framing,
        .content_length = head->content_length,
        .keep_alive = head->keep_alive,
        .expect_continue = head->expect_continue,
        .upgrade = head->upgrade ? http_headers_get(&head->headers, HTTP_HEADER_UPGRADE)->value
                                 : (slice_t){NULL, 0},
    };
    size_t size = http1_request_size(&out);
    char *text = xmalloc(size);
    size_t len = (size_t)(http1_request_put(&out, text) - text);
    GW_ASSERT(len <= size);
    arena_t arena = {0};
    http_request_head_t again;
    http1_reject_t why;
    static const http1_limits_t MORE = {65536, 8192, 128};
    GW_ASSERT(http1_parse_request(text, len, &arena, &MORE, &again, &why) == 0);
    GW_ASSERT(slice_eq(again.method, head->method) && slice_eq(again.path, head->path));
    GW_ASSERT(again.has_query == head->has_query && slice_eq(again.query, head->query));
    GW_ASSERT(!head->host.len || slice_eq(again.host, head->host));
    GW_ASSERT(again.framing == head->framing && again.content_length == head->content_length);
    GW_ASSERT(again.expect_continue == head->expect_continue && again.upgrade == head->upgrade);
    GW_ASSERT(again.keep_alive == head->keep_alive || head->upgrade);
    check_passed(&head->headers, &again.headers);
    arena_fini(&arena);
    free(text);
}

static bool parse(slice_t raw, slice_t original)
{
    arena_t arena = {0};
    http_request_head_t head;
    http1_reject_t why;
    char *bytes = copy_exact(raw);
    bool taken = http1_parse_request(bytes, raw.len, &arena, &LIMITS, &head, &why) == 0;
    if (taken) {
        check_head(&head);
        check_http_parser(original, &head);
        check_written(&head);
    } else {
        GW_ASSERT(why.status >= 400 && why.status <= 505 && why.reason);
    }
    arena_fini(&arena);
    free(bytes);
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t raw = slice_make((const char *)data, size);
    http1_scan_t once = {0}, parts = {0};
    int at_once = scan_at_once(raw, &LIMITS, &once);
    int in_parts = scan_in_parts(raw, &LIMITS, &parts, slice_hash(raw, 1));
    slice_t head = at_once == 0 ? slice_sub(raw, once.start, once.len) : raw;
    bool taken = parse(head, head);
    if (at_once == 0 && in_parts == 0)
        GW_ASSERT(once.start == parts.start && once.len == parts.len);
    else if (at_once == 0)
        GW_ASSERT(!taken); /* in parts, a fault was seen before the end */
    else
        GW_ASSERT(at_once == in_parts && !taken);
    return 0;
}
