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

/* The length that the first byte of a UTF-8 sequence announces, or 0 for one that starts none. */
static size_t utf8_announced(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The length of the UTF-8 sequence at s (RFC 3629: no overlong form, no surrogate), or 0. */
static size_t utf8_len(slice_t s)
{
    const unsigned char *p = (const unsigned char *)s.base;
    size_t n = utf8_announced(p[0]);
    if (n == 0 || n > s.len)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)))
        return 0;
    if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)))
        return 0;
    return n;
}

static void add_json_char(strbuf_t *buf, char c)
{
    switch (c) {
    case '"':
        strbuf_add(buf, SLICE("\\\""));
        return;
    case '\\':
        strbuf_add(buf, SLICE("\\\\"));
        return;
    case '\n':
        strbuf_add(buf, SLICE("\\n"));
        return;
    default:
        if ((unsigned char)c < 0x20 || c == 0x7f)
            strbuf_printf(buf, "\\u%04x", (unsigned)(unsigned char)c);
        else
            strbuf_add_char(buf, c);
    }
}

void strbuf_add_json(strbuf_t *buf, slice_t s)
{
    strbuf_add_char(buf, '"');
    for (size_t i = 0; i < s.len;) {
        size_t n = utf8_len(slice_sub(s, i, 4));
        if (n == 1)
            add_json_char(buf, s.base[i]);
        else if (n > 1)
            strbuf_add(buf, slice_sub(s, i, n));
        else
            strbuf_add(buf, SLICE("\\ufffd"));
        i += n ? n : 1;
    }
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
