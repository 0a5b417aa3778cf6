/*
 * gateway.c: GatewayClasses and Gateways: which are ours, which of their listeners serve, and
 * what their statuses say. See model.h.
 */
#include "gatewayapi/model.h"

#include "core/mem.h"

/* ---- classes ---- */

static class_state_t *find_class(const translator_t *translator, slice_t name)
{
    table_node_t *node = table_find(&translator->classes, SLICE(""), name);
    return node ? GW_CONTAINER_OF(node, class_state_t, node) : NULL;
}

void free_class(translator_t *translator, class_state_t *class)
{
    table_remove(&translator->classes, &class->node);
    object_unref(class->object);
    status_unref(class->status);
    free(class);
}

static void report_class(translator_t *translator, class_state_t *class)
{
    object_status_t draft = {.object = class->object};
    slice_t unsupported = class->object->unsupported;
    if (unsupported.len > 0)
        conditions_add(&draft.conditions, "Accepted", false, "InvalidParameters",
                       scratch_printf(translator, "%.*s is not supported", SLICE_ARG(unsupported)));
    else
        conditions_add(&draft.conditions, "Accepted", true, "Accepted",
                       SLICE("the class is served by this gateway"));
    set_status(translator, &class->status, &draft);
}

void change_class(translator_t *translator, const store_change_t *change)
{
    const object_t *now = change->after;
    slice_t name = now ? now->name : change->before->name;
    store_list_t gateways = store_find(translator->store, STORE_GATEWAYS_BY_CLASS, SLICE(""), name);
    for (size_t i = 0; i < gateways.count; i++)
        mark_gateway(translator, gateways.at[i]->namespace_, gateways.at[i]->name);

    class_state_t *class = find_class(translator, name);
    bool ours = now && slice_eq(now->gateway_class->controller, SLICE(GATEWAY_CONTROLLER));
    if (!ours && class) {
        set_status(translator, &class->status, NULL);
        free_class(translator, class);
    }
    if (!ours)
        return;
    if (class)
        table_remove(&translator->classes, &class->node);
    else
        class = xcalloc(1, sizeof(*class));
    object_unref(class->object);
    class->object = object_ref(now);
    table_add(&translator->classes, &class->node, SLICE(""), class->object->name);
    report_class(translator, class);
}

/* ---- states of Gateways ---- */

gateway_state_t *find_gateway(const translator_t *translator, slice_t namespace_, slice_t name)
{
    table_node_t *node = table_find(&translator->gateways, namespace_, name);
    return node ? GW_CONTAINER_OF(node, gateway_state_t, node) : NULL;
}

void mark_gateway(translator_t *translator, slice_t namespace_, slice_t name)
{
    gateway_state_t *gateway = find_gateway(translator, namespace_, name);
    if (gateway == NULL) {
        gateway = xcalloc(1, sizeof(*gateway) + namespace_.len + name.len);
        memcpy(gateway->text, namespace_.base, namespace_.len);
        memcpy(gateway->text + namespace_.len, name.base, name.len);
        gateway->namespace_ = slice_make(gateway->text, namespace_.len);
        gateway->name = slice_make(gateway->text + namespace_.len, name.len);
        list_init(&gateway->dirty);
        list_init(&gateway->dirty_status);
        table_add(&translator->gateways, &gateway->node, gateway->namespace_, gateway->name);
    }
    if (list_empty(&gateway->dirty))
        list_append(&translator->dirty_gateways, &gateway->dirty);
}

static void free_listeners(translator_t *translator, gateway_state_t *gateway)
{
    for (size_t i = 0; i < gateway->listener_count; i++)
        free_vhosts(translator, &gateway->listeners[i]);
    free(gateway->listeners);
    gateway->listeners = NULL;
    gateway->listener_count = 0;
}

void free_gateway(translator_t *translator, gateway_state_t *gateway)
{
    free_listeners(translator, gateway);
    table_remove(&translator->gateways, &gateway->node);
    list_remove(&gateway->dirty);
    list_remove(&gateway->dirty_status);
    object_unref(gateway->object);
    status_unref(gateway->status);
    free(gateway);
}

/* ---- listeners ---- */

static bool is_http_route(const route_kind_t *kind)
{
    return slice_eq(kind->group, SLICE(GATEWAY_GROUP)) && slice_eq(kind->kind, SLICE("HTTPRoute"));
}

static void judge_kinds(listener_state_t *listener)
{
    const gateway_listener_t *spec = listener->spec;
    listener->http_routes = listener->supported && spec->kind_count == 0;
    for (size_t i = 0; listener->supported && i < spec->kind_count; i++) {
        if (is_http_route(&spec->kinds[i]))
            listener->http_routes = true;
        else
            listener->bad_kinds = true;
    }
}

/* judge_conflicts: listeners of one protocol and port must differ in hostname, and of those that do
 * not, none is accepted (Gateway.spec.listeners, "Handling indistinct Listeners"). */
static void judge_conflicts(gateway_state_t *gateway)
{
    for (size_t i = 0; i < gateway->listener_count; i++) {
        listener_state_t *a = &gateway->listeners[i];
        for (size_t j = i + 1; j < gateway->listener_count && a->supported; j++) {
            listener_state_t *b = &gateway->listeners[j];
            if (b->supported && a->spec->port == b->spec->port &&
                slice_eq(a->spec->hostname, b->spec->hostname))
                a->conflicted = b->conflicted = true;
        }
    }
}

bool listener_serves(const listener_state_t *listener)
{
    return listener->gateway->accepted && listener->supported && !listener->conflicted;
}

static void make_listeners(translator_t *translator, gateway_state_t *gateway)
{
    const gateway_t *spec = gateway->object->gateway;
    gateway->listener_count = spec->listener_count;
    gateway->listeners = xcalloc(spec->listener_count, sizeof(*gateway->listeners));
    for (size_t i = 0; i < spec->listener_count; i++) {
        listener_state_t *listener = &gateway->listeners[i];
        listener->spec = &spec->listeners[i];
        listener->gateway = gateway;
        listener->supported = slice_eq(listener->spec->protocol, SLICE("HTTP"));
        judge_kinds(listener);
    }
    judge_conflicts(gateway);
    for (size_t i = 0; i < spec->listener_count; i++) {
        listener_state_t *listener = &gateway->listeners[i];
        if (listener_serves(listener))
            vhost_for(translator, listener, listener->spec->hostname)->claim = true;
    }
}

void make_gateway(translator_t *translator, gateway_state_t *gateway)
{
    const object_t *now =
        store_get(translator->store, KIND_GATEWAY, gateway->namespace_, gateway->name);
    const class_state_t *class = now ? find_class(translator, now->gateway->class_name) : NULL;
    free_listeners(translator, gateway);
    object_t *old = gateway->object;
    gateway->object = now ? object_ref(now) : NULL;
    object_unref(old);
    gateway->ours = class && class->object->unsupported.len == 0;
    gateway->accepted = gateway->ours && now->unsupported.len == 0;
    list_remove(&gateway->dirty_status); /* routes that came off may have put it there */
    if (gateway->ours) {
        make_listeners(translator, gateway);
        list_append(&translator->dirty_gateway_status, &gateway->dirty_status);
        return;
    }
    set_status(translator, &gateway->status, NULL);
    if (now == NULL)
        free_gateway(translator, gateway);
}

/* ---- conditions ---- */

static void listener_conditions(translator_t *translator, const listener_state_t *listener,
                                conditions_t *out)
{
    const gateway_listener_t *spec = listener->spec;
    bool programmed = listener_serves(listener) && listener->http_routes && !listener->unbound;
    if (!listener->supported)
        conditions_add(out, "Accepted", false, "UnsupportedProtocol",
                       scratch_printf(translator,
                                      "protocol %.*s is not supported; listeners may have HTTP",
                                      SLICE_ARG(spec->protocol)));
    else if (listener->conflicted)
        conditions_add(out, "Accepted", false, "HostnameConflict",
                       SLICE("another listener has the same port, protocol and hostname"));
    else if (listener->unbound)
        conditions_add(out, "Accepted", false, "PortUnavailable",
                       SLICE("no port of the data plane is free"));
    else
        conditions_add(out, "Accepted", true, "Accepted", SLICE("the listener is accepted"));
    if (listener->conflicted)
        conditions_add(out, "Conflicted", true, "HostnameConflict",
                       SLICE("another listener has the same port, protocol and hostname"));
    else
        conditions_add(out, "Conflicted", false, "NoConflicts", SLICE("there is no conflict"));
    if (listener->bad_kinds)
        conditions_add(out, "ResolvedRefs", false, "InvalidRouteKinds",
                       SLICE("allowedRoutes.kinds has a kind that the listener does not support"));
    else
        conditions_add(out, "ResolvedRefs", true, "ResolvedRefs",
                       SLICE("all references are resolved"));
    conditions_add(out, "Programmed", programmed, programmed ? "Programmed" : "Invalid",
                   programmed ? SLICE("the listener is configured")
                              : SLICE("the listener is not configured"));
}

static bool is_good(const listener_state_t *listener)
{
    return listener->supported && !listener->conflicted && !listener->unbound;
}

/* refused_reason names what of the Gateway's spec is the obstacle. */
static const char *refused_reason(slice_t field)
{
    if (slice_starts_with(field, SLICE("spec.addresses")))
        return "UnsupportedAddress";
    return slice_starts_with(field, SLICE("spec.infrastructure")) ? "InvalidParameters" : "Invalid";
}

/* bad_listeners names those that are not good. */
static slice_t bad_listeners(translator_t *translator, const gateway_state_t *gateway)
{
    strbuf_t names = {0};
    for (size_t i = 0; i < gateway->listener_count; i++)
        if (!is_good(&gateway->listeners[i]))
            strbuf_printf(&names, "%s%.*s", names.len ? ", " : "not accepted: ",
                          SLICE_ARG(gateway->listeners[i].spec->name));
    slice_t copy = arena_dup(&translator->scratch, strbuf_slice(&names));
    strbuf_fini(&names);
    return copy;
}

static void gateway_conditions(translator_t *translator, const gateway_state_t *gateway,
                               conditions_t *out)
{
    size_t good = 0;
    for (size_t i = 0; i < gateway->listener_count; i++)
        good += is_good(&gateway->listeners[i]);
    bool programmed = gateway->accepted && good > 0;
    slice_t field = gateway->object->unsupported;
    if (!gateway->accepted)
        conditions_add(out, "Accepted", false, refused_reason(field),
                       scratch_printf(translator, "%.*s is not supported", SLICE_ARG(field)));
    else if (good < gateway->listener_count)
        conditions_add(out, "Accepted", good > 0, "ListenersNotValid",
                       bad_listeners(translator, gateway));
    else
        conditions_add(out, "Accepted", true, "Accepted", SLICE("the Gateway is accepted"));
    conditions_add(out, "Programmed", programmed, programmed ? "Programmed" : "Invalid",
                   programmed ? SLICE("the Gateway is configured")
                              : SLICE("the Gateway has no listener to configure"));
}

void report_gateway(translator_t *translator, gateway_state_t *gateway)
{
    static const route_kind_t http_route = {{GATEWAY_GROUP, sizeof(GATEWAY_GROUP) - 1},
                                            {"HTTPRoute", 9}};
    object_status_t draft = {.object = gateway->object, .listener_count = gateway->listener_count};
    listener_status_t *listeners =
        arena_zalloc(&translator->scratch, (gateway->listener_count + 1) * sizeof(*listeners));
    gateway_conditions(translator, gateway, &draft.conditions);
    for (size_t i = 0; i < gateway->listener_count; i++) {
        const listener_state_t *listener = &gateway->listeners[i];
        listeners[i].name = listener->spec->name;
        listeners[i].attached_routes = listener->attached;
        listeners[i].kinds = &http_route;
        listeners[i].kind_count = listener->http_routes;
        listener_conditions(translator, listener, &listeners[i].conditions);
    }
    draft.listeners = listeners;
    set_status(translator, &gateway->status, &draft);
}
