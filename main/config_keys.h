/*
 * config_keys.h: every key of the configuration file. From this list come config_t, the parser,
 * docs/configuration.md and the tests.
 *
 * A line is X(TYPE, field, "path", "default", "limits", "help"). The field is the path with
 * underscores. Default and limits ("least..most", for a CHOICE its words) are written as in the
 * file; a size or time without limits would be one that nobody has thought about.
 *
 *   BOOL      true, false                      bool
 *   INT       a whole number                   uint64_t
 *   DURATION  250ms, 5s, 1h30m                 uint64_t, nanoseconds
 *   BYTES     4096, 64KiB, 1MiB                uint64_t
 *   FRACTION  0 to 1                           double
 *   CHOICE    one of some words                unsigned, the word's position
 *   STRING                                     slice_t
 *   SECRET    a string that is never shown     slice_t
 *   IP        an address to listen on          slice_t
 *   LOG_SPEC  info,connection=trace            slice_t
 */
#ifndef MAIN_CONFIG_KEYS_H
#define MAIN_CONFIG_KEYS_H

#define CONFIG_KEYS(X)                                                                             \
    X(LOG_SPEC, log_level, "log.level", "info", "",                                                \
      "Levels: a default and exceptions, such as `info,connection=trace`. Levels are off, error, " \
      "warn, info, debug, trace.")                                                                 \
    X(CHOICE, log_format, "log.format", "json", "json, text", "What a log line is.")               \
                                                                                                   \
    X(INT, runtime_workers, "runtime.workers", "0", "0..62",                                       \
      "Threads that serve traffic, besides the one for control; 0: one per CPU that the process "  \
      "may use.")                                                                                  \
    X(INT, runtime_batch, "runtime.batch", "256", "0..1000000",                                    \
      "Messages that a worker handles before it looks at its sockets again; 0: all.")              \
    X(INT, runtime_recorder_events, "runtime.recorder_events", "65536", "256..16777216",           \
      "Messages that each worker's flight recorder remembers; 48 bytes each.")                     \
    X(DURATION, runtime_watchdog, "runtime.watchdog", "1s", "0s..1h",                              \
      "A handler that runs for longer is reported; 0s: none is.")                                  \
                                                                                                   \
    X(STRING, dataplane_node_id, "dataplane.node_id", "", "",                                      \
      "Name of this data plane in metrics and logs; empty: the host name.")                        \
    X(STRING, dataplane_cluster, "dataplane.cluster", "", "",                                      \
      "Name of the cluster that it belongs to, for `node_info`.")                                  \
    X(INT, dataplane_max_connections, "dataplane.max_connections", "20000", "1..1000000",          \
      "Client connections per worker; beyond it they are answered 503 and closed.")                \
                                                                                                   \
    X(IP, dataplane_traffic_address, "dataplane.traffic.address", "0.0.0.0", "",                   \
      "Address of all listeners.")                                                                 \
    X(INT, dataplane_traffic_port, "dataplane.traffic.port", "10080", "0..65535",                  \
      "Port that is always open, also without any Gateway; 0: a free one.")                        \
                                                                                                   \
    X(IP, dataplane_admin_address, "dataplane.admin.address", "127.0.0.1", "",                     \
      "Address of health checks, metrics and `/v1` of the data plane.")                            \
    X(INT, dataplane_admin_port, "dataplane.admin.port", "19080", "0..65535",                      \
      "Its port; 0: a free one.")                                                                  \
    X(SECRET, dataplane_admin_token, "dataplane.admin.token", "", "",                              \
      "Bearer token for `/v1`. Without one, only loopback may read it.")                           \
    X(STRING, dataplane_admin_token_file, "dataplane.admin.token_file", "", "",                    \
      "File with that token, instead of `token`.")                                                 \
                                                                                                   \
    X(DURATION, dataplane_http_request_header_timeout, "dataplane.http.request_header_timeout",    \
      "10s", "10ms..1h", "Time for a request's head, from its first byte; then 408 `IT`.")         \
    X(DURATION, dataplane_http_body_idle_timeout, "dataplane.http.body_idle_timeout", "60s",       \
      "10ms..24h",                                                                                 \
      "Time in which nothing of a body moves between client and gateway; then the "                \
      "request ends, with 408 `IT` if nothing was answered yet.")                                  \
    X(DURATION, dataplane_http_request_timeout, "dataplane.http.request_timeout", "0s", "0s..24h", \
      "Time for a request as a whole, from its first byte to the last one of its "                 \
      "response, where the route says nothing; then 504 `UT`. 0s: no limit.")                      \
    X(DURATION, dataplane_http_idle_timeout, "dataplane.http.idle_timeout", "75s", "10ms..24h",    \
      "Time that a client's connection may stay open without a request.")                          \
    X(BYTES, dataplane_http_max_header_bytes, "dataplane.http.max_header_bytes", "64KiB",          \
      "1KiB..1MiB", "Size of a request's or response's head; beyond it 431 `RH`.")                 \
    X(INT, dataplane_http_max_headers, "dataplane.http.max_headers", "128", "8..4096",             \
      "Header fields in a head; beyond it 431 `RH`.")                                              \
    X(BYTES, dataplane_http_max_target_bytes, "dataplane.http.max_target_bytes", "8KiB",           \
      "128B..256KiB", "Length of a request's target; beyond it 414.")                              \
    X(INT, dataplane_http_trusted_hops, "dataplane.http.trusted_hops", "0", "0..16",               \
      "Proxies in front of the gateway whose `X-Forwarded-*` fields are to be believed; 0: the "   \
      "client's are replaced.")                                                                    \
                                                                                                   \
    X(DURATION, dataplane_upstream_connect_timeout, "dataplane.upstream.connect_timeout", "5s",    \
      "1ms..10m", "Time to connect to an endpoint; then 503 `UF`.")                                \
    X(DURATION, dataplane_upstream_response_timeout, "dataplane.upstream.response_timeout", "30s", \
      "0s..24h",                                                                                   \
      "Time from the end of a request to the head of its response, where the "                     \
      "route says nothing; then 504 `UT`. 0s: no limit.")                                          \
    X(DURATION, dataplane_upstream_idle_timeout, "dataplane.upstream.idle_timeout", "60s",         \
      "10ms..24h",                                                                                 \
      "Time that a connection to an endpoint is kept for the next request. Should "                \
      "be shorter than what the endpoint does.")                                                   \
    X(INT, dataplane_upstream_max_connections, "dataplane.upstream.max_connections", "1024",       \
      "1..1000000", "Connections per worker and backend.")                                         \
    X(INT, dataplane_upstream_max_idle_connections, "dataplane.upstream.max_idle_connections",     \
      "128", "0..1000000", "Of these, how many are kept while nothing uses them.")                 \
    X(INT, dataplane_upstream_max_pending_requests, "dataplane.upstream.max_pending_requests",     \
      "1024", "0..1000000",                                                                        \
      "Requests per worker and backend that wait for a connection; beyond "                        \
      "it 503 `CB`.")                                                                              \
                                                                                                   \
    X(DURATION, dataplane_drain_delay, "dataplane.drain.delay", "5s", "0s..1h",                    \
      "After SIGTERM: how long new connections are still taken while `/readyz` says no.")          \
    X(DURATION, dataplane_drain_period, "dataplane.drain.period", "30s", "0s..24h",                \
      "After that: how long requests may take to end.")                                            \
                                                                                                   \
    X(BOOL, dataplane_access_log_enabled, "dataplane.access_log.enabled", "true", "",              \
      "Whether requests are logged.")                                                              \
    X(STRING, dataplane_access_log_path, "dataplane.access_log.path", "stdout", "",                \
      "`stdout`, or a file that lines are appended to.")                                           \
    X(FRACTION, dataplane_access_log_sample_rate, "dataplane.access_log.sample_rate", "1", "0..1", \
      "The share of requests that are logged.")                                                    \
    X(BYTES, dataplane_access_log_buffer, "dataplane.access_log.buffer", "1MiB", "64KiB..256MiB",  \
      "What may wait for a slow sink; beyond it lines are dropped and counted.")                   \
                                                                                                   \
    X(INT, dataplane_metrics_max_route_series, "dataplane.metrics.max_route_series", "10000",      \
      "0..1000000",                                                                                \
      "Combinations of listener, route and backend with metrics of their own on a worker; "        \
      "beyond it they are counted under `other`.")                                                 \
    X(INT, dataplane_metrics_max_backend_series, "dataplane.metrics.max_backend_series", "10000",  \
      "0..1000000", "Backends with metrics of their own on a worker; the rest is `other`.")        \
    X(DURATION, dataplane_metrics_collect_timeout, "dataplane.metrics.collect_timeout", "500ms",   \
      "10ms..1m", "Time for the workers to answer a scrape; then it is partial.")                  \
                                                                                                   \
    X(IP, controlplane_admin_address, "controlplane.admin.address", "127.0.0.1", "",               \
      "Address of health checks and `/v1` of the control plane.")                                  \
    X(INT, controlplane_admin_port, "controlplane.admin.port", "18081", "0..65535",                \
      "Its port; 0: a free one.")                                                                  \
    X(SECRET, controlplane_admin_token, "controlplane.admin.token", "", "",                        \
      "Bearer token for `/v1`. Without one, only loopback may read it.")                           \
    X(STRING, controlplane_admin_token_file, "controlplane.admin.token_file", "", "",              \
      "File with that token, instead of `token`.")                                                 \
    X(IP, controlplane_metrics_address, "controlplane.metrics.address", "127.0.0.1", "",           \
      "Address of the control plane's metrics.")                                                   \
    X(INT, controlplane_metrics_port, "controlplane.metrics.port", "18082", "0..65535",            \
      "Its port; 0: a free one.")

#endif
