/*
 * http1_response.c: reading the head of a response. A backend is not trusted any more than a
 * client: what could be read in two ways could put one client's answer before another one.
 */
#include "core/error.h"
#include "transport/http1_frame.h"
#include "transport/http1_parser.h"
#include "transport/http_bytes.h"

/* "HTTP/1.1 200" */
enum { STATUS_LEN = 12, SWITCHING_PROTOCOLS = 101, NO_CONTENT = 204, NOT_MODIFIED = 304 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 9112 section 4. The space behind the status may be missing when there is no reason. */
static http1_reject_id_t read_status_line(const char *head, const char *end,
                                          http_response_head_t *ret, const char **fields)
{
    if (end - head < STATUS_LEN + 2 || memcmp(head, "HTTP/", 5) != 0)
        return HTTP1_STATUS_LINE;
    if (memcmp(head + 5, "1.", 2) != 0 || (head[7] != '0' && head[7] != '1'))
        return is_digit(head[5]) && head[6] == '.' && is_digit(head[7]) ? HTTP1_VERSION
                                                                        : HTTP1_STATUS_LINE;
    if (head[8] != ' ' || head[9] < '1' || head[9] > '5' || !is_digit(head[10]) ||
        !is_digit(head[11]) || (head[12] != ' ' && head[12] != '\r'))
        return HTTP1_STATUS_LINE;
    const char *reason = head + STATUS_LEN + (head[STATUS_LEN] == ' ');
    const char *cr = bytes_find_control(reason, end);
    if (end - cr < 2 || memcmp(cr, "\r\n", 2) != 0)
        return HTTP1_STATUS_LINE;
    ret->minor = (uint8_t)(head[7] - '0');
    ret->status = (uint16_t)((head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0'));
    ret->reason = slice_make(reason, (size_t)(cr - reason));
    *fields = cr + 2;
    return HTTP1_OK;
}

static bool has_no_body(const http_response_head_t *head, http1_asked_t asked)
{
    return asked.head || head->status < 200 || head->status == NO_CONTENT ||
           head->status == NOT_MODIFIED;
}

/* RFC 9112 section 6.3; RFC 9110 sections 8.6 and 15.2 for what 1xx and 204 may not have. */
static http1_reject_id_t judge_framing(const http1_framing_t *framing, http1_asked_t asked,
                                       http_response_head_t *ret)
{
    bool claims_body = framing->chunked || framing->content_length > 0;
    if ((ret->status < 200 || ret->status == NO_CONTENT) && claims_body)
        return HTTP1_BODY_FORBIDDEN;
    if (has_no_body(ret, asked))
        ret->framing = HTTP_BODY_NONE;
    else if (framing->chunked)
        ret->framing = HTTP_BODY_CHUNKED;
    else if (framing->has_length)
        ret->framing = HTTP_BODY_LENGTH;
    else
        ret->framing = HTTP_BODY_CLOSE;
    ret->content_length = ret->framing == HTTP_BODY_LENGTH ? framing->content_length : 0;
    return HTTP1_OK;
}

static http1_reject_id_t read_framing(const char *head, const http1_fields_t *table,
                                      http1_asked_t asked, http_response_head_t *ret)
{
    http1_framing_t framing;
    http1_reject_id_t fault = http1_read_framing(table, ret->minor, &framing);
    if (fault)
        return fault;
    /* the reason has nothing to say, and is not shown */
    if (framing.chunked && !http1_parser_response_chunked(slice_make(head, STATUS_LEN),
                                                          SLICE("\r\n"), framing.coding_line))
        return HTTP1_SECOND_OPINION;
    if (ret->status == SWITCHING_PROTOCOLS && !asked.upgrade)
        return HTTP1_SWITCH_UNASKED;
    return judge_framing(&framing, asked, ret);
}

static http1_reject_id_t read_response(const char *head, const char *end, arena_t *arena,
                                       const http1_limits_t *limits, http1_asked_t asked,
                                       http_response_head_t *ret)
{
    const char *at;
    http1_fields_t table;
    http1_connection_t connection;
    if ((size_t)(end - head) > limits->head_bytes)
        return HTTP1_HEAD_SIZE;
    http1_reject_id_t fault = read_status_line(head, end, ret, &at);
    if (fault)
        return http1_line_fault(head, end, fault);
    if ((fault = http1_scan_fields(at, end, arena, limits->field_count, &table)) ||
        (fault = read_framing(head, &table, asked, ret)) ||
        (fault = http1_read_connection(&table, &connection)))
        return fault;
    ret->keep_alive = http1_keep_alive(connection, ret->minor) && ret->framing != HTTP_BODY_CLOSE &&
                      ret->status != SWITCHING_PROTOCOLS;
    ret->headers = table.headers;
    return HTTP1_OK;
}

int http1_parse_response(char *head, size_t len, arena_t *arena, const http1_limits_t *limits,
                         http1_asked_t asked, http_response_head_t *ret, http1_reject_t *why)
{
    http_response_head_t parsed = {0};
    http1_reject_id_t fault = read_response(head, head + len, arena, limits, asked, &parsed);
    if (fault) {
        http1_refuse(fault, why);
        why->status = 502;
        return GW_EPARSE;
    }
    *ret = parsed;
    return 0;
}
