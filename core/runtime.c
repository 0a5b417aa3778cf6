#include "core/runtime.h"

#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/host_msg.h"
#include "core/mem.h"
#include "core/registry.h"
#include "core/watchdog.h"
#include "core/worker.h"

struct runtime {
    runtime_options_t options;
    msg_catalogue_t catalogue;
    registry_t *registry;
    void *zmq;
    uint32_t count; /* workers with the control worker */
    worker_t *workers;
    lanes_t *outside; /* for runtime_post */
    train_pool_t outside_pool;
    watchdog_t *watchdog;
    supervisor_args_t supervisor;
    host_args_t host;
    uv_barrier_t ready; /* all inboxes exist; then: all workers are connected */
    uv_mutex_t lock;
    uv_cond_t changed;
    bool running, started;
    int start_code, stop_code;
};

/* The supervisor is the control worker's second actor, after its host. */
static actor_ref_t supervisor_ref(void)
{
    return address_make(0, 1, 1);
}

/* --- what a dispatcher asks its worker --- */

static uint64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t op_clock(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

static uint64_t op_wall(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

static registry_t *registry_of(void *context)
{
    const worker_t *worker = context;
    return ((runtime_t *)worker->runtime)->registry;
}

static const actor_class_t *op_role(void *context, const char *role)
{
    return registry_class(registry_of(context), role);
}

static actor_ref_t op_lookup(void *context, const char *name)
{
    return registry_lookup(registry_of(context), name);
}

static int op_publish(void *context, const char *name, actor_ref_t ref)
{
    return registry_publish(registry_of(context), name, ref);
}

static void op_withdraw(void *context, const char *name, actor_ref_t ref)
{
    registry_withdraw(registry_of(context), name, ref);
}

static void op_name_of(void *context, actor_ref_t ref, char *ret, size_t size)
{
    registry_name_of(registry_of(context), ref, ret, size);
}

static const dispatcher_ops_t worker_ops = {.ship = worker_ship,
                                            .own_send = worker_own_send,
                                            .own_receive = worker_own_receive,
                                            .clock = op_clock,
                                            .wall = op_wall,
                                            .role = op_role,
                                            .lookup = op_lookup,
                                            .publish = op_publish,
                                            .withdraw = op_withdraw,
                                            .name_of = op_name_of};

static void leave(dispatcher_t *d)
{
    worker_finish(GW_CONTAINER_OF(d, worker_t, dispatcher));
}

/* --- before the start --- */

runtime_t *runtime_new(const runtime_options_t *options)
{
    GW_ASSERT(options->workers >= 1 && options->workers < ADDRESS_WORKERS_MAX);
    runtime_t *runtime = xcalloc(1, sizeof(*runtime));
    runtime->options = *options;
    runtime->count = options->workers + 1;
    runtime->registry = registry_new();
    runtime->host.leave = leave;
    uv_mutex_init(&runtime->lock);
    uv_cond_init(&runtime->changed);
    uv_barrier_init(&runtime->ready, runtime->count + 1);
    runtime_protocol(runtime, &core_protocol);
    runtime_protocol(runtime, &host_protocol);
    runtime_protocol(runtime, &supervisor_protocol);
    runtime_register(runtime, "host", &host_class);
    runtime_register(runtime, "supervisor", &supervisor_class);
    return runtime;
}

void runtime_protocol(runtime_t *runtime, const msg_protocol_t *protocol)
{
    msg_catalogue_add(&runtime->catalogue, protocol);
}

void runtime_register(runtime_t *runtime, const char *role, const actor_class_t *class)
{
    registry_set(runtime->registry, role, class);
}

void runtime_replace(runtime_t *runtime, const char *role, const actor_class_t *class)
{
    registry_set(runtime->registry, role, class);
}

/* --- threads --- */

static void run_worker(void *argument)
{
    worker_t *worker = argument;
    runtime_t *runtime = worker->runtime;
    char name[ACTOR_NAME_MAX];
    worker_open(worker, runtime->zmq);
    uv_barrier_wait(&runtime->ready);
    lanes_connect(worker->lanes);
    uv_barrier_wait(&runtime->ready);
    snprintf(name, sizeof(name), "host/%u", worker->dispatcher.index);
    int rc = dispatcher_spawn(&worker->dispatcher, 0, "host", name, &runtime->host, NULL, NULL);
    GW_ASSERT(rc == 0);
    if (worker->dispatcher.index == 0) {
        rc = dispatcher_spawn(&worker->dispatcher, 0, "supervisor", "supervisor",
                              &runtime->supervisor, NULL, NULL);
        GW_ASSERT(rc == 0);
    }
    worker_run(worker);
}

static void on_started(void *context, int code)
{
    runtime_t *runtime = context;
    uv_mutex_lock(&runtime->lock);
    runtime->start_code = code;
    runtime->started = true;
    uv_cond_signal(&runtime->changed);
    uv_mutex_unlock(&runtime->lock);
}

static void on_stopping(void *context, int code)
{
    runtime_t *runtime = context;
    uv_mutex_lock(&runtime->lock);
    runtime->stop_code = code;
    bool started = runtime->started && runtime->start_code == 0;
    uv_mutex_unlock(&runtime->lock);
    if (code < 0 && started && runtime->options.stop_signal)
        kill(getpid(), runtime->options.stop_signal);
}

static void start_watchdog(runtime_t *runtime)
{
    dispatcher_t *dispatchers[ADDRESS_WORKERS_MAX];
    for (uint32_t i = 0; i < runtime->count; i++)
        dispatchers[i] = &runtime->workers[i].dispatcher;
    if (runtime->options.watchdog_ms)
        runtime->watchdog =
            watchdog_start(dispatchers, runtime->count, runtime->options.watchdog_ms,
                           runtime->registry, &runtime->catalogue);
}

static void start_workers(runtime_t *runtime)
{
    uint64_t seed = runtime->options.seed;
    if (seed == 0 && getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        seed = read_clock(CLOCK_REALTIME);
    runtime->zmq = lanes_context(runtime->count);
    GW_ASSERT(runtime->zmq != NULL);
    runtime->workers = xcalloc(runtime->count, sizeof(*runtime->workers));
    for (uint32_t i = 0; i < runtime->count; i++) {
        worker_t *worker = &runtime->workers[i];
        worker->runtime = runtime;
        worker->batch = runtime->options.batch;
        dispatcher_init(&worker->dispatcher, &worker_ops, worker, &runtime->catalogue, i,
                        runtime->count, runtime->options.recorder_events, seed);
        GW_ASSERT(uv_thread_create(&worker->thread, run_worker, worker) == 0);
    }
    uv_barrier_wait(&runtime->ready);
    runtime->outside = lanes_open(runtime->zmq, UINT32_MAX, runtime->count);
    lanes_connect(runtime->outside);
    start_watchdog(runtime);
    runtime->running = true; /* no actor runs yet that could read it */
    uv_barrier_wait(&runtime->ready);
}

int runtime_start(runtime_t *runtime, const child_spec_t *children, const stop_policy_t *stop)
{
    runtime->supervisor = (supervisor_args_t){.children = children,
                                              .stop = *stop,
                                              .started = on_started,
                                              .stopping = on_stopping,
                                              .context = runtime};
    start_workers(runtime);
    uv_mutex_lock(&runtime->lock);
    while (!runtime->started)
        uv_cond_wait(&runtime->changed, &runtime->lock);
    int rc = runtime->start_code;
    uv_mutex_unlock(&runtime->lock);
    if (rc < 0)
        runtime_wait(runtime);
    return rc;
}

/* --- from outside --- */

void runtime_post(runtime_t *runtime, actor_ref_t to, uint16_t type, void *body)
{
    uv_mutex_lock(&runtime->lock);
    msg_t m = {.body = body, .dst = to, .type = type};
    uint32_t worker = address_worker(to);
    if (runtime->running && to && worker < runtime->count) {
        train_t *train = train_new(&runtime->outside_pool);
        train->items[train->count++] =
            (train_item_t){.msg = m, .sent_ns = read_clock(CLOCK_MONOTONIC)};
        lanes_send(runtime->outside, worker, false, train);
    } else {
        msg_release(&runtime->catalogue, &m);
    }
    uv_mutex_unlock(&runtime->lock);
}

void runtime_stop(runtime_t *runtime)
{
    runtime_post(runtime, supervisor_ref(), MSG_STOP, NULL);
}

static void close_outside(runtime_t *runtime)
{
    uv_mutex_lock(&runtime->lock);
    runtime->running = false;
    lanes_close(runtime->outside);
    train_pool_fini(&runtime->outside_pool);
    uv_mutex_unlock(&runtime->lock);
}

int runtime_wait(runtime_t *runtime)
{
    if (!runtime->running)
        return runtime->stop_code;
    for (uint32_t i = 0; i < runtime->count; i++)
        uv_thread_join(&runtime->workers[i].thread);
    watchdog_stop(runtime->watchdog);
    runtime->watchdog = NULL;
    close_outside(runtime);
    for (uint32_t i = 0; i < runtime->count; i++)
        worker_fini(&runtime->workers[i]);
    lanes_context_free(runtime->zmq);
    free(runtime->workers);
    runtime->workers = NULL;
    return runtime->stop_code;
}

void runtime_free(runtime_t *runtime)
{
    GW_ASSERT(!runtime->running);
    uv_barrier_destroy(&runtime->ready);
    uv_cond_destroy(&runtime->changed);
    uv_mutex_destroy(&runtime->lock);
    registry_free(runtime->registry);
    free(runtime);
}

actor_ref_t runtime_lookup(runtime_t *runtime, const char *name)
{
    return registry_lookup(runtime->registry, name);
}

const actor_class_t *runtime_class(runtime_t *runtime, const char *role)
{
    return registry_class(runtime->registry, role);
}

uint32_t runtime_stuck(const runtime_t *runtime)
{
    return watchdog_stuck(runtime->watchdog);
}

stall_stats_t runtime_stalls(const runtime_t *runtime, uint32_t worker)
{
    return watchdog_stalls(runtime->watchdog, worker);
}

const msg_catalogue_t *runtime_catalogue(const runtime_t *runtime)
{
    return &runtime->catalogue;
}
