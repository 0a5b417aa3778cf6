/*
 * settings.h: what the configuration means to the actors: their arguments. They point into the
 * configuration, which has to outlive them.
 */
#ifndef MAIN_SETTINGS_H
#define MAIN_SETTINGS_H

#include "actors/access_log.h"
#include "actors/admin.h"
#include "actors/connection.h"
#include "actors/file_watch_msg.h"
#include "actors/metrics.h"
#include "actors/snapshot_msg.h"
#include "actors/translator_msg.h"
#include "actors/upstream.h"
#include "core/runtime.h"
#include "main/config.h"

enum { NODE_NAME_MAX = 256, FIXED_PORTS = 3 };

/* Must not be moved once filled: members point at each other. */
typedef struct settings {
    runtime_options_t runtime;
    stop_policy_t stop;
    uint32_t drain_ms; /* how long connections may take to end */
    access_log_args_t access_log;
    admin_args_t dataplane_admin, controlplane_admin, controlplane_metrics;
    connection_args_t connection;
    file_watch_args_t file_watch;
    metrics_args_t metrics;
    router_args_t router;
    snapshot_args_t snapshot;
    translator_args_t translator;
    uint16_t taken[FIXED_PORTS]; /* ports of our own */
    char node[NODE_NAME_MAX];
} settings_t;

/*
 * settings_fill derives the arguments from the configuration. Where that leaves something to the
 * machine (CPUs, a free port, the host's name), the machine is asked. It returns 0, or GW_EINVAL
 * with a sentence in `error`.
 */
int settings_fill(settings_t *settings, const config_t *config, strbuf_t *error);

/* settings_watch lets the actors that show it know how many workers are stuck in `runtime`. */
void settings_watch(settings_t *settings, runtime_t *runtime);

#endif
