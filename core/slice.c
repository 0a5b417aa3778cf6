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
