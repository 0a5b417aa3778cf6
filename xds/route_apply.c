#include "xds/route_apply.h"

#include "core/strbuf.h"

/* --- header fields --- */

static bool present(const http_headers_t *headers, slice_t name)
{
    return http_headers_find(headers, name) != NULL;
}

static void remove_all(http_headers_t *headers, slice_t name)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < headers->count; i++) {
        if (!slice_eq_nocase(headers->at[i].name, name))
            headers->at[kept++] = headers->at[i];
    }
    headers->count = kept;
}

static void append(http_headers_t *headers, arena_t *arena, const header_edit_t *edit)
{
    http_headers_add(headers, arena, edit->name, edit->value, http_header_lookup(edit->name));
}

static void replace(http_headers_t *headers, arena_t *arena, const header_edit_t *edit)
{
    remove_all(headers, edit->name);
    append(headers, arena, edit);
}

void header_edits_apply(const header_edits_t *edits, http_headers_t *headers, arena_t *arena)
{
    for (uint32_t i = 0; i < edits->count; i++) {
        const header_edit_t *edit = &edits->at[i];
        bool there = present(headers, edit->name);
        if (edit->change == HEADER_REMOVE)
            remove_all(headers, edit->name);
        else if (edit->change == HEADER_APPEND || (edit->change == HEADER_ADD_IF_ABSENT && !there))
            append(headers, arena, edit);
        else if (edit->change == HEADER_OVERWRITE ||
                 (edit->change == HEADER_OVERWRITE_IF_EXISTS && there))
            replace(headers, arena, edit);
    }
}

/* --- paths and hosts --- */

static slice_t join(arena_t *arena, slice_t a, slice_t b)
{
    char *text = arena_bytes(arena, a.len + b.len);
    if (a.len)
        memcpy(text, a.base, a.len);
    if (b.len)
        memcpy(text + a.len, b.base, b.len);
    return slice_make(text, a.len + b.len);
}

static slice_t replace_prefix(slice_t path, slice_t matched, slice_t by, arena_t *arena)
{
    slice_t rest = slice_sub(path, matched.len, path.len);
    if (slice_ends_with(by, SLICE("/")) && slice_starts_with(rest, SLICE("/")))
        rest = slice_sub(rest, 1, rest.len);
    slice_t joined = join(arena, by, rest);
    return joined.len && joined.base[0] == '/' ? joined : join(arena, SLICE("/"), joined);
}

slice_t route_path(const route_t *route, slice_t path, arena_t *arena)
{
    slice_t by = route->forward.prefix_rewrite;
    if (by.len == 0)
        return path;
    return replace_prefix(path, route->path, by, arena);
}

slice_t route_host(const route_t *route, const route_cluster_t *cluster, slice_t authority)
{
    if (cluster->host_rewrite.len)
        return cluster->host_rewrite;
    return route->forward.host_rewrite.len ? route->forward.host_rewrite : authority;
}

/* --- redirects --- */

static slice_t port_of(slice_t authority)
{
    size_t bracket = slice_chr(authority, ']');
    slice_t tail =
        bracket < authority.len ? slice_sub(authority, bracket, authority.len) : authority;
    size_t colon = slice_chr(tail, ':');
    return colon < tail.len ? slice_sub(tail, colon, tail.len) : (slice_t){0};
}

static bool is_default_port(slice_t scheme, unsigned port)
{
    return port == (slice_eq(scheme, SLICE("https")) ? 443 : 80);
}

static void add_authority(strbuf_t *to, const route_redirect_t *redirect, slice_t scheme,
                          const http_request_head_t *request)
{
    slice_t port = port_of(request->authority);
    bool replaced = redirect->scheme.len || redirect->host.len || redirect->port;
    strbuf_add(to, redirect->host.len ? redirect->host : request->host);
    if (redirect->port && !is_default_port(scheme, redirect->port))
        strbuf_printf(to, ":%u", redirect->port);
    else if (!replaced)
        strbuf_add(to, port);
}

slice_t route_location(const route_t *route, slice_t scheme, const http_request_head_t *request,
                       arena_t *arena)
{
    const route_redirect_t *redirect = &route->redirect;
    strbuf_t text = {0};
    if (redirect->scheme.len)
        scheme = redirect->scheme;
    strbuf_add(&text, scheme);
    strbuf_add_text(&text, "://");
    add_authority(&text, redirect, scheme, request);
    if (redirect->has_path)
        strbuf_add(&text, redirect->path);
    else if (redirect->has_prefix)
        strbuf_add(&text, replace_prefix(request->path, route->path, redirect->prefix, arena));
    else
        strbuf_add(&text, request->path);
    bool own_query = redirect->has_path && slice_chr(redirect->path, '?') < redirect->path.len;
    if (request->has_query && !redirect->strip_query && !own_query) {
        strbuf_add_char(&text, '?');
        strbuf_add(&text, request->query);
    }
    slice_t location = arena_dup(arena, strbuf_slice(&text));
    strbuf_fini(&text);
    return location;
}
