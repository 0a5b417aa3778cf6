/* scalar.c: see scalar.h. */
#include "gatewayapi/scalar.h"

static bool is_one_of(slice_t text, const char *const *words)
{
    for (; *words; words++)
        if (slice_eq(text, slice_of(*words)))
            return true;
    return false;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = slice_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* parse_digits reads digits of a base, with underscores between them. */
static bool parse_digits(slice_t text, int base, uint64_t *ret)
{
    uint64_t value = 0;
    bool any = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] == '_')
            continue;
        int digit = digit_of(text.base[i]);
        if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
        any = true;
    }
    *ret = value;
    return any;
}

/* base_of cuts a prefix such as 0x off and gives the base it stands for. */
static int base_of(slice_t *text)
{
    if (text->len < 2 || text->base[0] != '0')
        return 10;
    char letter = slice_lower(text->base[1]);
    int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    *text = slice_sub(*text, base ? 2 : 1, text->len);
    return base ? base : 8; /* YAML 1.1: a leading zero alone means octal */
}

static bool parse_integer(slice_t text, int64_t *ret)
{
    bool negative = text.len && text.base[0] == '-';
    if (text.len && (text.base[0] == '-' || text.base[0] == '+'))
        text = slice_sub(text, 1, text.len);
    if (text.len == 0 || digit_of(text.base[0]) > 9)
        return false;
    uint64_t value;
    int base = base_of(&text);
    if (!parse_digits(text, base, &value) || value > INT64_MAX)
        return false;
    *ret = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

/* skip_digits gives the position behind a run of digits, at least one unless `from` is returned. */
static size_t skip_digits(slice_t text, size_t from)
{
    while (from < text.len && text.base[from] >= '0' && text.base[from] <= '9')
        from++;
    return from;
}

/* is_float: [+-] digits [. digits] [e [+-] digits], with a digit in the mantissa. */
static bool is_float(slice_t text)
{
    static const char *const special[] = {".inf", ".Inf", ".INF",  "-.inf", ".nan",
                                          ".NaN", ".NAN", "+.inf", NULL};
    if (is_one_of(text, special))
        return true;
    size_t at = text.len && (text.base[0] == '-' || text.base[0] == '+') ? 1 : 0;
    size_t whole = skip_digits(text, at);
    size_t digits = whole - at;
    at = whole;
    if (at < text.len && text.base[at] == '.') {
        size_t fraction = skip_digits(text, at + 1);
        digits += fraction - at - 1;
        at = fraction;
    }
    if (digits == 0)
        return false;
    if (at < text.len && slice_lower(text.base[at]) == 'e') {
        at++;
        if (at < text.len && (text.base[at] == '-' || text.base[at] == '+'))
            at++;
        size_t exponent = skip_digits(text, at);
        if (exponent == at)
            return false;
        at = exponent;
    }
    return at == text.len;
}

node_type_t scalar_resolve(slice_t text, int64_t *ret_integer)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", "yes", "Yes",
                                        "YES",  "on",   "On",   "ON",  NULL};
    static const char *const falses[] = {"false", "False", "FALSE", "no",  "No",
                                         "NO",    "off",   "Off",   "OFF", NULL};
    if (is_one_of(text, nulls))
        return NODE_NULL;
    if (is_one_of(text, trues) || is_one_of(text, falses)) {
        *ret_integer = is_one_of(text, trues);
        return NODE_BOOL;
    }
    if (parse_integer(text, ret_integer))
        return NODE_INT;
    return is_float(text) ? NODE_FLOAT : NODE_STRING;
}
