#include "actors/access_line.h"

#include <time.h>

/* 17 texts of at most ACCESS_FIELD_MAX bytes; a field that would not fit is left out. */
enum { TEXT_ROOM = 900 };

typedef struct writer {
    char *at, *end;
} writer_t;

static void put(writer_t *w, slice_t text)
{
    memcpy(w->at, text.base, text.len);
    w->at += text.len;
}

#define PUT(w, literal) put(w, SLICE(literal))

/* True for bytes that stand for themselves in a JSON string. Bytes above 0x7f do not: whether
 * they are UTF-8 is not looked at, and the log must be. */
static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_escaped(writer_t *w, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    if (c == '"' || c == '\\') {
        *w->at++ = '\\';
        *w->at++ = (char)c;
    } else {
        put(w, slice_make(escape, sizeof(escape)));
    }
}

static void put_text(writer_t *w, slice_t text)
{
    bool cut = text.len > ACCESS_FIELD_MAX;
    size_t len = cut ? ACCESS_FIELD_MAX : text.len, start = 0;
    for (size_t i = 0; i < len; i++) {
        if (plain((unsigned char)text.base[i]))
            continue;
        put(w, slice_sub(text, start, i - start));
        put_escaped(w, (unsigned char)text.base[i]);
        start = i + 1;
        if (w->at + TEXT_ROOM + ACCESS_FIELD_MAX > w->end) {
            len = start; /* hostile text: what is left of the line is for the fields behind it */
            cut = true;
        }
    }
    put(w, slice_sub(text, start, len - start));
    if (cut)
        PUT(w, "...");
}

/* `key` is `,"name":"`, ready to write. Empty texts are left out. */
static void put_field(writer_t *w, slice_t key, slice_t text)
{
    size_t cut = text.len < ACCESS_FIELD_MAX ? text.len : ACCESS_FIELD_MAX;
    if (text.len == 0 || w->at + key.len + cut + TEXT_ROOM > w->end)
        return;
    put(w, key);
    put_text(w, text);
    *w->at++ = '"';
}

static void put_number(writer_t *w, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put(w, slice_make(digits + at, sizeof(digits) - at));
}

/* Nanoseconds as milliseconds with three decimals. */
static void put_milliseconds(writer_t *w, uint64_t ns)
{
    uint64_t us = ns / 1000;
    put_number(w, us / 1000);
    *w->at++ = '.';
    *w->at++ = (char)('0' + us / 100 % 10);
    *w->at++ = (char)('0' + us / 10 % 10);
    *w->at++ = (char)('0' + us % 10);
}

static void put_hex(writer_t *w, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4)
        *w->at++ = digits[value >> shift & 15];
}

static void put_time(writer_t *w, uint64_t wall_ns, access_clock_t *clock)
{
    uint64_t second = wall_ns / 1000000000, ms = wall_ns / 1000000 % 1000;
    if (second != clock->second) {
        time_t when = (time_t)second;
        struct tm utc;
        gmtime_r(&when, &utc);
        strftime(clock->text, sizeof(clock->text), "%Y-%m-%dT%H:%M:%S", &utc);
        clock->second = second;
    }
    put(w, slice_make(clock->text, 19));
    *w->at++ = '.';
    *w->at++ = (char)('0' + ms / 100);
    *w->at++ = (char)('0' + ms / 10 % 10);
    *w->at++ = (char)('0' + ms % 10);
    *w->at++ = 'Z';
}

#define FIELD(w, name, text) put_field(w, SLICE(",\"" name "\":\""), text)

size_t access_line_put(char *to, const access_record_t *r, access_clock_t *clock)
{
    writer_t writer = {to, to + ACCESS_LINE_MAX}, *w = &writer;
    PUT(w, "{\"time\":\"");
    put_time(w, r->wall_ns, clock);
    PUT(w, "\",\"event\":\"http_request\",\"status\":");
    put_number(w, r->status);
    PUT(w, ",\"latencyMs\":");
    put_milliseconds(w, r->duration_ns);
    PUT(w, ",\"bytesReceived\":");
    put_number(w, r->received);
    PUT(w, ",\"bytesSent\":");
    put_number(w, r->sent);
    PUT(w, ",\"attempts\":");
    put_number(w, r->attempts);
    if (r->connect_ns) {
        PUT(w, ",\"upstreamConnectTimeMs\":");
        put_milliseconds(w, r->connect_ns);
    }
    PUT(w, ",\"httpVersion\":\"1.");
    put_number(w, r->minor);
    PUT(w, "\",\"traceId\":\"");
    put_hex(w, r->trace);
    PUT(w, "\"");
    FIELD(w, "responseFlags", r->flag);
    FIELD(w, "listener", r->listener);
    FIELD(w, "clientIp", r->client_ip);
    FIELD(w, "method", r->method);
    FIELD(w, "host", r->host);
    FIELD(w, "path", r->path);
    FIELD(w, "requestId", r->request_id);
    FIELD(w, "routeKind", r->route_kind);
    FIELD(w, "routeNamespace", r->route_namespace);
    FIELD(w, "routeName", r->route_name);
    FIELD(w, "backend", r->backend);
    FIELD(w, "upstreamAddr", r->endpoint);
    FIELD(w, "userAgent", r->user_agent);
    FIELD(w, "referer", r->referer);
    FIELD(w, "xForwardedFor", r->forwarded_for);
    PUT(w, "}\n");
    return (size_t)(w->at - to);
}
