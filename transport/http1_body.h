/*
 * http1_body.h: taking a message body off a connection: bytes in, spans of payload out, nothing
 * copied.
 *
 * The chunked coding is read by a state machine of this project and not by http-parser, which
 * cannot be strict here: it skips whatever stands behind a chunk size up to a CR, without any
 * limit and with bare line feeds in it, and takes trailer lines that end in LF alone. A scan in
 * front of it that refused all this would have to be the same state machine.
 *
 * A body belongs to one message and one thread. After a refusal, or an end that comes too early,
 * the connection has to be closed.
 */
#ifndef TRANSPORT_HTTP1_BODY_H
#define TRANSPORT_HTTP1_BODY_H

#include "transport/http1.h"

/* `done` and `trailers` may be read; the rest is private. */
typedef struct http1_body {
    bool done;               /* the body has been taken whole */
    http_headers_t trailers; /* of a chunked body, once done */
    struct {
        uint64_t left; /* bytes of the body, or of the chunk */
        arena_t *arena;
        char *trailer; /* what came of the trailer section */
        uint32_t trailer_len, trailer_capacity;
        uint32_t extension_len; /* bytes of extensions so far, in all chunks */
        uint16_t line_len;      /* bytes of this chunk's size or extension */
        uint8_t state, framing;
    } priv;
} http1_body_t;

/*
 * http1_body_init starts a body with the framing of its head. The arena is used only for
 * trailers; it must live as long as they are looked at. HTTP_BODY_NONE and a length of 0 are
 * done at once.
 */
void http1_body_init(http1_body_t *body, http_framing_t framing, uint64_t content_length,
                     arena_t *arena);

/*
 * http1_body_feed looks at the bytes of `in`, which stand at the front of what came, and gives
 * the next payload in *ret_data, a part of `in` (it may be empty), and in *ret_used how many
 * bytes to drop from the front, that payload included. Call it again as long as bytes are left
 * and body->done is false. What follows behind a body that is done is not touched.
 *
 * O(1) for HTTP_BODY_LENGTH and HTTP_BODY_CLOSE, whatever the size.
 *
 * Returns 0, or GW_EPARSE with *why (why->status is that for a request).
 *
 * Chunked, as strict as RFC 9112 section 7.1 without the repairs that it allows: 1 to 16 hex
 * digits, below 2^63; no white space in front of the extension, which has graphic characters,
 * spaces and tabs, at most 256 bytes a chunk and 16 KiB a body, and is dropped; CRLF and nothing
 * else. Trailer fields have the syntax of fields, at most 8 KiB and 64 of them; one that frames,
 * routes, authenticates or describes the message is refused (RFC 9110 section 6.5.1).
 */
int http1_body_feed(http1_body_t *body, slice_t in, size_t *ret_used, slice_t *ret_data,
                    http1_reject_t *why);

/*
 * http1_body_end says that no more bytes will come. It returns 0 when the body is whole, which
 * HTTP_BODY_CLOSE is now, and GW_EOF when it was cut off.
 */
int http1_body_end(http1_body_t *body);

#endif
