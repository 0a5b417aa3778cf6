/*
 * uses.h: which numbers a part of the configuration uses. When it comes into effect they are
 * counted, when it goes they are not any more (series.h). `series` has SERIES_KINDS members.
 */
#ifndef XDS_USES_H
#define XDS_USES_H

#include "xds/cluster.h"
#include "xds/compile.h"
#include "xds/endpoints.h"
#include "xds/listener.h"

typedef enum use { USE_BEGINS, USE_ENDS } use_t;

/* Each of them ignores NULL. */
void uses_of_vhost(series_t *series, const vhost_t *vhost, use_t use);
void uses_of_table(series_t *series, const route_table_t *table, use_t use);
void uses_of_listener(series_t *series, const listener_t *listener, use_t use);
void uses_of_cluster(series_t *series, const cluster_t *cluster, use_t use);
void uses_of_endpoints(series_t *series, const endpoints_t *endpoints, use_t use);

#endif
