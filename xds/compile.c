#include "xds/compile.h"

slice_t compile_text(const compile_t *c, const char *text)
{
    return arena_dup(c->arena, slice_of(text));
}

slice_t compile_lower(const compile_t *c, const char *text)
{
    size_t len = strlen(text);
    char *copy = arena_bytes(c->arena, len + 1);
    for (size_t i = 0; i <= len; i++)
        copy[i] = slice_lower(text[i]);
    return slice_make(copy, len);
}

int compile_milliseconds(const compile_t *c, const Google__Protobuf__Duration *duration,
                         uint32_t absent, const field_path_t *path, uint32_t *ret)
{
    if (duration == NULL) {
        *ret = absent;
        return 0;
    }
    if (duration->seconds < 0 || duration->nanos < 0 || duration->nanos > 999999999)
        return fault_at(c->fault, path, "not a span of time");
    uint64_t most = UINT32_MAX / 1000;
    uint64_t seconds = (uint64_t)duration->seconds > most ? most : (uint64_t)duration->seconds;
    uint64_t value = seconds * 1000 + ((uint64_t)duration->nanos + 999999) / 1000000;
    *ret = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
    return 0;
}

static bool is_token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool text_is_token(const char *text)
{
    const char *p = text;
    while (is_token_char((unsigned char)*p))
        p++;
    return p > text && *p == '\0';
}

static bool bytes_above(const char *text, unsigned char lowest, bool tab)
{
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if ((c < lowest && !(tab && c == '\t')) || c == 0x7f)
            return false;
    }
    return true;
}

bool text_is_value(const char *text)
{
    return bytes_above(text, ' ', true);
}

bool text_is_visible(const char *text)
{
    return bytes_above(text, '!', false);
}
