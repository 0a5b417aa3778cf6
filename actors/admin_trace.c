/*
 * admin_trace.c: the flow of one request, from the flight recorders of all workers.
 */
#include "actors/admin_job.h"
#include "core/mem.h"

/* The steps of all parts in the order of time. */
typedef struct flow {
    const trace_step_t **steps;
    size_t count;
    uint64_t began_ns;
} flow_t;

static int by_time(const void *a, const void *b)
{
    const record_t *x = &(*(const trace_step_t *const *)a)->record;
    const record_t *y = &(*(const trace_step_t *const *)b)->record;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* A message to another worker stands in the sender's recorder as sent and in the receiver's as
 * handled; one of the two is enough. */
static bool shown(const trace_step_t *step)
{
    return step->record.kind != RECORD_SENT;
}

static flow_t gather(const admin_job_t *job)
{
    flow_t flow = {0};
    size_t all = 0;
    for (uint32_t i = 0; i < job->part_count; i++)
        all += job->parts[i]->count;
    flow.steps = xcalloc(all, sizeof(*flow.steps));
    for (uint32_t i = 0; i < job->part_count; i++) {
        for (uint32_t k = 0; k < job->parts[i]->count; k++) {
            if (shown(&job->parts[i]->steps[k]))
                flow.steps[flow.count++] = &job->parts[i]->steps[k];
        }
    }
    qsort(flow.steps, flow.count, sizeof(*flow.steps), by_time);
    if (flow.count)
        flow.began_ns = flow.steps[0]->record.time_ns;
    return flow;
}

/* The name of an actor: the worker that has it knows it, the others say nothing. */
static slice_t name_of(const flow_t *flow, actor_ref_t ref, const char *known)
{
    if (known[0])
        return slice_of(known);
    for (size_t i = 0; i < flow->count; i++) {
        const trace_step_t *step = flow->steps[i];
        if (step->record.src == ref && step->from[0])
            return slice_of(step->from);
        if (step->record.dst == ref && step->to[0])
            return slice_of(step->to);
    }
    return SLICE("gone");
}

bool admin_trace_empty(const admin_job_t *job)
{
    flow_t flow = gather(job);
    free(flow.steps);
    return flow.count == 0;
}

static double microseconds(uint64_t ns)
{
    return (double)ns / 1000;
}

static void add_step(strbuf_t *to, const flow_t *flow, const trace_step_t *step)
{
    const record_t *r = &step->record;
    strbuf_add_text(to, "{\"from\":");
    strbuf_add_json(to, name_of(flow, r->src, step->from));
    strbuf_add_text(to, ",\"to\":");
    strbuf_add_json(to, name_of(flow, r->dst, step->to));
    strbuf_printf(to,
                  ",\"type\":\"%s\",\"kind\":\"%s\",\"corr\":%u,\"seq\":%u,\"atUs\":%.3f,"
                  "\"queuedUs\":%.3f,\"handledUs\":%.3f}",
                  step->type, recorder_kind_name(r->kind), r->corr, r->seq,
                  microseconds(r->time_ns - flow->began_ns), microseconds(r->queued_ns),
                  microseconds(r->handled_ns));
}

void admin_trace_json(strbuf_t *to, const admin_job_t *job)
{
    flow_t flow = gather(job);
    strbuf_add_text(to, "{\"requestId\":");
    strbuf_add_json(to, job->rest);
    strbuf_printf(to, ",\"traceId\":\"%016llx\",\"workersMissing\":%u,\"steps\":[",
                  (unsigned long long)flow.steps[0]->record.trace, job->lost);
    for (size_t i = 0; i < flow.count; i++) {
        if (i)
            strbuf_add_char(to, ',');
        add_step(to, &flow, flow.steps[i]);
    }
    strbuf_add_text(to, "]}");
    free(flow.steps);
}

void admin_trace_mermaid(strbuf_t *to, const admin_job_t *job)
{
    flow_t flow = gather(job);
    strbuf_add_text(to, "sequenceDiagram\n");
    for (size_t i = 0; i < flow.count; i++) {
        const trace_step_t *step = flow.steps[i];
        const record_t *r = &step->record;
        slice_t from = name_of(&flow, r->src, step->from), name = name_of(&flow, r->dst, step->to);
        strbuf_printf(to, "    %.*s->>%.*s: %s (+%.0f us, queued %.0f, handled %.0f)\n",
                      SLICE_ARG(from), SLICE_ARG(name), step->type,
                      microseconds(r->time_ns - flow.began_ns), microseconds(r->queued_ns),
                      microseconds(r->handled_ns));
    }
    free(flow.steps);
}

/* The Trace Event format: a complete event for each handling, a line for each worker. */
void admin_trace_chrome(strbuf_t *to, const admin_job_t *job)
{
    flow_t flow = gather(job);
    strbuf_add_text(to, "{\"traceEvents\":[");
    for (size_t i = 0; i < flow.count; i++) {
        const trace_step_t *step = flow.steps[i];
        const record_t *r = &step->record;
        strbuf_printf(to, "%s{\"name\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":", i ? "," : "",
                      step->type);
        strbuf_add_json(to, name_of(&flow, r->dst, step->to));
        strbuf_printf(to, ",\"ts\":%.3f,\"dur\":%.3f,\"args\":{\"from\":",
                      microseconds(r->time_ns + r->queued_ns - flow.began_ns),
                      microseconds(r->handled_ns));
        strbuf_add_json(to, name_of(&flow, r->src, step->from));
        strbuf_printf(to, ",\"queuedUs\":%.3f}}", microseconds(r->queued_ns));
    }
    strbuf_add_text(to, "]}");
    free(flow.steps);
}
