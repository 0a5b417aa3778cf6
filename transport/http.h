/*
 * http.h: what an HTTP message is, apart from how it travels: methods, header fields, the head
 * of a request and of a response, and how its body is framed. http1.h reads and writes them.
 *
 * All slices point into memory that the holder of the head owns (the exchange's arena, or the
 * parser's input during a call).
 */
#ifndef TRANSPORT_HTTP_H
#define TRANSPORT_HTTP_H

#include "core/arena.h"
#include "core/slice.h"

/* Header fields that some part of the gateway looks at; every other field is HTTP_HEADER_OTHER.
 * ID, name in lower case. */
#define HTTP_KNOWN_HEADERS(X)                                                                      \
    X(HOST, "host")                                                                                \
    X(CONNECTION, "connection")                                                                    \
    X(KEEP_ALIVE, "keep-alive")                                                                    \
    X(PROXY_CONNECTION, "proxy-connection")                                                        \
    X(PROXY_AUTHENTICATE, "proxy-authenticate")                                                    \
    X(PROXY_AUTHORIZATION, "proxy-authorization")                                                  \
    X(TE, "te")                                                                                    \
    X(TRAILER, "trailer")                                                                          \
    X(TRANSFER_ENCODING, "transfer-encoding")                                                      \
    X(UPGRADE, "upgrade")                                                                          \
    X(CONTENT_LENGTH, "content-length")                                                            \
    X(CONTENT_TYPE, "content-type")                                                                \
    X(EXPECT, "expect")                                                                            \
    X(DATE, "date")                                                                                \
    X(SERVER, "server")                                                                            \
    X(VIA, "via")                                                                                  \
    X(FORWARDED, "forwarded")                                                                      \
    X(X_FORWARDED_FOR, "x-forwarded-for")                                                          \
    X(X_FORWARDED_PROTO, "x-forwarded-proto")                                                      \
    X(X_FORWARDED_HOST, "x-forwarded-host")                                                        \
    X(X_REQUEST_ID, "x-request-id")                                                                \
    X(USER_AGENT, "user-agent")                                                                    \
    X(REFERER, "referer")                                                                          \
    X(LOCATION, "location")                                                                        \
    X(COOKIE, "cookie")                                                                            \
    X(SET_COOKIE, "set-cookie")                                                                    \
    X(ORIGIN, "origin")

typedef enum http_header_id {
    HTTP_HEADER_OTHER = 0,
#define HTTP_HEADER_ENUM(id, name) HTTP_HEADER_##id,
    HTTP_KNOWN_HEADERS(HTTP_HEADER_ENUM) HTTP_HEADER_COUNT
#undef HTTP_HEADER_ENUM
} http_header_id_t;

/* One header field. `name` is as it came (any case); compare by id, or without case. */
typedef struct http_header {
    slice_t name;
    slice_t value; /* without the white space around it */
    uint16_t id;   /* http_header_id_t */
} http_header_t;

typedef struct http_headers {
    http_header_t *at;
    uint32_t count, capacity;
} http_headers_t;

/* How the end of a body is known (RFC 9112 section 6.3). */
typedef enum http_framing {
    HTTP_BODY_NONE,    /* there is no body */
    HTTP_BODY_LENGTH,  /* Content-Length, `content_length` bytes */
    HTTP_BODY_CHUNKED, /* chunked transfer coding */
    HTTP_BODY_CLOSE    /* a response that ends with the connection */
} http_framing_t;

typedef struct http_request_head {
    slice_t method;    /* "GET" */
    slice_t target;    /* as it came, but for the path in it, which is normalised */
    slice_t path;      /* absolute, without the query, normalised (http_path.h); or "*" */
    slice_t query;     /* without the '?'; empty if there is none */
    slice_t authority; /* Host, or the authority of an absolute-form target, as it came */
    slice_t host;      /* authority in lower case without the port (IPv6 in brackets) */
    http_headers_t headers;
    uint64_t content_length;
    http_framing_t framing;
    uint8_t minor;        /* HTTP/1.minor */
    bool has_query;       /* a '?' was there, even with nothing behind it */
    bool keep_alive;      /* the client wants the connection kept */
    bool expect_continue; /* Expect: 100-continue */
    bool upgrade;         /* Connection: upgrade and an Upgrade field */
} http_request_head_t;

typedef struct http_response_head {
    uint16_t status; /* 100..599 */
    slice_t reason;
    http_headers_t headers;
    uint64_t content_length;
    http_framing_t framing;
    uint8_t minor;
    bool keep_alive;
} http_response_head_t;

/* http_header_lookup gives the id of a field name, in any case. O(1). */
http_header_id_t http_header_lookup(slice_t name);

/* http_header_name gives the name of a known field, in lower case; "" for HTTP_HEADER_OTHER. */
slice_t http_header_name(http_header_id_t id);

/* http_headers_reserve makes room for `capacity` fields in all, in the arena. */
void http_headers_reserve(http_headers_t *headers, arena_t *arena, uint32_t capacity);

/* http_headers_add appends a field; the table grows in the arena, the slices are borrowed. */
void http_headers_add(http_headers_t *headers, arena_t *arena, slice_t name, slice_t value,
                      http_header_id_t id);

/* http_headers_get gives the first field with that id, or NULL. */
const http_header_t *http_headers_get(const http_headers_t *headers, http_header_id_t id);

/* http_headers_find gives the first field with that name (any case), or NULL. */
const http_header_t *http_headers_find(const http_headers_t *headers, slice_t name);

/* http_status_reason gives the standard phrase ("Not Found"), or "" for an unknown code. */
slice_t http_status_reason(unsigned status);

#endif
