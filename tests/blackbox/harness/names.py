"""What the tests take from the gateway's documents: config keys, log ids, metric names. Everything
else in the tests speaks of behaviour, so that a renamed key is one line here."""

# Our word for a setting: its path in the config file (docs/configuration.md).
CONFIG = {
    "traffic_port": "dataplane.traffic.port",
    "dataplane_admin_port": "dataplane.admin.port",
    "dataplane_admin_address": "dataplane.admin.address",
    "controlplane_admin_port": "controlplane.admin.port",
    "controlplane_admin_address": "controlplane.admin.address",
    "controlplane_metrics_port": "controlplane.metrics.port",
    "admin_token": "dataplane.admin.token",
    "admin_token_file": "dataplane.admin.token_file",
    "controlplane_admin_token": "controlplane.admin.token",
    "connect_timeout": "dataplane.upstream.connect_timeout",
    "response_timeout": "dataplane.upstream.response_timeout",
    "upstream_idle_timeout": "dataplane.upstream.idle_timeout",
    "upstream_max_connections": "dataplane.upstream.max_connections",
    "upstream_max_pending": "dataplane.upstream.max_pending_requests",
    "request_timeout": "dataplane.http.request_timeout",
    "header_timeout": "dataplane.http.request_header_timeout",
    "body_idle_timeout": "dataplane.http.body_idle_timeout",
    "idle_timeout": "dataplane.http.idle_timeout",
    "max_header_bytes": "dataplane.http.max_header_bytes",
    "max_headers": "dataplane.http.max_headers",
    "trusted_hops": "dataplane.http.trusted_hops",
    "max_connections": "dataplane.max_connections",
    "drain_delay": "dataplane.drain.delay",
    "drain_period": "dataplane.drain.period",
    "access_log_enabled": "dataplane.access_log.enabled",
    "access_log_path": "dataplane.access_log.path",
    "access_log_sample_rate": "dataplane.access_log.sample_rate",
    "access_log_buffer": "dataplane.access_log.buffer",
}

# A socket is bound: fields name, address, port. Fixed sockets have the names below.
LOG_BOUND = "LISTENER-BOUND"
LOG_READY = "READY"
LOG_STOPPING = "STOPPING"
FIXED = {
    "traffic": "traffic",
    "dataplane_admin": "dataplane-admin",
    "controlplane_admin": "controlplane-admin",
    "controlplane_metrics": "controlplane-metrics",
}

LOG_MANIFEST_REJECTED = "MANIFEST-REJECTED"  # fields file, line, object, field, reason
LOG_ACTOR_MESSAGE = "ACTOR-MESSAGE"

P = "nantian_gateway_dataplane_"
METRIC_REQUESTS = P + "http_requests_total"
METRIC_FLAGS = P + "http_response_flags_total"
METRIC_LATENCY = P + "http_request_duration_seconds"
METRIC_ACCEPT_ERRORS = P + "listener_accept_errors_total"
METRIC_ACCESS_LOG_DROPPED = P + "access_log_writer_dropped_lines_total"
METRIC_ACCESS_LOG_QUEUE = P + "access_log_writer_queue_bytes"
