/*
 * http_text.c: tokens, values, lists and request ids. One const table classifies every byte.
 */
#include "transport/http_text.h"

#include "transport/http_bytes.h"

enum { TOKEN = 1, REQUEST_ID = 2, REQUEST_ID_MAX = 128 };

static const uint8_t CLASS[256] = {
    ['0' ... '9'] = TOKEN | REQUEST_ID,
    ['A' ... 'Z'] = TOKEN | REQUEST_ID,
    ['a' ... 'z'] = TOKEN | REQUEST_ID,
    ['-'] = TOKEN | REQUEST_ID,
    ['.'] = TOKEN | REQUEST_ID,
    ['_'] = TOKEN | REQUEST_ID,
    ['~'] = TOKEN | REQUEST_ID,
    ['+'] = TOKEN | REQUEST_ID,
    [':'] = REQUEST_ID,
    ['='] = REQUEST_ID,
    ['@'] = REQUEST_ID,
    ['!'] = TOKEN,
    ['#'] = TOKEN,
    ['$'] = TOKEN,
    ['%'] = TOKEN,
    ['&'] = TOKEN,
    ['\''] = TOKEN,
    ['*'] = TOKEN,
    ['^'] = TOKEN,
    ['`'] = TOKEN,
    ['|'] = TOKEN,
};

static bool all_of(slice_t text, uint8_t class)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!(CLASS[(uint8_t)text.base[i]] & class))
            return false;
    }
    return true;
}

bool http_token_valid(slice_t text)
{
    return text.len > 0 && all_of(text, TOKEN);
}

bool http_request_id_valid(slice_t text)
{
    return text.len > 0 && text.len <= REQUEST_ID_MAX && all_of(text, REQUEST_ID);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool http_value_valid(slice_t text)
{
    if (text.len == 0)
        return true;
    const char *end = text.base + text.len;
    return !is_blank(text.base[0]) && !is_blank(end[-1]) &&
           bytes_find_control(text.base, end) == end;
}

slice_t http_trim(slice_t text)
{
    while (text.len && is_blank(text.base[0]))
        text = slice_make(text.base + 1, text.len - 1);
    while (text.len && is_blank(text.base[text.len - 1]))
        text.len--;
    return text;
}

bool http_list_next(slice_t *rest, slice_t *ret_element)
{
    while (rest->len) {
        size_t comma = slice_chr(*rest, ',');
        slice_t element = http_trim(slice_sub(*rest, 0, comma));
        *rest = slice_sub(*rest, comma + 1, rest->len);
        if (element.len) {
            *ret_element = element;
            return true;
        }
    }
    return false;
}

bool http_list_has(slice_t list, slice_t element)
{
    slice_t each;
    while (http_list_next(&list, &each)) {
        if (slice_eq_nocase(each, element))
            return true;
    }
    return false;
}
