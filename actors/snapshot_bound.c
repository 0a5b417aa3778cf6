/* snapshot_bound.c: see snapshot_bound.h. */
#include "actors/snapshot_bound.h"

#include "core/log.h"
#include "core/mem.h"
#include "transport/net.h"

/* The listener that is there even if no Gateway asks for it. */
static const slice_t fixed_listener = {"tcp/10080", 9};

/* --- merging --- */

static bound_t *find(bound_list_t *list, const char *name)
{
    return (bound_t *)(uintptr_t)bound_list_find(list, slice_of(name));
}

static void add(bound_list_t **list, const bound_t *bound)
{
    uint32_t count = (*list)->count;
    *list = xrealloc(*list, sizeof(**list) + (count + 1) * sizeof((*list)->listeners[0]));
    (*list)->listeners[count] = *bound;
    (*list)->count = count + 1;
}

void bound_merge(bound_list_t **merged, const bound_list_t *answer)
{
    if (!*merged) {
        *merged = bound_list_copy(answer);
        return;
    }
    for (uint32_t i = 0; i < answer->count; i++) {
        bound_t *known = find(*merged, answer->listeners[i].name);
        if (!known)
            add(merged, &answer->listeners[i]);
        else if (known->code == 0)
            known->code = answer->listeners[i].code;
    }
}

/* --- telling --- */

static const listener_t *listener_of(const snapshot_t *snapshot, slice_t name)
{
    const snapshot_listener_t *found = snapshot ? snapshot_find_listener(snapshot, name) : NULL;
    return found ? found->listener : NULL;
}

static uint16_t port_of(const bound_t *bound)
{
    net_address_t address;
    return net_parse_port(slice_of(bound->address), &address) == 0 ? net_port(&address) : 0;
}

static void log_bound(slice_t name, const bound_t *bound)
{
    if (bound->code == 0)
        log_info(snapshot, "LISTENER-BOUND", "the listener is bound on every worker",
                 log_str("name", name), log_text("address", bound->address),
                 log_u64("port", port_of(bound)), log_text("listener", bound->name));
    else
        log_warn(snapshot, "LISTENER-NOT-BOUND", "the listener cannot be bound",
                 log_str("name", name), log_text("address", bound->address),
                 log_u64("port", port_of(bound)), log_text("listener", bound->name),
                 log_errno("reason", -bound->code));
}

static bool same(const bound_t *a, const bound_t *b)
{
    return a && b && a->code == b->code && strcmp(a->address, b->address) == 0;
}

static bool has_name(const listener_t *listener, const listener_t *of, slice_t name)
{
    if (!listener || !slice_eq(listener->gateway_namespace, of->gateway_namespace) ||
        !slice_eq(listener->gateway_name, of->gateway_name))
        return false;
    for (uint32_t i = 0; i < listener->gateway_listener_count; i++) {
        if (slice_eq(listener->gateway_listeners[i], name))
            return true;
    }
    return false;
}

/* The Gateway's listeners that share a socket, each with its own line. */
static void announce_gateway(const listener_t *listener, const listener_t *before,
                             const bound_t *bound, bool unchanged)
{
    for (uint32_t i = 0; i < listener->gateway_listener_count; i++) {
        slice_t name = listener->gateway_listeners[i];
        if (unchanged && has_name(before, listener, name))
            continue;
        strbuf_t text = {0};
        strbuf_printf(&text, "%.*s/%.*s/%.*s", SLICE_ARG(listener->gateway_namespace),
                      SLICE_ARG(listener->gateway_name), SLICE_ARG(name));
        log_bound(strbuf_slice(&text), bound);
        strbuf_fini(&text);
    }
}

static void announce(const announced_t *before, const listener_t *listener, const bound_t *bound)
{
    bool unchanged = same(bound, bound_list_find(before->bound, listener->name));
    bool fixed = slice_eq(listener->name, fixed_listener);
    announce_gateway(listener, listener_of(before->snapshot, listener->name), bound, unchanged);
    if (!unchanged && (fixed || listener->gateway_listener_count == 0))
        log_bound(fixed ? SLICE("traffic") : listener->name, bound);
}

static void announce_gone(const announced_t *before, const announced_t *now)
{
    for (uint32_t i = 0; before->bound && i < before->bound->count; i++) {
        const bound_t *bound = &before->bound->listeners[i];
        if (bound->code == 0 && !listener_of(now->snapshot, slice_of(bound->name)))
            log_info(snapshot, "LISTENER-GONE", "the listener is not listened on any more",
                     log_text("listener", bound->name), log_text("address", bound->address));
    }
}

void bound_announce(const announced_t *before, const announced_t *now)
{
    uint32_t count;
    const snapshot_listener_t *listeners = snapshot_listeners(now->snapshot, &count);
    for (uint32_t i = 0; i < count; i++) {
        const listener_t *listener = listeners[i].listener;
        const bound_t *bound = bound_list_find(now->bound, listener->name);
        if (bound)
            announce(before, listener, bound);
    }
    announce_gone(before, now);
}
