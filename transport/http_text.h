/*
 * http_text.h: the small grammars of HTTP fields: tokens, values, lists, request ids. Pure
 * functions; any thread.
 */
#ifndef TRANSPORT_HTTP_TEXT_H
#define TRANSPORT_HTTP_TEXT_H

#include "core/slice.h"

/* http_token_valid: one or more tchar (RFC 9110 section 5.6.2): a field name, a method. */
bool http_token_valid(slice_t text);

/* http_value_valid: a field value (RFC 9110 section 5.5): no control character but the tab, no
 * white space at either end. It may be empty, and may have bytes above 0x7f. */
bool http_value_valid(slice_t text);

/* http_request_id_valid: an X-Request-Id that is kept: 1 to 128 letters, digits and -._~:=+@
 * (it stands in log lines and in the paths of the admin interface). */
bool http_request_id_valid(slice_t text);

/* http_trim takes spaces and tabs off both ends. */
slice_t http_trim(slice_t text);

/*
 * http_list_next takes the next element off a comma-separated list (RFC 9110 section 5.6.1) and
 * gives it without the white space around it; empty elements are skipped. False at the end.
 * Quoted strings are not looked into: the lists that the gateway reads have tokens.
 */
bool http_list_next(slice_t *rest, slice_t *ret_element);

/* http_list_has tells whether a list has this element, in any case. */
bool http_list_has(slice_t list, slice_t element);

#endif
