/*
 * http1.h: HTTP/1.1 heads: finding where one ends in the bytes that came, and reading it.
 *
 * The way of a head: the caller reads bytes into a buffer and asks http1_scan_head after each
 * read. Once it says where the head ends, the caller copies the head into memory of its own
 * (the exchange's arena) and parses it there; the parsed head points into that copy.
 *
 * Strictness comes first. What two parsers could read differently is refused, not repaired
 * (RFC 9112 allows repairs in many places; a gateway that repairs can be talked past). Every
 * refusal has a place in HTTP1_REJECTS: its status, and a text that is stable enough to be
 * logged and counted. After any refusal the connection has to be closed: where the next
 * message starts is not known.
 *
 * What is refused on purpose, although RFC 9110 and 9112 let a server take it: bare LF; more
 * than one empty line before a request; Content-Length twice, even if equal; any
 * Transfer-Encoding but one "chunked"; Transfer-Encoding in HTTP/1.0; methods that http-parser
 * does not know, CONNECT and TRACE (501: none of them is implemented, and 405 would need an
 * Allow list); a Host that is not a plain name or address; hidden dots and slashes in paths
 * (see http_path.h).
 *
 * Pure functions; any thread; nothing is kept between calls but http1_scan_t.
 */
#ifndef TRANSPORT_HTTP1_H
#define TRANSPORT_HTTP1_H

#include "transport/http.h"

/* NAME, status to a client, text. A response that is refused is always a 502. */
#define HTTP1_REJECTS(X)                                                                           \
    X(BARE_LF, 400, "line feed without carriage return")                                           \
    X(BARE_CR, 400, "carriage return without line feed")                                           \
    X(CONTROL, 400, "control character")                                                           \
    X(EMPTY_LINE, 400, "empty lines before the start line")                                        \
    X(INCOMPLETE, 400, "not one whole head")                                                       \
    X(HEAD_SIZE, 431, "head too large")                                                            \
    X(FIELD_COUNT, 431, "too many fields")                                                         \
    X(START_LINE, 400, "malformed start line")                                                     \
    X(VERSION, 505, "HTTP version not supported")                                                  \
    X(METHOD, 501, "method not implemented")                                                       \
    X(TARGET_SIZE, 414, "target too long")                                                         \
    X(TARGET_BYTE, 400, "byte not allowed in target")                                              \
    X(TARGET_FORM, 400, "form of target not allowed")                                              \
    X(PATH_DOTS, 400, "dot segment in path")                                                       \
    X(PATH_BACKSLASH, 400, "backslash in path")                                                    \
    X(PATH_ENCODING, 400, "malformed percent-encoding in path")                                    \
    X(PATH_HIDDEN, 400, "encoded dot, slash, backslash or NUL in path")                            \
    X(FIELD_NAME, 400, "malformed field name")                                                     \
    X(FIELD_SPACE, 400, "white space before the colon")                                            \
    X(FIELD_FOLD, 400, "folded field value")                                                       \
    X(HOST_MISSING, 400, "no Host")                                                                \
    X(HOST_REPEATED, 400, "more than one Host")                                                    \
    X(HOST_INVALID, 400, "malformed Host")                                                         \
    X(HOST_MISMATCH, 400, "Host and target disagree")                                              \
    X(LENGTH_REPEATED, 400, "more than one Content-Length")                                        \
    X(LENGTH_INVALID, 400, "malformed Content-Length")                                             \
    X(LENGTH_AND_CODING, 400, "Content-Length with Transfer-Encoding")                             \
    X(CODING_REPEATED, 400, "more than one Transfer-Encoding")                                     \
    X(CODING_UNKNOWN, 400, "Transfer-Encoding other than chunked")                                 \
    X(CODING_VERSION, 400, "Transfer-Encoding in HTTP/1.0")                                        \
    X(CONNECTION_OPTIONS, 400, "too many connection options")                                      \
    X(EXPECTATION, 417, "expectation other than 100-continue")                                     \
    X(SECOND_OPINION, 400, "http-parser refuses it")                                               \
    X(STATUS_LINE, 502, "malformed status line")                                                   \
    X(SWITCH_UNASKED, 502, "101 without a request to upgrade")                                     \
    X(BODY_FORBIDDEN, 502, "body where the status allows none")                                    \
    X(CHUNK_SIZE, 400, "malformed chunk size")                                                     \
    X(CHUNK_EXTENSION, 400, "malformed chunk extension")                                           \
    X(CHUNK_EXTENSION_SIZE, 400, "chunk extensions too large")                                     \
    X(CHUNK_END, 400, "chunk data without its line end")                                           \
    X(TRAILER_SIZE, 431, "trailer section too large")                                              \
    X(TRAILER_FORBIDDEN, 400, "field not allowed in trailer section")

typedef enum http1_reject_id {
    HTTP1_OK = 0,
#define HTTP1_REJECT_ENUM(name, status, text) HTTP1_##name,
    HTTP1_REJECTS(HTTP1_REJECT_ENUM)
#undef HTTP1_REJECT_ENUM
        HTTP1_REJECT_COUNT
} http1_reject_id_t;

/* Why something was refused. */
typedef struct http1_reject {
    const char *reason; /* static */
    uint16_t id;        /* http1_reject_id_t, for counters */
    uint16_t status;    /* what a client gets */
} http1_reject_t;

typedef struct http1_limits {
    uint32_t head_bytes;   /* start line and fields with their line ends */
    uint32_t target_bytes; /* request target */
    uint32_t field_count;
} http1_limits_t;

/* RFC 9112 section 3 wants request lines of 8000 bytes to work. */
#define HTTP1_LIMITS_DEFAULT                                                                       \
    {                                                                                              \
        .head_bytes = 65536, .target_bytes = 8192, .field_count = 100                              \
    }

/* How far a buffer has been looked at. Zero it for a new head. */
typedef struct http1_scan {
    bool response;  /* set by the caller: no empty line may stand in front of a response */
    uint32_t start; /* result: bytes in front of the head: 2 for an empty line, else 0 */
    uint32_t len;   /* result: bytes of the head, its empty line included */
    struct {
        uint32_t at;   /* what is before needs no other look */
        bool has_line; /* a line ended before */
    } priv;
} http1_scan_t;

/*
 * http1_scan_head looks for the end of a head in `in`, from where the last call with the same
 * `scan` stopped; `in` is everything since the head's first byte, at the same or another
 * address.
 *
 * Returns 0 when the head is complete: it is the scan->len bytes from scan->start on; whether it
 * is a good one comes out when it is parsed. Returns GW_EAGAIN when more bytes are needed.
 * Returns GW_EPARSE and fills *why when the bytes can become no head: bare CR or LF, a control
 * character, a limit; so who speaks something else, TLS for one, is told at once.
 */
int http1_scan_head(http1_scan_t *scan, slice_t in, const http1_limits_t *limits,
                    http1_reject_t *why);

/*
 * http1_parse_request reads a request head, from the method to the empty line. `head` is
 * changed (paths are normalised, see http_path.h) and must live as long as *ret, as must the
 * arena, which holds the table of fields. It checks everything itself and does not rely on
 * http1_scan_head. Returns 0, or GW_EPARSE with *why; *ret is not touched then.
 *
 * Beyond http.h: fields that Connection names are taken out of the table, since they are not
 * for the next hop (RFC 9110 section 7.6.1) and nothing may be decided on them. The ones that
 * the gateway relies on or sets stay: Host, the framing fields, X-Forwarded-*, Forwarded,
 * X-Request-Id. Connection itself and the other known hop-by-hop fields stay too; the writer
 * (http1_write.h) leaves them out.
 *
 * - Content-Length: 0 is HTTP_BODY_LENGTH with 0, so that it can be forwarded.
 * - path is "*" for OPTIONS * and for OPTIONS with an absolute URI that has no path.
 * - host and authority are empty for an HTTP/1.0 request without Host.
 * - expect_continue is false in HTTP/1.0 and without a body (RFC 9110 section 10.1.1).
 * - upgrade is true for HTTP/1.1 without a body, Connection: upgrade and one Upgrade field
 *   with one protocol other than h2c.
 */
int http1_parse_request(char *head, size_t len, arena_t *arena, const http1_limits_t *limits,
                        http_request_head_t *ret, http1_reject_t *why);

/* What has to be known of the request to read its response. */
typedef struct http1_asked {
    bool head;    /* the method was HEAD */
    bool upgrade; /* an upgrade was asked for, and 101 may come */
} http1_asked_t;

/*
 * http1_parse_response reads the head of a response from a backend, an interim one (1xx)
 * included, with the strictness of http1_parse_request; why->status is 502. The same rules for
 * memory and for fields that Connection names.
 *
 * Framing is that of RFC 9112 section 6.3: none for HEAD, 1xx, 204 and 304; a field that says
 * otherwise is refused with 1xx and 204 (a Content-Length of 0 is let pass). keep_alive is
 * false when the body ends with the connection, and after 101.
 */
int http1_parse_response(char *head, size_t len, arena_t *arena, const http1_limits_t *limits,
                         http1_asked_t asked, http_response_head_t *ret, http1_reject_t *why);

/* http1_reject_of gives what HTTP1_REJECTS says of an id other than HTTP1_OK. */
http1_reject_t http1_reject_of(http1_reject_id_t id);

#endif
