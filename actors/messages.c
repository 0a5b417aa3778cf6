/*
 * messages.c: the catalogues of the data path, and what frees their bodies.
 */
#include <unistd.h>

#include "actors/access_log_msg.h"
#include "actors/connection_msg.h"
#include "actors/listener_msg.h"
#include "actors/metrics_msg.h"
#include "actors/router_msg.h"
#include "actors/upstream_msg.h"

void bound_list_free(bound_list_t *list)
{
    free(list);
}

void snapshot_release(snapshot_t *snapshot)
{
    snapshot_unref(snapshot);
}

void accepted_free(accepted_t *accepted)
{
    if (accepted && accepted->fd >= 0)
        close(accepted->fd);
    free(accepted);
}

void grant_free(grant_t *grant)
{
    free(grant);
}

void exposition_free(exposition_t *exposition)
{
    if (!exposition)
        return;
    metric_set_free(exposition->set);
    free(exposition);
}

void metric_set_release(metric_set_t *set)
{
    metric_set_free(set);
}

void log_lines_free(log_lines_t *lines)
{
    free(lines);
}

MSG_DEFINE(listener, 10, LISTENER_MESSAGES)
MSG_DEFINE(connection, 11, CONNECTION_MESSAGES)
MSG_DEFINE(router, 12, ROUTER_MESSAGES)
MSG_DEFINE(upstream, 13, UPSTREAM_MESSAGES)
MSG_DEFINE(metrics, 15, METRICS_MESSAGES)
MSG_DEFINE(access_log, 16, ACCESS_LOG_MESSAGES)
