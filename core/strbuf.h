/*
 * strbuf.h: a text that grows. A zeroed strbuf is empty and valid.
 */
#ifndef CORE_STRBUF_H
#define CORE_STRBUF_H

#include <stdarg.h>

#include "core/slice.h"

/* Members may be read; `base` is not NUL-terminated. */
typedef struct strbuf {
    char *base;
    size_t len, cap;
} strbuf_t;

/* strbuf_room makes sure that `more` bytes fit and gives the place where they go. */
char *strbuf_room(strbuf_t *buf, size_t more);

/* strbuf_add appends a slice. */
void strbuf_add(strbuf_t *buf, slice_t s);

/* strbuf_add_text appends a C string. */
void strbuf_add_text(strbuf_t *buf, const char *text);

/* strbuf_add_char appends one byte. */
void strbuf_add_char(strbuf_t *buf, char c);

/* strbuf_add_u64 appends a decimal number, much faster than strbuf_printf. */
void strbuf_add_u64(strbuf_t *buf, uint64_t value);

/* strbuf_printf appends formatted text. */
void strbuf_printf(strbuf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(strbuf_t *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* strbuf_add_json appends a quoted JSON string; bytes that are no UTF-8 become U+FFFD. */
void strbuf_add_json(strbuf_t *buf, slice_t s);

/*
 * strbuf_add_json_part appends the inside of a JSON string (no quotes) in at most `max` bytes. It
 * stops between two characters and returns how many bytes of `s` it took: s.len if all of it fit.
 */
size_t strbuf_add_json_part(strbuf_t *buf, slice_t s, size_t max);

/* strbuf_slice borrows the text; it is valid until the next change. */
static inline slice_t strbuf_slice(const strbuf_t *buf)
{
    return (slice_t){buf->base, buf->len};
}

/* strbuf_take gives the text as a NUL-terminated string that the caller frees; the buffer is
 * empty afterwards. */
char *strbuf_take(strbuf_t *buf);

/* strbuf_fini frees the memory; the buffer is empty and usable afterwards. */
void strbuf_fini(strbuf_t *buf);

#endif
