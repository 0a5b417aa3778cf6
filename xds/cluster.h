/*
 * cluster.h: one compiled cluster: how requests go to a set of endpoints. Immutable and counted;
 * any thread reads it. The endpoints are an object of their own (endpoints.h), because they
 * change much more often.
 */
#ifndef XDS_CLUSTER_H
#define XDS_CLUSTER_H

#include "core/ref.h"
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "xds/compile.h"

typedef enum cluster_policy {
    CLUSTER_ROUND_ROBIN,
    CLUSTER_LEAST_REQUEST,
    CLUSTER_RANDOM
} cluster_policy_t;

typedef struct cluster {
    ref_count_t ref; /* private */
    slice_t name;
    slice_t kind, namespace, service; /* of the backend; empty for a foreign configuration */
    uint32_t port;                    /* of the Service */
    uint32_t number;                  /* its own dense number */
    uint32_t endpoints;               /* number of its load assignment */
    series_id_t series;               /* of the backend "NAMESPACE/NAME" */
    uint32_t connect_timeout_ms;
    uint32_t max_connections, max_pending_requests, max_requests, max_retries;
    uint8_t policy; /* cluster_policy_t */
} cluster_t;

/*
 * cluster_compile gives a cluster with one reference, the caller's, or NULL with the fault noted.
 * `scratch` is reset; c->arena is not used. The message must have passed support_check.
 */
cluster_t *cluster_compile(const compile_t *c, const Envoy__Config__Cluster__V3__Cluster *message,
                           arena_t *scratch);

/* cluster_ref adds a reference. Any thread. */
cluster_t *cluster_ref(const cluster_t *cluster);

/* cluster_unref gives one back; the last one frees the cluster. Any thread. NULL is legal. */
void cluster_unref(const cluster_t *cluster);

/* cluster_policy_text gives the word of the public API. The string is static. */
const char *cluster_policy_text(cluster_policy_t policy);

#endif
