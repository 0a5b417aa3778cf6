/* status_print.c: the two ways in which status.h lets a status be read: lines and JSON. */
#include "gatewayapi/status.h"

static void print_conditions(const conditions_t *conditions, const char *indent, strbuf_t *out)
{
    for (size_t i = 0; i < conditions->count; i++) {
        const condition_t *condition = &conditions->at[i];
        strbuf_printf(out, "%s%s=%s/%s", indent, condition->type, condition->met ? "True" : "False",
                      condition->reason);
        if (condition->message.len > 0)
            strbuf_printf(out, ": %.*s", SLICE_ARG(condition->message));
        strbuf_add_char(out, '\n');
    }
}

static void print_listener(const listener_status_t *listener, strbuf_t *out)
{
    strbuf_printf(out, "  listener %.*s: %u routes attached, supports [", SLICE_ARG(listener->name),
                  listener->attached_routes);
    for (size_t i = 0; i < listener->kind_count; i++)
        strbuf_printf(out, "%s%.*s", i ? ", " : "", SLICE_ARG(listener->kinds[i].kind));
    strbuf_add_text(out, "]\n");
    print_conditions(&listener->conditions, "    ", out);
}

static void print_parent(const parent_status_t *parent, strbuf_t *out)
{
    const parent_ref_t *ref = parent->ref;
    strbuf_printf(out, "  parent %.*s %.*s/%.*s", SLICE_ARG(ref->kind), SLICE_ARG(ref->namespace_),
                  SLICE_ARG(ref->name));
    if (ref->section.len > 0)
        strbuf_printf(out, " section %.*s", SLICE_ARG(ref->section));
    if (ref->port)
        strbuf_printf(out, " port %u", ref->port);
    strbuf_add_text(out, "\n");
    print_conditions(&parent->conditions, "    ", out);
}

void status_print(const object_status_t *status, strbuf_t *out)
{
    const object_t *object = status->object;
    strbuf_printf(out, "%s %.*s%s%.*s\n", kind_name(object->kind), SLICE_ARG(object->namespace_),
                  object->namespace_.len ? "/" : "", SLICE_ARG(object->name));
    print_conditions(&status->conditions, "  ", out);
    for (size_t i = 0; i < status->listener_count; i++)
        print_listener(&status->listeners[i], out);
    for (size_t i = 0; i < status->parent_count; i++)
        print_parent(&status->parents[i], out);
}

/* json_text appends "key":"value" with a comma behind it. */
static void json_text(strbuf_t *out, const char *key, slice_t value)
{
    strbuf_add_json(out, slice_of(key));
    strbuf_add_char(out, ':');
    strbuf_add_json(out, value);
    strbuf_add_char(out, ',');
}

/* json_end turns the comma behind the last member into the closing bracket. */
static void json_end(strbuf_t *out, char bracket)
{
    if (out->base[out->len - 1] == ',')
        out->len--;
    strbuf_add_char(out, bracket);
}

static void json_conditions(strbuf_t *out, const conditions_t *conditions)
{
    strbuf_add_text(out, "\"conditions\":[");
    for (size_t i = 0; i < conditions->count; i++) {
        const condition_t *condition = &conditions->at[i];
        strbuf_add_char(out, '{');
        json_text(out, "type", slice_of(condition->type));
        json_text(out, "status", slice_of(condition->met ? "True" : "False"));
        json_text(out, "reason", slice_of(condition->reason));
        json_text(out, "message", condition->message);
        json_end(out, '}');
        strbuf_add_char(out, ',');
    }
    json_end(out, ']');
}

static void json_listener(strbuf_t *out, const listener_status_t *listener)
{
    strbuf_add_char(out, '{');
    json_text(out, "name", listener->name);
    strbuf_printf(out, "\"attachedRoutes\":%u,\"supportedKinds\":[", listener->attached_routes);
    for (size_t i = 0; i < listener->kind_count; i++) {
        strbuf_add_char(out, '{');
        json_text(out, "group", listener->kinds[i].group);
        json_text(out, "kind", listener->kinds[i].kind);
        json_end(out, '}');
        strbuf_add_char(out, ',');
    }
    json_end(out, ']');
    strbuf_add_char(out, ',');
    json_conditions(out, &listener->conditions);
    strbuf_add_char(out, '}');
}

static void json_parent(strbuf_t *out, const parent_status_t *parent)
{
    const parent_ref_t *ref = parent->ref;
    strbuf_add_text(out, "{\"parentRef\":{");
    json_text(out, "group", ref->group);
    json_text(out, "kind", ref->kind);
    if (ref->has_namespace)
        json_text(out, "namespace", ref->namespace_);
    json_text(out, "name", ref->name);
    if (ref->section.len > 0)
        json_text(out, "sectionName", ref->section);
    if (ref->port)
        strbuf_printf(out, "\"port\":%u,", ref->port);
    json_end(out, '}');
    strbuf_add_char(out, ',');
    json_text(out, "controllerName", SLICE(GATEWAY_CONTROLLER));
    json_conditions(out, &parent->conditions);
    strbuf_add_char(out, '}');
}

static void json_lists(strbuf_t *out, const object_status_t *status)
{
    if (status->conditions.count > 0) {
        json_conditions(out, &status->conditions);
        strbuf_add_char(out, ',');
    }
    if (status->object->kind == KIND_GATEWAY) {
        strbuf_add_text(out, "\"listeners\":[");
        for (size_t i = 0; i < status->listener_count; i++) {
            json_listener(out, &status->listeners[i]);
            strbuf_add_char(out, ',');
        }
        json_end(out, ']');
        strbuf_add_char(out, ',');
    }
    if (status->object->kind == KIND_HTTP_ROUTE) {
        strbuf_add_text(out, "\"parents\":[");
        for (size_t i = 0; i < status->parent_count; i++) {
            json_parent(out, &status->parents[i]);
            strbuf_add_char(out, ',');
        }
        json_end(out, ']');
    }
}

void status_add_json(const object_status_t *status, strbuf_t *out)
{
    const object_t *object = status->object;
    strbuf_add_char(out, '{');
    json_text(out, "kind", slice_of(kind_name(object->kind)));
    if (object->namespace_.len > 0)
        json_text(out, "namespace", object->namespace_);
    json_text(out, "name", object->name);
    strbuf_printf(out, "\"observedGeneration\":%lld,", (long long)object->generation);
    json_lists(out, status);
    json_end(out, '}');
}
