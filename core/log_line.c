/*
 * log_line.c: fills a line from the left; what the end needs is kept free all the time.
 */
#include "core/log_line.h"

#include <time.h>

#include "core/error.h"

enum { RFC3339_SIZE = sizeof("2026-11-24T09:55:05.123Z") };

static const slice_t json_tail = {",\"truncated\":true}\n", 19};
static const slice_t text_tail = {" truncated=true\n", 16};
static const slice_t ellipsis = {"\xe2\x80\xa6", 3};

typedef struct line {
    strbuf_t *buf;
    size_t start; /* of the line in the buffer */
    log_format_t format;
    bool truncated;
} line_t;

static size_t room(const line_t *line)
{
    size_t tail = line->format == LOG_FORMAT_JSON ? json_tail.len : text_tail.len;
    return LOG_LINE_MAX - tail - (line->buf->len - line->start);
}

/* Makes the separator and the key, if `need` bytes of value fit behind them. */
static bool begin(line_t *line, const char *key, size_t need)
{
    slice_t name = slice_of(key);
    if (room(line) < name.len + sizeof(",\"\":") + need) {
        line->truncated = true;
        return false;
    }
    bool json = line->format == LOG_FORMAT_JSON;
    if (line->buf->len > line->start)
        strbuf_add_char(line->buf, json ? ',' : ' ');
    if (json)
        strbuf_add_char(line->buf, '"');
    strbuf_add(line->buf, name);
    strbuf_add(line->buf, json ? SLICE("\":") : SLICE("="));
    return true;
}

static void add_quoted(line_t *line, slice_t value)
{
    size_t around = 2 + ellipsis.len, max = room(line) - around;
    if (max > LOG_VALUE_MAX)
        max = LOG_VALUE_MAX;
    strbuf_add_char(line->buf, '"');
    if (strbuf_add_json_part(line->buf, value, max) < value.len) {
        strbuf_add(line->buf, ellipsis);
        line->truncated = true;
    }
    strbuf_add_char(line->buf, '"');
}

/* In text a value stands without quotes if nobody could take it for something else. */
static bool plain(slice_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.base[i] <= ' ' || value.base[i] > '~' || strchr("\"=\\", value.base[i]))
            return false;
    }
    return value.len > 0 && value.len <= 64;
}

static void add_text(line_t *line, const char *key, slice_t value)
{
    enum { NEED = 64 + 2 + 3 };
    if (!begin(line, key, NEED))
        return;
    if (line->format == LOG_FORMAT_TEXT && plain(value))
        strbuf_add(line->buf, value);
    else
        add_quoted(line, value);
}

static void add_u64(line_t *line, const char *key, uint64_t value)
{
    if (begin(line, key, 20))
        strbuf_add_u64(line->buf, value);
}

static void add_i64(line_t *line, const char *key, int64_t value)
{
    if (!begin(line, key, 20))
        return;
    if (value < 0)
        strbuf_add_char(line->buf, '-');
    strbuf_add_u64(line->buf, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void add_seconds(line_t *line, const char *key, uint64_t ns)
{
    char fraction[10];
    size_t len = 9;
    if (!begin(line, key, 21))
        return;
    strbuf_add_u64(line->buf, ns / 1000000000u);
    snprintf(fraction, sizeof(fraction), "%09u", (unsigned)(ns % 1000000000u));
    while (len > 0 && fraction[len - 1] == '0')
        len--;
    if (len == 0)
        return;
    strbuf_add_char(line->buf, '.');
    strbuf_add(line->buf, slice_make(fraction, len));
}

static void add_hex(line_t *line, const char *key, uint64_t value)
{
    char digits[17];
    snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)value);
    add_text(line, key, slice_make(digits, 16));
}

static void add_errno(line_t *line, const char *key, int number)
{
    char text[128];
    add_text(line, key, slice_of(strerror_r(number, text, sizeof(text))));
}

static void add_field(line_t *line, const log_field_t *field)
{
    switch (field->kind) {
    case LOG_STR:
        add_text(line, field->key, field->str);
        break;
    case LOG_U64:
        add_u64(line, field->key, field->u64);
        break;
    case LOG_I64:
        add_i64(line, field->key, field->i64);
        break;
    case LOG_BOOL:
        if (begin(line, field->key, 5))
            strbuf_add(line->buf, field->u64 ? SLICE("true") : SLICE("false"));
        break;
    case LOG_SECONDS:
        add_seconds(line, field->key, field->u64);
        break;
    case LOG_HEX:
        add_hex(line, field->key, field->u64);
        break;
    case LOG_CODE:
        add_text(line, field->key, slice_of(gw_error_text((int)field->i64)));
        break;
    case LOG_ERRNO:
        add_errno(line, field->key, (int)field->i64);
        break;
    }
}

static slice_t format_time(uint64_t wall_ns, char out[RFC3339_SIZE + 64])
{
    time_t seconds = (time_t)(wall_ns / 1000000000u);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    int len = snprintf(out, RFC3339_SIZE + 64, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                       utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                       utc.tm_sec, (int)(wall_ns / 1000000u % 1000u));
    return slice_make(out, (size_t)len);
}

static void json_head(line_t *line, const log_event_t *event, slice_t now)
{
    strbuf_add(line->buf, SLICE("{\"time\":\""));
    strbuf_add(line->buf, now);
    strbuf_add_char(line->buf, '"');
    add_text(line, "level", slice_of(log_level_name(event->level)));
    add_text(line, "msg", slice_of(event->msg));
    add_text(line, "id", slice_of(event->id));
    add_text(line, "component", slice_of(log_component_name(event->component)));
}

static void text_head(line_t *line, const log_event_t *event, slice_t now)
{
    char head[256];
    int len = snprintf(head, sizeof(head), "%.*s %-5s %s %s: %.120s", SLICE_ARG(now),
                       log_level_name(event->level), log_component_name(event->component),
                       event->id, event->msg);
    size_t fits = sizeof(head) - 1;
    strbuf_add(line->buf, slice_make(head, (size_t)len < fits ? (size_t)len : fits));
}

void log_line_format(const log_event_t *event, log_format_t format, strbuf_t *ret_line)
{
    line_t line = {.buf = ret_line, .start = ret_line->len, .format = format};
    char time_text[RFC3339_SIZE + 64];
    slice_t now = format_time(event->wall_ns, time_text), tail = json_tail;
    strbuf_room(ret_line, LOG_LINE_MAX);
    if (format == LOG_FORMAT_JSON)
        json_head(&line, event, now);
    else
        text_head(&line, event, now);
    for (size_t i = 0; i < event->count; i++)
        add_field(&line, &event->fields[i]);
    if (format == LOG_FORMAT_TEXT)
        tail = line.truncated ? text_tail : SLICE("\n");
    else if (!line.truncated)
        tail = SLICE("}\n");
    strbuf_add(ret_line, tail);
}
