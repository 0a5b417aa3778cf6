#include "core/watchdog.h"

#include <uv.h>

#include "core/host_msg.h"
#include "core/log.h"
#include "core/mem.h"

typedef struct watched {
    dispatcher_t *dispatcher;
    uintptr_t piece; /* seen last */
    uint64_t turns;
    uint64_t since; /* hrtime of that */
    _Atomic bool stuck;
    _Atomic uint64_t stalls;
} watched_t;

struct watchdog {
    uv_thread_t thread;
    uv_mutex_t lock;
    uv_cond_t wake;
    bool stop;
    uint64_t limit_ns;
    registry_t *registry;
    const msg_catalogue_t *catalogue;
    _Atomic uint32_t stuck;
    uint32_t count;
    watched_t workers[];
};

static void report(watchdog_t *w, const watched_t *worker, uint64_t now)
{
    running_t *r = &worker->dispatcher->running;
    char name[ACTOR_NAME_MAX];
    uint32_t type = atomic_load_explicit(&r->type, memory_order_relaxed);
    registry_name_of(w->registry, atomic_load_explicit(&r->actor, memory_order_relaxed), name,
                     sizeof(name));
    log_error(watchdog, "WATCHDOG-STUCK", "a handler does not return", log_text("actor", name),
              log_text("type", type ? msg_name(w->catalogue, (uint16_t)type) : "I/O"),
              log_u64("worker", worker->dispatcher->index),
              log_seconds("running", now - worker->since));
}

static void look(watchdog_t *w, watched_t *worker, uint64_t now)
{
    running_t *r = &worker->dispatcher->running;
    uintptr_t piece = atomic_load_explicit(&r->piece, memory_order_relaxed);
    uint64_t turns = atomic_load_explicit(&r->turns, memory_order_relaxed);
    bool working = atomic_load_explicit(&r->actor, memory_order_relaxed) != 0;
    if (piece != worker->piece || turns != worker->turns || !working) {
        if (worker->stuck) {
            worker->stuck = false;
            atomic_fetch_sub(&w->stuck, 1);
            log_warn(watchdog, "WATCHDOG-RECOVERED", "the handler has returned",
                     log_u64("worker", worker->dispatcher->index));
        }
        worker->piece = piece;
        worker->turns = turns;
        worker->since = now;
    } else if (!worker->stuck && now - worker->since > w->limit_ns) {
        worker->stuck = true;
        atomic_fetch_add(&worker->stalls, 1);
        atomic_fetch_add(&w->stuck, 1);
        report(w, worker, now);
    }
}

static void run(void *argument)
{
    watchdog_t *w = argument;
    uv_mutex_lock(&w->lock);
    while (!w->stop) {
        uv_cond_timedwait(&w->wake, &w->lock, w->limit_ns / 4);
        for (uint32_t i = 0; i < w->count && !w->stop; i++)
            look(w, &w->workers[i], uv_hrtime());
    }
    uv_mutex_unlock(&w->lock);
}

watchdog_t *watchdog_start(dispatcher_t *const *dispatchers, uint32_t count, uint32_t limit_ms,
                           registry_t *registry, const msg_catalogue_t *catalogue)
{
    watchdog_t *w = xcalloc(1, sizeof(*w) + count * sizeof(w->workers[0]));
    w->count = count;
    w->limit_ns = (uint64_t)limit_ms * 1000000;
    w->registry = registry;
    w->catalogue = catalogue;
    for (uint32_t i = 0; i < count; i++) {
        w->workers[i].dispatcher = dispatchers[i];
        w->workers[i].since = uv_hrtime();
    }
    uv_mutex_init(&w->lock);
    uv_cond_init(&w->wake);
    GW_ASSERT(uv_thread_create(&w->thread, run, w) == 0);
    return w;
}

void watchdog_stop(watchdog_t *watchdog)
{
    if (!watchdog)
        return;
    uv_mutex_lock(&watchdog->lock);
    watchdog->stop = true;
    uv_cond_signal(&watchdog->wake);
    uv_mutex_unlock(&watchdog->lock);
    uv_thread_join(&watchdog->thread);
    uv_cond_destroy(&watchdog->wake);
    uv_mutex_destroy(&watchdog->lock);
    free(watchdog);
}

uint32_t watchdog_stuck(const watchdog_t *watchdog)
{
    return watchdog ? atomic_load(&watchdog->stuck) : 0;
}

stall_stats_t watchdog_stalls(const watchdog_t *watchdog, uint32_t worker)
{
    if (!watchdog || worker >= watchdog->count)
        return (stall_stats_t){0};
    const watched_t *watched = &watchdog->workers[worker];
    return (stall_stats_t){atomic_load(&watched->stuck), atomic_load(&watched->stalls)};
}
