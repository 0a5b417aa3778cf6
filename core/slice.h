/*
 * slice.h: a piece of text or bytes that somebody else owns. It is not NUL-terminated; it is
 * valid as long as its owner's memory is. {NULL, 0} is the empty slice.
 */
#ifndef CORE_SLICE_H
#define CORE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct slice {
    const char *base;
    size_t len;
} slice_t;

/* SLICE makes a slice of a string literal at compile time. */
#define SLICE(literal) ((slice_t){(literal), sizeof(literal) - 1})

/* For printf: "%.*s" with SLICE_ARG(s). */
#define SLICE_ARG(s) (int)(s).len, (s).base

/* slice_of borrows a C string; NULL gives the empty slice. */
static inline slice_t slice_of(const char *text)
{
    return (slice_t){text, text ? strlen(text) : 0};
}

static inline slice_t slice_make(const char *base, size_t len)
{
    return (slice_t){base, len};
}

static inline bool slice_eq(slice_t a, slice_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.base, b.base, a.len) == 0);
}

static inline bool slice_starts_with(slice_t s, slice_t prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.base, prefix.base, prefix.len) == 0);
}

static inline bool slice_ends_with(slice_t s, slice_t suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.base + s.len - suffix.len, suffix.base, suffix.len) == 0);
}

/* slice_sub gives the bytes from `from` on, at most `len` of them; it is clamped to the slice. */
static inline slice_t slice_sub(slice_t s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (slice_t){from ? s.base + from : s.base, len}; /* NULL + 0 is undefined in C11 */
}

/* slice_chr gives the position of the first `c`, or s.len. */
static inline size_t slice_chr(slice_t s, char c)
{
    const char *at = s.len ? memchr(s.base, c, s.len) : NULL;
    return at ? (size_t)(at - s.base) : s.len;
}

/* slice_lower gives the ASCII lower case of one byte. */
static inline char slice_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* slice_eq_nocase compares without regard to ASCII case. */
bool slice_eq_nocase(slice_t a, slice_t b);

/* slice_compare orders bytewise, a shorter prefix first: <0, 0, >0. */
int slice_compare(slice_t a, slice_t b);

/* slice_hash is a fast 64-bit hash. `seed` keeps a client from choosing collisions. */
uint64_t slice_hash(slice_t s, uint64_t seed);

/*
 * slice_to_u64 parses decimal digits and nothing else (no sign, no space, at least one digit).
 * It returns 0, or GW_EPARSE, or GW_ELIMIT on overflow; *ret is not touched on failure.
 */
int slice_to_u64(slice_t s, uint64_t *ret);

/*
 * slice_utf8_len gives the length of the character at the front, 1 to 4 bytes, or 0 if there is
 * none in UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
 */
size_t slice_utf8_len(slice_t s);

#endif
