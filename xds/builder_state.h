/*
 * builder_state.h: what the parts of the snapshot builder share: its state, and one candidate, a
 * resource of an update on its way into it. Private to snapshot_builder.c, candidate.c and
 * conflict.c.
 */
#ifndef XDS_BUILDER_STATE_H
#define XDS_BUILDER_STATE_H

#include "xds/snapshot_builder.h"

/* A route configuration: virtual hosts that are resources of their own, or a list of them. */
typedef struct configuration {
    ref_count_t ref;
    slice_t name; /* the editor's */
    route_table_editor_t *vhosts;
    route_table_t *list; /* NULL: there is none */
} configuration_t;

struct snapshot_builder {
    uint64_t seed;
    name_map_t resources[XDS_TYPE_COUNT]; /* in effect */
    name_map_t listeners;
    name_map_t configurations;
    cow_t clusters, endpoints; /* by number */
    series_t series[SERIES_KINDS];
    arena_t message, scratch; /* while a resource is compiled */
    const snapshot_t *current;
};

/* One name of an update. */
typedef struct candidate {
    xds_type_t type;
    slice_t name;
    const xds_resource_t *resource; /* NULL: it is removed */
    bool refused;
    size_t order; /* in the update */
    /* what the resource was compiled to, by its type; held */
    listener_t *listener;
    route_table_t *list;
    vhost_t *vhost;
    cluster_t *cluster;
    endpoints_t *endpoints;
} candidate_t;

typedef struct candidates {
    candidate_t *at; /* sorted by type and name, each once */
    size_t count;
} candidates_t;

uint64_t builder_hash(const snapshot_builder_t *builder, slice_t name);

/* builder_configuration gives the route configuration of that name, or NULL. */
configuration_t *builder_configuration(const snapshot_builder_t *builder, slice_t name);

/* builder_refuse notes why a candidate does not get in; the fault is empty afterwards. */
void builder_refuse(candidate_t *candidate, fault_t *fault, xds_rejects_t *rejects);

/* candidates_find gives the candidate of that type and name, or NULL. */
candidate_t *candidates_find(const candidates_t *candidates, xds_type_t type, slice_t name);

/*
 * candidates_collect sorts out an update: one candidate for each name, none for what stays as it
 * is. The names are borrowed from the update.
 */
candidates_t candidates_collect(const snapshot_builder_t *builder, const xds_update_t *update);

/* candidates_fini drops what was compiled and frees the list. */
void candidates_fini(candidates_t *candidates);

/* candidate_compile compiles the candidate's resource, or refuses it. */
void candidate_compile(snapshot_builder_t *builder, candidate_t *candidate, xds_rejects_t *rejects);

/*
 * conflicts_resolve refuses candidates that want a domain, an address or a route configuration
 * that belongs to something else once all candidates that are left took effect.
 */
void conflicts_resolve(const snapshot_builder_t *builder, const candidates_t *candidates,
                       xds_rejects_t *rejects);

#endif
