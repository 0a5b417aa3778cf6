/*
 * http1_request.c: reading a request head. The order is: split the request line, judge version
 * and method, judge the target, read the fields, then what they mean together.
 */
#include "core/error.h"
#include "transport/http1_frame.h"
#include "transport/http1_parser.h"
#include "transport/http_authority.h"
#include "transport/http_bytes.h"
#include "transport/http_path.h"
#include "transport/http_text.h"

enum { VERSION_LEN = 8, METHOD_MAX = 32, HTTP_PORT = 80, HTTPS_PORT = 443 };

/* What is known while a request is read. */
typedef struct reading {
    char *head;
    const char *end; /* of the head */
    const http1_limits_t *limits;
    arena_t *arena;

    slice_t method, target;
    bool plain_target;  /* nothing in it has to be looked at again */
    const char *fields; /* where they start */
    uint8_t minor;

    slice_t url_authority; /* of an absolute-form target; empty otherwise */
    uint16_t url_port;     /* the port that its scheme implies */
    slice_t path, query;
    bool has_query;

    slice_t authority, host;
    http1_fields_t table;
    http1_framing_t framing;
    bool expect_continue;
    bool names_protocol; /* there is an Upgrade that could be granted */
    http1_connection_t connection;
} reading_t;

/* RFC 9112 section 2.3; every byte counts. `at` has VERSION_LEN bytes. */
static http1_reject_id_t read_version(const char *at, uint8_t *ret)
{
    if (memcmp(at, "HTTP/1.1", VERSION_LEN) == 0)
        *ret = 1;
    else if (memcmp(at, "HTTP/1.0", VERSION_LEN) == 0)
        *ret = 0;
    else if (memcmp(at, "HTTP/", 5) == 0 && at[5] >= '0' && at[5] <= '9' && at[6] == '.' &&
             at[7] >= '0' && at[7] <= '9')
        return HTTP1_VERSION;
    else
        return HTTP1_START_LINE;
    return HTTP1_OK;
}

/* Finds the end of the target: the first byte that none has, or `end`. */
static const char *scan_target(const char *at, const char *end, bool *ret_plain)
{
    *ret_plain = true;
    for (;;) {
        size_t left = (size_t)(end - at);
        block_t block = block_load_upto(at, left);
        unsigned len = left < BLOCK_LEN ? (unsigned)left : BLOCK_LEN;
        unsigned outside = block_mask(~block_between(block, 0x21, 0x7e) | block_equal(block, '#'));
        unsigned special = block_mask(block_special_in_target(block, 0));
        outside |= 1u << len;
        len = (unsigned)__builtin_ctz(outside);
        *ret_plain = *ret_plain && !(special & ((1u << len) - 1));
        at += len;
        if (len < BLOCK_LEN)
            return at;
    }
}

/* RFC 9112 section 3: method SP target SP version CRLF, one space each. Which methods there are
 * is left to http-parser. */
static http1_reject_id_t split_request_line(reading_t *r)
{
    const char *space = bytes_find_not_graphic(r->head, r->end);
    r->method = slice_make(r->head, (size_t)(space - r->head));
    if (space == r->end || *space != ' ' || r->method.len == 0 || r->method.len > METHOD_MAX)
        return HTTP1_START_LINE;
    const char *at = scan_target(space + 1, r->end, &r->plain_target);
    r->target = slice_make(space + 1, (size_t)(at - space - 1));
    if (r->target.len > r->limits->target_bytes)
        return HTTP1_TARGET_SIZE;
    if (at == r->end || *at != ' ')
        return at < r->end && *at != '\r' ? HTTP1_TARGET_BYTE : HTTP1_START_LINE;
    if (r->target.len == 0 || r->end - at < 1 + VERSION_LEN + 2)
        return HTTP1_START_LINE;
    http1_reject_id_t fault = read_version(at + 1, &r->minor);
    if (fault)
        return fault;
    if (memcmp(at + 1 + VERSION_LEN, "\r\n", 2) != 0)
        return HTTP1_START_LINE;
    r->fields = at + 1 + VERSION_LEN + 2;
    return HTTP1_OK;
}

/* Which methods there are is left to http-parser. CONNECT and TRACE have a meaning of their own
 * for a proxy, and it is not one that we offer. */
static http1_reject_id_t judge_method(slice_t method)
{
    slice_t with_space = slice_make(method.base, method.len + 1);
    if (!http1_parser_knows_method(with_space))
        return http_token_valid(method) ? HTTP1_METHOD : HTTP1_START_LINE;
    return slice_eq(method, SLICE("CONNECT")) || slice_eq(method, SLICE("TRACE")) ? HTTP1_METHOD
                                                                                  : HTTP1_OK;
}

/* RFC 9112 section 3.2.2: scheme "://" authority [path] ["?" query]. *ret_from is where the
 * path or the query would start. */
static http1_reject_id_t read_absolute_form(reading_t *r, size_t *ret_from)
{
    slice_t target = r->target;
    size_t scheme = slice_chr(target, ':');
    slice_t name = slice_sub(target, 0, scheme);
    if (slice_eq_nocase(name, SLICE("http")))
        r->url_port = HTTP_PORT;
    else if (slice_eq_nocase(name, SLICE("https")))
        r->url_port = HTTPS_PORT;
    else
        return HTTP1_TARGET_FORM;
    if (!slice_starts_with(slice_sub(target, scheme, 3), SLICE("://")))
        return HTTP1_TARGET_FORM;
    size_t from = scheme + 3, to = from;
    while (to < target.len && target.base[to] != '/' && target.base[to] != '?')
        to++;
    r->url_authority = slice_sub(target, from, to - from);
    *ret_from = to;
    return to > from ? HTTP1_OK : HTTP1_TARGET_FORM;
}

/* Takes the bytes between `to` and `from` out of the target. */
static void close_gap(reading_t *r, char *to, const char *from)
{
    const char *end = r->target.base + r->target.len;
    memmove(to, from, (size_t)(end - from));
    r->target.len -= (size_t)(from - to);
}

/* Path and query, which start `from` bytes into the target. */
static http1_reject_id_t split_path(reading_t *r, size_t from)
{
    static const http1_reject_id_t FAULTS[] = {
        [HTTP_PATH_OK] = HTTP1_OK,
        [HTTP_PATH_DOTS] = HTTP1_PATH_DOTS,
        [HTTP_PATH_BACKSLASH] = HTTP1_PATH_BACKSLASH,
        [HTTP_PATH_ENCODING] = HTTP1_PATH_ENCODING,
        [HTTP_PATH_HIDDEN] = HTTP1_PATH_HIDDEN,
    };
    char *text = r->head + (r->target.base - r->head) + from;
    http_path_t path;
    http_path_fault_t fault = http_path_normalise(text, r->target.len - from, &path);
    if (fault)
        return FAULTS[fault];
    if (path.read != path.len)
        close_gap(r, text + path.len, text + path.read);
    r->path = slice_make(text, path.len);
    size_t mark = from + path.len;
    r->has_query = mark < r->target.len;
    if (r->has_query)
        r->query = slice_make(text + path.len + 1, r->target.len - mark - 1);
    if (path.len == 0)
        r->path = !r->has_query && slice_eq(r->method, SLICE("OPTIONS")) ? SLICE("*") : SLICE("/");
    return HTTP1_OK;
}

/* RFC 9112 section 3.2. */
static http1_reject_id_t read_target(reading_t *r)
{
    r->url_authority = r->query = (slice_t){NULL, 0};
    r->has_query = false;
    if (r->target.base[0] == '/') {
        if (!r->plain_target)
            return split_path(r, 0);
        r->path = r->target;
        return HTTP1_OK;
    }
    if (slice_eq(r->target, SLICE("*"))) {
        r->path = r->target;
        return slice_eq(r->method, SLICE("OPTIONS")) ? HTTP1_OK : HTTP1_TARGET_FORM;
    }
    size_t from;
    http1_reject_id_t fault = read_absolute_form(r, &from);
    return fault ? fault : split_path(r, from);
}

/* RFC 9112 section 3.2.2 lets the target win over Host; we want them to agree. */
static http1_reject_id_t read_url_authority(reading_t *r, const http_authority_t *host,
                                            bool has_host)
{
    http_authority_t url;
    if (http_authority_parse(r->url_authority, r->arena, &url) != 0)
        return HTTP1_HOST_INVALID;
    uint16_t url_port = url.port ? url.port : r->url_port;
    uint16_t host_port = host->port ? host->port : r->url_port;
    if (has_host && (!slice_eq(url.host, host->host) || url_port != host_port))
        return HTTP1_HOST_MISMATCH;
    r->authority = r->url_authority;
    r->host = url.host;
    return HTTP1_OK;
}

/* RFC 9112 section 3.2: exactly one Host in HTTP/1.1, at most one in HTTP/1.0. */
static http1_reject_id_t read_host(reading_t *r)
{
    const http_header_t *field = http1_fields_get(&r->table, HTTP_HEADER_HOST);
    http_authority_t host = {0};
    if (!field && r->minor == 1)
        return HTTP1_HOST_MISSING;
    if (r->table.repeated & HTTP1_FIELD_BIT(HTTP_HEADER_HOST))
        return HTTP1_HOST_REPEATED;
    if (field && http_authority_parse(field->value, r->arena, &host) != 0)
        return HTTP1_HOST_INVALID;
    if (r->url_authority.len)
        return read_url_authority(r, &host, field != NULL);
    r->authority = field ? field->value : (slice_t){NULL, 0};
    r->host = host.host;
    return HTTP1_OK;
}

/* Of a path http-parser is shown the first byte: the others have been checked against a stricter
 * rule than it has. */
static bool is_chunked(const reading_t *r)
{
    const char *shown = r->target.base + (*r->target.base == '/' ? 1 : r->target.len);
    const char *version = r->fields - (1 + VERSION_LEN + 2);
    return http1_parser_request_chunked(slice_make(r->head, (size_t)(shown - r->head)),
                                        slice_make(version, (size_t)(r->fields - version)),
                                        r->framing.coding_line);
}

static http1_reject_id_t read_framing(reading_t *r)
{
    http1_reject_id_t fault = http1_read_framing(&r->table, r->minor, &r->framing);
    if (fault)
        return fault;
    return r->framing.chunked && !is_chunked(r) ? HTTP1_SECOND_OPINION : HTTP1_OK;
}

static bool has_body(const http1_framing_t *framing)
{
    return framing->chunked || framing->content_length > 0;
}

/* RFC 9110 section 10.1.1. */
static http1_reject_id_t read_expect(reading_t *r)
{
    const http_header_t *expect = http1_fields_get(&r->table, HTTP_HEADER_EXPECT);
    r->expect_continue = false;
    if (!expect || r->minor == 0)
        return HTTP1_OK;
    if ((r->table.repeated & HTTP1_FIELD_BIT(HTTP_HEADER_EXPECT)) ||
        !slice_eq_nocase(expect->value, SLICE("100-continue")))
        return HTTP1_EXPECTATION;
    r->expect_continue = has_body(&r->framing);
    return HTTP1_OK;
}

/* RFC 9110 section 7.8. One protocol only, so that a 101 can mean no other; never h2c: requests
 * inside an HTTP/2 connection that we cannot see would go past every rule. */
static bool names_protocol(const reading_t *r)
{
    const http_header_t *field = http1_fields_get(&r->table, HTTP_HEADER_UPGRADE);
    if (!field || r->minor == 0 || has_body(&r->framing) ||
        (r->table.repeated & HTTP1_FIELD_BIT(HTTP_HEADER_UPGRADE)))
        return false;
    slice_t name = slice_sub(field->value, 0, slice_chr(field->value, '/'));
    slice_t version = slice_sub(field->value, name.len + 1, field->value.len);
    return http_token_valid(name) && (name.len == field->value.len || http_token_valid(version)) &&
           !slice_eq_nocase(name, SLICE("h2c"));
}

/* Connection is the last to be read: it changes the table. */
static http1_reject_id_t read_request(reading_t *r)
{
    if ((size_t)(r->end - r->head) > r->limits->head_bytes)
        return HTTP1_HEAD_SIZE;
    http1_reject_id_t fault = split_request_line(r);
    if (fault)
        return http1_line_fault(r->head, r->end, fault);
    if ((fault = judge_method(r->method)) || (fault = read_target(r)))
        return fault;
    if ((fault = http1_scan_fields(r->fields, r->end, r->arena, r->limits->field_count, &r->table)))
        return fault;
    if ((fault = read_host(r)) || (fault = read_framing(r)) || (fault = read_expect(r)))
        return fault;
    r->names_protocol = names_protocol(r);
    return http1_read_connection(&r->table, &r->connection);
}

static void give(const reading_t *r, http_request_head_t *ret)
{
    *ret = (http_request_head_t){
        .method = r->method,
        .target = r->target,
        .path = r->path,
        .query = r->query,
        .authority = r->authority,
        .host = r->host,
        .headers = r->table.headers,
        .content_length = r->framing.content_length,
        .framing = r->framing.chunked      ? HTTP_BODY_CHUNKED
                   : r->framing.has_length ? HTTP_BODY_LENGTH
                                           : HTTP_BODY_NONE,
        .minor = r->minor,
        .has_query = r->has_query,
        .keep_alive = http1_keep_alive(r->connection, r->minor),
        .expect_continue = r->expect_continue,
        .upgrade = r->names_protocol && r->connection.upgrade,
    };
}

int http1_parse_request(char *head, size_t len, arena_t *arena, const http1_limits_t *limits,
                        http_request_head_t *ret, http1_reject_t *why)
{
    reading_t r; /* each member is set before it is read; clearing it all would cost */
    r.head = head;
    r.end = head + len;
    r.limits = limits;
    r.arena = arena;
    http1_reject_id_t fault = read_request(&r);
    if (fault)
        return http1_refuse(fault, why);
    give(&r, ret);
    return 0;
}
