/*
 * admin.c: the actor behind an admin port. It serves HTTP, decides who may ask what, and gathers
 * from other actors by messages what a page shows. Which pages there are is in admin_pages.c.
 */
#include <unistd.h>

#include "actors/admin_job.h"
#include "actors/classes.h"
#include "actors/store_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "transport/http_query.h"

static const char *const plane_names[] = {"dataplane", "controlplane", "metrics"};
static const char *const port_names[] = {"dataplane-admin", "controlplane-admin",
                                         "controlplane-metrics"};

/* --- jobs --- */

static admin_job_t *job_new(admin_t *admin, http_call_t *call)
{
    admin_job_t *job = xcalloc(1, sizeof(*job));
    job->admin = admin;
    job->call = call;
    job->query = http_call_head(call)->query;
    job->began_ns = actor_now(admin->me);
    list_append(&admin->jobs, &job->link);
    return job;
}

static void job_free(admin_job_t *job)
{
    list_remove(&job->link);
    job->admin->scrapes -= job->scraping;
    for (uint32_t i = 0; i < job->list_count; i++)
        actor_list_free(job->lists[i]);
    for (uint32_t i = 0; i < job->part_count; i++)
        trace_part_free(job->parts[i]);
    free(job->lists);
    free(job->parts);
    arena_fini(&job->arena);
    actor_description_free(job->description);
    snapshot_view_free(job->view);
    free(job);
}

static void count(admin_job_t *job, unsigned status)
{
    const http_request_head_t *head = http_call_head(job->call);
    bool known = slice_eq(head->method, SLICE("GET")) || slice_eq(head->method, SLICE("HEAD")) ||
                 slice_eq(head->method, SLICE("PUT"));
    slice_t values[] = {known ? head->method : SLICE("other"),
                        slice_of(job->route ? job->route->path : "unknown")};
    metric_set_t *set = job->admin->metrics;
    admin_series_t *series = job->admin->args->plane == ADMIN_DATAPLANE
                                 ? named_DATAPLANE_ADMIN(set, values)
                                 : named_CONTROLPLANE_ADMIN(set, values);
    series->requests[METRIC_STATUS_CLASS(status)]++;
    latency_observe(&series->duration, actor_now(job->admin->me) - job->began_ns);
}

/* What goes with a refusal: how to ask so that it is none. */
static const http_header_t *hint(const admin_job_t *job, unsigned status)
{
    static const http_header_t reading = {SLICE("Allow"), SLICE("GET, HEAD"), HTTP_HEADER_OTHER};
    static const http_header_t writing = {SLICE("Allow"), SLICE("GET, HEAD, PUT"),
                                          HTTP_HEADER_OTHER};
    static const http_header_t tokens[] = {
        {SLICE("WWW-Authenticate"), SLICE("Bearer realm=\"nantian-dataplane-admin\""),
         HTTP_HEADER_OTHER},
        {SLICE("WWW-Authenticate"), SLICE("Bearer realm=\"nantian-controlplane-admin\""),
         HTTP_HEADER_OTHER}};
    if (status == 405)
        return job->route->put ? &writing : &reading;
    return status == 401 ? &tokens[job->admin->args->plane != ADMIN_DATAPLANE] : NULL;
}

void admin_send(admin_job_t *job, unsigned status, const char *type, strbuf_t *body)
{
    count(job, status);
    http_call_answer(job->call, status, type, body, hint(job, status));
    job->call = NULL;
    if (job->awaited == 0)
        job_free(job);
}

void admin_stream(admin_job_t *job, const char *type, http_source_t source)
{
    count(job, 200);
    http_call_stream(job->call, type, &source);
    job->call = NULL;
    job_free(job);
}

void admin_answer(admin_job_t *job, unsigned status, const char *text)
{
    strbuf_t body = {0};
    strbuf_printf(&body, "%s\n", text);
    admin_send(job, status, "text/plain; charset=utf-8", &body);
}

void admin_json(admin_job_t *job, unsigned status, strbuf_t *json)
{
    strbuf_add_char(json, '\n');
    admin_send(job, status, "application/json", json);
}

void admin_error(admin_job_t *job, unsigned status, const char *reason)
{
    strbuf_t json = {0};
    strbuf_add_text(&json, "{\"error\":");
    strbuf_add_json(&json, slice_of(reason));
    strbuf_add_char(&json, '}');
    admin_json(job, status, &json);
}

void admin_await(admin_job_t *job)
{
    job->awaited++;
}

/* One of the awaited answers is there (or will not come). */
static void arrived(admin_job_t *job)
{
    job->awaited--;
    if (job->awaited > 0)
        return;
    if (job->call)
        job->done(job);
    else
        job_free(job);
}

/* --- who may ask --- */

/* Compares in a time that does not depend on where the first difference is. */
static bool same_secret(slice_t a, slice_t b)
{
    unsigned char difference = a.len != b.len;
    for (size_t i = 0; i < a.len && b.len; i++)
        difference |= (unsigned char)(a.base[i] ^ b.base[i % b.len]);
    return !difference && b.len > 0;
}

static bool file_token(const char *path, char *token, size_t size, slice_t *ret)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(token, 1, size, file);
    fclose(file);
    while (len && (token[len - 1] == '\n' || token[len - 1] == '\r' || token[len - 1] == ' '))
        len--;
    *ret = slice_make(token, len);
    return true;
}

/* Without a token configured, or when it cannot be read, nobody from elsewhere gets in. */
static bool has_token(const admin_args_t *args, const http_request_head_t *head)
{
    char memory[4096];
    slice_t expected = slice_of(args->token);
    const http_header_t *field = http_headers_find(&head->headers, SLICE("authorization"));
    if (args->token_file && !file_token(args->token_file, memory, sizeof(memory), &expected))
        return false;
    if (!field || expected.len == 0)
        return false;
    slice_t scheme = slice_sub(field->value, 0, 7);
    return slice_eq_nocase(scheme, SLICE("bearer ")) &&
           same_secret(slice_sub(field->value, 7, field->value.len), expected);
}

/*
 * Loopback may ask without a token: a person on the machine or in the pod. A page in a browser
 * there may not be made to ask by another site: such a request carries a Host of that site's, or
 * an Origin.
 */
static bool may_ask(const admin_job_t *job)
{
    const http_request_head_t *head = http_call_head(job->call);
    if (job->route->open || has_token(job->admin->args, head))
        return true;
    if (!net_loopback(http_call_peer(job->call)) ||
        http_headers_get(&head->headers, HTTP_HEADER_ORIGIN))
        return false;
    net_address_t host;
    return slice_eq(head->host, SLICE("localhost")) || slice_eq(head->host, SLICE("[::1]")) ||
           (net_parse(head->host, 0, &host) == 0 && net_loopback(&host));
}

/* --- requests --- */

/* In place of what is in braces a path has anything, also with more slashes. */
static const admin_route_t *find_route(const admin_t *admin, slice_t path, slice_t *ret_rest)
{
    for (const admin_route_t *route = admin_routes(); route->path; route++) {
        slice_t own = slice_of(route->path);
        size_t fixed = slice_chr(own, '{');
        if (!(route->planes & 1 << admin->args->plane))
            continue;
        if (fixed < own.len ? path.len > fixed && slice_starts_with(path, slice_sub(own, 0, fixed))
                            : slice_eq(path, own)) {
            *ret_rest = slice_sub(path, fixed, path.len);
            return route;
        }
    }
    return NULL;
}

static bool method_allowed(const admin_route_t *route, slice_t method)
{
    return slice_eq(method, SLICE("GET")) || slice_eq(method, SLICE("HEAD")) ||
           (route->put && slice_eq(method, SLICE("PUT")));
}

static void serve(void *owner, http_call_t *call)
{
    admin_t *admin = owner;
    admin_job_t *job = job_new(admin, call);
    const http_request_head_t *head = http_call_head(call);
    slice_t rest = {0};
    job->route = find_route(admin, head->path, &rest);
    job->rest = http_percent_decode(rest, &job->arena);
    if (!job->route)
        admin_error(job, 404, "there is no such page; / lists those that there are");
    else if (!may_ask(job))
        admin_error(job, 401, "this page needs a bearer token, or a request from loopback");
    else if (!method_allowed(job->route, head->method))
        admin_error(job, 405, "this page does not know that method");
    else
        job->route->serve(job);
}

/* --- life --- */

static int admin_init(void *self, actor_t *me, const void *args)
{
    admin_t *admin = self;
    char text[NET_TEXT_MAX];
    admin->me = me;
    admin->args = args;
    list_init(&admin->jobs);
    admin->metrics = metric_set_new();
    const char *name = port_names[admin->args->plane];
    int rc = http_server_open(me, &admin->args->address, serve, admin, &admin->server);
    if (rc < 0) {
        log_error(admin, "ADMIN-BIND-FAILED", "an admin port cannot be bound",
                  log_text("name", name), log_str("address", net_text(&admin->args->address, text)),
                  log_errno("error", -rc));
        return GW_EIO;
    }
    net_address_t bound = http_server_address(admin->server);
    log_info(admin, "LISTENER-BOUND", "an admin port is bound", log_text("name", name),
             log_str("address", net_text(&bound, text)), log_u64("port", net_port(&bound)));
    return 0;
}

static void admin_fini(void *self, actor_t *me)
{
    (void)me;
    admin_t *admin = self;
    http_server_close(admin->server);
    list_each (link, &admin->jobs) {
        admin_job_t *job = GW_CONTAINER_OF(link, admin_job_t, link);
        if (job->call)
            http_call_answer(job->call, 503, "text/plain", &(strbuf_t){0}, NULL);
        job_free(job);
    }
    metric_set_free(admin->metrics);
}

/* --- answers of other actors --- */

static void *grown(void *array, uint32_t count)
{
    return xrealloc(array, (count + 1) * sizeof(void *));
}

static int on_actors(admin_t *admin, actor_t *me, actor_list_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    job->lists = grown(job->lists, job->list_count);
    job->lists[job->list_count++] = *body;
    *body = NULL;
    arrived(job);
    return 0;
}

static int on_trace(admin_t *admin, actor_t *me, trace_part_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    job->parts = grown(job->parts, job->part_count);
    job->parts[job->part_count++] = *body;
    *body = NULL;
    arrived(job);
    return 0;
}

/* Every host is asked; the one that has the actor knows it. */
static int on_description(admin_t *admin, actor_t *me, actor_description_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    if ((*body)->found && !job->description) {
        job->description = *body;
        *body = NULL;
    }
    arrived(job);
    return 0;
}

static int on_swapped(admin_t *admin, actor_t *me, spawned_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    job->awaited = 0;
    if ((*body)->code < 0)
        admin_error(job, 500, gw_error_text((*body)->code));
    else
        admin_answer(job, 200, "swapped");
    return 0;
}

static int on_view(admin_t *admin, actor_t *me, snapshot_view_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    job->view = *body;
    *body = NULL;
    arrived(job);
    return 0;
}

static int on_exposition(admin_t *admin, actor_t *me, exposition_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    job->awaited = 0;
    admin_stream(job, METRIC_TEXT_TYPE, admin_print(job, body));
    return 0;
}

static int on_status(admin_t *admin, actor_t *me, status_text_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    strbuf_t json = {(*body)->json, (*body)->len, (*body)->len};
    (*body)->json = NULL;
    job->awaited = 0;
    admin_json(job, 200, &json);
    return 0;
}

static int on_failed(admin_t *admin, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)admin;
    (void)m;
    admin_job_t *job = actor_context(me);
    job->lost++;
    log_debug(admin, "ADMIN-PART-LOST", "an actor did not answer the admin page",
              log_text("page", job->route->path), log_code("error", (*body)->code));
    arrived(job);
    return 0;
}

static int on_drain(admin_t *admin, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    admin->draining = true;
    return 0;
}

static int on_collect(admin_t *admin, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    metric_set_t *part = metric_set_collect(admin->metrics, actor_now(me));
    reply_METRICS_PART(me, OWED_CURRENT, &part);
    return 0;
}

static void admin_describe(void *self, actor_t *me, strbuf_t *json)
{
    const admin_t *admin = self;
    char text[NET_TEXT_MAX];
    net_address_t address = http_server_address(admin->server);
    (void)me;
    strbuf_printf(json, "\"plane\":\"%s\",\"address\":\"%.*s\",\"draining\":%s",
                  plane_names[admin->args->plane], SLICE_ARG(net_text(&address, text)),
                  admin->draining ? "true" : "false");
}

HANDLER(admin_t, ACTORS, on_actors)
HANDLER(admin_t, TRACE, on_trace)
HANDLER(admin_t, DESCRIPTION, on_description)
HANDLER(admin_t, SWAPPED, on_swapped)
HANDLER(admin_t, SNAPSHOT_VIEW, on_view)
HANDLER(admin_t, EXPOSITION, on_exposition)
HANDLER(admin_t, STATUS, on_status)
HANDLER(admin_t, FAILED, on_failed)
HANDLER(admin_t, DRAIN, on_drain)
HANDLER(admin_t, METRICS_COLLECT, on_collect)

static const actor_handler_t handlers[] = {
    ON(ACTORS),        ON(TRACE),           ON(DESCRIPTION), ON(SWAPPED),
    ON(SNAPSHOT_VIEW), ON(EXPOSITION),      ON(STATUS),      ON(FAILED),
    ON(DRAIN),         ON(METRICS_COLLECT), ON_END};

const actor_class_t admin_class = {.name = "admin",
                                   .state_size = sizeof(admin_t),
                                   .init = admin_init,
                                   .fini = admin_fini,
                                   .describe = admin_describe,
                                   .handlers = handlers};
