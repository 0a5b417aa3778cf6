#include "actors/traffic.h"

#include "core/check.h"
#include "core/mem.h"

static const uint32_t NO_LISTENER = UINT32_MAX;

enum {
    FIRST_SLOTS = 64,
    SWEEP_STEPS = 4 /* slots looked at for each new one: those in no use stay a small part */
};

void traffic_init(traffic_t *traffic, uint32_t limit)
{
    *traffic = (traffic_t){.set = metric_set_new(), .mask = FIRST_SLOTS - 1};
    metric_set_limit(traffic->set, METRIC_GROUP_HTTP, limit);
    traffic->slots = xcalloc(FIRST_SLOTS, sizeof(*traffic->slots));
}

void traffic_fini(traffic_t *traffic)
{
    for (uint32_t i = 0; i < traffic->listener_count; i++)
        free(traffic->listeners[i].name);
    free(traffic->listeners);
    free(traffic->slots);
    snapshot_unref(traffic->snapshot);
    metric_set_free(traffic->set);
    *traffic = (traffic_t){0};
}

/* --- slots --- */

static uint64_t hash(traffic_key_t key)
{
    uint64_t h = ((uint64_t)key.route << 32 | key.backend) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= (uint64_t)key.listener * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 29;
}

static bool same(traffic_key_t a, traffic_key_t b)
{
    return a.listener == b.listener && a.route == b.route && a.backend == b.backend;
}

static traffic_slot_t *find(const traffic_t *traffic, traffic_key_t key)
{
    for (uint64_t i = hash(key);; i++) {
        traffic_slot_t *slot = &traffic->slots[i & traffic->mask];
        if (!slot->series || same(slot->key, key))
            return slot;
    }
}

static void put(traffic_t *traffic, const traffic_slot_t *slot)
{
    uint64_t i = hash(slot->key);
    while (traffic->slots[i & traffic->mask].series)
        i++;
    traffic->slots[i & traffic->mask] = *slot;
}

static void grow(traffic_t *traffic)
{
    traffic_slot_t *old = traffic->slots;
    uint32_t count = traffic->mask + 1;
    traffic->mask = count * 2 - 1;
    traffic->slots = xcalloc(count * 2, sizeof(*traffic->slots));
    for (uint32_t i = 0; i < count; i++) {
        if (old[i].series)
            put(traffic, &old[i]);
    }
    free(old);
}

static void release(traffic_t *traffic, uint32_t hole)
{
    if (traffic->slots[hole].place != METRIC_NO_PLACE)
        metric_set_drop(traffic->set, METRIC_GROUP_HTTP, traffic->slots[hole].place);
    traffic->used--;
    /* Close the gap: move up whoever probes across it. */
    for (uint32_t at = (hole + 1) & traffic->mask; traffic->slots[at].series;
         at = (at + 1) & traffic->mask) {
        uint32_t home = (uint32_t)hash(traffic->slots[at].key) & traffic->mask;
        if (((at - home) & traffic->mask) < ((at - hole) & traffic->mask))
            continue;
        traffic->slots[hole] = traffic->slots[at];
        hole = at;
    }
    traffic->slots[hole] = (traffic_slot_t){0};
}

/* Nothing finds what a listener counted so far any more; a response on its way keeps its series. */
static void detach(traffic_t *traffic, uint32_t listener)
{
    traffic_slot_t *old = traffic->slots;
    traffic->slots = xcalloc(traffic->mask + 1, sizeof(*traffic->slots));
    for (uint32_t i = 0; i <= traffic->mask; i++) {
        if (!old[i].series)
            continue;
        if (old[i].key.listener == listener)
            old[i].key.listener = NO_LISTENER;
        put(traffic, &old[i]);
    }
    free(old);
}

/* --- listeners --- */

static void grow_listeners(traffic_t *traffic, uint32_t listener)
{
    uint32_t before = traffic->listener_count, count = listener + 8;
    if (listener < before)
        return;
    traffic->listeners = xrealloc(traffic->listeners, count * sizeof(*traffic->listeners));
    memset(traffic->listeners + before, 0, (count - before) * sizeof(*traffic->listeners));
    traffic->listener_count = count;
}

/* What is open now goes on under the new name; what was counted stays under the old one. */
static void move_gauges(traffic_t *traffic, const traffic_listener_t *from, listener_series_t *to)
{
    to->active += from->series->active;
    to->requests_active += from->series->requests_active;
    from->series->active = from->series->requests_active = 0;
    metric_set_drop(traffic->set, METRIC_GROUP_LISTENER, from->place);
}

static void name_listener(traffic_t *traffic, uint32_t listener, slice_t name)
{
    grow_listeners(traffic, listener);
    traffic_listener_t *place = &traffic->listeners[listener], before = *place;
    if (place->name && slice_eq(slice_of(place->name), name))
        return;
    place->name = xstrndup(name.base, name.len);
    place->series = hold_LISTENER(traffic->set, (slice_t[]){name}, &place->place);
    if (!before.name)
        return;
    move_gauges(traffic, &before, place->series);
    detach(traffic, listener);
    free(before.name);
}

static traffic_listener_t *listener_at(traffic_t *traffic, uint32_t listener)
{
    if (GW_UNLIKELY(listener >= traffic->listener_count || !traffic->listeners[listener].name))
        name_listener(traffic, listener, SLICE(METRIC_LABEL_NONE));
    return &traffic->listeners[listener];
}

void traffic_configure(traffic_t *traffic, snapshot_t **snapshot)
{
    uint32_t count;
    const snapshot_listener_t *listeners = snapshot_listeners(*snapshot, &count);
    for (uint32_t i = 0; i < count; i++)
        name_listener(traffic, listeners[i].listener->series, listeners[i].listener->label);
    snapshot_unref(traffic->snapshot);
    traffic->snapshot = *snapshot;
    *snapshot = NULL;
}

void traffic_opened(traffic_t *traffic, uint32_t listener)
{
    listener_series_t *series = listener_at(traffic, listener)->series;
    series->connections++;
    series->active++;
}

void traffic_closed(traffic_t *traffic, uint32_t listener)
{
    listener_at(traffic, listener)->series->active--;
}

void traffic_refused(traffic_t *traffic, uint32_t listener)
{
    listener_at(traffic, listener)->series->refused++;
}

void traffic_idle_closed(traffic_t *traffic, uint32_t listener)
{
    listener_at(traffic, listener)->series->idle_closed++;
}

void traffic_began(traffic_t *traffic, uint32_t listener)
{
    listener_at(traffic, listener)->series->requests_active++;
}

void traffic_left(traffic_t *traffic, uint32_t listener)
{
    listener_at(traffic, listener)->series->requests_active--;
}

slice_t traffic_listener_name(const traffic_t *traffic, uint32_t listener)
{
    const char *name =
        listener < traffic->listener_count ? traffic->listeners[listener].name : NULL;
    return name ? slice_of(name) : SLICE(METRIC_LABEL_NONE);
}

static bool known(const traffic_t *traffic, series_kind_t kind, uint32_t number, uint32_t birth)
{
    return birth == 0 || snapshot_series_has(traffic->snapshot, kind, (series_id_t){number, birth});
}

static bool needed(const traffic_t *traffic, const traffic_slot_t *slot)
{
    if (slot->place == METRIC_NO_PLACE) /* perhaps there is room by now */
        return metric_set_full(traffic->set, METRIC_GROUP_HTTP);
    return slot->series->active != 0 || !traffic->snapshot ||
           (slot->key.listener != NO_LISTENER &&
            known(traffic, SERIES_ROUTE, slot->route, slot->key.route) &&
            known(traffic, SERIES_BACKEND, slot->backend, slot->key.backend));
}

static void sweep(traffic_t *traffic)
{
    for (int i = 0; i < SWEEP_STEPS; i++) {
        uint32_t at = traffic->hand & traffic->mask;
        const traffic_slot_t *slot = &traffic->slots[at];
        if (slot->series && !needed(traffic, slot))
            release(traffic, at);
        else
            traffic->hand++;
    }
}

/* --- requests --- */

static slice_t name_of(const exchange_t *exchange, series_kind_t kind, uint32_t number)
{
    slice_t name = snapshot_series_name(exchange->hold->snapshot, kind, number);
    return name.len ? name : SLICE(METRIC_LABEL_NONE);
}

/* The names are in the snapshot that decided. */
static void find_series(traffic_t *traffic, const exchange_t *exchange, traffic_slot_t *slot)
{
    slice_t listener = slice_of(listener_at(traffic, slot->key.listener)->name);
    slice_t values[] = {listener, SLICE(METRIC_LABEL_NONE), SLICE(METRIC_LABEL_NONE)};
    if (exchange->route)
        values[1] = name_of(exchange, SERIES_ROUTE, slot->route);
    if (exchange->cluster)
        values[2] = name_of(exchange, SERIES_BACKEND, slot->backend);
    slot->series = hold_HTTP(traffic->set, values, &slot->place);
    if (slot->series)
        return;
    values[1] = values[2] = SLICE(METRIC_LABEL_OTHER);
    slot->place = METRIC_NO_PLACE;
    slot->series = named_HTTP(traffic->set, values);
}

/* Apart from series_of, so that a known one costs no saved registers. */
static __attribute__((noinline)) http_series_t *add(traffic_t *traffic, const exchange_t *exchange,
                                                    traffic_key_t key)
{
    traffic_slot_t slot = {.key = key};
    if (exchange->route)
        slot.route = exchange->route->series.number;
    if (exchange->cluster)
        slot.backend = exchange->cluster->series.number;
    sweep(traffic);
    find_series(traffic, exchange, &slot);
    put(traffic, &slot);
    if (++traffic->used * 2 > traffic->mask)
        grow(traffic);
    return slot.series;
}

static http_series_t *series_of(traffic_t *traffic, uint32_t listener, const exchange_t *exchange)
{
    traffic_key_t key = {.listener = listener,
                         .route = exchange->route ? exchange->route->series.birth : 0,
                         .backend = exchange->cluster ? exchange->cluster->series.birth : 0};
    const traffic_slot_t *slot = find(traffic, key);
    return GW_LIKELY(slot->series != NULL) ? slot->series : add(traffic, exchange, key);
}

http_series_t *traffic_streams(traffic_t *traffic, uint32_t listener, const exchange_t *exchange)
{
    http_series_t *series = series_of(traffic, listener, exchange);
    series->active++;
    return series;
}

void traffic_streamed(http_series_t *series)
{
    series->active--;
}

void traffic_ended(traffic_t *traffic, const traffic_end_t *end)
{
    http_series_t *http = series_of(traffic, end->listener, end->exchange);
    http->requests++;
    http->responses[METRIC_STATUS_CLASS(end->status)]++;
    if (end->flag != RESPONSE_FLAG_NONE)
        http->flags[end->flag]++;
    latency_observe(&http->duration, end->duration_ns);
    http->request_bytes += end->received;
    http->response_bytes += end->sent;
}
