/*
 * http1_frame.h: what requests and responses have in common once their fields are found: how
 * the body is framed, and what Connection says. Private to transport/http1*.
 */
#ifndef TRANSPORT_HTTP1_FRAME_H
#define TRANSPORT_HTTP1_FRAME_H

#include "transport/http1_scan.h"

/* What the framing fields say. */
typedef struct http1_framing {
    uint64_t content_length; /* 0 without has_length */
    slice_t coding_line;     /* of Transfer-Encoding, without its CRLF; empty without chunked */
    bool has_length, chunked;
} http1_framing_t;

/*
 * http1_read_framing reads Content-Length and Transfer-Encoding (RFC 9112 sections 6.1 to 6.3).
 * Only a plain number and exactly "chunked" get through.
 */
http1_reject_id_t http1_read_framing(const http1_fields_t *fields, uint8_t minor,
                                     http1_framing_t *ret);

/* What the Connection fields say. */
typedef struct http1_connection {
    bool close, keep_alive, upgrade;
} http1_connection_t;

/*
 * http1_read_connection reads every Connection field (RFC 9110 section 7.6.1) and takes the
 * fields that it names out of the table, apart from those that the gateway relies on. It is the
 * last to be called: http1_fields_get gives wrong answers afterwards.
 */
http1_reject_id_t http1_read_connection(http1_fields_t *fields, http1_connection_t *ret);

/* http1_keep_alive: whether the connection goes on after this message (RFC 9112 section 9.3). */
static inline bool http1_keep_alive(http1_connection_t connection, uint8_t minor)
{
    return !connection.close && (minor == 1 || connection.keep_alive);
}

#endif
