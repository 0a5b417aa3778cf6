/*
 * http.c: what every protocol needs to know about HTTP messages: which field a name means, the
 * table of fields, the standard phrases. Pure functions and const tables; any thread.
 */
#include "transport/http.h"

#include "core/check.h"
#include "transport/http_bytes.h"

enum { NAME_MAX_LEN = 19, FIRST_MASK = 0x1f };

#define NAME_LEN_CHECK(id, name)                                                                   \
    _Static_assert(sizeof(name) - 1 <= NAME_MAX_LEN, name " does not fit into the table");
HTTP_KNOWN_HEADERS(NAME_LEN_CHECK)
#undef NAME_LEN_CHECK

/* Padded to whole words, so that a comparison may load eight bytes anywhere in a name. */
static const char NAMES[HTTP_HEADER_COUNT][24] = {
#define NAME_TEXT(id, name) [HTTP_HEADER_##id] = name,
    HTTP_KNOWN_HEADERS(NAME_TEXT)
#undef NAME_TEXT
};

/* Length and first letter tell every known name from every other one: one look, one comparison.
 * The low five bits of a letter are the same in both cases; what else has them is found out by
 * the comparison. A test asks for each name of HTTP_KNOWN_HEADERS: none is forgotten here. */
#define AT(len, first) [len][(first)&FIRST_MASK]
static const uint8_t BY_LEN_AND_FIRST[NAME_MAX_LEN + 1][FIRST_MASK + 1] = {
    AT(2, 't') = HTTP_HEADER_TE,
    AT(3, 'v') = HTTP_HEADER_VIA,
    AT(4, 'd') = HTTP_HEADER_DATE,
    AT(4, 'h') = HTTP_HEADER_HOST,
    AT(6, 'c') = HTTP_HEADER_COOKIE,
    AT(6, 'e') = HTTP_HEADER_EXPECT,
    AT(6, 'o') = HTTP_HEADER_ORIGIN,
    AT(6, 's') = HTTP_HEADER_SERVER,
    AT(7, 'r') = HTTP_HEADER_REFERER,
    AT(7, 't') = HTTP_HEADER_TRAILER,
    AT(7, 'u') = HTTP_HEADER_UPGRADE,
    AT(8, 'l') = HTTP_HEADER_LOCATION,
    AT(9, 'f') = HTTP_HEADER_FORWARDED,
    AT(10, 'c') = HTTP_HEADER_CONNECTION,
    AT(10, 'k') = HTTP_HEADER_KEEP_ALIVE,
    AT(10, 's') = HTTP_HEADER_SET_COOKIE,
    AT(10, 'u') = HTTP_HEADER_USER_AGENT,
    AT(12, 'c') = HTTP_HEADER_CONTENT_TYPE,
    AT(12, 'x') = HTTP_HEADER_X_REQUEST_ID,
    AT(14, 'c') = HTTP_HEADER_CONTENT_LENGTH,
    AT(15, 'x') = HTTP_HEADER_X_FORWARDED_FOR,
    AT(16, 'p') = HTTP_HEADER_PROXY_CONNECTION,
    AT(16, 'x') = HTTP_HEADER_X_FORWARDED_HOST,
    AT(17, 't') = HTTP_HEADER_TRANSFER_ENCODING,
    AT(17, 'x') = HTTP_HEADER_X_FORWARDED_PROTO,
    AT(18, 'p') = HTTP_HEADER_PROXY_AUTHENTICATE,
    AT(19, 'p') = HTTP_HEADER_PROXY_AUTHORIZATION,
};
#undef AT

/* All bytes of a name of 4 to 7 bytes, the middle ones twice. */
static uint64_t load_short(const char *at, size_t len)
{
    return bytes_load32(at) | (uint64_t)bytes_load32(at + len - 4) << 32;
}

/* Whether `any` is the name at `lower`, which has as many bytes, in any case. */
static bool same_name(slice_t any, const char *lower)
{
    if (GW_LIKELY(any.len >= 8)) {
        size_t last = any.len - 8;
        for (size_t i = 0; i < last; i += 8) {
            if (!bytes_same_letters(bytes_load64(any.base + i), bytes_load64(lower + i)))
                return false;
        }
        return bytes_same_letters(bytes_load64(any.base + last), bytes_load64(lower + last));
    }
    if (any.len >= 4)
        return bytes_same_letters(load_short(any.base, any.len), load_short(lower, any.len));
    return slice_eq_nocase(any, slice_make(lower, any.len));
}

http_header_id_t http_header_lookup(slice_t name)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN)
        return HTTP_HEADER_OTHER;
    uint8_t id = BY_LEN_AND_FIRST[name.len][name.base[0] & FIRST_MASK];
    if (id == HTTP_HEADER_OTHER || !same_name(name, NAMES[id]))
        return HTTP_HEADER_OTHER;
    return (http_header_id_t)id;
}

slice_t http_header_name(http_header_id_t id)
{
    return slice_of(NAMES[id]);
}

void http_headers_reserve(http_headers_t *headers, arena_t *arena, uint32_t capacity)
{
    if (capacity <= headers->capacity)
        return;
    http_header_t *at = arena_alloc(arena, capacity * sizeof(*at));
    if (headers->count)
        memcpy(at, headers->at, headers->count * sizeof(*at));
    headers->at = at;
    headers->capacity = capacity;
}

void http_headers_add(http_headers_t *headers, arena_t *arena, slice_t name, slice_t value,
                      http_header_id_t id)
{
    if (headers->count == headers->capacity)
        http_headers_reserve(headers, arena, headers->capacity ? headers->capacity * 2 : 8);
    headers->at[headers->count++] = (http_header_t){name, value, (uint16_t)id};
}

const http_header_t *http_headers_get(const http_headers_t *headers, http_header_id_t id)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        if (headers->at[i].id == id)
            return &headers->at[i];
    }
    return NULL;
}

const http_header_t *http_headers_find(const http_headers_t *headers, slice_t name)
{
    http_header_id_t id = http_header_lookup(name);
    if (id != HTTP_HEADER_OTHER)
        return http_headers_get(headers, id);
    for (uint32_t i = 0; i < headers->count; i++) {
        const http_header_t *header = &headers->at[i];
        if (header->id == HTTP_HEADER_OTHER && slice_eq_nocase(header->name, name))
            return header;
    }
    return NULL;
}

/* RFC 9110 section 15, and RFC 2518, 4918, 5842, 6585, 7725, 8297, 8470. */
slice_t http_status_reason(unsigned status)
{
#define PHRASE(code, text)                                                                         \
    case code:                                                                                     \
        return SLICE(text);
    switch (status) {
        PHRASE(100, "Continue")
        PHRASE(101, "Switching Protocols")
        PHRASE(102, "Processing")
        PHRASE(103, "Early Hints")
        PHRASE(200, "OK")
        PHRASE(201, "Created")
        PHRASE(202, "Accepted")
        PHRASE(203, "Non-Authoritative Information")
        PHRASE(204, "No Content")
        PHRASE(205, "Reset Content")
        PHRASE(206, "Partial Content")
        PHRASE(207, "Multi-Status")
        PHRASE(208, "Already Reported")
        PHRASE(226, "IM Used")
        PHRASE(300, "Multiple Choices")
        PHRASE(301, "Moved Permanently")
        PHRASE(302, "Found")
        PHRASE(303, "See Other")
        PHRASE(304, "Not Modified")
        PHRASE(305, "Use Proxy")
        PHRASE(307, "Temporary Redirect")
        PHRASE(308, "Permanent Redirect")
        PHRASE(400, "Bad Request")
        PHRASE(401, "Unauthorized")
        PHRASE(402, "Payment Required")
        PHRASE(403, "Forbidden")
        PHRASE(404, "Not Found")
        PHRASE(405, "Method Not Allowed")
        PHRASE(406, "Not Acceptable")
        PHRASE(407, "Proxy Authentication Required")
        PHRASE(408, "Request Timeout")
        PHRASE(409, "Conflict")
        PHRASE(410, "Gone")
        PHRASE(411, "Length Required")
        PHRASE(412, "Precondition Failed")
        PHRASE(413, "Content Too Large")
        PHRASE(414, "URI Too Long")
        PHRASE(415, "Unsupported Media Type")
        PHRASE(416, "Range Not Satisfiable")
        PHRASE(417, "Expectation Failed")
        PHRASE(421, "Misdirected Request")
        PHRASE(422, "Unprocessable Content")
        PHRASE(423, "Locked")
        PHRASE(424, "Failed Dependency")
        PHRASE(425, "Too Early")
        PHRASE(426, "Upgrade Required")
        PHRASE(428, "Precondition Required")
        PHRASE(429, "Too Many Requests")
        PHRASE(431, "Request Header Fields Too Large")
        PHRASE(451, "Unavailable For Legal Reasons")
        PHRASE(499, "Client Closed Request")
        PHRASE(500, "Internal Server Error")
        PHRASE(501, "Not Implemented")
        PHRASE(502, "Bad Gateway")
        PHRASE(503, "Service Unavailable")
        PHRASE(504, "Gateway Timeout")
        PHRASE(505, "HTTP Version Not Supported")
        PHRASE(506, "Variant Also Negotiates")
        PHRASE(507, "Insufficient Storage")
        PHRASE(508, "Loop Detected")
        PHRASE(511, "Network Authentication Required")
    default:
        return SLICE("");
    }
#undef PHRASE
}
