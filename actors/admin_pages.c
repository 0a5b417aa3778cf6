/*
 * admin_pages.c: the pages of the admin ports: whom each of them asks and how the answers
 * become a page.
 */
#include <jansson.h>

#include "actors/admin_job.h"
#include "actors/store_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/trace.h"
#include "transport/http_query.h"

static const uint64_t PART_NS = 2000000000; /* how long another actor may take */
static const uint32_t TRACE_MAX = 10000;    /* records of one flow per worker */

enum {
    DATAPLANE = 1 << ADMIN_DATAPLANE,
    CONTROL = 1 << ADMIN_CONTROL,
    METRICS = 1 << ADMIN_METRICS
};

/* --- asking --- */

/* Asks for the one part that the page consists of; without that actor there is no page. */
static bool ask_one(admin_job_t *job, const char *name, uint16_t type)
{
    actor_t *me = job->admin->me;
    actor_ref_t ref = actor_lookup(me, name);
    if (!ref)
        return false;
    admin_await(job);
    actor_request(me, ref, type, NULL, PART_NS, job);
    return true;
}

static void fail_unavailable(admin_job_t *job)
{
    admin_error(job, 503, "the actor that knows this is not there, or did not answer");
}

/* --- health --- */

static void serve_livez(admin_job_t *job)
{
    const admin_args_t *args = job->admin->args;
    uint32_t stuck = args->stuck ? args->stuck(args->context) : 0;
    if (stuck)
        admin_answer(job, 503, "a worker is stuck in a handler; see WATCHDOG-STUCK in the log");
    else
        admin_answer(job, 200, "alive");
}

static uint32_t not_bound(const bound_list_t *bound)
{
    uint32_t count = 0;
    for (uint32_t i = 0; bound && i < bound->count; i++)
        count += bound->listeners[i].code != 0;
    return count;
}

static void done_readyz(admin_job_t *job)
{
    const snapshot_view_t *view = job->view;
    strbuf_t text = {0};
    unsigned status = 503;
    if (!view) {
        strbuf_add_text(&text, "not ready: the snapshot actor did not answer\n");
    } else if (!view->applied) {
        strbuf_add_text(&text, "not ready: no configuration is applied on every worker yet\n");
    } else {
        uint64_t age = (actor_wall(job->admin->me) - view->applied_wall_ns) / 1000000000;
        status = 200;
        strbuf_printf(&text, "ready: configuration %llu is applied since %llu s",
                      (unsigned long long)view->version, (unsigned long long)age);
        if (not_bound(view->bound))
            strbuf_printf(&text, "; %u listeners are rejected", not_bound(view->bound));
        strbuf_add_char(&text, '\n');
    }
    admin_send(job, status, "text/plain; charset=utf-8", &text);
}

static void serve_readyz(admin_job_t *job)
{
    job->done = done_readyz;
    if (job->admin->draining)
        admin_answer(job, 503, "not ready: draining");
    else if (!ask_one(job, "snapshot", MSG_SNAPSHOT_ASK))
        admin_answer(job, 503, "not ready: starting");
}

/* --- metrics --- */

static void serve_metrics(admin_job_t *job)
{
    bool data = job->admin->args->plane == ADMIN_DATAPLANE;
    job->done = fail_unavailable;
    if (job->admin->scrapes >= ADMIN_SCRAPES_MAX) {
        admin_error(job, 503, "there are as many scrapes as are allowed at a time");
        return;
    }
    job->scraping = true;
    job->admin->scrapes++;
    if (!ask_one(job, "metrics", data ? MSG_SCRAPE : MSG_SCRAPE_CONTROL))
        fail_unavailable(job);
}

/* --- actors --- */

static void done_actors(admin_job_t *job)
{
    strbuf_t json = {0};
    admin_view_actors(&json, job);
    admin_json(job, 200, &json);
}

static void serve_actors(admin_job_t *job)
{
    actor_t *me = job->admin->me;
    job->done = done_actors;
    for (uint32_t worker = 0; worker < actor_worker_count(me); worker++) {
        admin_await(job);
        request_system_ACTORS_ASK(me, host_ref(worker), NULL, PART_NS, job);
    }
}

static void done_actor(admin_job_t *job)
{
    strbuf_t json = {0};
    if (!job->description) {
        admin_error(job, job->lost ? 503 : 404,
                    job->lost ? "a worker did not answer" : "there is no actor of that name");
        return;
    }
    admin_view_actor(&json, job->description);
    admin_json(job, 200, &json);
}

/* In debug builds a running actor can be replaced: PUT {"role": "probe"}. Its address, its name
 * and the messages that wait for it stay. */
#if defined(NANTIAN_DEBUG)
enum { SWAPS = true };
#else
enum { SWAPS = false };
#endif

static void done_swap(admin_job_t *job)
{
    admin_error(job, 503, "the worker of that actor did not answer");
}

static void swap(admin_job_t *job, const actor_class_t *class)
{
    actor_t *me = job->admin->me;
    actor_pick_t *pick = xcalloc(1, sizeof(*pick));
    snprintf(pick->name, sizeof(pick->name), "%.*s", SLICE_ARG(job->rest));
    actor_ref_t ref = actor_lookup(me, pick->name);
    if (!ref) {
        actor_pick_free(pick);
        admin_error(job, 404, "there is no actor of that name");
        return;
    }
    pick->class = class;
    job->done = done_swap;
    admin_await(job);
    request_system_SWAP(me, host_ref(address_worker(ref)), &pick, PART_NS, job);
}

static void take_swap(admin_job_t *job)
{
    const admin_args_t *args = job->admin->args;
    slice_t body = http_call_body(job->call);
    json_t *root = json_loadb(body.base ? body.base : "", body.len, JSON_REJECT_DUPLICATES, NULL);
    const char *role = json_string_value(json_object_get(root, "role"));
    const actor_class_t *class = role && args->role ? args->role(args->context, role) : NULL;
    json_decref(root);
    if (class)
        swap(job, class);
    else
        admin_error(job, 400, "the body is {\"role\": ROLE}, of a class that is registered");
}

static void serve_actor(admin_job_t *job)
{
    actor_t *me = job->admin->me;
    if (slice_eq(http_call_head(job->call)->method, SLICE("PUT"))) {
        take_swap(job);
        return;
    }
    job->done = done_actor;
    for (uint32_t worker = 0; worker < actor_worker_count(me); worker++) {
        actor_pick_t *pick = xcalloc(1, sizeof(*pick));
        snprintf(pick->name, sizeof(pick->name), "%.*s", SLICE_ARG(job->rest));
        admin_await(job);
        request_system_DESCRIBE(me, host_ref(worker), &pick, PART_NS, job);
    }
}

/* --- traces --- */

static slice_t format_of(const admin_job_t *job)
{
    slice_t rest = job->query, name, value;
    while (http_query_next(&rest, &name, &value)) {
        if (slice_eq(name, SLICE("format")))
            return value;
    }
    return SLICE("json");
}

static void done_trace(admin_job_t *job)
{
    strbuf_t body = {0};
    slice_t format = format_of(job);
    if (admin_trace_empty(job)) {
        admin_error(job, 404, "the flight recorders hold nothing of that request");
    } else if (slice_eq(format, SLICE("mermaid"))) {
        admin_trace_mermaid(&body, job);
        admin_send(job, 200, "text/plain; charset=utf-8", &body);
    } else if (slice_eq(format, SLICE("chrome"))) {
        admin_trace_chrome(&body, job);
        admin_json(job, 200, &body);
    } else if (slice_eq(format, SLICE("json"))) {
        admin_trace_json(&body, job);
        admin_json(job, 200, &body);
    } else {
        admin_error(job, 400, "format is json, mermaid or chrome");
    }
}

static void serve_trace(admin_job_t *job)
{
    actor_t *me = job->admin->me;
    job->done = done_trace;
    for (uint32_t worker = 0; worker < actor_worker_count(me); worker++) {
        trace_ask_t *ask = xcalloc(1, sizeof(*ask));
        ask->trace = trace_of_request(job->rest);
        ask->max = TRACE_MAX;
        admin_await(job);
        request_system_TRACE_ASK(me, host_ref(worker), &ask, PART_NS, job);
    }
}

/* --- the snapshot --- */

static void done_view(admin_job_t *job, void (*view)(strbuf_t *, const snapshot_view_t *))
{
    strbuf_t json = {0};
    if (!job->view) {
        fail_unavailable(job);
        return;
    }
    view(&json, job->view);
    admin_json(job, 200, &json);
}

static void done_listeners(admin_job_t *job)
{
    done_view(job, admin_view_listeners);
}

static void done_routes(admin_job_t *job)
{
    done_view(job, admin_view_routes);
}

static void done_backends(admin_job_t *job)
{
    done_view(job, admin_view_backends);
}

static void serve_view(admin_job_t *job, void (*done)(admin_job_t *))
{
    job->done = done;
    if (!ask_one(job, "snapshot", MSG_SNAPSHOT_ASK))
        fail_unavailable(job);
}

static void serve_listeners(admin_job_t *job)
{
    serve_view(job, done_listeners);
}

static void serve_routes(admin_job_t *job)
{
    serve_view(job, done_routes);
}

static void serve_backends(admin_job_t *job)
{
    serve_view(job, done_backends);
}

/* --- logging --- */

static void show_levels(admin_job_t *job)
{
    strbuf_t spec = {0}, json = {0};
    log_get_spec(&spec);
    strbuf_add_text(&json, "{\"spec\":");
    strbuf_add_json(&json, strbuf_slice(&spec));
    strbuf_add_char(&json, '}');
    strbuf_fini(&spec);
    admin_json(job, 200, &json);
}

static void set_levels(admin_job_t *job, slice_t spec)
{
    strbuf_t reason = {0};
    if (log_set_spec(spec, &reason) < 0) {
        char *text = strbuf_take(&reason);
        admin_error(job, 400, text);
        free(text);
    } else {
        log_info(admin, "LOG-LEVELS-CHANGED", "the log levels were changed", log_str("spec", spec));
        show_levels(job);
    }
    strbuf_fini(&reason);
}

static slice_t trimmed(slice_t text)
{
    while (text.len && (unsigned char)text.base[text.len - 1] <= ' ')
        text.len--;
    return text;
}

/* The body is {"spec": "info,actor=debug"}, as GET gives it, or nothing but the levels. */
static void take_levels(admin_job_t *job)
{
    slice_t body = trimmed(http_call_body(job->call)), spec = body;
    json_t *root = NULL;
    if (slice_starts_with(body, SLICE("{"))) {
        root = json_loadb(body.base, body.len, JSON_REJECT_DUPLICATES, NULL);
        spec = slice_of(json_string_value(json_object_get(root, "spec")));
    }
    if (spec.len)
        set_levels(job, spec);
    else
        admin_error(job, 400, "the body is {\"spec\": \"LEVEL,COMPONENT=LEVEL\"}");
    json_decref(root);
}

static void serve_logging(admin_job_t *job)
{
    if (slice_eq(http_call_head(job->call)->method, SLICE("PUT")))
        take_levels(job);
    else
        show_levels(job);
}

/* --- the control plane --- */

static void serve_status(admin_job_t *job)
{
    job->done = fail_unavailable;
    if (!ask_one(job, "store", MSG_STATUS_ASK))
        fail_unavailable(job);
}

static void serve_index(admin_job_t *job)
{
    strbuf_t json = {0};
    const char *comma = "";
    strbuf_add_text(&json, "{\"pages\":[");
    for (const admin_route_t *route = admin_routes(); route->path; route++) {
        if (!(route->planes & 1 << job->admin->args->plane))
            continue;
        strbuf_printf(&json, "%s\"%s\"", comma, route->path);
        comma = ",";
    }
    strbuf_add_text(&json, "]}");
    admin_json(job, 200, &json);
}

const admin_route_t *admin_routes(void)
{
    static const admin_route_t routes[] = {
        {"/livez", DATAPLANE | CONTROL, true, false, serve_livez},
        {"/readyz", DATAPLANE | CONTROL, true, false, serve_readyz},
        {"/metrics", DATAPLANE | METRICS, true, false, serve_metrics},
        {"/", DATAPLANE | CONTROL | METRICS, true, false, serve_index},
        {"/v1/actors", DATAPLANE, false, false, serve_actors},
        {"/v1/actors/{name}", DATAPLANE, false, SWAPS, serve_actor},
        {"/v1/trace/{request-id}", DATAPLANE, false, false, serve_trace},
        {"/v1/listeners", DATAPLANE, false, false, serve_listeners},
        {"/v1/routes", DATAPLANE, false, false, serve_routes},
        {"/v1/backends", DATAPLANE, false, false, serve_backends},
        {"/v1/logging", DATAPLANE | CONTROL, false, true, serve_logging},
        {"/v1/status", CONTROL, false, false, serve_status},
        {NULL, 0, false, false, NULL}};
    return routes;
}
