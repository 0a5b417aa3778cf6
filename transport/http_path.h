/*
 * http_path.h: the one form of a path that is both matched and forwarded.
 *
 * A path that the gateway and a backend could read differently is a hole: a rule is decided on
 * one path and another one is served. So what may mean two things is refused, what means the
 * same (RFC 3986 section 6.2.2) is written in one way, in place, before anybody looks at it:
 *
 *   refused       "." and ".." segments, also with a parameter ("..;x"); a backslash; %2e, %2f,
 *                 %5c and %00 anywhere; overlong UTF-8 (%c0%af); '%' without two hex digits
 *   normalised    %XX of a letter, digit, '-', '_' or '~' is decoded; other hex digits are
 *                 written in upper case
 *   left alone    everything else, "//" and ";x" included
 *
 * The query is not touched.
 */
#ifndef TRANSPORT_HTTP_PATH_H
#define TRANSPORT_HTTP_PATH_H

#include <stddef.h>

typedef enum http_path_fault {
    HTTP_PATH_OK = 0,
    HTTP_PATH_DOTS,      /* a "." or ".." segment */
    HTTP_PATH_BACKSLASH, /* a backslash */
    HTTP_PATH_ENCODING,  /* '%' without two hex digits */
    HTTP_PATH_HIDDEN     /* an encoded dot, slash, backslash, NUL, or overlong UTF-8 */
} http_path_fault_t;

/* Where a path ends, in what was given and in what became of it. */
typedef struct http_path {
    size_t read; /* bytes up to the '?', or all */
    size_t len;  /* bytes of the normalised path, at most as many */
} http_path_t;

/*
 * http_path_normalise checks the path at the start of `text`, which starts with '/' and has only
 * graphic ASCII (0x21 to 0x7e) without '#', and normalises it in place. The path ends at the
 * first '?' or with the text. On a fault the path is undefined and *ret is not touched.
 */
http_path_fault_t http_path_normalise(char *text, size_t len, http_path_t *ret);

#endif
