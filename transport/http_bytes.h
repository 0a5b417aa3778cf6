/*
 * http_bytes.h: looking at text sixteen bytes at a time. Private to transport/: the parsers
 * spend most of their time finding the end of something, and a loop over single bytes costs
 * several times as much.
 *
 * A block is a vector of the compiler (GCC and clang have them for every machine); a test on it
 * gives a mask with bit i set for byte i. Nothing outside [at, end) is ever read.
 */
#ifndef TRANSPORT_HTTP_BYTES_H
#define TRANSPORT_HTTP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the lowest byte comes first");

typedef uint8_t block_t __attribute__((vector_size(16)));
typedef char block_bools_t __attribute__((vector_size(16))); /* 0 or -1 for each byte */

enum { BLOCK_LEN = 16 };

static inline uint64_t bytes_load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static inline uint32_t bytes_load32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* block_all is a block of equal bytes. */
static inline block_t block_all(char c)
{
    uint8_t u = (uint8_t)c;
    return (block_t){u, u, u, u, u, u, u, u, u, u, u, u, u, u, u, u};
}

/* block_load loads BLOCK_LEN bytes. */
static inline block_t block_load(const char *at)
{
    block_t block;
    memcpy(&block, at, sizeof(block));
    return block;
}

/* block_load_part loads len < BLOCK_LEN bytes and zeros behind them: with loads that overlap,
 * because a copy of variable length is a call. */
static inline block_t block_load_part(const char *at, size_t len)
{
    uint64_t words[2] = {0, 0};
    if (len >= 8) {
        words[0] = bytes_load64(at);
        /* two shifts: one of 64 bits, for len == 8, is undefined */
        words[1] = bytes_load64(at + len - 8) >> 1 >> (127 - 8 * len);
    } else if (len >= 4) {
        words[0] = bytes_load32(at) | (uint64_t)bytes_load32(at + len - 4) << (8 * (len - 4));
    } else {
        for (size_t i = 0; i < len; i++)
            words[0] |= (uint64_t)(uint8_t)at[i] << (8 * i);
    }
    block_t block;
    memcpy(&block, words, sizeof(block));
    return block;
}

/* block_mask turns the outcome of a test into bits. */
static inline unsigned block_mask(block_bools_t bools)
{
#if defined(__SSE2__) && !defined(HTTP_BYTES_PORTABLE)
    return (unsigned)__builtin_ia32_pmovmskb128(bools);
#else
    const uint64_t low_bits = UINT64_C(0x0101010101010101);
    const uint64_t gather = UINT64_C(0x0102040810204080);
    uint64_t words[2];
    memcpy(words, &bools, sizeof(words));
    return (unsigned)((words[0] & low_bits) * gather >> 56) |
           (unsigned)((words[1] & low_bits) * gather >> 56) << 8;
#endif
}

static inline block_bools_t block_equal(block_t block, char c)
{
    return (block_bools_t)(block == block_all(c));
}

/* block_between tests for bytes from `low` to `high`, both included. */
static inline block_bools_t block_between(block_t block, char low, char high)
{
    return (block_bools_t)(block - block_all(low) <= block_all((char)(high - low)));
}

/* block_letters tests for ASCII letters. */
static inline block_bools_t block_letters(block_t block)
{
    return block_between(block | block_all(0x20), 'a', 'z');
}

/* block_load_upto loads a block, or what is left of `left` bytes and zeros. */
static inline block_t block_load_upto(const char *at, size_t left)
{
    return left >= BLOCK_LEN ? block_load(at) : block_load_part(at, left);
}

/* What bytes_find_if looks for; `c` is a parameter of the test. */
typedef block_bools_t block_test_t(block_t block, char c);

/* bytes_find_if gives the first byte in [at, end) that meets the test, or end. */
static inline __attribute__((always_inline)) const char *
bytes_find_if(const char *at, const char *end, block_test_t *test, char c)
{
    for (; end - at >= BLOCK_LEN; at += BLOCK_LEN) {
        unsigned mask = block_mask(test(block_load(at), c));
        if (mask)
            return at + __builtin_ctz(mask);
    }
    size_t left = (size_t)(end - at);
    unsigned mask = block_mask(test(block_load_part(at, left), c)) | 1u << left;
    return at + __builtin_ctz(mask);
}

/* bytes_find gives the first `c`, or end. */
static inline const char *bytes_find(const char *at, const char *end, char c)
{
    return bytes_find_if(at, end, block_equal, c);
}

static inline block_bools_t block_controls(block_t block, char c)
{
    (void)c;
    return (block_between(block, 0, 0x1f) & ~block_equal(block, '\t')) | block_equal(block, 0x7f);
}

/* bytes_find_control gives the first control character (RFC 5234 CTL) other than a tab, or end. */
static inline const char *bytes_find_control(const char *at, const char *end)
{
    return bytes_find_if(at, end, block_controls, 0);
}

static inline block_bools_t block_not_graphic(block_t block, char c)
{
    (void)c;
    return ~block_between(block, 0x21, 0x7e);
}

/* bytes_find_not_graphic gives the first byte outside 0x21..0x7e, or end. */
static inline const char *bytes_find_not_graphic(const char *at, const char *end)
{
    return bytes_find_if(at, end, block_not_graphic, 0);
}

/* block_special_in_target tests for what needs a second look in a path, and for its end. */
static inline block_bools_t block_special_in_target(block_t block, char c)
{
    (void)c;
    return block_equal(block, '.') | block_equal(block, '%') | block_equal(block, '\\') |
           block_equal(block, '?');
}

/* bytes_same_letters compares eight bytes with lower-case text; only letters may differ in case.
 * (0x40 is set in letters and, of what stands in field names, in nothing else.) */
static inline bool bytes_same_letters(uint64_t any, uint64_t lower)
{
    uint64_t case_bits = (lower >> 1) & UINT64_C(0x2020202020202020);
    return ((any ^ lower) & ~case_bits) == 0;
}

#endif
