/*
 * http1_scan.c: the strict look at raw bytes: where a head ends, and which fields it has. What
 * the fields mean is decided elsewhere. http-parser 2.9.4 takes bare LF, folded values and
 * other things that this file refuses, which is why it comes first.
 */
#include "transport/http1_scan.h"

#include "core/check.h"
#include "core/error.h"
#include "transport/http_bytes.h"
#include "transport/http_text.h"

/* A start line is its target and a method, a version, two spaces: for these that much. */
enum { START_LINE_EXTRA = 64, TYPICAL_FIELD_LEN = 24, SPARE_FIELDS = 4 };

http1_reject_t http1_reject_of(http1_reject_id_t id)
{
    static const http1_reject_t REJECTS[HTTP1_REJECT_COUNT] = {
#define REJECT_ENTRY(name, status, text) [HTTP1_##name] = {text, HTTP1_##name, status},
        HTTP1_REJECTS(REJECT_ENTRY)
#undef REJECT_ENTRY
    };
    return REJECTS[id];
}

int http1_refuse(http1_reject_id_t id, http1_reject_t *why)
{
    *why = http1_reject_of(id);
    return GW_EPARSE;
}

static http1_reject_id_t control_fault(char c)
{
    return c == '\n' ? HTTP1_BARE_LF : c == '\r' ? HTTP1_BARE_CR : HTTP1_CONTROL;
}

http1_reject_id_t http1_line_fault(const char *at, const char *end, http1_reject_id_t otherwise)
{
    at = bytes_find_control(at, end);
    bool fine = at == end || (*at == '\r' && (end - at == 1 || at[1] == '\n'));
    return fine ? otherwise : control_fault(*at);
}

/* Looks for LF CR LF among the LFs of a block; two bytes behind it can be read. */
static inline const char *empty_line_in_block(const char *at)
{
    block_bools_t both = block_equal(block_load(at), '\n') & block_equal(block_load(at + 2), '\n');
    for (unsigned mask = block_mask(both); mask; mask &= mask - 1) {
        const char *lf = at + __builtin_ctz(mask);
        if (lf[1] == '\r')
            return lf + 3;
    }
    return NULL;
}

/* Finds the end of the empty line behind a head, from `at` on, which is not before `start`; NULL
 * if it is not there. Whether the LF in front of it has a CR comes out in parsing. */
static const char *find_empty_line(const char *start, const char *at, const char *end)
{
    const int width = BLOCK_LEN + 2;
    const char *found = NULL;
    if (end - start < width) {
        for (; end - at >= 3 && !found; at++)
            found = memcmp(at, "\n\r\n", 3) == 0 ? at + 3 : NULL;
        return found;
    }
    for (; end - at >= width && !found; at += BLOCK_LEN)
        found = empty_line_in_block(at);
    return found || at >= end ? found : empty_line_in_block(end - width);
}

/* Walks over the new bytes of a head that is not complete, to refuse at once what can become no
 * head, instead of waiting for the rest of it. */
static http1_reject_id_t walk_lines(http1_scan_t *scan, slice_t in)
{
    const char *end = in.base + in.len;
    const char *at = in.base + scan->priv.at;
    while ((at = bytes_find_control(at, end)) < end) {
        if (*at != '\r' || (end - at > 1 && at[1] != '\n'))
            return control_fault(*at);
        if (end - at == 1)
            break; /* its LF may come */
        at += 2;
        scan->priv.has_line = true;
    }
    scan->priv.at = (uint32_t)(at - in.base);
    return HTTP1_OK;
}

static http1_reject_id_t check_limits(const http1_scan_t *scan, const http1_limits_t *limits,
                                      size_t len)
{
    if (!scan->priv.has_line && scan->len == 0 && !scan->response &&
        len > (size_t)limits->target_bytes + START_LINE_EXTRA)
        return HTTP1_TARGET_SIZE;
    return len > limits->head_bytes ? HTTP1_HEAD_SIZE : HTTP1_OK;
}

/* RFC 9112 section 2.2: one empty line in front of a request is skipped. */
static http1_reject_id_t skip_empty_line(http1_scan_t *scan, slice_t in)
{
    if (!slice_starts_with(slice_sub(in, scan->start, 2), SLICE("\r\n")))
        return HTTP1_OK;
    if (scan->response || scan->start)
        return HTTP1_EMPTY_LINE;
    scan->start = 2;
    scan->priv.at = 2;
    return skip_empty_line(scan, in);
}

int http1_scan_head(http1_scan_t *scan, slice_t in, const http1_limits_t *limits,
                    http1_reject_t *why)
{
    http1_reject_id_t fault = HTTP1_OK;
    if (in.len > UINT32_MAX)
        return http1_refuse(HTTP1_HEAD_SIZE, why);
    if (!scan->priv.has_line && in.len > scan->start && in.base[scan->start] == '\r' &&
        (fault = skip_empty_line(scan, in)))
        return http1_refuse(fault, why);
    /* the LF of an empty line may have been the last of three bytes */
    uint32_t from = scan->priv.at - scan->start >= 2 ? scan->priv.at - 2 : scan->start;
    const char *end = find_empty_line(in.base + scan->start, in.base + from, in.base + in.len);
    size_t len = (end ? (size_t)(end - in.base) : in.len) - scan->start;
    if (end)
        scan->len = (uint32_t)len;
    else
        fault = walk_lines(scan, in);
    if (fault || (fault = check_limits(scan, limits, len)))
        return http1_refuse(fault, why);
    return end ? 0 : GW_EAGAIN;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Why there is no good name at `at`. */
static http1_reject_id_t name_fault(const char *at, const char *end)
{
    if (is_blank(*at))
        return HTTP1_FIELD_FOLD;
    const char *name = at;
    while (at < end && http_token_valid(slice_make(at, 1)))
        at++;
    return http1_line_fault(
        at, end, at > name && at < end && is_blank(*at) ? HTTP1_FIELD_SPACE : HTTP1_FIELD_NAME);
}

/* The name at `at`, up to the colon; an empty slice if there is no good one. Most names end in
 * their first block, and it shows both where and whether they are tokens. */
static inline slice_t scan_name(const char *at, const char *end)
{
    block_t block = block_load_upto(at, (size_t)(end - at));
    unsigned colon = block_mask(block_equal(block, ':'));
    unsigned plain =
        block_mask(block_letters(block) | block_between(block, '0', '9') | block_equal(block, '-'));
    if (GW_LIKELY(colon && (((colon & -colon) - 1) & ~plain) == 0))
        return slice_make(at, (size_t)__builtin_ctz(colon));
    const char *far_colon = bytes_find(at, end, ':');
    slice_t name = slice_make(at, (size_t)(far_colon - at));
    return far_colon < end && http_token_valid(name) ? name : (slice_t){NULL, 0};
}

/* Reads the field line at `at` and gives what is behind its CRLF, or NULL and *fault. */
static inline const char *scan_field(const char *at, const char *end, http_header_t *ret,
                                     http1_reject_id_t *fault)
{
    slice_t name = scan_name(at, end);
    if (GW_UNLIKELY(name.len == 0)) {
        *fault = name_fault(at, end);
        return NULL;
    }
    const char *value = at + name.len + 1;
    while (value < end && is_blank(*value))
        value++;
    const char *cr = bytes_find_control(value, end), *value_end = cr;
    if (GW_UNLIKELY(end - cr < 2 || memcmp(cr, "\r\n", 2) != 0)) {
        *fault = end - cr < 2 ? HTTP1_INCOMPLETE : control_fault(*cr);
        return NULL;
    }
    while (value_end > value && is_blank(value_end[-1]))
        value_end--;
    ret->name = name;
    ret->value = slice_make(value, (size_t)(value_end - value));
    ret->id = (uint16_t)http_header_lookup(name);
    return cr + 2;
}

static inline void note_known(http1_fields_t *fields, uint16_t id, uint32_t index)
{
    uint64_t bit = HTTP1_FIELD_BIT(id);
    if (GW_UNLIKELY(fields->seen & bit))
        fields->repeated |= bit;
    else
        fields->first[id] = index;
    fields->seen |= bit;
}

http1_reject_id_t http1_scan_fields(const char *at, const char *end, arena_t *arena,
                                    uint32_t max_count, http1_fields_t *ret)
{
    http_headers_t headers = {0};
    http1_reject_id_t fault = HTTP1_OK;
    headers.capacity = (uint32_t)(end - at) / TYPICAL_FIELD_LEN + SPARE_FIELDS;
    headers.at = arena_alloc(arena, headers.capacity * sizeof(*headers.at));
    ret->seen = ret->repeated = 0;
    while (end - at >= 2 && *at != '\r') {
        if (GW_UNLIKELY(headers.count == max_count))
            return HTTP1_FIELD_COUNT;
        if (GW_UNLIKELY(headers.count == headers.capacity))
            http_headers_reserve(&headers, arena, headers.capacity * 2);
        http_header_t *header = &headers.at[headers.count];
        at = scan_field(at, end, header, &fault);
        if (GW_UNLIKELY(!at))
            return fault;
        if (header->id != HTTP_HEADER_OTHER)
            note_known(ret, header->id, headers.count);
        headers.count++;
    }
    ret->headers = headers;
    if (end - at == 2 && at[1] == '\n')
        return HTTP1_OK;
    return http1_line_fault(at, end, HTTP1_INCOMPLETE);
}
