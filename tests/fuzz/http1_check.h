/*
 * http1_check.h: what the HTTP/1.1 fuzz targets share. A broken promise ends the process, with
 * its text on standard error.
 */
#ifndef TESTS_FUZZ_HTTP1_CHECK_H
#define TESTS_FUZZ_HTTP1_CHECK_H

#include <http_parser.h>

#include "core/check.h"
#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "transport/http1.h"
#include "transport/http1_write.h"
#include "transport/http_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* copy_exact copies bytes to heap memory of just their size, so that ASAN sees a read beyond. */
static inline char *copy_exact(slice_t bytes)
{
    char *copy = xmalloc(bytes.len ? bytes.len : 1);
    if (bytes.len)
        memcpy(copy, bytes.base, bytes.len);
    return copy;
}

/* scan_at_once and scan_in_parts look for the end of a head. */
static inline int scan_at_once(slice_t raw, const http1_limits_t *limits, http1_scan_t *scan)
{
    http1_reject_t why;
    return http1_scan_head(scan, raw, limits, &why);
}

static inline int scan_in_parts(slice_t raw, const http1_limits_t *limits, http1_scan_t *scan,
                                uint64_t seed)
{
    http1_reject_t why;
    int result = 0;
    for (size_t len = 0;; seed = seed * 6364136223846793005u + 1442695040888963407u) {
        size_t more = 1 + (seed >> 33) % 7;
        len = more < raw.len - len ? len + more : raw.len;
        char *bytes = copy_exact(slice_sub(raw, 0, len));
        result = http1_scan_head(scan, slice_make(bytes, len), limits, &why);
        free(bytes);
        if (result != GW_EAGAIN || len == raw.len)
            return result;
    }
}

/* check_fields: nothing that could end a line, and nothing that was to be stripped. */
static inline void check_fields(const http_headers_t *headers)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        const http_header_t *header = &headers->at[i];
        GW_ASSERT(http_token_valid(header->name));
        GW_ASSERT(http_value_valid(header->value));
        GW_ASSERT(header->id == http_header_lookup(header->name));
    }
}

/* What http-parser says of a whole head. */
typedef struct second_opinion {
    http_parser parser;
    slice_t url;
    slice_t names[128], values[128];
    size_t count;
    bool in_value, complete;
} second_opinion_t;

static inline int on_url(http_parser *parser, const char *at, size_t len)
{
    ((second_opinion_t *)parser->data)->url = slice_make(at, len);
    return 0;
}

static inline int on_name(http_parser *parser, const char *at, size_t len)
{
    second_opinion_t *so = parser->data;
    GW_ASSERT(so->count < 128);
    so->names[so->count] = slice_make(at, len);
    return 0;
}

static inline int on_value(http_parser *parser, const char *at, size_t len)
{
    second_opinion_t *so = parser->data;
    so->values[so->count++] = http_trim(slice_make(at, len));
    return 0;
}

/* 1: the body, if there is any, does not follow in these bytes. */
static inline int on_head(http_parser *parser)
{
    ((second_opinion_t *)parser->data)->complete = true;
    http_parser_pause(parser, 1);
    return 0;
}

/* confuses_http_parser: it takes a field whose name only begins with Transfer-Encoding for one
 * that stands against Content-Length, and no tab for white space behind a number. */
static inline bool confuses_http_parser(slice_t raw, const http_headers_t *headers)
{
    if (slice_chr(raw, '\t') < raw.len)
        return true;
    slice_t name = SLICE("transfer-encoding");
    for (uint32_t i = 0; i < headers->count; i++) {
        slice_t got = headers->at[i].name;
        if (got.len > name.len && slice_eq_nocase(slice_sub(got, 0, name.len), name))
            return true;
    }
    return false;
}

/* ask_http_parser runs it over a whole head; it has to take it to its last byte. */
static inline void ask_http_parser(enum http_parser_type type, slice_t head, second_opinion_t *so)
{
    static const http_parser_settings SETTINGS = {.on_url = on_url,
                                                  .on_header_field = on_name,
                                                  .on_header_value = on_value,
                                                  .on_headers_complete = on_head};
    *so = (second_opinion_t){0};
    http_parser_init(&so->parser, type);
    so->parser.data = so;
    size_t used = http_parser_execute(&so->parser, &SETTINGS, head.base, head.len);
    enum http_errno error = HTTP_PARSER_ERRNO(&so->parser);
    GW_ASSERT(so->complete);
    GW_ASSERT(error == HPE_OK || error == HPE_PAUSED);
    GW_ASSERT(used + 1 >= head.len);
}

/* check_same_fields: every field that we have is one of http-parser's, in the same order. */
static inline void check_same_fields(const http_headers_t *headers, const second_opinion_t *so)
{
    size_t at = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        while (at < so->count && !(slice_eq(so->names[at], headers->at[i].name) &&
                                   slice_eq(so->values[at], headers->at[i].value)))
            at++;
        GW_ASSERT(at < so->count);
        at++;
    }
}

/* check_same_framing: chunked, counted, or neither. */
static inline void check_same_framing(http_framing_t framing, uint64_t length,
                                      const second_opinion_t *so)
{
    GW_ASSERT((framing == HTTP_BODY_CHUNKED) == ((so->parser.flags & F_CHUNKED) != 0));
    GW_ASSERT((framing == HTTP_BODY_LENGTH) == ((so->parser.flags & F_CONTENTLENGTH) != 0));
    if (framing == HTTP_BODY_LENGTH)
        GW_ASSERT(so->parser.content_length == length);
}

#endif
