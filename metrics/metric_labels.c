#include "metrics/metric_labels.h"

#include "core/check.h"
#include "core/mem.h"
#include "core/quota.h"
#include "core/ref.h"
#include "core/strbuf.h"

struct metric_budget {
    ref_count_t refs;
    quota_t quota;
};

/* All users together are one of the keepers. */
struct metric_labels {
    ref_count_t users, keepers;
    metric_budget_t *budget;
    quota_seat_t seat;
    metric_group_t group;
    uint64_t hash;
    size_t len;
    char text[];
};

metric_budget_t *metric_budget_new(uint32_t limit)
{
    metric_budget_t *budget = xmalloc(sizeof(*budget));
    ref_init(&budget->refs);
    quota_init(&budget->quota, limit);
    return budget;
}

void metric_budget_drop(metric_budget_t *budget)
{
    if (budget && ref_drop(&budget->refs))
        free(budget);
}

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

metric_labels_t *metric_labels_new(metric_group_t group, const slice_t *values,
                                   metric_budget_t *budget)
{
    strbuf_t text = {0};
    render(group, values, &text);
    metric_labels_t *labels = xmalloc(sizeof(*labels) + text.len);
    ref_init(&labels->users);
    ref_init(&labels->keepers);
    labels->budget = budget;
    if (budget)
        ref_hold(&budget->refs);
    quota_seat_init(&labels->seat);
    labels->group = group;
    labels->hash = slice_hash(strbuf_slice(&text), group);
    labels->len = text.len;
    memcpy(labels->text, text.base, text.len);
    strbuf_fini(&text);
    return labels;
}

metric_labels_t *metric_labels_hold(metric_labels_t *labels)
{
    /* From no user to one again: the users become a keeper once more. Only the table that hands
     * the labels out does that, so no other thread can be here. */
    if (!ref_hold_live(&labels->users)) {
        ref_hold(&labels->keepers);
        ref_hold(&labels->users);
    }
    return labels;
}

void metric_labels_drop(metric_labels_t *labels)
{
    if (labels && ref_drop(&labels->users))
        metric_labels_release(labels);
}

metric_labels_t *metric_labels_keep(metric_labels_t *labels)
{
    if (labels)
        ref_hold(&labels->keepers);
    return labels;
}

void metric_labels_release(metric_labels_t *labels)
{
    if (!labels || !ref_drop(&labels->keepers))
        return;
    if (labels->budget)
        quota_seat_give(&labels->budget->quota, &labels->seat);
    metric_budget_drop(labels->budget);
    free(labels);
}

bool metric_labels_alive(const metric_labels_t *labels)
{
    return ref_get(&labels->users) > 0;
}

bool metric_labels_only_kept(const metric_labels_t *labels)
{
    return ref_get(&labels->users) == 0 && ref_get(&labels->keepers) == 1;
}

bool metric_labels_admit(metric_labels_t *labels)
{
    return !labels->budget || quota_seat_take(&labels->budget->quota, &labels->seat);
}

bool metric_labels_scarce(const metric_labels_t *labels)
{
    return labels->budget && quota_full(&labels->budget->quota);
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

metric_group_t metric_labels_group(const metric_labels_t *labels)
{
    return labels->group;
}

slice_t metric_labels_text(const metric_labels_t *labels)
{
    return slice_make(labels->text, labels->len);
}
