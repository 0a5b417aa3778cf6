/*
 * http1_parser.c: http-parser, for the two questions that need a parser's judgement: is there
 * such a method, and does this Transfer-Encoding make a chunked body.
 *
 * It runs behind the strict scan, which has refused what http-parser 2.9.4 wrongly takes, and is
 * shown no more than the question needs: see docs/decisions/0001-http-parser.md. The fuzz targets
 * show it whole heads that we take, and demand that it reads the same in them.
 */
#include "transport/http1_parser.h"

#include <http_parser.h>

/* No callbacks: the scan knows where everything is. */
static const http_parser_settings NO_CALLBACKS;

static bool run(http_parser *parser, slice_t piece)
{
    return piece.len == 0 ||
           http_parser_execute(parser, &NO_CALLBACKS, piece.base, piece.len) == piece.len;
}

/* The methods of nearly all requests: the question costs more than all of their request line. */
static bool is_common(slice_t method)
{
    return memcmp(method.base, "GET ", 4) == 0 ||
           (method.len == 5 &&
            (memcmp(method.base, "POST ", 5) == 0 || memcmp(method.base, "HEAD ", 5) == 0));
}

bool http1_parser_knows_method(slice_t method)
{
    if (method.len >= 4 && is_common(method))
        return true;
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    return run(&parser, method) && HTTP_PARSER_ERRNO(&parser) == HPE_OK;
}

static bool is_chunked(enum http_parser_type type, slice_t start, slice_t start_rest,
                       slice_t coding)
{
    http_parser parser;
    http_parser_init(&parser, type);
    return run(&parser, start) && run(&parser, start_rest) && run(&parser, coding) &&
           run(&parser, SLICE("\r\n\r\n")) && HTTP_PARSER_ERRNO(&parser) == HPE_OK &&
           parser.flags & F_CHUNKED;
}

bool http1_parser_request_chunked(slice_t start, slice_t start_rest, slice_t coding)
{
    return is_chunked(HTTP_REQUEST, start, start_rest, coding);
}

bool http1_parser_response_chunked(slice_t start, slice_t start_rest, slice_t coding)
{
    return is_chunked(HTTP_RESPONSE, start, start_rest, coding);
}
