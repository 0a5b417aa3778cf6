/*
 * vhost.h: one compiled virtual host: its domains, its ordered routes with their index, and the
 * less specific virtual hosts that a request falls through to. Immutable and counted; it lies in
 * one piece of memory together with all of its routes. Snapshots share it as long as it does not
 * change.
 */
#ifndef XDS_VHOST_H
#define XDS_VHOST_H

#include "core/ref.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "xds/compile.h"
#include "xds/route_index.h"

/* A domain as it is looked up: "a.example.com", ".example.com" of a wildcard, or "*". */
typedef struct vhost_domain {
    slice_t key;
    uint64_t hash;
    const vhost_t *vhost;
    bool wildcard; /* a suffix, with the '*' in front of it */
} vhost_domain_t;

typedef struct vhost_inherit {
    slice_t name; /* VirtualHost.name */
    uint64_t hash;
} vhost_inherit_t;

struct vhost {
    ref_count_t ref;       /* private */
    slice_t name;          /* VirtualHost.name */
    uint64_t hash;         /* of the name */
    slice_t listener_name; /* of the Gateway's listener, empty for a foreign configuration */
    const vhost_domain_t *domains;
    const vhost_inherit_t *inherits;
    const route_t *routes; /* in order; the first that matches wins */
    uint32_t domain_count, inherit_count, route_count;
    route_index_t index;
};

/*
 * vhost_compile gives a virtual host with one reference, the caller's, or NULL with the fault
 * noted in c->fault. `scratch` is reset; c->arena is not used. The message must have passed
 * support_check.
 */
vhost_t *vhost_compile(const compile_t *c, const Envoy__Config__Route__V3__VirtualHost *message,
                       const field_path_t *path, arena_t *scratch);

/* vhost_ref adds a reference. Any thread. */
vhost_t *vhost_ref(const vhost_t *vhost);

/* vhost_unref gives one back; the last one frees the virtual host. Any thread. NULL is legal. */
void vhost_unref(const vhost_t *vhost);

/* vhost_domain_text gives the domain as it was written. */
slice_t vhost_domain_text(const vhost_domain_t *domain);

/* The hash by which a domain is found; a wildcard by its suffix, the '.' included. */
uint64_t vhost_domain_hash(slice_t key, bool wildcard, uint64_t seed);

/* The hash by which a virtual host is found by its name. */
uint64_t vhost_name_hash(slice_t name, uint64_t seed);

#endif
