/*
 * http_query.c: iterating over query parameters; percent-decoding.
 */
#include "transport/http_query.h"

bool http_query_next(slice_t *rest, slice_t *ret_name, slice_t *ret_value)
{
    while (rest->len) {
        size_t end = slice_chr(*rest, '&');
        slice_t parameter = slice_sub(*rest, 0, end);
        *rest = slice_sub(*rest, end + 1, rest->len);
        if (parameter.len == 0)
            continue;
        size_t equals = slice_chr(parameter, '=');
        *ret_name = slice_sub(parameter, 0, equals);
        *ret_value = slice_sub(parameter, equals + 1, parameter.len);
        return true;
    }
    return false;
}

int http_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int http_percent_value(slice_t text)
{
    if (text.len < 3 || text.base[0] != '%')
        return -1;
    int high = http_hex_digit(text.base[1]), low = http_hex_digit(text.base[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

slice_t http_percent_decode(slice_t text, arena_t *arena)
{
    if (slice_chr(text, '%') == text.len)
        return text;
    char *to = arena_bytes(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        int value = http_percent_value(slice_sub(text, i, 3));
        to[len++] = value < 0 ? text.base[i] : (char)value;
        i += value < 0 ? 1 : 3;
    }
    return slice_make(to, len);
}
