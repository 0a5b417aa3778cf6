/* settings.c: see settings.h. */
#include "main/settings.h"

#include <unistd.h>

#include "actors/access_log_msg.h"
#include "main/machine.h"
#include "main/version.h"

enum { WORKER_TIMEOUT_MS = 5000, NEVER_MS = INT32_MAX };

static uint32_t ms_of(uint64_t ns)
{
    uint64_t ms = (ns + 999999) / 1000000;
    return ms < NEVER_MS ? (uint32_t)ms : NEVER_MS;
}

static const char *text_or_null(slice_t text)
{
    return text.len ? text.base : NULL;
}

static void fill_runtime(settings_t *s, const config_t *config)
{
    uint64_t workers = config->runtime_workers ? config->runtime_workers : machine_cpus();
    s->runtime = (runtime_options_t){.workers = (uint32_t)(workers < 62 ? workers : 62),
                                     .batch = (uint32_t)config->runtime_batch,
                                     .recorder_events = (uint32_t)config->runtime_recorder_events,
                                     .watchdog_ms = ms_of(config->runtime_watchdog)};
    s->stop.drain_delay_ms = ms_of(config->dataplane_drain_delay);
    uint32_t drain_ms = ms_of(config->dataplane_drain_period);
    s->drain_ms = drain_ms ? drain_ms : 1; /* 0 would be the supervisor's own default */
}

/* --- the data plane --- */

/* Each worker's share of the buffer, in messages. */
static uint32_t log_window(const settings_t *s, const config_t *config)
{
    uint64_t share = config->dataplane_access_log_buffer / s->runtime.workers / LOG_LINES_MAX;
    return share ? (uint32_t)share : 1;
}

static void fill_connection(settings_t *s, const config_t *config)
{
    double rate = config->dataplane_access_log_sample_rate;
    s->connection = (connection_args_t){
        .limits = {.head_bytes = (uint32_t)config->dataplane_http_max_header_bytes,
                   .target_bytes = (uint32_t)config->dataplane_http_max_target_bytes,
                   .field_count = (uint32_t)config->dataplane_http_max_headers},
        .connections_max = (uint32_t)config->dataplane_max_connections,
        .header_timeout_ms = ms_of(config->dataplane_http_request_header_timeout),
        .idle_timeout_ms = ms_of(config->dataplane_http_idle_timeout),
        .body_timeout_ms = ms_of(config->dataplane_http_body_idle_timeout),
        .write_timeout_ms = ms_of(config->dataplane_http_body_idle_timeout),
        .request_timeout_ms = NEVER_MS, /* routes and upstreams know better */
        .trusted_hops = (uint32_t)config->dataplane_http_trusted_hops,
        .access_log = config->dataplane_access_log_enabled && rate > 0,
        .access_log_sample = rate > 0 ? (uint32_t)(1 / rate + 0.5) : 0,
        .access_log_window = log_window(s, config),
        .series_max = (uint32_t)config->dataplane_metrics_max_route_series};
    s->access_log.path = slice_eq(config->dataplane_access_log_path, SLICE("stdout"))
                             ? NULL
                             : config->dataplane_access_log_path.base;
}

static void fill_router(settings_t *s, const config_t *config)
{
    s->router =
        (router_args_t){.response_timeout_ms = ms_of(config->dataplane_upstream_response_timeout),
                        .connect_timeout_ms = ms_of(config->dataplane_upstream_connect_timeout),
                        .idle_timeout_ms = ms_of(config->dataplane_upstream_idle_timeout),
                        .response_idle_ms = ms_of(config->dataplane_http_body_idle_timeout),
                        .connections_max = (uint32_t)config->dataplane_upstream_max_connections,
                        .pending_max = (uint32_t)config->dataplane_upstream_max_pending_requests,
                        .pool_max = (uint32_t)config->dataplane_upstream_max_idle_connections,
                        .response_head_bytes = (uint32_t)config->dataplane_http_max_header_bytes,
                        .response_field_count = (uint32_t)config->dataplane_http_max_headers,
                        .series_max = (uint32_t)config->dataplane_metrics_max_backend_series};
}

static void fill_metrics(settings_t *s, const config_t *config)
{
    if (gethostname(s->node, sizeof(s->node) - 1) < 0)
        s->node[0] = '\0';
    const char *node = text_or_null(config->dataplane_node_id);
    s->metrics =
        (metrics_args_t){.node_id = node ? node : s->node,
                         .cluster = config->dataplane_cluster.base,
                         .version = NANTIAN_VERSION,
                         .revision = NANTIAN_REVISION,
                         .collect_timeout_ms = ms_of(config->dataplane_metrics_collect_timeout)};
}

/* --- ports --- */

static int parse_address(slice_t address, uint64_t port, net_address_t *ret, strbuf_t *error)
{
    if (net_parse(address, (uint16_t)port, ret) == 0)
        return 0;
    strbuf_printf(error, "'%.*s' is no IP address", SLICE_ARG(address));
    return GW_EINVAL;
}

static int fill_admin(settings_t *s, const config_t *config, strbuf_t *error)
{
    s->dataplane_admin =
        (admin_args_t){.plane = ADMIN_DATAPLANE,
                       .token = text_or_null(config->dataplane_admin_token),
                       .token_file = text_or_null(config->dataplane_admin_token_file)};
    s->controlplane_admin =
        (admin_args_t){.plane = ADMIN_CONTROL,
                       .token = text_or_null(config->controlplane_admin_token),
                       .token_file = text_or_null(config->controlplane_admin_token_file)};
    s->controlplane_metrics = s->controlplane_admin;
    s->controlplane_metrics.plane = ADMIN_METRICS;
    s->taken[0] = (uint16_t)config->dataplane_admin_port;
    s->taken[1] = (uint16_t)config->controlplane_admin_port;
    s->taken[2] = (uint16_t)config->controlplane_metrics_port;
    int rc = parse_address(config->dataplane_admin_address, s->taken[0],
                           &s->dataplane_admin.address, error);
    if (rc == 0)
        rc = parse_address(config->controlplane_admin_address, s->taken[1],
                           &s->controlplane_admin.address, error);
    if (rc == 0)
        rc = parse_address(config->controlplane_metrics_address, s->taken[2],
                           &s->controlplane_metrics.address, error);
    return rc;
}

static int fill_translator(settings_t *s, const config_t *config, strbuf_t *error)
{
    net_address_t address;
    uint16_t port = (uint16_t)config->dataplane_traffic_port;
    int rc = parse_address(config->dataplane_traffic_address, port, &address, error);
    if (rc < 0)
        return rc;
    if (port == 0) /* chosen here: every worker has to bind the same one */
        port = machine_free_port(address);
    s->translator.options = TRANSLATOR_OPTIONS_DEFAULT;
    s->translator.options.address = config->dataplane_traffic_address.base;
    s->translator.options.http_port = port;
    s->translator.options.taken = s->taken;
    s->translator.options.taken_count = FIXED_PORTS;
    s->translator.options.allow_loopback = true;
    s->translator.options.request_timeout_ms = ms_of(config->dataplane_http_request_timeout);
    s->translator.options.connect_timeout_ms = ms_of(config->dataplane_upstream_connect_timeout);
    return 0;
}

int settings_fill(settings_t *settings, const config_t *config, strbuf_t *error)
{
    *settings = (settings_t){0};
    fill_runtime(settings, config);
    fill_connection(settings, config);
    fill_router(settings, config);
    fill_metrics(settings, config);
    settings->snapshot =
        (snapshot_args_t){.version = NANTIAN_VERSION, .worker_timeout_ms = WORKER_TIMEOUT_MS};
    int rc = fill_admin(settings, config, error);
    return rc < 0 ? rc : fill_translator(settings, config, error);
}

static uint32_t stuck(void *context)
{
    return runtime_stuck(context);
}

static stall_stats_t stalls(void *context, uint32_t worker)
{
    return runtime_stalls(context, worker);
}

static const actor_class_t *role(void *context, const char *name)
{
    return runtime_class(context, name);
}

void settings_watch(settings_t *settings, runtime_t *runtime)
{
    admin_args_t *const admins[] = {&settings->dataplane_admin, &settings->controlplane_admin,
                                    &settings->controlplane_metrics};
    for (size_t i = 0; i < sizeof(admins) / sizeof(admins[0]); i++) {
        admins[i]->stuck = stuck;
        admins[i]->role = role;
        admins[i]->context = runtime;
    }
    settings->metrics.stalls = stalls;
    settings->metrics.context = runtime;
}
