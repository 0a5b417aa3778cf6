/* From an update to candidates: sorted, compared with what is in effect, and compiled. */
#include "core/error.h"
#include "core/mem.h"
#include "xds/builder_state.h"
#include "xds/route_configuration.h"
#include "xds/support.h"

static int compare_names(xds_type_t type, slice_t name, const candidate_t *with)
{
    if (type != with->type)
        return type < with->type ? -1 : 1;
    return slice_compare(name, with->name);
}

static int compare_candidates(const void *left, const void *right)
{
    const candidate_t *a = left, *b = right;
    int order = compare_names(a->type, a->name, b);
    if (order == 0)
        order = a->order < b->order ? -1 : a->order > b->order;
    return order;
}

candidate_t *candidates_find(const candidates_t *candidates, xds_type_t type, slice_t name)
{
    size_t low = 0, high = candidates->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(type, name, &candidates->at[middle]);
        if (order == 0)
            return &candidates->at[middle];
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static size_t list_all(const xds_update_t *update, candidate_t *at)
{
    size_t count = 0;
    for (size_t i = 0; i < update->removed_count; i++, count++)
        at[count] = (candidate_t){
            .type = update->removed[i].type, .name = update->removed[i].name, .order = count};
    for (size_t i = 0; i < update->changed_count; i++, count++)
        at[count] = (candidate_t){.type = xds_resource_type(update->changed[i]),
                                  .name = xds_resource_name(update->changed[i]),
                                  .resource = update->changed[i],
                                  .order = count};
    return count;
}

static bool changes_something(const snapshot_builder_t *builder, const candidate_t *candidate)
{
    const xds_resource_t *old = snapshot_builder_find(builder, candidate->type, candidate->name);
    if (old == NULL || candidate->resource == NULL)
        return old != candidate->resource;
    return !xds_resource_equal(old, candidate->resource);
}

candidates_t candidates_collect(const snapshot_builder_t *builder, const xds_update_t *update)
{
    candidates_t list = {0};
    size_t total = update->changed_count + update->removed_count;
    if (total == 0)
        return list;
    list.at = xcalloc(total, sizeof(candidate_t));
    list_all(update, list.at);
    qsort(list.at, total, sizeof(candidate_t), compare_candidates);
    for (size_t i = 0; i < total; i++) {
        const candidate_t *candidate = &list.at[i];
        bool last =
            i + 1 == total || compare_names(candidate->type, candidate->name, candidate + 1) != 0;
        if (last && changes_something(builder, candidate))
            list.at[list.count++] = *candidate;
    }
    return list;
}

void candidates_fini(candidates_t *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        candidate_t *candidate = &candidates->at[i];
        listener_unref(candidate->listener);
        route_table_unref(candidate->list);
        vhost_unref(candidate->vhost);
        cluster_unref(candidate->cluster);
        endpoints_unref(candidate->endpoints);
    }
    free(candidates->at);
    *candidates = (candidates_t){0};
}

void builder_refuse(candidate_t *candidate, fault_t *fault, xds_rejects_t *rejects)
{
    candidate->refused = true;
    if (rejects)
        xds_rejects_add(rejects, candidate->resource, slice_of(fault->field),
                        slice_of(fault->reason));
    fault_fini(fault);
}

/* The name inside a message, which is the resource's own, or what stands behind its last '/'. */
static int check_name(const candidate_t *candidate, const char *inside, const char *field,
                      fault_t *fault)
{
    slice_t expected = candidate->name, configuration;
    if (candidate->type == XDS_VIRTUAL_HOST &&
        xds_split_virtual_host(candidate->name, &configuration, &expected))
        return fault_at(fault, NULL, "the resource's name must be ROUTE_CONFIGURATION/NAME");
    if (slice_eq(slice_of(inside), expected))
        return 0;
    return fault_at(fault, FIELD(NULL, field), "\"%s\" must be \"%.*s\" as the resource's name",
                    inside, SLICE_ARG(expected));
}

static void compile_configuration(const compile_t *c, candidate_t *candidate,
                                  const Envoy__Config__Route__V3__RouteConfiguration *message,
                                  arena_t *scratch)
{
    if (check_name(candidate, message->name, "name", c->fault) == 0 && message->n_virtual_hosts)
        candidate->list = route_configuration_compile(c, message, NULL, scratch);
}

static void compile_message(const compile_t *c, candidate_t *candidate,
                            const ProtobufCMessage *message, arena_t *scratch)
{
    const void *any = message;
    const Envoy__Config__Listener__V3__Listener *listener = any;
    const Envoy__Config__Route__V3__VirtualHost *vhost = any;
    const Envoy__Config__Cluster__V3__Cluster *cluster = any;
    const Envoy__Config__Endpoint__V3__ClusterLoadAssignment *assignment = any;
    switch (candidate->type) {
    case XDS_LISTENER:
        if (check_name(candidate, listener->name, "name", c->fault) == 0)
            candidate->listener = listener_compile(c, listener, scratch);
        break;
    case XDS_ROUTE_CONFIGURATION:
        compile_configuration(c, candidate, any, scratch);
        break;
    case XDS_VIRTUAL_HOST:
        if (check_name(candidate, vhost->name, "name", c->fault) == 0)
            candidate->vhost = vhost_compile(c, vhost, NULL, scratch);
        break;
    case XDS_CLUSTER:
        if (check_name(candidate, cluster->name, "name", c->fault) == 0)
            candidate->cluster = cluster_compile(c, cluster, scratch);
        break;
    case XDS_LOAD_ASSIGNMENT:
        if (check_name(candidate, assignment->cluster_name, "cluster_name", c->fault) == 0)
            candidate->endpoints = endpoints_compile(c, assignment, scratch);
        break;
    case XDS_TYPE_COUNT:
        break;
    }
}

void candidate_compile(snapshot_builder_t *builder, candidate_t *candidate, xds_rejects_t *rejects)
{
    fault_t fault = {0};
    compile_t c = {.message = &builder->message,
                   .fault = &fault,
                   .series = builder->series,
                   .seed = builder->seed};
    if (candidate->resource == NULL)
        return;
    const ProtobufCMessage *message = xds_resource_unpack(candidate->resource, &builder->message);
    if (message == NULL)
        fault_at(&fault, NULL, "malformed %s", xds_type_descriptor(candidate->type)->name);
    else if (support_check(message, NULL, &fault) == 0)
        compile_message(&c, candidate, message, &builder->scratch);
    arena_reset(&builder->message);
    if (fault.reason)
        builder_refuse(candidate, &fault, rejects);
}
