#include "xds/vhost.h"

#include "core/error.h"
#include "nantian/xds/v1/info.pb-c.h"
#include "nantian/xds/v1/inherits.pb-c.h"
#include "xds/any.h"
#include "xds/exact.h"
#include "xds/route_compile.h"

enum { DOMAIN_MAX = 255 }; /* bytes; a DNS name has at most 253 */

typedef Envoy__Config__Route__V3__VirtualHost vhost_message_t;

/* Keeps the suffix of a wildcard apart from the same text in full. */
uint64_t vhost_domain_hash(slice_t key, bool wildcard, uint64_t seed)
{
    return slice_hash(key, seed + (wildcard ? 3 : 4));
}

uint64_t vhost_name_hash(slice_t name, uint64_t seed)
{
    return slice_hash(name, seed + 5);
}

slice_t vhost_domain_text(const vhost_domain_t *domain)
{
    return domain->wildcard ? slice_make(domain->key.base - 1, domain->key.len + 1) : domain->key;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

/* A name such as "a.example.com". */
static bool is_host_name(const char *text)
{
    if (text[0] == '.')
        return false;
    while (is_host_char(*text))
        text++;
    return *text == '\0';
}

/* An IPv6 address in brackets; what is in them is not looked at closely. */
static bool is_bracketed(const char *text)
{
    size_t len = strlen(text);
    return len > 2 && text[0] == '[' && strchr(text, ']') == text + len - 1;
}

static int check_domain(const compile_t *c, const char *text, const field_path_t *path)
{
    size_t len = strlen(text);
    if (len == 0 || len > DOMAIN_MAX)
        return fault_at(c->fault, path, "must have 1 to %d bytes", DOMAIN_MAX);
    if (strcmp(text, "*") == 0 || is_bracketed(text))
        return 0;
    const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
    if (*name == '\0' || !is_host_name(name))
        return fault_at(c->fault, path, "\"%s\" is neither a host name nor \"*.\" and one", text);
    return 0;
}

static vhost_domain_t make_domain(const compile_t *c, const char *text, const vhost_t *vhost)
{
    slice_t key = compile_lower(c, text);
    bool wildcard = key.len > 1 && key.base[0] == '*';
    if (wildcard)
        key = slice_sub(key, 1, SIZE_MAX);
    return (vhost_domain_t){key, vhost_domain_hash(key, wildcard, c->seed), vhost, wildcard};
}

static int compile_domains(const compile_t *c, const vhost_message_t *message,
                           const field_path_t *path, vhost_t *vhost)
{
    size_t count = message->n_domains;
    if (count == 0)
        return fault_at(c->fault, FIELD(path, "domains"), "must not be empty");
    vhost_domain_t *domains = arena_alloc(c->arena, count * sizeof(*domains));
    for (size_t i = 0; i < count; i++) {
        int error = check_domain(c, message->domains[i], ELEMENT(path, "domains", i));
        if (error)
            return error;
        domains[i] = make_domain(c, message->domains[i], vhost);
    }
    vhost->domains = domains;
    vhost->domain_count = (uint32_t)count;
    return 0;
}

static int compile_routes(const compile_t *c, const vhost_message_t *message,
                          const field_path_t *path, vhost_t *vhost)
{
    size_t count = message->n_routes;
    route_t *routes = arena_zalloc(c->arena, count * sizeof(*routes));
    for (size_t i = 0; i < count; i++) {
        int error = route_compile(c, message->routes[i], ELEMENT(path, "routes", i), &routes[i]);
        if (error)
            return error;
        routes[i].vhost = vhost;
        routes[i].position = (uint32_t)i;
    }
    vhost->routes = routes;
    vhost->route_count = (uint32_t)count;
    vhost->index = route_index_build(routes, vhost->route_count, c->seed, c->arena, c->message);
    return 0;
}

static void set_inherits(const compile_t *c, const Nantian__Xds__V1__Inherits *message,
                         vhost_t *vhost)
{
    size_t count = message->n_virtual_hosts;
    vhost_inherit_t *inherits = arena_alloc(c->arena, count * sizeof(*inherits));
    for (size_t i = 0; i < count; i++) {
        inherits[i].name = compile_text(c, message->virtual_hosts[i]);
        inherits[i].hash = vhost_name_hash(inherits[i].name, c->seed);
    }
    vhost->inherits = inherits;
    vhost->inherit_count = (uint32_t)count;
}

static int compile_filter_configs(const compile_t *c, const vhost_message_t *message,
                                  const field_path_t *path, vhost_t *vhost)
{
    for (size_t i = 0; i < message->n_typed_per_filter_config; i++) {
        const Envoy__Config__Route__V3__VirtualHost__TypedPerFilterConfigEntry *entry =
            message->typed_per_filter_config[i];
        const field_path_t *place = ELEMENT(path, "typed_per_filter_config", i);
        ProtobufCMessage *found;
        if (strcmp(entry->key, XDS_KEY_INHERITS) != 0 || entry->value == NULL)
            return fault_at(c->fault, place, "\"%s\" is not supported", entry->key);
        int error = any_unpack(entry->value, &nantian__xds__v1__inherits__descriptor, c->message,
                               place, c->fault, &found);
        if (error)
            return error;
        set_inherits(c, (const Nantian__Xds__V1__Inherits *)found, vhost);
    }
    return 0;
}

static int compile_info(const compile_t *c, const vhost_message_t *message,
                        const field_path_t *path, vhost_t *vhost)
{
    ProtobufCMessage *found;
    int error = metadata_find(message->metadata, XDS_KEY_VIRTUAL_HOST,
                              &nantian__xds__v1__virtual_host_info__descriptor, c->message, path,
                              c->fault, &found);
    if (!error && found)
        vhost->listener_name =
            compile_text(c, ((const Nantian__Xds__V1__VirtualHostInfo *)found)->listener_name);
    return error;
}

typedef struct build_arg {
    compile_t c;
    const vhost_message_t *message;
    const field_path_t *path;
} build_arg_t;

static void *build_vhost(arena_t *arena, void *arg)
{
    const build_arg_t *from = arg;
    compile_t c = from->c;
    c.arena = arena;
    vhost_t *vhost = arena_zalloc(arena, sizeof(*vhost));
    ref_init(&vhost->ref);
    vhost->name = compile_text(&c, from->message->name);
    vhost->hash = vhost_name_hash(vhost->name, c.seed);
    if (compile_domains(&c, from->message, from->path, vhost) ||
        compile_info(&c, from->message, from->path, vhost) ||
        compile_filter_configs(&c, from->message, from->path, vhost) ||
        compile_routes(&c, from->message, from->path, vhost))
        return NULL;
    return vhost;
}

vhost_t *vhost_compile(const compile_t *c, const vhost_message_t *message, const field_path_t *path,
                       arena_t *scratch)
{
    if (message->name[0] == '\0') {
        fault_at(c->fault, FIELD(path, "name"), "must be set");
        return NULL;
    }
    build_arg_t arg = {*c, message, path};
    return exact_new(scratch, build_vhost, &arg);
}

/* The count is the one part that changes in an object that is const for everybody else. */
vhost_t *vhost_ref(const vhost_t *vhost)
{
    vhost_t *counted = (vhost_t *)(uintptr_t)vhost;
    ref_hold(&counted->ref);
    return counted;
}

void vhost_unref(const vhost_t *vhost)
{
    vhost_t *counted = (vhost_t *)(uintptr_t)vhost;
    if (counted && ref_drop(&counted->ref))
        free(counted);
}
