#include "actors/traffic_log.h"

#include "core/mem.h"
#include "core/trace.h"

void traffic_log_init(traffic_log_t *log, uint32_t sample, uint32_t window)
{
    *log = (traffic_log_t){.window = window ? window : LOG_WINDOW, .sample = sample ? sample : 1};
    log->credits = log->window;
}

void traffic_log_fini(traffic_log_t *log)
{
    free(log->lines);
    *log = (traffic_log_t){0};
}

static slice_t header(const exchange_t *exchange, http_header_id_t id)
{
    const http_header_t *found = http_headers_get(&exchange->request.headers, id);
    return found ? found->value : (slice_t){0};
}

static void describe_route(access_record_t *record, const exchange_t *exchange)
{
    if (exchange->route) {
        record->route_kind = exchange->route->info.kind;
        record->route_namespace = exchange->route->info.namespace;
        record->route_name = exchange->route->info.name;
    }
    if (exchange->cluster)
        record->backend = exchange->cluster->name;
}

static size_t put_line(char *to, const traffic_end_t *end, slice_t listener, uint64_t wall_ns,
                       access_clock_t *clock)
{
    char endpoint[NET_TEXT_MAX];
    const exchange_t *exchange = end->exchange;
    const http_request_head_t *head = &exchange->request;
    access_record_t record = {
        .wall_ns = wall_ns,
        .listener = listener,
        .client_ip = end->client_ip,
        .method = head->method,
        .host = head->host,
        .path = head->path,
        .minor = head->minor,
        .request_id = exchange->request_id,
        .user_agent = header(exchange, HTTP_HEADER_USER_AGENT),
        .referer = header(exchange, HTTP_HEADER_REFERER),
        .forwarded_for = header(exchange, HTTP_HEADER_X_FORWARDED_FOR),
        .flag = slice_of(response_flag_name(end->flag)),
        .status = end->status,
        .attempts = exchange->attempts,
        .duration_ns = end->duration_ns,
        .connect_ns = exchange->connect_ns,
        .received = end->received,
        .sent = end->sent,
        .trace = exchange->request_id.len ? trace_of_request(exchange->request_id) : 0};
    if (exchange->endpoint.any.sa_family)
        record.endpoint = net_text(&exchange->endpoint, endpoint);
    describe_route(&record, exchange);
    return access_line_put(to, &record, clock);
}

static bool has_room(traffic_log_t *log)
{
    if (log->lines)
        return true;
    if (log->credits == 0)
        return false;
    log->lines = xmalloc(sizeof(*log->lines) + LOG_LINES_MAX);
    *log->lines = (log_lines_t){0};
    return true;
}

bool traffic_log_add(traffic_log_t *log, const traffic_end_t *end, slice_t listener,
                     uint64_t wall_ns)
{
    if (++log->skipped < log->sample)
        return false;
    log->skipped = 0;
    if (!has_room(log)) {
        log->dropped++;
        return false;
    }
    log->lines->len +=
        (uint32_t)put_line(log->lines->data + log->lines->len, end, listener, wall_ns, &log->clock);
    log->lines->count++;
    return log->lines->len > LOG_LINES_MAX - ACCESS_LINE_MAX;
}

uint32_t traffic_log_dropped(traffic_log_t *log)
{
    uint32_t dropped = log->dropped;
    log->dropped = 0;
    return dropped;
}

log_lines_t *traffic_log_take(traffic_log_t *log)
{
    log_lines_t *lines = log->lines;
    if (!lines)
        return NULL;
    log->lines = NULL;
    log->credits--;
    lines->dropped = traffic_log_dropped(log);
    return lines;
}

void traffic_log_credit(traffic_log_t *log)
{
    if (log->credits < log->window)
        log->credits++;
}
