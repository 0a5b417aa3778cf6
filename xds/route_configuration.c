#include "xds/route_configuration.h"

#include "core/error.h"

typedef Envoy__Config__Route__V3__RouteConfiguration configuration_message_t;

static bool same_domain(const vhost_domain_t *a, const vhost_domain_t *b)
{
    return a->hash == b->hash && a->wildcard == b->wildcard && slice_eq(a->key, b->key);
}

static bool named_before(const vhost_t *vhost, uint32_t i)
{
    for (uint32_t earlier = 0; earlier < i; earlier++) {
        if (same_domain(&vhost->domains[earlier], &vhost->domains[i]))
            return true;
    }
    return false;
}

int vhost_check_domains(const compile_t *c, const vhost_t *vhost,
                        const route_table_editor_t *editor, const field_path_t *path)
{
    for (uint32_t i = 0; i < vhost->domain_count; i++) {
        const vhost_t *owner = route_table_editor_owner(editor, &vhost->domains[i]);
        slice_t text = vhost_domain_text(&vhost->domains[i]);
        if (named_before(vhost, i))
            return fault_at(c->fault, ELEMENT(path, "domains", i), "\"%.*s\" is named twice",
                            SLICE_ARG(text));
        if (owner)
            return fault_at(c->fault, ELEMENT(path, "domains", i),
                            "\"%.*s\" belongs to the virtual host \"%.*s\"", SLICE_ARG(text),
                            SLICE_ARG(owner->name));
    }
    return 0;
}

static int add_vhost(const compile_t *c, const Envoy__Config__Route__V3__VirtualHost *message,
                     const field_path_t *path, arena_t *scratch, route_table_editor_t *editor)
{
    vhost_t *vhost = vhost_compile(c, message, path, scratch);
    if (vhost == NULL)
        return GW_EINVAL;
    int error = 0;
    if (route_table_editor_find(editor, vhost->name))
        error = fault_at(c->fault, FIELD(path, "name"), "\"%.*s\" is the name of another one",
                         SLICE_ARG(vhost->name));
    if (!error)
        error = vhost_check_domains(c, vhost, editor, path);
    if (!error)
        route_table_editor_add(editor, vhost);
    vhost_unref(vhost);
    return error;
}

route_table_t *route_configuration_compile(const compile_t *c,
                                           const configuration_message_t *message,
                                           const field_path_t *path, arena_t *scratch)
{
    route_table_editor_t *editor = route_table_editor_new(slice_of(message->name), c->seed);
    route_table_t *table = NULL;
    int error = 0;
    if (message->vhds)
        error = fault_at(c->fault, FIELD(path, "virtual_hosts"), "not supported beside vhds");
    for (size_t i = 0; i < message->n_virtual_hosts && !error; i++)
        error = add_vhost(c, message->virtual_hosts[i], ELEMENT(path, "virtual_hosts", i), scratch,
                          editor);
    if (!error)
        table = route_table_editor_publish(editor);
    route_table_editor_free(editor);
    return table;
}
