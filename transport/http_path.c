/*
 * http_path.c: checking and normalising a path, see http_path.h. Paths without '%' are read
 * once, a block at a time, and never written.
 */
#include "transport/http_path.h"

#include "transport/http_bytes.h"
#include "transport/http_query.h"

/* What a %XX is, apart from one that is merely kept. */
enum { PLAIN = 1, HIDDEN = 2 };

static const uint8_t DECODED[256] = {
    ['0' ... '9'] = PLAIN, ['A' ... 'Z'] = PLAIN, ['a' ... 'z'] = PLAIN, ['-'] = PLAIN,
    ['_'] = PLAIN,         ['~'] = PLAIN,         ['.'] = HIDDEN,        ['/'] = HIDDEN,
    ['\\'] = HIDDEN,       ['\0'] = HIDDEN,
};

/* `at` is a dot behind a slash. Servers that know path parameters take "..;x" for "..". */
static bool is_dot_segment(const char *at, const char *end)
{
    at++;
    if (at < end && *at == '.')
        at++;
    return at == end || *at == '/' || *at == ';' || *at == '?';
}

/* UTF-8 that says in more bytes than needed what one byte would say: RFC 3629 section 3. */
static bool is_overlong(int lead, slice_t behind)
{
    int next = http_percent_value(behind);
    if (next < 0x80 || next > 0xbf)
        return false;
    return lead == 0xc0 || lead == 0xc1 || (lead == 0xe0 && next < 0xa0) ||
           (lead == 0xf0 && next < 0x90);
}

/* Reads the %XX at `from` and writes its normal form at *to, which is not behind it. */
static http_path_fault_t normalise_encoded(const char *from, const char *end, char **to)
{
    slice_t text = slice_make(from, (size_t)(end - from));
    int value = http_percent_value(text);
    if (value < 0)
        return HTTP_PATH_ENCODING;
    if (DECODED[value] == HIDDEN || is_overlong(value, slice_sub(text, 3, 3)))
        return HTTP_PATH_HIDDEN;
    if (DECODED[value] == PLAIN) {
        *(*to)++ = (char)value;
        return HTTP_PATH_OK;
    }
    static const char HEX[] = "0123456789ABCDEF";
    *(*to)++ = '%';
    *(*to)++ = HEX[value >> 4];
    *(*to)++ = HEX[value & 15];
    return HTTP_PATH_OK;
}

http_path_fault_t http_path_normalise(char *text, size_t len, http_path_t *ret)
{
    const char *end = text + len;
    const char *from = text; /* what is read next */
    char *to = text;         /* where it goes */
    for (;;) {
        const char *special = bytes_find_if(from, end, block_special_in_target, 0);
        if (to != from)
            memmove(to, from, (size_t)(special - from));
        to += special - from;
        from = special;
        if (from == end || *from == '?')
            break;
        if (*from == '\\')
            return HTTP_PATH_BACKSLASH;
        if (*from == '%') {
            http_path_fault_t fault = normalise_encoded(from, end, &to);
            if (fault)
                return fault;
            from += 3;
            continue;
        }
        if (from > text && from[-1] == '/' && is_dot_segment(from, end))
            return HTTP_PATH_DOTS;
        *to++ = *from++;
    }
    *ret = (http_path_t){(size_t)(from - text), (size_t)(to - text)};
    return HTTP_PATH_OK;
}
