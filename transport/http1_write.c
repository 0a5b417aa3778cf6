/*
 * http1_write.c: writing heads, see http1_write.h. A field that still stands in memory as it
 * came, "Name: value", is copied in one go; most do.
 */
#include "transport/http1_write.h"

/* CRLF and ": "; the decimal digits of a uint64_t. */
enum { FIELD_OVERHEAD = 4, DIGITS_MAX = 20, FIRST_FINAL = 200, NO_CONTENT = 204 };

/* Room for every line that the writer may make itself, and the empty line. */
#define OWN_LINES                                                                                  \
    (sizeof("Host: \r\n") + sizeof("Transfer-Encoding: chunked\r\n") + DIGITS_MAX +                \
     sizeof("Expect: 100-continue\r\n") + sizeof("Connection: keep-alive\r\n") +                   \
     sizeof("Upgrade: \r\n") + sizeof("\r\n"))

static const uint64_t NEVER_PASS =
    HTTP1_DROP(HTTP_HEADER_CONNECTION) | HTTP1_DROP(HTTP_HEADER_KEEP_ALIVE) |
    HTTP1_DROP(HTTP_HEADER_PROXY_CONNECTION) | HTTP1_DROP(HTTP_HEADER_PROXY_AUTHENTICATE) |
    HTTP1_DROP(HTTP_HEADER_PROXY_AUTHORIZATION) | HTTP1_DROP(HTTP_HEADER_TE) |
    HTTP1_DROP(HTTP_HEADER_TRAILER) | HTTP1_DROP(HTTP_HEADER_TRANSFER_ENCODING) |
    HTTP1_DROP(HTTP_HEADER_UPGRADE) | HTTP1_DROP(HTTP_HEADER_HOST) |
    HTTP1_DROP(HTTP_HEADER_CONTENT_LENGTH) | HTTP1_DROP(HTTP_HEADER_EXPECT);

static char *put(char *to, slice_t text)
{
    if (text.len)
        memcpy(to, text.base, text.len);
    return to + text.len;
}

#define PUT(to, literal) (char *)memcpy(to, literal, sizeof(literal) - 1) + sizeof(literal) - 1

static char *put_decimal(char *to, uint64_t value)
{
    char digits[DIGITS_MAX];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return put(to, slice_make(digits + at, sizeof(digits) - at));
}

/* True when name and value stand in memory with ": " between them. */
static bool is_whole(const http_header_t *field)
{
    return field->name.base + field->name.len + 2 == field->value.base &&
           memcmp(field->value.base - 2, ": ", 2) == 0;
}

static char *put_field(char *to, const http_header_t *field)
{
    if (is_whole(field)) {
        to = put(to, slice_make(field->name.base, field->name.len + 2 + field->value.len));
    } else {
        to = put(to, field->name);
        to = PUT(to, ": ");
        to = put(to, field->value);
    }
    return PUT(to, "\r\n");
}

static size_t field_size(const http_header_t *field)
{
    return field->name.len + field->value.len + FIELD_OVERHEAD;
}

static size_t fields_size(const http_headers_t *headers, uint64_t drop)
{
    size_t size = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        if (!(drop >> headers->at[i].id & 1))
            size += field_size(&headers->at[i]);
    }
    return size;
}

static char *put_fields(char *to, const http_headers_t *headers, uint64_t drop)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        if (!(drop >> headers->at[i].id & 1))
            to = put_field(to, &headers->at[i]);
    }
    return to;
}

static char *put_framing(char *to, http_framing_t framing, uint64_t content_length)
{
    if (framing == HTTP_BODY_CHUNKED)
        return PUT(to, "Transfer-Encoding: chunked\r\n");
    if (framing != HTTP_BODY_LENGTH)
        return to;
    to = PUT(to, "Content-Length: ");
    to = put_decimal(to, content_length);
    return PUT(to, "\r\n");
}

static char *put_upgrade(char *to, slice_t protocol)
{
    to = PUT(to, "Connection: upgrade\r\nUpgrade: ");
    to = put(to, protocol);
    return PUT(to, "\r\n");
}

size_t http1_request_size(const http1_request_out_t *out)
{
    return out->method.len + out->path.len + out->query.len + sizeof(" ? HTTP/1.1\r\n") +
           out->host.len + out->upgrade.len + OWN_LINES +
           fields_size(out->headers, out->drop | NEVER_PASS) +
           (out->added ? fields_size(out->added, 0) : 0);
}

char *http1_request_put(const http1_request_out_t *out, char *to)
{
    to = put(to, out->method);
    *to++ = ' ';
    to = put(to, out->path);
    if (out->has_query) {
        *to++ = '?';
        to = put(to, out->query);
    }
    to = PUT(to, " HTTP/1.1\r\nHost: ");
    to = put(to, out->host);
    to = PUT(to, "\r\n");
    to = put_fields(to, out->headers, out->drop | NEVER_PASS);
    if (out->added)
        to = put_fields(to, out->added, 0);
    to = put_framing(to, out->framing, out->content_length);
    if (out->expect_continue)
        to = PUT(to, "Expect: 100-continue\r\n");
    if (out->upgrade.len)
        to = put_upgrade(to, out->upgrade);
    else if (!out->keep_alive)
        to = PUT(to, "Connection: close\r\n");
    return PUT(to, "\r\n");
}

/* What does not pass in a response: see http1_response_put for Content-Length. */
static uint64_t response_drop(const http1_response_out_t *out)
{
    uint64_t drop = out->drop | NEVER_PASS;
    if (out->framing == HTTP_BODY_NONE && out->status >= FIRST_FINAL && out->status != NO_CONTENT)
        drop &= ~HTTP1_DROP(HTTP_HEADER_CONTENT_LENGTH) | out->drop;
    return drop;
}

static char *put_response_connection(char *to, const http1_response_out_t *out)
{
    if (out->upgrade.len)
        return put_upgrade(to, out->upgrade);
    if (out->status < FIRST_FINAL)
        return to;
    if (!out->keep_alive)
        return PUT(to, "Connection: close\r\n");
    return out->client_minor == 0 ? PUT(to, "Connection: keep-alive\r\n") : to;
}

size_t http1_response_size(const http1_response_out_t *out)
{
    return sizeof("HTTP/1.1 200 \r\n") + out->reason.len + out->upgrade.len + OWN_LINES +
           fields_size(out->headers, response_drop(out)) +
           (out->added ? fields_size(out->added, 0) : 0);
}

char *http1_response_put(const http1_response_out_t *out, char *to)
{
    to = PUT(to, "HTTP/1.1 ");
    *to++ = (char)('0' + out->status / 100 % 10);
    *to++ = (char)('0' + out->status / 10 % 10);
    *to++ = (char)('0' + out->status % 10);
    *to++ = ' ';
    to = put(to, out->reason);
    to = PUT(to, "\r\n");
    to = put_fields(to, out->headers, response_drop(out));
    if (out->added)
        to = put_fields(to, out->added, 0);
    to = put_framing(to, out->framing, out->content_length);
    to = put_response_connection(to, out);
    return PUT(to, "\r\n");
}

void http1_write_request(strbuf_t *to, const http1_request_out_t *out)
{
    char *at = strbuf_room(to, http1_request_size(out));
    to->len += (size_t)(http1_request_put(out, at) - at);
}

void http1_write_response(strbuf_t *to, const http1_response_out_t *out)
{
    char *at = strbuf_room(to, http1_response_size(out));
    to->len += (size_t)(http1_response_put(out, at) - at);
}

http_framing_t http1_client_framing(http_framing_t from, uint8_t client_minor, bool *keep_alive)
{
    if (from != HTTP_BODY_CHUNKED && from != HTTP_BODY_CLOSE)
        return from;
    if (client_minor >= 1)
        return HTTP_BODY_CHUNKED;
    *keep_alive = false;
    return HTTP_BODY_CLOSE;
}

size_t http1_chunk_put(char *to, uint64_t len)
{
    static const char HEX[] = "0123456789abcdef";
    unsigned digits = (unsigned)(67 - __builtin_clzll(len | 1)) / 4;
    for (unsigned i = digits; i > 0; i--, len >>= 4)
        to[i - 1] = HEX[len & 15];
    to[digits] = '\r';
    to[digits + 1] = '\n';
    return digits + 2;
}

void http1_write_last_chunk(strbuf_t *to, const http_headers_t *trailers)
{
    size_t room = sizeof("0\r\n\r\n") + fields_size(trailers, 0);
    char *at = strbuf_room(to, room), *start = at;
    at = PUT(at, "0\r\n");
    at = put_fields(at, trailers, 0);
    at = PUT(at, "\r\n");
    to->len += (size_t)(at - start);
}

void http1_write_answer(strbuf_t *to, const http1_answer_t *answer)
{
    static const http_headers_t NO_FIELDS;
    bool has_body =
        answer->status >= FIRST_FINAL && answer->status != NO_CONTENT && answer->status != 304;
    http_header_t type = {SLICE("Content-Type"), answer->content_type, HTTP_HEADER_CONTENT_TYPE};
    if (type.value.len == 0)
        type.value = SLICE("text/plain; charset=utf-8");
    http_headers_t fields = {&type, 1, 1};
    http1_response_out_t out = {
        .status = answer->status,
        .reason = http_status_reason(answer->status),
        .headers = has_body && answer->body.len ? &fields : &NO_FIELDS,
        .added = answer->added,
        .framing = has_body ? HTTP_BODY_LENGTH : HTTP_BODY_NONE,
        .content_length = answer->body.len,
        .client_minor = answer->client_minor,
        .keep_alive = answer->keep_alive,
    };
    http1_write_response(to, &out);
    if (has_body && !answer->head)
        strbuf_add(to, answer->body);
}
