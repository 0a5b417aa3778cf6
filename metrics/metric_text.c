/*
 * metric_text.c: one step prints one metric of one series. Numbers and lines are put together by
 * hand into room that was made before: with 5,000 routes there are 100,000 lines.
 */
#include "metrics/metric_text.h"

#include "core/check.h"

/* What a line has besides name and labels: suffix, split label, number, punctuation. */
enum { LINE_EXTRA = 96, NUMBER_MAX = 24, ZERO_CELLS = 128 };

/* The series of a group without labels that nobody has touched. */
static const uint64_t zeros[ZERO_CELLS];

static char *put(char *at, const char *base, size_t len)
{
    memcpy(at, base, len);
    return at + len;
}

static char *put_text(char *at, const char *text)
{
    return put(at, text, strlen(text));
}

static char *put_u64(char *at, uint64_t value)
{
    char digits[NUMBER_MAX];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return put(at, digits + first, sizeof(digits) - first);
}

/* Nanoseconds as seconds, exactly. */
static char *put_seconds(char *at, uint64_t ns)
{
    uint64_t fraction = ns % 1000000000u;
    at = put_u64(at, ns / 1000000000u);
    if (fraction == 0)
        return at;
    *at++ = '.';
    for (uint64_t unit = 100000000u; fraction > 0; unit /= 10) {
        *at++ = (char)('0' + fraction / unit);
        fraction %= unit;
    }
    return at;
}

static char *put_value(char *at, const metric_info_t *metric, uint64_t cell)
{
    bool negative = metric->kind != METRIC_COUNTER && (int64_t)cell < 0;
    uint64_t value = negative ? -cell : cell;
    if (negative)
        *at++ = '-';
    return metric->unit == METRIC_SECONDS ? put_seconds(at, value) : put_u64(at, value);
}

static const char *type_of(const metric_info_t *metric)
{
    return metric->kind == METRIC_COUNTER     ? "counter"
           : metric->kind == METRIC_HISTOGRAM ? "histogram"
                                              : "gauge";
}

static void add_header(metric_text_t *text, const metric_info_t *metric, strbuf_t *buf)
{
    slice_t name = slice_make(text->name, text->name_len);
    if (text->headed)
        return;
    text->headed = true;
    strbuf_add(buf, SLICE("# HELP "));
    strbuf_add(buf, name);
    strbuf_add_char(buf, ' ');
    strbuf_add_text(buf, metric->help);
    strbuf_add(buf, SLICE("\n# TYPE "));
    strbuf_add(buf, name);
    strbuf_add_char(buf, ' ');
    strbuf_add_text(buf, type_of(metric));
    strbuf_add_char(buf, '\n');
}

/* Makes room for `lines` lines; the lines end where buf->len is set to by end_lines. */
static char *start_lines(const metric_text_t *text, slice_t labels, size_t lines, strbuf_t *buf)
{
    return strbuf_room(buf, lines * (text->name_len + labels.len + LINE_EXTRA));
}

static void end_lines(strbuf_t *buf, const char *at)
{
    buf->len = (size_t)(at - buf->base);
}

static char *put_name(char *at, const metric_text_t *text, const char *suffix)
{
    at = put(at, text->name, text->name_len);
    return put_text(at, suffix);
}

/* "{labels}", if there are any, and the space before the number. */
static char *put_labels(char *at, slice_t labels)
{
    if (labels.len > 0) {
        *at++ = '{';
        at = put(at, labels.base, labels.len);
        *at++ = '}';
    }
    *at++ = ' ';
    return at;
}

/* The labels without the end: one more follows. */
static char *put_open_labels(char *at, slice_t labels)
{
    *at++ = '{';
    if (labels.len > 0) {
        at = put(at, labels.base, labels.len);
        *at++ = ',';
    }
    return at;
}

static char *put_last_label(char *at, const metric_split_t *split, unsigned value)
{
    at = put_text(at, split->label);
    *at++ = '=';
    *at++ = '"';
    at = put_text(at, split->values[value]);
    *at++ = '"';
    *at++ = '}';
    *at++ = ' ';
    return at;
}

static void add_single(metric_text_t *text, const metric_info_t *metric, slice_t labels,
                       uint64_t cell, strbuf_t *buf)
{
    add_header(text, metric, buf);
    char *at = start_lines(text, labels, 1, buf);
    at = put_labels(put_name(at, text, ""), labels);
    at = put_value(at, metric, cell);
    *at++ = '\n';
    end_lines(buf, at);
}

/* One line per value of the split; those of zero only with `all`. */
static void add_split(metric_text_t *text, const metric_info_t *metric, slice_t labels,
                      const uint64_t *cells, bool all, strbuf_t *buf)
{
    for (unsigned i = 0; i < metric->split->count; i++) {
        if (cells[i] == 0 && !all)
            continue;
        add_header(text, metric, buf);
        char *at = start_lines(text, labels, 1, buf);
        at = put_open_labels(put_name(at, text, ""), labels);
        at = put_last_label(at, metric->split, i);
        at = put_value(at, metric, cells[i]);
        *at++ = '\n';
        end_lines(buf, at);
    }
}

static char *put_buckets(char *at, const metric_text_t *text, const metric_split_t *split,
                         slice_t labels, const uint64_t *buckets, uint64_t *ret_count)
{
    const char *head = at;
    at = put_open_labels(put_name(at, text, "_bucket"), labels);
    size_t head_len = (size_t)(at - head);
    uint64_t count = 0;
    for (unsigned i = 0; i < split->count; i++) {
        if (i > 0)
            at = put(at, head, head_len); /* the start of the first line, once more */
        count += buckets[i];
        at = put_u64(put_last_label(at, split, i), count);
        *at++ = '\n';
    }
    *ret_count = count;
    return at;
}

/* The cells of a histogram are the sum, and then the buckets. */
static void add_histogram(metric_text_t *text, const metric_info_t *metric, slice_t labels,
                          const uint64_t *cells, strbuf_t *buf)
{
    uint64_t count;
    add_header(text, metric, buf);
    char *at = start_lines(text, labels, (size_t)metric->split->count + 2, buf);
    at = put_buckets(at, text, metric->split, labels, cells + 1, &count);
    at = put_labels(put_name(at, text, "_sum"), labels);
    at = put_seconds(at, cells[0]);
    *at++ = '\n';
    at = put_labels(put_name(at, text, "_count"), labels);
    at = put_u64(at, count);
    *at++ = '\n';
    end_lines(buf, at);
}

static bool all_zero(const uint64_t *cells, size_t count)
{
    uint64_t any = 0;
    for (size_t i = 0; i < count; i++)
        any |= cells[i];
    return any == 0;
}

static void add_series(metric_text_t *text, const metric_group_info_t *group,
                       const metric_info_t *metric, const metric_labels_t *labels,
                       const uint64_t *series, strbuf_t *buf)
{
    const uint64_t *cells = series + metric->cell;
    bool all = group->label_count == 0;
    slice_t values = labels ? metric_labels_text(labels) : (slice_t){NULL, 0};
    if (!all && all_zero(series, group->cells))
        return;
    if (metric->kind != METRIC_HISTOGRAM && !metric->split->label)
        add_single(text, metric, values, *cells, buf);
    else if (metric->kind != METRIC_HISTOGRAM)
        add_split(text, metric, values, cells, all, buf);
    else if (all || !all_zero(cells, metric->cells))
        add_histogram(text, metric, values, cells, buf);
}

/* Prints the metric for the next series; false when there is none. */
static bool step_series(metric_text_t *text, const metric_group_info_t *group,
                        const metric_info_t *metric, strbuf_t *buf)
{
    const metric_labels_t *labels = NULL;
    bool first = text->cursor.chunk == 0 && text->cursor.slot == 0;
    const uint64_t *series =
        metric_set_next(text->set, (metric_group_t)text->group, &text->cursor, &labels);
    if (!series && first && group->label_count == 0) {
        text->cursor.slot = 1;
        series = zeros;
    }
    if (!series)
        return false;
    add_series(text, group, metric, labels, series, buf);
    return true;
}

static void start_metric(metric_text_t *text, const metric_group_info_t *group,
                         const metric_info_t *metric)
{
    char *at = text->name;
    GW_ASSERT(strlen(group->prefix) + strlen(metric->name) < METRIC_TEXT_NAME_MAX);
    GW_ASSERT(group->cells <= ZERO_CELLS);
    at = put_text(put_text(at, group->prefix), metric->name);
    text->name_len = (size_t)(at - text->name);
    text->cursor = (metric_cursor_t){0};
    text->headed = false;
    text->named = true;
}

/* One step: a series, or over to the next metric or group. False at the end. */
static bool step(metric_text_t *text, strbuf_t *buf)
{
    if (text->group == METRIC_GROUP_COUNT)
        return false;
    const metric_group_info_t *group = metric_group_info((metric_group_t)text->group);
    if (text->metric == group->count || !(group->planes & text->planes)) {
        text->group++;
        text->metric = 0;
        return true;
    }
    const metric_info_t *metric = &group->metrics()[text->metric];
    if (!text->named)
        start_metric(text, group, metric);
    if (!step_series(text, group, metric, buf)) {
        text->metric++;
        text->named = false;
    }
    return true;
}

void metric_text_start(metric_text_t *text, const metric_set_t *set, unsigned planes)
{
    *text = (metric_text_t){.set = set, .planes = planes};
}

bool metric_text_next(metric_text_t *text, size_t enough, strbuf_t *buf)
{
    size_t start = buf->len;
    while (buf->len - start < enough) {
        if (!step(text, buf))
            return false;
    }
    return true;
}

void metrics_expose(const metric_set_t *set, unsigned planes, strbuf_t *buf)
{
    metric_text_t printer;
    metric_text_start(&printer, set, planes);
    metric_text_next(&printer, SIZE_MAX, buf);
}
