/*
 * http1_parser.h: http-parser's reading of a head. Private to transport/http1*; http1_parser.c
 * is the one place that knows <http_parser.h>.
 */
#ifndef TRANSPORT_HTTP1_PARSER_H
#define TRANSPORT_HTTP1_PARSER_H

#include "transport/http1.h"

/* http1_parser_knows_method: `method` is the method and the space behind it. */
bool http1_parser_knows_method(slice_t method);

/*
 * http1_parser_request_chunked and http1_parser_response_chunked run http-parser over a start
 * line, in two pieces of which the second may be empty, a Transfer-Encoding line without its
 * CRLF, and an empty line. True when it takes them for a message with a chunked body.
 */
bool http1_parser_request_chunked(slice_t start, slice_t start_rest, slice_t coding);
bool http1_parser_response_chunked(slice_t start, slice_t start_rest, slice_t coding);

#endif
