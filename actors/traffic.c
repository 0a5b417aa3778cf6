#include "actors/traffic.h"

#include "core/mem.h"

enum { FIRST_SLOTS = 64 };

void traffic_init(traffic_t *traffic, uint32_t limit)
{
    *traffic = (traffic_t){.set = metric_set_new(), .mask = FIRST_SLOTS - 1, .limit = limit};
    traffic->slots = xcalloc(FIRST_SLOTS, sizeof(*traffic->slots));
}

void traffic_fini(traffic_t *traffic)
{
    for (uint32_t i = 0; i < traffic->listener_count; i++)
        free(traffic->listeners[i].name);
    free(traffic->listeners);
    free(traffic->slots);
    metric_set_free(traffic->set);
    *traffic = (traffic_t){0};
}

/* --- listeners --- */

void traffic_name(traffic_t *traffic, uint32_t listener, slice_t name)
{
    if (listener >= traffic->listener_count) {
        uint32_t count = listener + 8;
        traffic->listeners = xrealloc(traffic->listeners, count * sizeof(*traffic->listeners));
        memset(traffic->listeners + traffic->listener_count, 0,
               (count - traffic->listener_count) * sizeof(*traffic->listeners));
        traffic->listener_count = count;
    }
    traffic_listener_t *place = &traffic->listeners[listener];
    if (place->name)
        return; /* a number keeps its name */
    place->name = xstrndup(name.base, name.len);
    place->series = named_LISTENER(traffic->set, (slice_t[]){name});
}

static listener_series_t *series_of(traffic_t *traffic, uint32_t listener)
{
    if (listener >= traffic->listener_count || !traffic->listeners[listener].name)
        traffic_name(traffic, listener, SLICE(METRIC_LABEL_NONE));
    return traffic->listeners[listener].series;
}

void traffic_opened(traffic_t *traffic, uint32_t listener)
{
    listener_series_t *series = series_of(traffic, listener);
    series->connections++;
    series->active++;
}

void traffic_closed(traffic_t *traffic, uint32_t listener)
{
    series_of(traffic, listener)->active--;
}

void traffic_refused(traffic_t *traffic, uint32_t listener)
{
    series_of(traffic, listener)->refused++;
}

void traffic_idle_closed(traffic_t *traffic, uint32_t listener)
{
    series_of(traffic, listener)->idle_closed++;
}

void traffic_began(traffic_t *traffic, uint32_t listener)
{
    series_of(traffic, listener)->requests_active++;
}

void traffic_left(traffic_t *traffic, uint32_t listener)
{
    series_of(traffic, listener)->requests_active--;
}

slice_t traffic_listener_name(const traffic_t *traffic, uint32_t listener)
{
    if (listener >= traffic->listener_count)
        return SLICE(METRIC_LABEL_NONE);
    return slice_of(traffic->listeners[listener].name);
}

/* --- requests --- */

static uint64_t hash(traffic_key_t key)
{
    uint64_t h = ((uint64_t)key.route << 32 | key.cluster) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= (uint64_t)key.listener * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 29;
}

static bool same(traffic_key_t a, traffic_key_t b)
{
    return a.listener == b.listener && a.route == b.route && a.cluster == b.cluster;
}

static traffic_slot_t *find(const traffic_t *traffic, traffic_key_t key)
{
    for (uint64_t i = hash(key);; i++) {
        traffic_slot_t *slot = &traffic->slots[i & traffic->mask];
        if (!slot->series || same(slot->key, key))
            return slot;
    }
}

static void grow(traffic_t *traffic)
{
    traffic_slot_t *old = traffic->slots;
    uint32_t count = traffic->mask + 1;
    traffic->mask = count * 2 - 1;
    traffic->slots = xcalloc(count * 2, sizeof(*traffic->slots));
    for (uint32_t i = 0; i < count; i++) {
        if (old[i].series)
            *find(traffic, old[i].key) = old[i];
    }
    free(old);
}

static slice_t name_or_none(slice_t name)
{
    return name.len ? name : SLICE(METRIC_LABEL_NONE);
}

/* The labels of a series; the names are in the snapshot that decided. */
static http_series_t *new_series(traffic_t *traffic, const traffic_end_t *end)
{
    const exchange_t *exchange = end->exchange;
    slice_t values[3] = {traffic_listener_name(traffic, end->listener), SLICE(METRIC_LABEL_NONE),
                         SLICE(METRIC_LABEL_NONE)};
    if (exchange->route)
        values[1] = name_or_none(snapshot_series_name(exchange->hold->snapshot, SERIES_ROUTE,
                                                      exchange->route->series.number));
    if (exchange->cluster)
        values[2] = name_or_none(snapshot_series_name(exchange->hold->snapshot, SERIES_BACKEND,
                                                      exchange->cluster->series.number));
    if (traffic->used >= traffic->limit)
        values[1] = values[2] = SLICE(METRIC_LABEL_OTHER);
    return named_HTTP(traffic->set, values);
}

static http_series_t *series(traffic_t *traffic, const traffic_end_t *end)
{
    const exchange_t *exchange = end->exchange;
    traffic_key_t key = {.listener = end->listener,
                         .route = exchange->route ? exchange->route->series.birth : 0,
                         .cluster = exchange->cluster ? exchange->cluster->series.birth : 0};
    traffic_slot_t *slot = find(traffic, key);
    if (slot->series)
        return slot->series;
    series_of(traffic, end->listener);
    http_series_t *made = new_series(traffic, end);
    if (traffic->used >= traffic->limit)
        return made; /* "other" takes no slot, so that the table stays bounded */
    *slot = (traffic_slot_t){key, made};
    if (++traffic->used * 2 > traffic->mask)
        grow(traffic);
    return made;
}

void traffic_streams(traffic_t *traffic, const traffic_end_t *end, int change)
{
    series(traffic, end)->active += change;
}

void traffic_ended(traffic_t *traffic, const traffic_end_t *end)
{
    http_series_t *http = series(traffic, end);
    http->requests++;
    http->responses[METRIC_STATUS_CLASS(end->status)]++;
    if (end->flag != RESPONSE_FLAG_NONE)
        http->flags[end->flag]++;
    latency_observe(&http->duration, end->duration_ns);
    http->request_bytes += end->received;
    http->response_bytes += end->sent;
}
