/*
 * http1_frame.c: framing fields and Connection.
 */
#include "transport/http1_frame.h"

#include "transport/http_text.h"

enum { LENGTH_DIGITS_MAX = 19, OPTIONS_MAX = 16 };

/* Digits only, and no more than a signed 64-bit number may have: everybody agrees on those. */
static http1_reject_id_t read_length(const http1_fields_t *fields, http1_framing_t *ret)
{
    slice_t text = http1_fields_get(fields, HTTP_HEADER_CONTENT_LENGTH)->value;
    if (fields->repeated & HTTP1_FIELD_BIT(HTTP_HEADER_CONTENT_LENGTH))
        return HTTP1_LENGTH_REPEATED;
    if (text.len > LENGTH_DIGITS_MAX || slice_to_u64(text, &ret->content_length) != 0 ||
        ret->content_length > INT64_MAX)
        return HTTP1_LENGTH_INVALID;
    ret->has_length = true;
    return HTTP1_OK;
}

static http1_reject_id_t read_coding(const http1_fields_t *fields, uint8_t minor,
                                     http1_framing_t *ret)
{
    const http_header_t *field = http1_fields_get(fields, HTTP_HEADER_TRANSFER_ENCODING);
    if (minor == 0)
        return HTTP1_CODING_VERSION;
    if (fields->repeated & HTTP1_FIELD_BIT(HTTP_HEADER_TRANSFER_ENCODING))
        return HTTP1_CODING_REPEATED;
    if (!slice_eq_nocase(field->value, SLICE("chunked")))
        return HTTP1_CODING_UNKNOWN;
    const char *end = field->value.base + field->value.len;
    ret->coding_line = slice_make(field->name.base, (size_t)(end - field->name.base));
    ret->chunked = true;
    return HTTP1_OK;
}

http1_reject_id_t http1_read_framing(const http1_fields_t *fields, uint8_t minor,
                                     http1_framing_t *ret)
{
    const uint64_t length = HTTP1_FIELD_BIT(HTTP_HEADER_CONTENT_LENGTH);
    const uint64_t coding = HTTP1_FIELD_BIT(HTTP_HEADER_TRANSFER_ENCODING);
    uint64_t which = fields->seen & (length | coding);
    *ret = (http1_framing_t){0};
    if (which == 0)
        return HTTP1_OK;
    if (which == length)
        return read_length(fields, ret);
    return which == coding ? read_coding(fields, minor, ret) : HTTP1_LENGTH_AND_CODING;
}

/* Fields that the gateway relies on, sets or removes by itself: naming them changes nothing. */
static const uint64_t NOT_FOR_CONNECTION =
    HTTP1_FIELD_BIT(HTTP_HEADER_HOST) | HTTP1_FIELD_BIT(HTTP_HEADER_CONNECTION) |
    HTTP1_FIELD_BIT(HTTP_HEADER_KEEP_ALIVE) | HTTP1_FIELD_BIT(HTTP_HEADER_PROXY_CONNECTION) |
    HTTP1_FIELD_BIT(HTTP_HEADER_TE) | HTTP1_FIELD_BIT(HTTP_HEADER_TRAILER) |
    HTTP1_FIELD_BIT(HTTP_HEADER_TRANSFER_ENCODING) | HTTP1_FIELD_BIT(HTTP_HEADER_UPGRADE) |
    HTTP1_FIELD_BIT(HTTP_HEADER_CONTENT_LENGTH) | HTTP1_FIELD_BIT(HTTP_HEADER_EXPECT) |
    HTTP1_FIELD_BIT(HTTP_HEADER_FORWARDED) | HTTP1_FIELD_BIT(HTTP_HEADER_X_FORWARDED_FOR) |
    HTTP1_FIELD_BIT(HTTP_HEADER_X_FORWARDED_PROTO) | HTTP1_FIELD_BIT(HTTP_HEADER_X_FORWARDED_HOST) |
    HTTP1_FIELD_BIT(HTTP_HEADER_X_REQUEST_ID);

static bool same_field(const http_header_t *header, slice_t name, http_header_id_t id)
{
    return header->id == id && (id != HTTP_HEADER_OTHER || slice_eq_nocase(header->name, name));
}

static void remove_named(http_headers_t *headers, slice_t name)
{
    http_header_id_t id = http_header_lookup(name);
    if (id != HTTP_HEADER_OTHER && (NOT_FOR_CONNECTION & HTTP1_FIELD_BIT(id)))
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        if (!same_field(&headers->at[i], name, id))
            headers->at[kept++] = headers->at[i];
    }
    headers->count = kept;
}

/* True when the option is one of the three that have a meaning here. */
static bool read_option(slice_t option, http1_connection_t *ret)
{
    http_header_id_t id = http_header_lookup(option); /* two of them are names of fields too */
    if (id == HTTP_HEADER_KEEP_ALIVE)
        ret->keep_alive = true;
    else if (id == HTTP_HEADER_UPGRADE)
        ret->upgrade = true;
    else if (slice_eq_nocase(option, SLICE("close")))
        ret->close = true;
    else
        return false;
    return true;
}

/* Gathers the other options of one field in `names`. */
static http1_reject_id_t read_options(slice_t value, http1_connection_t *ret, slice_t *names,
                                      size_t *count)
{
    slice_t option;
    while (http_list_next(&value, &option)) {
        if (read_option(option, ret))
            continue;
        if (*count == OPTIONS_MAX)
            return HTTP1_CONNECTION_OPTIONS;
        names[(*count)++] = option;
    }
    return HTTP1_OK;
}

http1_reject_id_t http1_read_connection(http1_fields_t *fields, http1_connection_t *ret)
{
    *ret = (http1_connection_t){0};
    if (!(fields->seen & HTTP1_FIELD_BIT(HTTP_HEADER_CONNECTION)))
        return HTTP1_OK;
    slice_t names[OPTIONS_MAX];
    size_t count = 0;
    http_headers_t *headers = &fields->headers;
    for (uint32_t i = fields->first[HTTP_HEADER_CONNECTION]; i < headers->count; i++) {
        if (headers->at[i].id != HTTP_HEADER_CONNECTION)
            continue;
        http1_reject_id_t fault = read_options(headers->at[i].value, ret, names, &count);
        if (fault)
            return fault;
    }
    for (size_t i = 0; i < count; i++)
        remove_named(headers, names[i]);
    return HTTP1_OK;
}
