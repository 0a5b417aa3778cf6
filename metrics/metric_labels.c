#include "metrics/metric_labels.h"

#include "core/mem.h"
#include "core/ref.h"
#include "core/strbuf.h"

struct metric_labels {
    ref_count_t refs;
    metric_group_t group;
    uint64_t hash;
    size_t len;
    char text[];
};

/* Backslash, quote and newline are escaped (exposition format 0.0.4). What is no UTF-8 would make
 * the scraper refuse everything, so it becomes U+FFFD. */
static void add_value(strbuf_t *buf, slice_t value)
{
    for (size_t i = 0; i < value.len;) {
        size_t len = slice_utf8_len(slice_sub(value, i, 4));
        char c = value.base[i];
        if (c == '\\' || c == '"' || c == '\n')
            strbuf_add_char(buf, '\\');
        if (len == 0)
            strbuf_add(buf, SLICE("\xef\xbf\xbd"));
        else if (c == '\n')
            strbuf_add_char(buf, 'n');
        else
            strbuf_add(buf, slice_sub(value, i, len));
        i += len ? len : 1;
    }
}

static void render(metric_group_t group, const slice_t *values, strbuf_t *ret_text)
{
    const metric_group_info_t *info = metric_group_info(group);
    for (unsigned i = 0; i < info->label_count; i++) {
        if (i > 0)
            strbuf_add_char(ret_text, ',');
        strbuf_add_text(ret_text, info->labels[i]);
        strbuf_add(ret_text, SLICE("=\""));
        add_value(ret_text, values[i]);
        strbuf_add_char(ret_text, '"');
    }
}

metric_labels_t *metric_labels_new(metric_group_t group, const slice_t *values)
{
    strbuf_t text = {0};
    render(group, values, &text);
    metric_labels_t *labels = xmalloc(sizeof(*labels) + text.len);
    ref_init(&labels->refs);
    labels->group = group;
    labels->hash = slice_hash(strbuf_slice(&text), group);
    labels->len = text.len;
    memcpy(labels->text, text.base, text.len);
    strbuf_fini(&text);
    return labels;
}

metric_labels_t *metric_labels_ref(metric_labels_t *labels)
{
    if (labels)
        ref_hold(&labels->refs);
    return labels;
}

void metric_labels_unref(metric_labels_t *labels)
{
    if (labels && ref_drop(&labels->refs))
        free(labels);
}

bool metric_labels_eq(const metric_labels_t *a, const metric_labels_t *b)
{
    return a == b || (a->hash == b->hash && a->group == b->group &&
                      slice_eq(metric_labels_text(a), metric_labels_text(b)));
}

uint64_t metric_labels_hash(const metric_labels_t *labels)
{
    return labels->hash;
}

slice_t metric_labels_text(const metric_labels_t *labels)
{
    return slice_make(labels->text, labels->len);
}
