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

/* --- who took part --- */

/* A request that was forwarded names who asked; who had it before is the sender to show. */
static actor_ref_t sender_of(const flow_t *flow, size_t index)
{
    const record_t *r = &flow->steps[index]->record;
    int hops = MSG_HOPS(r->flags);
    if (!(r->flags & MSG_REQUEST) || hops == 0)
        return r->src;
    for (size_t i = index; i-- > 0;) {
        const record_t *before = &flow->steps[i]->record;
        if (before->src == r->src && before->corr == r->corr && (before->flags & MSG_REQUEST) &&
            MSG_HOPS(before->flags) + 1 == hops)
            return before->dst;
    }
    return r->src;
}

/* The worker that has an actor knows its name, the others say nothing. */
static slice_t name_of(const flow_t *flow, actor_ref_t ref)
{
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

/* --- JSON --- */

static void add_step(strbuf_t *to, const flow_t *flow, size_t index)
{
    const trace_step_t *step = flow->steps[index];
    const record_t *r = &step->record;
    strbuf_add_text(to, "{\"from\":");
    strbuf_add_json(to, name_of(flow, sender_of(flow, index)));
    strbuf_add_text(to, ",\"to\":");
    strbuf_add_json(to, name_of(flow, r->dst));
    strbuf_printf(to,
                  ",\"type\":\"%s\",\"kind\":\"%s\",\"corr\":%u,\"seq\":%zu,\"atUs\":%.3f,"
                  "\"queuedUs\":%.3f,\"handledUs\":%.3f}",
                  step->type, recorder_kind_name(r->kind), r->corr, index,
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
        add_step(to, &flow, i);
    }
    strbuf_add_text(to, "]}");
    free(flow.steps);
}

/* --- actors by number, since the pictures' formats do not take every name as an identifier --- */

typedef struct cast {
    actor_ref_t *refs;
    size_t count;
} cast_t;

static size_t number_of(cast_t *cast, actor_ref_t ref)
{
    for (size_t i = 0; i < cast->count; i++) {
        if (cast->refs[i] == ref)
            return i;
    }
    cast->refs[cast->count] = ref;
    return cast->count++;
}

/* In the order of their first appearance. */
static cast_t list_cast(const flow_t *flow)
{
    cast_t cast = {xcalloc(2 * flow->count + 1, sizeof(actor_ref_t)), 0};
    for (size_t i = 0; i < flow->count; i++) {
        number_of(&cast, sender_of(flow, i));
        number_of(&cast, flow->steps[i]->record.dst);
    }
    return cast;
}

/* --- Mermaid --- */

static void add_arrow(strbuf_t *to, const flow_t *flow, cast_t *cast, size_t index)
{
    const trace_step_t *step = flow->steps[index];
    const record_t *r = &step->record;
    const char *arrow = r->kind == RECORD_DROPPED ? "-x" : "->>";
    const char *note = r->kind == RECORD_HANDLED ? "" : recorder_kind_name(r->kind);
    strbuf_printf(to, "    a%zu%sa%zu: %s (+%.0f us, queued %.0f, handled %.0f)%s%s\n",
                  number_of(cast, sender_of(flow, index)), arrow, number_of(cast, r->dst),
                  step->type, microseconds(r->time_ns - flow->began_ns), microseconds(r->queued_ns),
                  microseconds(r->handled_ns), *note ? " " : "", note);
}

void admin_trace_mermaid(strbuf_t *to, const admin_job_t *job)
{
    flow_t flow = gather(job);
    cast_t cast = list_cast(&flow);
    strbuf_add_text(to, "sequenceDiagram\n");
    for (size_t i = 0; i < cast.count; i++) {
        slice_t name = name_of(&flow, cast.refs[i]);
        strbuf_printf(to, "    participant a%zu as %.*s\n", i, SLICE_ARG(name));
    }
    for (size_t i = 0; i < flow.count; i++)
        add_arrow(to, &flow, &cast, i);
    free(cast.refs);
    free(flow.steps);
}

/* --- the Trace Event format of Chrome and Perfetto --- */

/* One row for each actor. */
static void add_row(strbuf_t *to, const flow_t *flow, const cast_t *cast, size_t index)
{
    strbuf_printf(to,
                  "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%zu,"
                  "\"args\":{\"name\":",
                  index);
    strbuf_add_json(to, name_of(flow, cast->refs[index]));
    strbuf_add_text(to, "}},");
}

/* A complete event for each handling. */
static void add_event(strbuf_t *to, const flow_t *flow, cast_t *cast, size_t index)
{
    const trace_step_t *step = flow->steps[index];
    const record_t *r = &step->record;
    strbuf_printf(to,
                  "{\"name\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":%zu,\"ts\":%.3f,\"dur\":%.3f,"
                  "\"args\":{\"from\":",
                  step->type, number_of(cast, r->dst),
                  microseconds(r->time_ns + r->queued_ns - flow->began_ns),
                  microseconds(r->handled_ns));
    strbuf_add_json(to, name_of(flow, sender_of(flow, index)));
    strbuf_printf(to, ",\"kind\":\"%s\",\"queuedUs\":%.3f}}", recorder_kind_name(r->kind),
                  microseconds(r->queued_ns));
}

void admin_trace_chrome(strbuf_t *to, const admin_job_t *job)
{
    flow_t flow = gather(job);
    cast_t cast = list_cast(&flow);
    strbuf_add_text(to, "{\"traceEvents\":[");
    for (size_t i = 0; i < cast.count; i++)
        add_row(to, &flow, &cast, i);
    for (size_t i = 0; i < flow.count; i++) {
        if (i)
            strbuf_add_char(to, ',');
        add_event(to, &flow, &cast, i);
    }
    strbuf_add_text(to, "]}");
    free(cast.refs);
    free(flow.steps);
}
