#include "core/slice.h"

#include "core/error.h"

bool slice_eq_nocase(slice_t a, slice_t b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (slice_lower(a.base[i]) != slice_lower(b.base[i]))
            return false;
    }
    return true;
}

int slice_compare(slice_t a, slice_t b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.base, b.base, common) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const char *base, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, base, len);
    return word;
}

uint64_t slice_hash(slice_t s, uint64_t seed)
{
    const uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xd6e8feb86659fd93u;
    uint64_t h = seed ^ mix(s.len ^ k0, k1);
    const char *p = s.base;
    size_t left = s.len;
    for (; left >= 8; p += 8, left -= 8)
        h = mix(h ^ load(p, 8), k0);
    if (left)
        h = mix(h ^ load(p, left), k1);
    return mix(h ^ k0, k1);
}

int slice_to_u64(slice_t s, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.len == 0)
        return GW_EPARSE;
    for (size_t i = 0; i < s.len; i++) {
        if (s.base[i] < '0' || s.base[i] > '9')
            return GW_EPARSE;
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.base[i] - '0'), &value))
            return GW_ELIMIT;
    }
    *ret = value;
    return 0;
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

size_t slice_utf8_len(slice_t s)
{
    const unsigned char *p = (const unsigned char *)s.base;
    size_t n = s.len ? utf8_announced(p[0]) : 0;
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
