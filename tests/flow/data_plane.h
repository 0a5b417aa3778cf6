/*
 * data_plane.h: a whole data plane for tests: a runtime with listener, connection, router and
 * upstream actors, and one test actor in the place of the control plane, which brings them a
 * snapshot. Loopback only.
 */
#ifndef TESTS_FLOW_DATA_PLANE_H
#define TESTS_FLOW_DATA_PLANE_H

#include "core/runtime.h"
#include "xds/update.h"

typedef struct data_plane data_plane_t;

/* data_plane_new makes one with that many workers; classes can be replaced before the start. */
data_plane_t *data_plane_new(uint32_t workers);
runtime_t *data_plane_runtime(data_plane_t *plane);

/* data_plane_start starts it with these resources; the call returns when all workers run them
 * and every listener is bound. */
void data_plane_start(data_plane_t *plane, const xds_update_t *update);

/* data_plane_change brings a change to a running one, in the same way. */
void data_plane_change(data_plane_t *plane, const xds_update_t *update);

/* data_plane_stop drains and frees it; the exit code is checked to be 0. */
void data_plane_stop(data_plane_t *plane);

/* free_port gives a port on 127.0.0.1 that nobody uses now. */
uint16_t free_port(void);

/* exchange_bytes connects to a port, sends bytes, and reads until the end or until `until` has
 * come; the caller frees the text. It gives up after 5 s. */
char *exchange_bytes(uint16_t port, const char *request, const char *until);

#endif
