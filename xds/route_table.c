#include "xds/route_table.h"

#include "core/check.h"
#include "core/mem.h"

enum { LENGTHS = 256 }; /* of domains, which are shorter */

/* Which lengths the wildcards have: only suffixes of those need looking up. */
typedef struct length_set {
    uint64_t words[LENGTHS / 64];
} length_set_t;

struct route_table {
    ref_count_t ref;
    cow_view_t *domains, *names;
    uint64_t seed;
    length_set_t wildcards;
    const vhost_t *any; /* that has "*"; held by `domains` */
    slice_t name;
    char text[];
};

struct route_table_editor {
    name_map_t domains; /* of vhost_domain_t by key */
    name_map_t names;   /* of vhost_t by name */
    uint64_t seed;
    uint32_t wildcards[LENGTHS]; /* how many there are of each length */
    const vhost_t *any;
    route_table_t *published; /* NULL: something changed since */
    slice_t name;
    char text[];
};

static const vhost_domain_t *domain_of(const void *key)
{
    return GW_CONTAINER_OF(key, vhost_domain_t, key);
}

static const vhost_t *vhost_of(const void *name)
{
    return GW_CONTAINER_OF(name, vhost_t, name);
}

static void hold_domain(const void *key)
{
    vhost_ref(domain_of(key)->vhost);
}

static void drop_domain(const void *key)
{
    vhost_unref(domain_of(key)->vhost);
}

static void hold_vhost(const void *name)
{
    vhost_ref(vhost_of(name));
}

static void drop_vhost(const void *name)
{
    vhost_unref(vhost_of(name));
}

static const cow_class_t domain_class = {hold_domain, drop_domain};
static const cow_class_t vhost_class = {hold_vhost, drop_vhost};

static bool length_in(const length_set_t *set, size_t len)
{
    return len < LENGTHS && (set->words[len / 64] >> (len % 64) & 1);
}

static const vhost_t *find_domain(const route_table_t *table, slice_t key, bool wildcard)
{
    uint64_t hash = vhost_domain_hash(key, wildcard, table->seed);
    const slice_t *found = name_map_view_find(table->domains, hash, key);
    return found ? domain_of(found)->vhost : NULL;
}

static const vhost_t *find_wildcard(const route_table_t *table, slice_t host)
{
    for (size_t dot = 1; dot < host.len; dot++) {
        if (host.base[dot] != '.' || !length_in(&table->wildcards, host.len - dot))
            continue;
        const vhost_t *vhost = find_domain(table, slice_sub(host, dot, SIZE_MAX), true);
        if (vhost)
            return vhost;
    }
    return NULL;
}

const vhost_t *route_table_vhost(const route_table_t *table, slice_t host)
{
    const vhost_t *vhost = find_domain(table, host, false);
    if (vhost == NULL)
        vhost = find_wildcard(table, host);
    return vhost ? vhost : table->any;
}

static const route_t *search(const vhost_t *vhost, const route_request_t *request)
{
    uint32_t position = route_index_search(&vhost->index, vhost->routes, request);
    return position == ROUTE_NONE ? NULL : &vhost->routes[position];
}

static const route_t *fall_through(const route_table_t *table, const vhost_t *vhost,
                                   const route_request_t *request)
{
    const route_t *route = NULL;
    for (uint32_t i = 0; i < vhost->inherit_count && route == NULL; i++) {
        const vhost_inherit_t *next = &vhost->inherits[i];
        const slice_t *name = name_map_view_find(table->names, next->hash, next->name);
        route = name ? search(vhost_of(name), request) : NULL;
    }
    return route;
}

const route_t *route_match(const route_table_t *table, const route_request_t *request)
{
    const vhost_t *vhost = table ? route_table_vhost(table, request->host) : NULL;
    if (vhost == NULL)
        return NULL;
    const route_t *route = search(vhost, request);
    return route ? route : fall_through(table, vhost, request);
}

const vhost_t *route_table_find_vhost(const route_table_t *table, slice_t name)
{
    const slice_t *found =
        name_map_view_find(table->names, vhost_name_hash(name, table->seed), name);
    return found ? vhost_of(found) : NULL;
}

const vhost_t *route_table_next(const route_table_t *table, uint32_t *at)
{
    const slice_t *name = name_map_view_next(table->names, at);
    return name ? vhost_of(name) : NULL;
}

slice_t route_table_name(const route_table_t *table)
{
    return table->name;
}

/* The count is the one part that changes in an object that is const for everybody else. */
route_table_t *route_table_ref(const route_table_t *table)
{
    route_table_t *counted = (route_table_t *)(uintptr_t)table;
    ref_hold(&counted->ref);
    return counted;
}

void route_table_unref(const route_table_t *table)
{
    route_table_t *counted = (route_table_t *)(uintptr_t)table;
    if (counted == NULL || !ref_drop(&counted->ref))
        return;
    cow_view_unref(counted->domains);
    cow_view_unref(counted->names);
    free(counted);
}

route_table_editor_t *route_table_editor_new(slice_t name, uint64_t seed)
{
    route_table_editor_t *editor = xcalloc(1, sizeof(*editor) + name.len);
    name_map_init(&editor->domains, &domain_class);
    name_map_init(&editor->names, &vhost_class);
    editor->seed = seed;
    if (name.len)
        memcpy(editor->text, name.base, name.len);
    editor->name = slice_make(editor->text, name.len);
    return editor;
}

void route_table_editor_free(route_table_editor_t *editor)
{
    if (editor == NULL)
        return;
    name_map_fini(&editor->domains);
    name_map_fini(&editor->names);
    route_table_unref(editor->published);
    free(editor);
}

static void changed(route_table_editor_t *editor)
{
    route_table_unref(editor->published);
    editor->published = NULL;
}

void route_table_editor_add(route_table_editor_t *editor, const vhost_t *vhost)
{
    changed(editor);
    name_map_put(&editor->names, vhost->hash, &vhost->name);
    for (uint32_t i = 0; i < vhost->domain_count; i++) {
        const vhost_domain_t *domain = &vhost->domains[i];
        name_map_put(&editor->domains, domain->hash, &domain->key);
        if (domain->wildcard)
            editor->wildcards[domain->key.len]++;
        else if (slice_eq(domain->key, SLICE("*")))
            editor->any = vhost;
    }
}

static void remove_domains(route_table_editor_t *editor, const vhost_t *vhost)
{
    for (uint32_t i = 0; i < vhost->domain_count; i++) {
        const vhost_domain_t *domain = &vhost->domains[i];
        name_map_remove(&editor->domains, domain->hash, domain->key);
        if (domain->wildcard)
            editor->wildcards[domain->key.len]--;
    }
    if (editor->any == vhost)
        editor->any = NULL;
}

bool route_table_editor_remove(route_table_editor_t *editor, slice_t name)
{
    const vhost_t *vhost = route_table_editor_find(editor, name);
    if (vhost == NULL)
        return false;
    changed(editor);
    remove_domains(editor, vhost); /* the map of names still holds it */
    name_map_remove(&editor->names, vhost->hash, name);
    return true;
}

const vhost_t *route_table_editor_owner(const route_table_editor_t *editor,
                                        const vhost_domain_t *domain)
{
    const slice_t *found = name_map_find(&editor->domains, domain->hash, domain->key);
    return found ? domain_of(found)->vhost : NULL;
}

const vhost_t *route_table_editor_find(const route_table_editor_t *editor, slice_t name)
{
    const slice_t *found = name_map_find(&editor->names, vhost_name_hash(name, editor->seed), name);
    return found ? vhost_of(found) : NULL;
}

slice_t route_table_editor_name(const route_table_editor_t *editor)
{
    return editor->name;
}

uint32_t route_table_editor_count(const route_table_editor_t *editor)
{
    return editor->names.count;
}

static length_set_t lengths_of(const route_table_editor_t *editor)
{
    length_set_t set = {{0}};
    for (size_t len = 0; len < LENGTHS; len++) {
        if (editor->wildcards[len])
            set.words[len / 64] |= UINT64_C(1) << (len % 64);
    }
    return set;
}

static route_table_t *table_new(route_table_editor_t *editor)
{
    slice_t name = editor->name;
    route_table_t *table = xmalloc(sizeof(*table) + name.len);
    ref_init(&table->ref);
    table->domains = name_map_view(&editor->domains);
    table->names = name_map_view(&editor->names);
    table->seed = editor->seed;
    table->wildcards = lengths_of(editor);
    table->any = editor->any;
    memcpy(table->text, editor->text, name.len);
    table->name = slice_make(table->text, name.len);
    return table;
}

route_table_t *route_table_editor_publish(route_table_editor_t *editor)
{
    if (editor->published == NULL)
        editor->published = table_new(editor);
    return route_table_ref(editor->published);
}
