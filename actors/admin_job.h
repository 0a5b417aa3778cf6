/*
 * admin_job.h: an admin request on its way: what was asked, and the answers of other actors that
 * have come so far. Private to actors/admin*.c.
 */
#ifndef ACTORS_ADMIN_JOB_H
#define ACTORS_ADMIN_JOB_H

#include "actors/admin.h"
#include "actors/metrics_msg.h"
#include "actors/snapshot_msg.h"
#include "core/host_msg.h"
#include "core/list.h"
#include "metrics/metric_text.h"
#include "transport/http_server.h"

typedef struct admin admin_t;
typedef struct admin_job admin_job_t;

/* One path of the admin ports. */
typedef struct admin_route {
    const char *path; /* may end in a name in braces: "/v1/actors/{name}" */
    uint8_t planes;   /* 1 << ADMIN_DATAPLANE ... */
    bool open;        /* everybody may ask; else loopback or a token */
    bool put;         /* PUT is allowed besides GET */
    void (*serve)(admin_job_t *job);
} admin_route_t;

struct admin_job {
    list_t link; /* in admin->jobs */
    admin_t *admin;
    http_call_t *call; /* NULL: answered */
    const admin_route_t *route;
    arena_t arena;
    slice_t rest;  /* of the path: what stands for the name in braces, decoded */
    slice_t query; /* without the '?' */
    uint64_t began_ns;
    uint32_t awaited;
    uint32_t lost;                  /* actors that did not answer */
    bool scraping;                  /* it is one of the admin's scrapes */
    void (*done)(admin_job_t *job); /* when nothing is awaited any more */

    actor_list_t **lists;
    trace_part_t **parts;
    uint32_t list_count, part_count;
    actor_description_t *description;
    snapshot_view_t *view;
};

struct admin {
    actor_t *me;
    const admin_args_t *args;
    http_server_t *server;
    list_t jobs;
    bool draining;
    metric_set_t *metrics;
    uint32_t scrapes; /* being collected or printed */
};

/* admin_routes gives the table; the last one has no path. */
const admin_route_t *admin_routes(void);

/* admin_await counts one more answer to come. The context of the request is the job. */
void admin_await(admin_job_t *job);

/* admin_answer answers with a text; admin_json with JSON, whose memory it takes; admin_error with
 * {"error": reason}. Each of them once for a job. */
void admin_answer(admin_job_t *job, unsigned status, const char *text);
void admin_json(admin_job_t *job, unsigned status, strbuf_t *json);
void admin_error(admin_job_t *job, unsigned status, const char *reason);

/* admin_send answers with a body of any type, whose memory it takes. */
void admin_send(admin_job_t *job, unsigned status, const char *type, strbuf_t *body);

/* admin_stream answers 200 with what a source gives; nothing may be awaited any more. */
void admin_stream(admin_job_t *job, const char *type, http_source_t source);

/* --- admin_print.c --- */

enum { ADMIN_SCRAPES_MAX = 4 }; /* at a time; each holds a copy of all counters */

/* admin_print gives the text of an exposition, which it takes, as the body of an answer. */
http_source_t admin_print(admin_job_t *job, exposition_t **exposition);

/* --- admin_view.c: JSON of what the parts of a job hold --- */

void admin_view_actors(strbuf_t *json, const admin_job_t *job);
void admin_view_actor(strbuf_t *json, const actor_description_t *description);
void admin_view_listeners(strbuf_t *json, const snapshot_view_t *view);
void admin_view_routes(strbuf_t *json, const snapshot_view_t *view);
void admin_view_backends(strbuf_t *json, const snapshot_view_t *view);

/* --- admin_trace.c: one flow as JSON, as a Mermaid sequence diagram, as a Chrome trace --- */

void admin_trace_json(strbuf_t *to, const admin_job_t *job);
void admin_trace_mermaid(strbuf_t *to, const admin_job_t *job);
void admin_trace_chrome(strbuf_t *to, const admin_job_t *job);

/* admin_trace_empty: no worker's recorder holds anything of it. */
bool admin_trace_empty(const admin_job_t *job);

#endif
