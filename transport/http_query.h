/*
 * http_query.h: the parameters of a query, one after the other, and percent-decoding. Pure
 * functions; any thread.
 */
#ifndef TRANSPORT_HTTP_QUERY_H
#define TRANSPORT_HTTP_QUERY_H

#include "core/arena.h"
#include "core/slice.h"

/*
 * http_query_next takes the next parameter off a query ("a=1&b&c=") and gives its name and
 * value as they came, still percent-encoded; a parameter without '=' has an empty value, and
 * empty ones ("a=1&&b") are skipped. False at the end. Start with a copy of head->query.
 */
bool http_query_next(slice_t *rest, slice_t *ret_name, slice_t *ret_value);

/*
 * http_percent_decode decodes %XX (RFC 3986 section 2.1). Text without any is given back as it
 * is; else the result is in the arena. A '%' without two hex digits behind it stands for
 * itself, and '+' is no space: that is a rule of HTML forms, not of URIs.
 */
slice_t http_percent_decode(slice_t text, arena_t *arena);

/* http_hex_digit gives the value of a hexadecimal digit, or -1. */
int http_hex_digit(char c);

/* http_percent_value gives the byte that the "%XX" at the start of `text` means, or -1. */
int http_percent_value(slice_t text);

#endif
