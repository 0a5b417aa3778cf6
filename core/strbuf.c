#include "core/strbuf.h"

#include "core/mem.h"

char *strbuf_room(strbuf_t *buf, size_t more)
{
    if (buf->cap - buf->len < more) {
        size_t cap = buf->cap ? buf->cap * 2 : 128;
        if (cap < buf->len + more)
            cap = buf->len + more;
        buf->base = xrealloc(buf->base, cap);
        buf->cap = cap;
    }
    return buf->len ? buf->base + buf->len : buf->base;
}

void strbuf_add(strbuf_t *buf, slice_t s)
{
    if (s.len == 0)
        return;
    memcpy(strbuf_room(buf, s.len), s.base, s.len);
    buf->len += s.len;
}

void strbuf_add_text(strbuf_t *buf, const char *text)
{
    strbuf_add(buf, slice_of(text));
}

void strbuf_add_char(strbuf_t *buf, char c)
{
    *strbuf_room(buf, 1) = c;
    buf->len++;
}

void strbuf_add_u64(strbuf_t *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    strbuf_add(buf, slice_make(digits + at, sizeof(digits) - at));
}

void strbuf_vprintf(strbuf_t *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    if (need > 0) {
        char *to = strbuf_room(buf, (size_t)need + 1);
        vsnprintf(to, (size_t)need + 1, format, again);
        buf->len += (size_t)need;
    }
    va_end(again);
}

void strbuf_printf(strbuf_t *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vprintf(buf, format, args);
    va_end(args);
}

/* Writes what stands for one ASCII character inside a JSON string; gives its length, at most 6. */
static size_t json_ascii(char *out, char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\' || c == '\n') {
        out[0] = '\\';
        out[1] = c == '\n' ? 'n' : c;
        return 2;
    }
    if ((unsigned char)c >= 0x20 && c != 0x7f) {
        out[0] = c;
        return 1;
    }
    memcpy(out, "\\u00", 4);
    out[4] = hex[(unsigned char)c >> 4];
    out[5] = hex[(unsigned char)c & 15];
    return 6;
}

size_t strbuf_add_json_part(strbuf_t *buf, slice_t s, size_t max)
{
    size_t i = 0;
    while (i < s.len) {
        char out[6] = "\\ufffd";
        size_t n = slice_utf8_len(slice_sub(s, i, 4)), len = sizeof(out);
        if (n == 1)
            len = json_ascii(out, s.base[i]);
        else if (n > 1)
            memcpy(out, s.base + i, len = n);
        if (len > max)
            break;
        strbuf_add(buf, slice_make(out, len));
        max -= len;
        i += n ? n : 1;
    }
    return i;
}

void strbuf_add_json(strbuf_t *buf, slice_t s)
{
    strbuf_add_char(buf, '"');
    strbuf_add_json_part(buf, s, SIZE_MAX);
    strbuf_add_char(buf, '"');
}

char *strbuf_take(strbuf_t *buf)
{
    *strbuf_room(buf, 1) = '\0';
    char *text = buf->base;
    *buf = (strbuf_t){0};
    return text;
}

void strbuf_fini(strbuf_t *buf)
{
    free(buf->base);
    *buf = (strbuf_t){0};
}
