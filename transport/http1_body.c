/*
 * http1_body.c: the framing of bodies, see http1_body.h.
 */
#include "transport/http1_body.h"

#include "core/error.h"
#include "transport/http1_scan.h"
#include "transport/http_bytes.h"
#include "transport/http_query.h"

enum {
    SIZE_DIGITS_MAX = 16,
    EXTENSION_MAX = 256,
    EXTENSIONS_MAX = 16384,
    TRAILER_MAX = 8192,
    TRAILER_FIRST = 512,
    TRAILER_FIELDS_MAX = 64
};

/* Where in the chunked coding the next byte belongs. */
typedef enum state {
    SIZE,         /* a hex digit, or what ends them */
    EXTENSION,    /* behind the ';' */
    SIZE_LF,      /* the LF of the size line */
    DATA,         /* payload */
    DATA_CR,      /* the CR behind it */
    DATA_LF,      /* and the LF */
    TRAILER,      /* the first byte of a line of the trailer section */
    TRAILER_LINE, /* the rest of such a line */
    TRAILER_LF,   /* its LF */
    LAST_LF       /* the LF of the empty line that ends it all */
} state_t;

void http1_body_init(http1_body_t *body, http_framing_t framing, uint64_t content_length,
                     arena_t *arena)
{
    *body = (http1_body_t){
        .done = framing == HTTP_BODY_NONE || (framing == HTTP_BODY_LENGTH && content_length == 0),
        .priv = {.left = framing == HTTP_BODY_LENGTH ? content_length : 0,
                 .arena = arena,
                 .framing = (uint8_t)framing},
    };
}

/* Fields that say where a message ends, for whom it is, or what it is: they come too late in a
 * trailer section, and who merges it into the head would act on them. */
static bool is_forbidden_trailer(const http_header_t *field)
{
    static const uint64_t ALLOWED =
        HTTP1_FIELD_BIT(HTTP_HEADER_OTHER) | HTTP1_FIELD_BIT(HTTP_HEADER_DATE) |
        HTTP1_FIELD_BIT(HTTP_HEADER_SERVER) | HTTP1_FIELD_BIT(HTTP_HEADER_VIA);
    static const char *const NAMES[] = {
        "accept",
        "age",
        "authorization",
        "cache-control",
        "content-range",
        "expires",
        "content-encoding",
        "if-match",
        "if-none-match",
        "if-range",
        "if-modified-since",
        "if-unmodified-since",
        "max-forwards",
        "pragma",
        "range",
        "retry-after",
        "vary",
        "x-real-ip",
        "www-authenticate",
        "authentication-info",
    };
    if (!(ALLOWED & HTTP1_FIELD_BIT(field->id)))
        return true;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (slice_eq_nocase(field->name, slice_of(NAMES[i])))
            return true;
    }
    return false;
}

static http1_reject_id_t parse_trailers(http1_body_t *body)
{
    http1_fields_t fields;
    const char *at = body->priv.trailer;
    http1_reject_id_t fault = http1_scan_fields(at, at + body->priv.trailer_len, body->priv.arena,
                                                TRAILER_FIELDS_MAX, &fields);
    if (fault == HTTP1_FIELD_COUNT)
        return HTTP1_TRAILER_SIZE;
    for (uint32_t i = 0; fault == HTTP1_OK && i < fields.headers.count; i++) {
        if (is_forbidden_trailer(&fields.headers.at[i]))
            fault = HTTP1_TRAILER_FORBIDDEN;
    }
    if (fault == HTTP1_OK)
        body->trailers = fields.headers;
    return fault;
}

/* Trailer fields may come in pieces, so their bytes are gathered; few messages have any. */
static http1_reject_id_t keep_trailer(http1_body_t *body, const char *from, size_t len)
{
    if (len > TRAILER_MAX - body->priv.trailer_len)
        return HTTP1_TRAILER_SIZE;
    if (len == 0)
        return HTTP1_OK;
    uint32_t need = body->priv.trailer_len + (uint32_t)len;
    if (need > body->priv.trailer_capacity) {
        uint32_t capacity = need > TRAILER_FIRST ? TRAILER_MAX : TRAILER_FIRST;
        char *trailer = arena_bytes(body->priv.arena, capacity);
        if (body->priv.trailer_len)
            memcpy(trailer, body->priv.trailer, body->priv.trailer_len);
        body->priv.trailer = trailer;
        body->priv.trailer_capacity = capacity;
    }
    memcpy(body->priv.trailer + body->priv.trailer_len, from, len);
    body->priv.trailer_len = need;
    return HTTP1_OK;
}

static http1_reject_id_t expect(http1_body_t *body, char got, char want, state_t next,
                                http1_reject_id_t fault)
{
    body->priv.state = (uint8_t)next;
    return got == want ? HTTP1_OK : fault;
}

static http1_reject_id_t size_byte(http1_body_t *body, char c)
{
    int digit = http_hex_digit(c);
    if (digit >= 0) {
        body->priv.left = body->priv.left << 4 | (uint64_t)digit;
        return ++body->priv.line_len > SIZE_DIGITS_MAX ? HTTP1_CHUNK_SIZE : HTTP1_OK;
    }
    if (body->priv.line_len == 0 || body->priv.left > INT64_MAX || (c != ';' && c != '\r'))
        return HTTP1_CHUNK_SIZE;
    body->priv.line_len = 0;
    body->priv.state = c == ';' ? EXTENSION : SIZE_LF;
    return HTTP1_OK;
}

static http1_reject_id_t extension_byte(http1_body_t *body, char c)
{
    if (c == '\r') {
        body->priv.line_len = 0;
        body->priv.state = SIZE_LF;
        return HTTP1_OK;
    }
    uint8_t byte = (uint8_t)c;
    if (c != '\t' && (byte < 0x20 || byte > 0x7e))
        return HTTP1_CHUNK_EXTENSION;
    if (++body->priv.line_len > EXTENSION_MAX || ++body->priv.extension_len > EXTENSIONS_MAX)
        return HTTP1_CHUNK_EXTENSION_SIZE;
    return HTTP1_OK;
}

/* Gathers the part of a trailer line that `in` has, without its line end; *used bytes of it. */
static http1_reject_id_t trailer_line(http1_body_t *body, slice_t in, size_t *used)
{
    const char *end = bytes_find_control(in.base, in.base + in.len);
    *used = (size_t)(end - in.base);
    http1_reject_id_t fault = keep_trailer(body, in.base, *used);
    if (fault || *used == in.len)
        return fault;
    if (*end != '\r')
        return *end == '\n' ? HTTP1_BARE_LF : HTTP1_CONTROL;
    *used += 1;
    body->priv.state = TRAILER_LF;
    return HTTP1_OK;
}

/* The body is over; trailer lines were kept each with its CRLF, the empty line is added. */
static http1_reject_id_t finish(http1_body_t *body)
{
    http1_reject_id_t fault = HTTP1_OK;
    if (body->priv.trailer_len && (fault = keep_trailer(body, "\r\n", 2)) == HTTP1_OK)
        fault = parse_trailers(body);
    body->done = fault == HTTP1_OK;
    return fault;
}

/* Takes one byte of framing, or the part of a trailer line that is there. */
static http1_reject_id_t framing_bytes(http1_body_t *body, slice_t in, size_t *used)
{
    char c = in.base[0];
    http1_reject_id_t fault;
    *used = 1;
    switch ((state_t)body->priv.state) {
    case SIZE:
        return size_byte(body, c);
    case EXTENSION:
        return extension_byte(body, c);
    case SIZE_LF:
        return expect(body, c, '\n', body->priv.left ? DATA : TRAILER, HTTP1_BARE_CR);
    case DATA_CR:
        return expect(body, c, '\r', DATA_LF, HTTP1_CHUNK_END);
    case DATA_LF:
        return expect(body, c, '\n', SIZE, HTTP1_CHUNK_END);
    case TRAILER:
        if (c == '\r')
            return expect(body, c, '\r', LAST_LF, HTTP1_OK);
        body->priv.state = TRAILER_LINE;
        return trailer_line(body, in, used);
    case TRAILER_LINE:
        return trailer_line(body, in, used);
    case TRAILER_LF:
        fault = expect(body, c, '\n', TRAILER, HTTP1_BARE_CR);
        return fault ? fault : keep_trailer(body, "\r\n", 2);
    case LAST_LF:
        fault = expect(body, c, '\n', LAST_LF, HTTP1_BARE_CR);
        return fault ? fault : finish(body);
    case DATA:
        break;
    }
    return HTTP1_OK;
}

static http1_reject_id_t feed_chunked(http1_body_t *body, slice_t in, size_t *used, slice_t *data)
{
    size_t at = 0;
    while (at < in.len && body->priv.state != DATA && !body->done) {
        size_t taken;
        http1_reject_id_t fault = framing_bytes(body, slice_sub(in, at, in.len), &taken);
        if (fault)
            return fault;
        at += taken;
    }
    *data = (slice_t){NULL, 0};
    if (body->priv.state == DATA) {
        *data = slice_sub(in, at, body->priv.left < in.len ? (size_t)body->priv.left : in.len);
        body->priv.left -= data->len;
        if (body->priv.left == 0)
            body->priv.state = DATA_CR;
    }
    *used = at + data->len;
    return HTTP1_OK;
}

int http1_body_feed(http1_body_t *body, slice_t in, size_t *ret_used, slice_t *ret_data,
                    http1_reject_t *why)
{
    http1_reject_id_t fault = HTTP1_OK;
    size_t used = 0;
    slice_t data = {NULL, 0};
    if (body->priv.framing == HTTP_BODY_CHUNKED) {
        fault = feed_chunked(body, in, &used, &data);
    } else if (!body->done) {
        bool counted = body->priv.framing == HTTP_BODY_LENGTH;
        used = counted && body->priv.left < in.len ? (size_t)body->priv.left : in.len;
        data = slice_sub(in, 0, used);
        body->priv.left -= counted ? used : 0;
        body->done = counted && body->priv.left == 0;
    }
    if (fault)
        return http1_refuse(fault, why);
    *ret_used = used;
    *ret_data = data;
    return 0;
}

int http1_body_end(http1_body_t *body)
{
    if (body->priv.framing == HTTP_BODY_CLOSE)
        body->done = true;
    return body->done ? 0 : GW_EOF;
}
