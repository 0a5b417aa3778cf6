/* translator_programmed.c: see translator_programmed.h. */
#include "actors/translator_programmed.h"

#include <errno.h>

#include "core/mem.h"

enum { MESSAGE_MAX = 512 };

/* Why a listener is not programmed. */
typedef struct fault_note {
    const char *reason; /* NULL: it is */
    char message[MESSAGE_MAX];
} fault_note_t;

static const port_mapping_t *mapping_of(const outcome_t *outcome, const object_t *gateway,
                                        uint16_t port)
{
    for (size_t i = 0; i < outcome->port_count; i++) {
        const port_mapping_t *mapping = &outcome->ports[i];
        if (mapping->port == port && slice_eq(mapping->name, gateway->name) &&
            slice_eq(mapping->namespace_, gateway->namespace_))
            return mapping;
    }
    return NULL;
}

static void note_unbound(const bound_t *bound, fault_note_t *note)
{
    note->reason = "Invalid";
    snprintf(note->message, sizeof(note->message), "%s cannot be bound: %s", bound->address,
             strerrordesc_np(-bound->code));
}

static void note_refused(const refused_t *refused, fault_note_t *note)
{
    note->reason = "Invalid";
    snprintf(note->message, sizeof(note->message), "the data plane refuses %.*s: %.*s",
             SLICE_ARG(refused->name), SLICE_ARG(refused->reason));
}

/* A refused virtual host is one of "NAMESPACE/GATEWAY/PORT/...". */
static const refused_t *refused_vhost(const refused_set_t *refused, slice_t routes)
{
    const refused_t *one = NULL;
    while ((one = refused_set_next(refused, XDS_VIRTUAL_HOST, one)) != NULL) {
        if (slice_starts_with(one->name, routes) && one->name.len > routes.len &&
            one->name.base[routes.len] == '/')
            return one;
    }
    return NULL;
}

static const refused_t *refused_part(const outcome_t *outcome, const port_mapping_t *mapping,
                                     slice_t listener)
{
    strbuf_t routes = {0};
    strbuf_printf(&routes, "%.*s/%.*s/%u", SLICE_ARG(mapping->namespace_), SLICE_ARG(mapping->name),
                  mapping->port);
    const refused_t *found = refused_set_find(outcome->refused, XDS_LISTENER, listener);
    if (!found)
        found = refused_set_find(outcome->refused, XDS_ROUTE_CONFIGURATION, strbuf_slice(&routes));
    if (!found)
        found = refused_vhost(outcome->refused, strbuf_slice(&routes));
    strbuf_fini(&routes);
    return found;
}

/* Looks at one listener of a Gateway. */
static void judge(const outcome_t *outcome, const object_t *gateway, uint16_t port,
                  fault_note_t *note)
{
    char name[16];
    const port_mapping_t *mapping = mapping_of(outcome, gateway, port);
    note->reason = NULL;
    if (!mapping || mapping->bound == 0)
        return; /* the translation has said what there is to say */
    snprintf(name, sizeof(name), "tcp/%u", mapping->bound);
    const bound_t *bound = bound_list_find(outcome->bound, slice_of(name));
    const refused_t *refused =
        outcome->refused->count ? refused_part(outcome, mapping, slice_of(name)) : NULL;
    if (bound && bound->code < 0) {
        note_unbound(bound, note);
    } else if (refused) {
        note_refused(refused, note);
    } else if (outcome->code < 0) {
        note->reason = "Pending";
        snprintf(note->message, sizeof(note->message), "worker %u of the data plane: %s",
                 outcome->worker, gw_error_text(outcome->code));
    }
}

static bool is_programmed(const conditions_t *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        if (strcmp(conditions->at[i].type, "Programmed") == 0)
            return conditions->at[i].met;
    }
    return false;
}

static void lower(conditions_t *conditions, const fault_note_t *note)
{
    for (size_t i = 0; i < conditions->count; i++) {
        condition_t *condition = &conditions->at[i];
        if (strcmp(condition->type, "Programmed") != 0 || !condition->met)
            continue;
        condition->met = false;
        condition->reason = note->reason;
        condition->message = slice_of(note->message);
    }
}

static uint16_t port_of(const object_t *gateway, slice_t listener)
{
    for (size_t i = 0; i < gateway->gateway->listener_count; i++) {
        if (slice_eq(gateway->gateway->listeners[i].name, listener))
            return gateway->gateway->listeners[i].port;
    }
    return 0;
}

object_status_t *programmed_status(const object_status_t *status, const outcome_t *outcome)
{
    size_t count = status->listener_count, good = 0;
    listener_status_t *listeners = xcalloc(count + 1, sizeof(*listeners));
    fault_note_t *notes = xcalloc(count + 1, sizeof(*notes)), *fault = NULL;
    object_status_t draft = *status;
    for (size_t i = 0; i < count; i++) {
        listeners[i] = status->listeners[i];
        judge(outcome, status->object, port_of(status->object, listeners[i].name), &notes[i]);
        if (notes[i].reason)
            lower(&listeners[i].conditions, &notes[i]);
        if (notes[i].reason && !fault)
            fault = &notes[i];
        good += is_programmed(&listeners[i].conditions);
    }
    draft.listeners = listeners;
    if (good == 0 && fault)
        lower(&draft.conditions, fault);
    object_status_t *result = status_new(&draft);
    free(listeners);
    free(notes);
    return result;
}
