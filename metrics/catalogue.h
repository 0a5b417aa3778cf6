/*
 * catalogue.h: every metric of the gateway. From these lists come the counters that actors
 * increment (series.h), the exposition, docs/metrics.md and the tests.
 *
 * A line is X(KIND, field, "name", OF, UNIT, "help"):
 *   KIND   COUNTER, GAUGE (workers' values are added), GAUGE_MAX (the largest counts), HISTOGRAM
 *   field  the member of the series struct
 *   name   without the prefix, which the group gives
 *   OF     ONE value; or one per value of a split (STATUS_CLASS, FLAG ...: an array, and one label
 *          more); for a histogram its bounds, LATENCY or STEP
 *   UNIT   NUMBER, BYTES, or SECONDS, which are kept in nanoseconds
 *
 * A name is a promise: dashboards and alerts hang on it. A metric that nothing counts is deleted.
 */
#ifndef METRICS_CATALOGUE_H
#define METRICS_CATALOGUE_H

#include "metrics/response_flag.h"

/* The values of the label that a split adds. */
#define METRIC_STATUS_CLASSES(X) X("1xx") X("2xx") X("3xx") X("4xx") X("5xx")
#define METRIC_LANES(X)          X("local") X("remote")
#define METRIC_CHANGES(X)        X("added") X("changed") X("removed")
#define METRIC_CONDITIONS(X)     X("True") X("False") X("Unknown")
#define METRIC_FLAGS(X)          RESPONSE_FLAGS(X)
#define METRIC_LOG_LEVELS(X)     X("error") X("warn") X("info") X("debug") X("trace")

/* NAME, the label, the list of its values, what of an entry is the text: TEXT or FIRST column */
#define METRIC_SPLITS(X)                                                                           \
    X(STATUS_CLASS, "status_class", METRIC_STATUS_CLASSES, TEXT)                                   \
    X(FLAG, "flag", METRIC_FLAGS, FIRST)                                                           \
    X(LANE, "lane", METRIC_LANES, TEXT)                                                            \
    X(CHANGE, "change", METRIC_CHANGES, TEXT)                                                      \
    X(CONDITION, "status", METRIC_CONDITIONS, TEXT)                                                \
    X(LOG_LEVEL, "level", METRIC_LOG_LEVELS, TEXT)

/* ---- the whole process ---- */

#define METRICS_BUILD(X)                                                                           \
    X(GAUGE, info, "build_info", ONE, NUMBER, "1; the labels say which build runs.")

#define METRICS_PROCESS(X)                                                                         \
    X(COUNTER, cpu, "cpu_seconds_total", ONE, SECONDS, "User and system CPU time.")                \
    X(GAUGE, resident_memory, "resident_memory_bytes", ONE, BYTES, "Resident memory.")             \
    X(GAUGE, virtual_memory, "virtual_memory_bytes", ONE, BYTES, "Virtual memory.")                \
    X(GAUGE, open_fds, "open_fds", ONE, NUMBER, "Open file descriptors.")                          \
    X(GAUGE, max_fds, "max_fds", ONE, NUMBER, "File descriptors that the process may open.")       \
    X(GAUGE, threads, "threads", ONE, NUMBER, "Threads.")                                          \
    X(GAUGE, start_time, "start_time_seconds", ONE, SECONDS, "When it started, since 1970.")

#define METRICS_LOG(X)                                                                             \
    X(COUNTER, lines, "log_lines_total", LOG_LEVEL, NUMBER,                                        \
      "Log lines, by level, with the dropped ones.")                                               \
    X(COUNTER, dropped, "log_dropped_lines_total", ONE, NUMBER,                                    \
      "Log lines dropped because standard error did not take them at once.")

/* ---- both planes, each with its own prefix ---- */

#define METRICS_SCRAPE(X)                                                                          \
    X(GAUGE, partial, "scrape_partial", ONE, NUMBER,                                               \
      "1 if this scrape lacks the current numbers of a worker that did not answer in time.")       \
    X(GAUGE, workers_missing, "scrape_workers_missing", ONE, NUMBER,                               \
      "Workers whose numbers are those of an earlier scrape.")                                     \
    X(COUNTER, scrapes, "scrapes_total", ONE, NUMBER, "Scrapes, with this one.")                   \
    X(HISTOGRAM, collect, "scrape_collect_duration_seconds", LATENCY, SECONDS,                     \
      "Time to collect the numbers of all workers, without this scrape.")

#define METRICS_WORKER(X)                                                                          \
    X(COUNTER, busy, "worker_busy_seconds_total", ONE, SECONDS,                                    \
      "Time that a worker spent in its actors; its rate is how busy it is, 1 being all the time.") \
    X(GAUGE, stalled, "worker_stalled", ONE, NUMBER,                                               \
      "1 while a handler has not returned for longer than the watchdog allows.")                   \
    X(COUNTER, stalls, "worker_stalls_total", ONE, NUMBER, "Handlers that the watchdog reported.") \
    X(COUNTER, messages, "worker_messages_total", LANE, NUMBER,                                    \
      "Messages sent, to actors of the same worker or of another one.")                            \
    X(COUNTER, trains, "worker_message_trains_total", LANE, NUMBER,                                \
      "ZeroMQ messages that carried them.")                                                        \
    X(COUNTER, dead_letters, "actor_dead_letters_total", ONE, NUMBER,                              \
      "Messages to actors that had ended.")                                                        \
    X(COUNTER, unhandled, "actor_unhandled_messages_total", ONE, NUMBER,                           \
      "Messages that their receiver has no handler for.")                                          \
    X(COUNTER, deadlines, "actor_request_deadlines_total", ONE, NUMBER,                            \
      "Requests between actors that got no answer in time.")                                       \
    X(COUNTER, canceled, "actor_requests_canceled_total", ONE, NUMBER,                             \
      "Requests between actors that the asker gave up.")                                           \
    X(COUNTER, late_replies, "actor_late_replies_total", ONE, NUMBER,                              \
      "Answers that came after the deadline or the cancellation.")

#define METRICS_ACTOR(X)                                                                           \
    X(COUNTER, messages, "actor_messages_total", ONE, NUMBER, "Messages handled.")                 \
    X(COUNTER, sent, "actor_messages_sent_total", ONE, NUMBER, "Messages sent.")                   \
    X(GAUGE, instances, "actor_instances", ONE, NUMBER, "Actors of that name.")                    \
    X(GAUGE, mailbox_length, "actor_mailbox_length", ONE, NUMBER, "Messages that wait now.")       \
    X(HISTOGRAM, mailbox, "actor_mailbox_seconds", STEP, SECONDS,                                  \
      "Time from the sending of a message to its handling.")                                       \
    X(HISTOGRAM, processing, "actor_processing_seconds", STEP, SECONDS,                            \
      "Time in the handler of a message.")                                                         \
    X(COUNTER, io, "actor_io_seconds_total", ONE, SECONDS,                                         \
      "Time in work that no message caused: sockets, signals, timers of the loop.")                \
    X(COUNTER, restarts, "actor_restarts_total", ONE, NUMBER,                                      \
      "Restarts after a handler returned an error.")                                               \
    X(COUNTER, deaths, "actor_deaths_total", ONE, NUMBER,                                          \
      "Actors that ended because restarting did not help.")                                        \
    X(COUNTER, mutes, "actor_mutes_total", ONE, NUMBER,                                            \
      "Times that a full mailbox muted the senders.")

#define METRICS_ADMIN(X)                                                                           \
    X(COUNTER, requests, "admin_requests_total", STATUS_CLASS, NUMBER,                             \
      "Requests to the admin port; unknown paths are route \"unknown\".")                          \
    X(HISTOGRAM, duration, "admin_request_duration_seconds", LATENCY, SECONDS,                     \
      "Time from a request to the admin port to its answer.")

/* ---- the data plane ---- */

#define METRICS_NODE(X)                                                                            \
    X(GAUGE, info, "node_info", ONE, NUMBER, "1; the labels say which node this is.")

#define METRICS_DATAPLANE(X)                                                                       \
    X(GAUGE, ready, "ready", ONE, NUMBER, "1 if /readyz says yes.")                                \
    X(GAUGE, draining, "draining", ONE, NUMBER, "1 from SIGTERM on.")                              \
    X(GAUGE, listeners, "listeners", ONE, NUMBER, "Listeners in the configuration.")               \
    X(GAUGE, routes, "http_routes", ONE, NUMBER, "HTTP routes in the configuration.")              \
    X(GAUGE, backends, "backends", ONE, NUMBER, "Backends in the configuration.")                  \
    X(GAUGE, endpoints, "endpoints", ONE, NUMBER, "Endpoints in the configuration.")               \
    X(COUNTER, applied, "xds_snapshots_applied_total", ONE, NUMBER,                                \
      "Configurations that all workers applied.")                                                  \
    X(COUNTER, nacked, "xds_snapshots_nacked_total", ONE, NUMBER,                                  \
      "Configurations refused, as a whole or in part.")                                            \
    X(COUNTER, skipped, "xds_snapshots_skipped_total", ONE, NUMBER,                                \
      "Configurations equal to the one that was there.")                                           \
    X(GAUGE, last_apply, "xds_last_apply_timestamp_seconds", ONE, SECONDS,                         \
      "When a configuration was last applied, since 1970.")                                        \
    X(GAUGE, rejected, "current_snapshot_rejected", ONE, NUMBER,                                   \
      "1 while the latest configuration is not served whole and an older one stands in.")          \
    X(HISTOGRAM, build, "xds_snapshot_build_duration_seconds", LATENCY, SECONDS,                   \
      "Time to build the routing tables of a configuration.")                                      \
    X(HISTOGRAM, apply, "xds_snapshot_apply_duration_seconds", LATENCY, SECONDS,                   \
      "Time from the arrival of a configuration until all workers serve it.")                      \
    X(COUNTER, log_lines, "access_log_writer_lines_total", ONE, NUMBER,                            \
      "Access log lines written.")                                                                 \
    X(COUNTER, log_dropped, "access_log_writer_dropped_lines_total", ONE, NUMBER,                  \
      "Access log lines dropped because the sink did not keep up.")                                \
    X(COUNTER, log_errors, "access_log_writer_sink_errors_total", ONE, NUMBER,                     \
      "Writes to the access log that failed.")                                                     \
    X(GAUGE, log_queue, "access_log_writer_queue_bytes", ONE, BYTES,                               \
      "Access log that waits for the sink.")

#define METRICS_LISTENER(X)                                                                        \
    X(GAUGE_MAX, bound, "listener_bound", ONE, NUMBER,                                             \
      "1 if the listener has its port, 0 if it was rejected.")                                     \
    X(COUNTER, connections, "listener_connections_total", ONE, NUMBER, "Connections accepted.")    \
    X(GAUGE, active, "listener_connections_active", ONE, NUMBER, "Connections open.")              \
    X(GAUGE, requests_active, "listener_requests_active", ONE, NUMBER,                             \
      "Requests being served: their head has come, their response is not whole yet.")              \
    X(COUNTER, refused, "listener_connections_refused_total", ONE, NUMBER,                         \
      "Connections answered 503 and closed because the worker was at its limit.")                  \
    X(COUNTER, accept_errors, "listener_accept_errors_total", ONE, NUMBER,                         \
      "Connections that could not be accepted (no file descriptor left, for one).")                \
    X(COUNTER, idle_closed, "listener_connections_idle_closed_total", ONE, NUMBER,                 \
      "Connections closed after a time without a request.")

#define METRICS_HTTP(X)                                                                            \
    X(COUNTER, requests, "http_requests_total", ONE, NUMBER,                                       \
      "Requests that ended: answered, or given up by the client.")                                 \
    X(COUNTER, responses, "http_responses_total", STATUS_CLASS, NUMBER,                            \
      "Responses by class of status; a request that the client gave up is 4xx (499).")             \
    X(COUNTER, flags, "http_response_flags_total", FLAG, NUMBER,                                   \
      "Requests that did not go their normal way, by response flag.")                              \
    X(HISTOGRAM, duration, "http_request_duration_seconds", LATENCY, SECONDS,                      \
      "Time from the first byte of a request to the last byte of its response.")                   \
    X(COUNTER, request_bytes, "http_request_bytes_total", ONE, BYTES, "Bytes of request bodies.")  \
    X(COUNTER, response_bytes, "http_response_bytes_total", ONE, BYTES,                            \
      "Bytes of response bodies.")                                                                 \
    X(GAUGE, active, "http_responses_active", ONE, NUMBER,                                         \
      "Responses whose head was sent and whose body is still on its way to the client.")

#define METRICS_BACKEND(X)                                                                         \
    X(GAUGE_MAX, health, "backend_health_status", ONE, NUMBER,                                     \
      "1 if the backend has an endpoint that requests may go to, else 0.")                         \
    X(GAUGE, active, "backend_connections_active", ONE, NUMBER, "Connections open.")               \
    X(GAUGE, idle, "backend_connections_idle", ONE, NUMBER,                                        \
      "Connections that wait for a request.")                                                      \
    X(COUNTER, connections, "backend_connections_total", ONE, NUMBER, "Connections made.")         \
    X(COUNTER, errors, "backend_connections_errors_total", ONE, NUMBER,                            \
      "Connections that could not be made, or that the endpoint closed during a request.")         \
    X(HISTOGRAM, connect, "backend_connect_duration_seconds", LATENCY, SECONDS,                    \
      "Time to make a connection.")                                                                \
    X(COUNTER, pool_hits, "backend_pool_hits_total", ONE, NUMBER,                                  \
      "Requests that found an idle connection.")                                                   \
    X(COUNTER, pool_misses, "backend_pool_misses_total", ONE, NUMBER,                              \
      "Requests that had to wait for a new connection.")                                           \
    X(COUNTER, requests, "backend_requests_total", ONE, NUMBER, "Requests sent.")                  \
    X(GAUGE, requests_active, "backend_requests_active", ONE, NUMBER,                              \
      "Requests that wait for a connection or for the rest of their response.")                    \
    X(HISTOGRAM, response, "backend_response_duration_seconds", LATENCY, SECONDS,                  \
      "Time from the sending of a request to the head of its response.")

/* ---- the control plane ---- */

#define METRICS_CONTROLPLANE(X)                                                                    \
    X(GAUGE, ready, "ready", ONE, NUMBER, "1 if /readyz says yes.")                                \
    X(GAUGE, files, "files", ONE, NUMBER, "Manifest files watched.")                               \
    X(GAUGE, files_broken, "files_broken", ONE, NUMBER,                                            \
      "Manifest files that hold an object which could not be read.")                               \
    X(COUNTER, file_reloads, "file_reloads_total", ONE, NUMBER, "Manifest files read.")            \
    X(COUNTER, file_errors, "file_reload_errors_total", ONE, NUMBER,                               \
      "Manifest files read in which something was wrong.")                                         \
    X(GAUGE, last_change, "last_change_timestamp_seconds", ONE, SECONDS,                           \
      "When an object last changed, since 1970.")                                                  \
    X(HISTOGRAM, ack_lag, "xds_publish_ack_lag_seconds", LATENCY, SECONDS,                         \
      "Time from publishing a configuration to its acknowledgement.")                              \
    X(HISTOGRAM, nack_lag, "xds_publish_nack_lag_seconds", LATENCY, SECONDS,                       \
      "Time from publishing a configuration to its refusal.")

#define METRICS_SNAPSHOT(X)                                                                        \
    X(COUNTER, builds, "builds_total", ONE, NUMBER, "Translations of all changes so far.")         \
    X(COUNTER, build_failures, "build_failures_total", ONE, NUMBER,                                \
      "Translations that the data plane refused, as a whole or in part.")                          \
    X(COUNTER, published, "published_total", ONE, NUMBER, "Translations that changed something.")  \
    X(GAUGE, last_build_success, "last_build_success", ONE, NUMBER,                                \
      "1 if the data plane took the last translation whole.")                                      \
    X(GAUGE, last_build, "last_build_timestamp_seconds", ONE, SECONDS,                             \
      "When it ended, since 1970.")                                                                \
    X(HISTOGRAM, duration, "build_duration_seconds", LATENCY, SECONDS, "Time to translate.")

#define METRICS_RESOURCE(X)                                                                        \
    X(GAUGE, count, "resources", ONE, NUMBER, "xDS resources published, by type.")

#define METRICS_OBJECT(X)                                                                          \
    X(GAUGE, count, "objects", ONE, NUMBER, "Objects known, by kind.")                             \
    X(COUNTER, changes, "object_changes_total", CHANGE, NUMBER, "Objects that changed.")

#define METRICS_CONDITION(X)                                                                       \
    X(GAUGE, count, "object_conditions", CONDITION, NUMBER,                                        \
      "Status conditions of all objects of a kind, by type and status.")

/* The structs of counters: name (http gives http_series_t), list. */
#define METRIC_SHAPES(X)                                                                           \
    X(build, METRICS_BUILD)                                                                        \
    X(process, METRICS_PROCESS)                                                                    \
    X(log, METRICS_LOG)                                                                            \
    X(scrape, METRICS_SCRAPE)                                                                      \
    X(worker, METRICS_WORKER)                                                                      \
    X(actor, METRICS_ACTOR)                                                                        \
    X(admin, METRICS_ADMIN)                                                                        \
    X(node, METRICS_NODE)                                                                          \
    X(dataplane, METRICS_DATAPLANE)                                                                \
    X(listener, METRICS_LISTENER)                                                                  \
    X(http, METRICS_HTTP)                                                                          \
    X(backend, METRICS_BACKEND)                                                                    \
    X(controlplane, METRICS_CONTROLPLANE)                                                          \
    X(snapshot, METRICS_SNAPSHOT)                                                                  \
    X(resource, METRICS_RESOURCE)                                                                  \
    X(object, METRICS_OBJECT)                                                                      \
    X(condition, METRICS_CONDITION)

#define METRIC_PREFIX              "nantian_gateway_"
#define METRIC_DATAPLANE_PREFIX    METRIC_PREFIX "dataplane_"
#define METRIC_CONTROLPLANE_PREFIX METRIC_PREFIX "controlplane_"

/*
 * The groups: ID, shape, prefix, planes whose /metrics shows it, how many labels, the labels.
 * A group without labels has one series, which is always shown; of the others those that counted
 * something.
 */
#define METRIC_GROUPS(X)                                                                           \
    X(BUILD, build, METRIC_PREFIX, METRIC_BOTH_PLANES, 2, "version", "revision")                   \
    X(PROCESS, process, "process_", METRIC_BOTH_PLANES, 0, NULL)                                   \
    X(LOG, log, METRIC_PREFIX, METRIC_BOTH_PLANES, 0, NULL)                                        \
    X(NODE, node, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 2, "node_id", "cluster")         \
    X(DATAPLANE, dataplane, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 0, NULL)               \
    X(LISTENER, listener, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 1, "listener")           \
    X(HTTP, http, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 3, "listener", "route",          \
      "backend")                                                                                   \
    X(BACKEND, backend, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 1, "backend")              \
    X(DATAPLANE_ADMIN, admin, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 2, "method",         \
      "route")                                                                                     \
    X(DATAPLANE_SCRAPE, scrape, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 0, NULL)           \
    X(DATAPLANE_WORKER, worker, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 1, "worker")       \
    X(DATAPLANE_ACTOR, actor, METRIC_DATAPLANE_PREFIX, METRIC_DATAPLANE_ONLY, 1, "actor")          \
    X(CONTROLPLANE, controlplane, METRIC_CONTROLPLANE_PREFIX, METRIC_CONTROLPLANE_ONLY, 0, NULL)   \
    X(SNAPSHOT, snapshot, METRIC_PREFIX "snapshot_", METRIC_CONTROLPLANE_ONLY, 0, NULL)            \
    X(RESOURCE, resource, METRIC_PREFIX "snapshot_", METRIC_CONTROLPLANE_ONLY, 1, "resource")      \
    X(OBJECT, object, METRIC_CONTROLPLANE_PREFIX, METRIC_CONTROLPLANE_ONLY, 1, "kind")             \
    X(CONDITION, condition, METRIC_CONTROLPLANE_PREFIX, METRIC_CONTROLPLANE_ONLY, 2, "kind",       \
      "type")                                                                                      \
    X(CONTROLPLANE_ADMIN, admin, METRIC_CONTROLPLANE_PREFIX, METRIC_CONTROLPLANE_ONLY, 2,          \
      "method", "route")                                                                           \
    X(CONTROLPLANE_SCRAPE, scrape, METRIC_CONTROLPLANE_PREFIX, METRIC_CONTROLPLANE_ONLY, 0, NULL)  \
    X(CONTROLPLANE_ACTOR, actor, METRIC_CONTROLPLANE_PREFIX, METRIC_CONTROLPLANE_ONLY, 1, "actor")

#endif
