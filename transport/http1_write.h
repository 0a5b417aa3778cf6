/*
 * http1_write.h: writing heads and chunk framing. What is written is decided by the caller's
 * description, never by a framing field that came from the other side.
 *
 * Which of the fields in `headers` pass: all but the hop-by-hop ones (Connection, Keep-Alive,
 * Proxy-Connection, Proxy-Authenticate, Proxy-Authorization, TE, Trailer, Transfer-Encoding,
 * Upgrade; RFC 9110 section 7.6.1), those that the writer makes itself (Host, Content-Length,
 * Expect) and those in `drop`. Fields that Connection named are no longer in a parsed table.
 * Names and values are not checked again: who makes fields of foreign text checks it
 * (http_value_valid) before.
 *
 * Writing takes two steps, so that it needs neither a guess nor a second copy: *_size gives an
 * upper bound, near the truth, of what *_put writes into memory that the caller has. Pure
 * functions; any thread.
 */
#ifndef TRANSPORT_HTTP1_WRITE_H
#define TRANSPORT_HTTP1_WRITE_H

#include "core/strbuf.h"
#include "transport/http.h"

/* A set of known fields, for `drop`. */
#define HTTP1_DROP(id) (UINT64_C(1) << (id))

typedef struct http1_request_out {
    slice_t method;
    slice_t path;  /* not empty; "*" for OPTIONS * */
    slice_t query; /* used with has_query */
    slice_t host;  /* the Host field */
    const http_headers_t *headers;
    const http_headers_t *added; /* more fields, behind those that pass; NULL for none */
    uint64_t drop;           /* HTTP1_DROP of fields that do not pass: usually those in `added` */
    uint64_t content_length; /* HTTP_BODY_LENGTH */
    slice_t upgrade;         /* the protocol to ask for; empty for none */
    http_framing_t framing;  /* NONE, LENGTH or CHUNKED */
    bool has_query;
    bool keep_alive;
    bool expect_continue;
} http1_request_out_t;

typedef struct http1_response_out {
    unsigned status;
    slice_t reason; /* may be empty */
    const http_headers_t *headers;
    const http_headers_t *added; /* NULL for none */
    uint64_t drop;
    uint64_t content_length;
    slice_t upgrade;        /* with 101, the protocol that is spoken from now on */
    http_framing_t framing; /* CLOSE asks for keep_alive == false */
    uint8_t client_minor;   /* of the client's HTTP/1.minor */
    bool keep_alive;
} http1_response_out_t;

/*
 * http1_request_size and http1_request_put write a request head for a backend: request line,
 * Host, what passes, `added`, framing, Connection. _put gives the end of what it wrote.
 */
size_t http1_request_size(const http1_request_out_t *out);
char *http1_request_put(const http1_request_out_t *out, char *to);

/*
 * http1_response_size and http1_response_put write a response head for a client. The version is
 * HTTP/1.1 for every client (RFC 9110 section 2.5). With HTTP_BODY_NONE a Content-Length in
 * `headers` passes, since it tells what a GET would have had (HEAD, 304), except with 1xx and
 * 204. A 1xx head says nothing of the connection; 1xx must not be sent to HTTP/1.0 clients.
 */
size_t http1_response_size(const http1_response_out_t *out);
char *http1_response_put(const http1_response_out_t *out, char *to);

/* http1_write_request and http1_write_response append to a buffer that grows. */
void http1_write_request(strbuf_t *to, const http1_request_out_t *out);
void http1_write_response(strbuf_t *to, const http1_response_out_t *out);

/*
 * http1_client_framing gives how a response body is framed to a client: as it came, but chunked
 * where only the end of the backend's connection ends it, and by closing the connection for
 * clients of HTTP/1.0, which know no chunks. *keep_alive becomes false in the latter case.
 */
http_framing_t http1_client_framing(http_framing_t from, uint8_t client_minor, bool *keep_alive);

/* "fffffffffffffff\r\n" and more */
enum { HTTP1_CHUNK_SIZE_MAX = 18 };

/*
 * http1_chunk_put writes the size line of a chunk of `len` bytes, not 0, to `to`, which has room
 * for HTTP1_CHUNK_SIZE_MAX, and gives its length. Behind the payload goes HTTP1_CHUNK_TAIL.
 */
size_t http1_chunk_put(char *to, uint64_t len);
#define HTTP1_CHUNK_TAIL SLICE("\r\n")

/* http1_write_last_chunk ends a chunked body, with trailers if there are any. */
void http1_write_last_chunk(strbuf_t *to, const http_headers_t *trailers);

/* An answer that the gateway makes itself. */
typedef struct http1_answer {
    unsigned status;
    slice_t content_type; /* empty: text/plain; charset=utf-8 */
    slice_t body;
    const http_headers_t *added; /* NULL for none */
    uint8_t client_minor;
    bool head; /* the request was HEAD: the body is measured and not written */
    bool keep_alive;
} http1_answer_t;

/* http1_write_answer appends head and body. A 1xx, 204 or 304 has neither body nor type. */
void http1_write_answer(strbuf_t *to, const http1_answer_t *answer);

#endif
