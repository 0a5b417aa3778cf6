/* syntax.c: see syntax.h. */
#include "gatewayapi/syntax.h"

#include <arpa/inet.h>

#include "core/error.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c);
}

static bool is_alnum(char c)
{
    return is_lower_alnum(slice_lower(c));
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* is_label: one label of a name in lower case: letters, digits and inner dashes. */
static bool is_label(slice_t text)
{
    if (text.len == 0 || !is_lower_alnum(text.base[0]) || !is_lower_alnum(text.base[text.len - 1]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_lower_alnum(text.base[i]) && text.base[i] != '-')
            return false;
    return true;
}

static bool is_subdomain(slice_t text)
{
    for (;;) {
        size_t dot = slice_chr(text, '.');
        if (!is_label(slice_sub(text, 0, dot)))
            return false;
        if (dot == text.len)
            return true;
        text = slice_sub(text, dot + 1, text.len);
    }
}

const char *syntax_dns_label(slice_t text)
{
    return is_label(text) && text.len <= 63
               ? NULL
               : "must be a DNS label: lower-case letters, digits and inner '-', at most 63";
}

const char *syntax_subdomain(slice_t text)
{
    return is_subdomain(text) ? NULL : "must be a DNS name in lower case";
}

const char *syntax_group(slice_t text)
{
    return text.len == 0 || is_subdomain(text) ? NULL : "must be empty or an API group's DNS name";
}

const char *syntax_kind(slice_t text)
{
    bool ok = text.len > 0 && is_alnum(text.base[0]) && !is_digit(text.base[0]) &&
              is_alnum(text.base[text.len - 1]);
    for (size_t i = 0; ok && i < text.len; i++)
        ok = is_alnum(text.base[i]) || text.base[i] == '-';
    return ok ? NULL : "must be a kind's name: letters, digits and inner '-'";
}

/* is_ipv4: an IPv4 address would pass as a subdomain. */
static bool is_ipv4(slice_t text)
{
    char copy[INET_ADDRSTRLEN];
    struct in_addr address;
    if (text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.base, text.len);
    copy[text.len] = '\0';
    return inet_pton(AF_INET, copy, &address) == 1;
}

const char *syntax_precise_hostname(slice_t text)
{
    if (!is_subdomain(text))
        return "must be a DNS name in lower case";
    return is_ipv4(text) ? "must be a DNS name and not an IP address" : NULL;
}

const char *syntax_hostname(slice_t text)
{
    slice_t rest = slice_starts_with(text, SLICE("*.")) ? slice_sub(text, 2, text.len) : text;
    if (!is_subdomain(rest))
        return "must be a DNS name in lower case, with or without \"*.\" before it";
    return is_ipv4(text) ? "must be a DNS name and not an IP address" : NULL;
}

const char *syntax_controller(slice_t text)
{
    size_t slash = slice_chr(text, '/');
    bool ok = slash + 1 < text.len && is_subdomain(slice_sub(text, 0, slash));
    for (size_t i = slash + 1; ok && i < text.len; i++)
        ok = is_alnum(text.base[i]) || is_one_of(text.base[i], "/-._~%!$&'()*+,;=:");
    return ok ? NULL : "must be a domain and a path, such as example.com/gateway";
}

static bool is_word(slice_t text, bool dash)
{
    bool ok = text.len > 0 && is_alnum(text.base[0]) && is_alnum(text.base[text.len - 1]);
    for (size_t i = 0; ok && i < text.len; i++)
        ok = is_alnum(text.base[i]) || (dash && text.base[i] == '-');
    return ok;
}

const char *syntax_protocol(slice_t text)
{
    size_t slash = slice_chr(text, '/');
    bool ok = slash == text.len ? is_word(text, true)
                                : is_subdomain(slice_sub(text, 0, slash)) &&
                                      is_word(slice_sub(text, slash + 1, text.len), false);
    return ok ? NULL : "must be a protocol's name, such as HTTP or example.com/protocol";
}

const char *syntax_header_name(slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_alnum(text.base[i]) && !is_one_of(text.base[i], "!#$%&'*+-.^_`|~"))
            return "must be a token of RFC 9110";
    return text.len ? NULL : "must not be empty";
}

/* is_path_text: unreserved, sub-delims, ':', '@', '/' and whole percent triplets. */
static bool is_path_text(slice_t text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.base[i];
        if (c == '%') {
            if (i + 2 >= text.len || !memchr("0123456789abcdefABCDEF", text.base[i + 1], 22) ||
                !memchr("0123456789abcdefABCDEF", text.base[i + 2], 22))
                return false;
        } else if (!is_alnum(c) && !is_one_of(c, "-/._~!$&'()*+,;=:@")) {
            return false;
        }
    }
    return true;
}

static bool contains(slice_t text, slice_t part)
{
    return text.len >= part.len && memmem(text.base, text.len, part.base, part.len) != NULL;
}

const char *syntax_path(slice_t text)
{
    if (text.len == 0 || text.base[0] != '/')
        return "must be an absolute path that begins with '/'";
    if (contains(text, SLICE("//")))
        return "must not contain '//'";
    if (contains(text, SLICE("/./")) || contains(text, SLICE("/../")))
        return "must not contain '/./' or '/../'";
    if (slice_ends_with(text, SLICE("/.")) || slice_ends_with(text, SLICE("/..")))
        return "must not end with '/.' or '/..'";
    if (contains(text, SLICE("%2f")) || contains(text, SLICE("%2F")))
        return "must not contain an encoded '/' (%2F)";
    return is_path_text(text) ? NULL : "has a character that no path may have";
}

const char *syntax_duration(slice_t text)
{
    uint64_t ms;
    return duration_parse(text, &ms) == 0
               ? NULL
               : "must be a duration such as 500ms, 10s or 1h30m (GEP-2257)";
}

const char *syntax_time(slice_t text)
{
    int64_t ms;
    return time_parse(text, &ms) == 0 ? NULL : "must be a time of RFC 3339";
}

/* is_label_text: letters, digits, '-', '_', '.', beginning and ending with a letter or digit. */
static bool is_label_text(slice_t text)
{
    if (text.len == 0 || text.len > 63 || !is_alnum(text.base[0]) ||
        !is_alnum(text.base[text.len - 1]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_alnum(text.base[i]) && !is_one_of(text.base[i], "-_."))
            return false;
    return true;
}

const char *syntax_label_key(slice_t text)
{
    size_t slash = slice_chr(text, '/');
    bool ok = slash == text.len || is_subdomain(slice_sub(text, 0, slash));
    slice_t name = slash == text.len ? text : slice_sub(text, slash + 1, text.len);
    return ok && is_label_text(name) ? NULL : "must be a label's name, with or without a domain/";
}

const char *syntax_label_value(slice_t text)
{
    return text.len == 0 || is_label_text(text)
               ? NULL
               : "must be at most 63 letters, digits, '-', '_' and '.'";
}

const char *syntax_ip(slice_t text)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (is_ipv4(text))
        return NULL;
    if (text.len == 0 || text.len >= sizeof(copy))
        return "must be an IP address";
    memcpy(copy, text.base, text.len);
    copy[text.len] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1 ? NULL : "must be an IP address";
}

const char *syntax_port_name(slice_t text)
{
    bool letter = false;
    for (size_t i = 0; i < text.len; i++)
        letter = letter || (text.base[i] >= 'a' && text.base[i] <= 'z');
    return is_label(text) && letter && text.len <= 63
               ? NULL
               : "must be a port's name: lower-case letters, digits and inner '-'";
}
