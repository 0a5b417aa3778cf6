#include "xds/listener.h"

#include "core/error.h"
#include "core/strbuf.h"
#include "envoy/extensions/filters/http/router/v3/router.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "xds/any.h"
#include "xds/exact.h"
#include "xds/route_configuration.h"
#include "xds/support.h"

typedef Envoy__Config__Listener__V3__Listener listener_message_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager
    manager_message_t;
typedef Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpFilter
    http_filter_message_t;

#define MANAGER(name)                                                                              \
    ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__##name

/* The one HTTP filter of this gateway is the forwarding itself. */
static int check_http_filter(const compile_t *c, const http_filter_message_t *filter,
                             const field_path_t *path)
{
    const ProtobufCMessageDescriptor *router =
        &envoy__extensions__filters__http__router__v3__router__descriptor;
    ProtobufCMessage *found;
    if (filter->disabled)
        return 0;
    if (filter->config_type_case == 0 || !any_holds(filter->typed_config, router)) {
        if (filter->is_optional)
            return 0;
        return fault_at(c->fault, path, "the HTTP filter \"%s\" is not supported", filter->name);
    }
    int error = any_unpack(filter->typed_config, router, c->message, FIELD(path, "typed_config"),
                           c->fault, &found);
    return error ? error : support_check(found, FIELD(path, "typed_config"), c->fault);
}

static int check_manager(const compile_t *c, const manager_message_t *manager,
                         const field_path_t *path)
{
    if (manager->codec_type != MANAGER(CODEC_TYPE__AUTO) &&
        manager->codec_type != MANAGER(CODEC_TYPE__HTTP1))
        return fault_at(c->fault, FIELD(path, "codec_type"), "%d is not supported",
                        (int)manager->codec_type);
    for (size_t i = 0; i < manager->n_http_filters; i++) {
        int error =
            check_http_filter(c, manager->http_filters[i], ELEMENT(path, "http_filters", i));
        if (error)
            return error;
    }
    return support_check(&manager->base, path, c->fault);
}

/* The HTTP connection manager of the one filter of the one filter chain. */
static int find_manager(const compile_t *c, const listener_message_t *message,
                        const field_path_t *path, const manager_message_t **ret)
{
    ProtobufCMessage *found;
    if (message->n_filter_chains != 1 || message->filter_chains[0]->n_filters != 1)
        return fault_at(c->fault, FIELD(NULL, "filter_chains"),
                        "must be one filter chain with one filter");
    const Envoy__Config__Listener__V3__Filter *filter = message->filter_chains[0]->filters[0];
    if (filter->config_type_case != ENVOY__CONFIG__LISTENER__V3__FILTER__CONFIG_TYPE_TYPED_CONFIG)
        return fault_at(c->fault, path, "must be set");
    int error = any_unpack(
        filter->typed_config,
        &envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor,
        c->message, path, c->fault, &found);
    if (error)
        return error;
    *ret = (const manager_message_t *)found;
    return check_manager(c, *ret, path);
}

static void set_info(const compile_t *c, const Nantian__Xds__V1__ListenerInfo *info,
                     listener_t *listener)
{
    size_t count = info->n_listener_names;
    slice_t *names = arena_alloc(c->arena, count * sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = compile_text(c, info->listener_names[i]);
    listener->gateway_namespace = compile_text(c, info->gateway_namespace);
    listener->gateway_name = compile_text(c, info->gateway_name);
    listener->gateway_port = info->gateway_port;
    listener->gateway_listeners = names;
    listener->gateway_listener_count = (uint32_t)count;
}

static int compile_info(const compile_t *c, const listener_message_t *message, listener_t *listener)
{
    ProtobufCMessage *found;
    int error = metadata_find(message->metadata, XDS_KEY_LISTENER,
                              &nantian__xds__v1__listener_info__descriptor, c->message, NULL,
                              c->fault, &found);
    if (!error && found)
        set_info(c, (const Nantian__Xds__V1__ListenerInfo *)found, listener);
    return error;
}

static slice_t make_label(const compile_t *c, const listener_t *listener)
{
    strbuf_t text = {0};
    if (listener->gateway_listener_count == 0)
        return listener->name;
    strbuf_printf(&text, "%.*s/%.*s", SLICE_ARG(listener->gateway_namespace),
                  SLICE_ARG(listener->gateway_name));
    if (listener->gateway_listener_count == 1)
        strbuf_printf(&text, "/%.*s", SLICE_ARG(listener->gateway_listeners[0]));
    else
        strbuf_printf(&text, ":%u", listener->gateway_port);
    slice_t label = arena_dup(c->arena, strbuf_slice(&text));
    strbuf_fini(&text);
    return label;
}

typedef struct build_arg {
    compile_t c;
    const listener_message_t *message;
    const char *routes;
} build_arg_t;

static void *build_listener(arena_t *arena, void *arg)
{
    const build_arg_t *from = arg;
    compile_t c = from->c;
    c.arena = arena;
    listener_t *listener = arena_zalloc(arena, sizeof(*listener));
    ref_init(&listener->ref);
    listener->name = compile_text(&c, from->message->name);
    listener->routes = compile_text(&c, from->routes);
    listener->series = series_number(&c.series[SERIES_LISTENER], listener->name);
    if (address_compile(&c, from->message->address, FIELD(NULL, "address"), &listener->address) ||
        compile_info(&c, from->message, listener))
        return NULL;
    listener->label = make_label(&c, listener);
    return listener;
}

/* A listener with the routes that the manager has in it; they are compiled first. */
static listener_t *compile_inline(build_arg_t *arg, const manager_message_t *manager,
                                  const field_path_t *path, arena_t *scratch)
{
    route_table_t *table = route_configuration_compile(&arg->c, manager->route_config,
                                                       FIELD(path, "route_config"), scratch);
    if (table == NULL)
        return NULL;
    arg->routes = manager->route_config->name;
    listener_t *listener = exact_new(scratch, build_listener, arg);
    if (listener)
        listener->inline_routes = table;
    else
        route_table_unref(table);
    return listener;
}

static listener_t *compile_named(build_arg_t *arg, const manager_message_t *manager,
                                 const field_path_t *path, arena_t *scratch)
{
    arg->routes = manager->rds->route_config_name;
    if (arg->routes[0] == '\0') {
        fault_at(arg->c.fault, FIELD(FIELD(path, "rds"), "route_config_name"), "must be set");
        return NULL;
    }
    return exact_new(scratch, build_listener, arg);
}

listener_t *listener_compile(const compile_t *c, const listener_message_t *message,
                             arena_t *scratch)
{
    const field_path_t *path = FIELD(NULL, "filter_chains[0].filters[0].typed_config");
    const manager_message_t *manager = NULL;
    build_arg_t arg = {*c, message, NULL};
    if (find_manager(c, message, path, &manager))
        return NULL;
    if (manager->route_specifier_case == MANAGER(ROUTE_SPECIFIER_ROUTE_CONFIG))
        return compile_inline(&arg, manager, path, scratch);
    if (manager->route_specifier_case == MANAGER(ROUTE_SPECIFIER_RDS))
        return compile_named(&arg, manager, path, scratch);
    fault_at(c->fault, FIELD(path, "route_specifier"), "must be set");
    return NULL;
}

/* The count is the one part that changes in an object that is const for everybody else. */
listener_t *listener_ref(const listener_t *listener)
{
    listener_t *counted = (listener_t *)(uintptr_t)listener;
    ref_hold(&counted->ref);
    return counted;
}

void listener_unref(const listener_t *listener)
{
    listener_t *counted = (listener_t *)(uintptr_t)listener;
    if (counted == NULL || !ref_drop(&counted->ref))
        return;
    route_table_unref(counted->inline_routes);
    free(counted);
}
