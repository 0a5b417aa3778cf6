/*
 * worker.c: the loop of a worker. Sockets and timers run in libuv's poll phase; messages are
 * dispatched in uv_prepare, right before the loop may sleep: everything that the callbacks of
 * one turn have sent makes one train.
 *
 * The rules that keep an edge-triggered ZMQ_FD from hanging: an inbox whose descriptor became
 * readable is read to EAGAIN; when a limit ends the turn before that, or before all that was
 * read is dispatched, the idle handle keeps the loop from sleeping, since what is left would
 * write no new event.
 */
#include "core/worker.h"

#include "core/check.h"

enum {
    BATCH_MAX = 65536,  /* "no limit": sockets and timers get their turn also in a flood */
    COLLECT_MAX = 1024, /* trains read from the inbox in one turn */
};

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    worker_t *worker = poll->data;
    worker->ready[poll == &worker->polls[1]] = true;
}

static void on_timer(uv_timer_t *timer)
{
    worker_t *worker = timer->data;
    worker->armed_for = UINT64_MAX;
    dispatcher_tick(&worker->dispatcher);
    dispatcher_expire(&worker->dispatcher);
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle; /* it only keeps the loop from sleeping */
}

void worker_ship(void *context, uint32_t to, bool system, train_t *train)
{
    worker_t *worker = context;
    worker->dispatcher.stats.trains_remote++;
    lanes_send(worker->lanes, to, system, train);
}

void worker_own_send(void *context, train_t *train)
{
    lanes_send_local(((worker_t *)context)->lanes, train);
}

train_t *worker_own_receive(void *context)
{
    return lanes_receive_local(((worker_t *)context)->lanes);
}

/* Dispatches from a train until it is empty or the budget is used up; true: it is empty. */
static bool dispatch_train(worker_t *worker, train_t *train, uint32_t *budget)
{
    *budget -= dispatcher_run(&worker->dispatcher, train, *budget);
    if (train->at < train->count)
        return false;
    dispatcher_done(&worker->dispatcher, train);
    return true;
}

/* The system lane knows no limit: its messages are few and must pass a flood. */
static void drain_system(worker_t *worker)
{
    uint32_t unlimited = UINT32_MAX;
    train_t *train;
    worker->ready[1] = false;
    while ((train = lanes_receive(worker->lanes, true)) != NULL)
        dispatch_train(worker, train, &unlimited);
}

/* All that has come is read before anything is dispatched: mailboxes count what waits, and a
 * flood from other workers mutes its senders. */
static void collect_remote(worker_t *worker)
{
    for (int i = 0; worker->ready[0] && i < COLLECT_MAX; i++) {
        train_t *train = lanes_receive(worker->lanes, false);
        if (!train) {
            worker->ready[0] = false;
            return;
        }
        dispatcher_arrived(&worker->dispatcher, train);
        if (worker->remote_first)
            worker->remote_last->next = train;
        else
            worker->remote_first = train;
        worker->remote_last = train;
    }
}

static void drain_remote(worker_t *worker)
{
    uint32_t budget = worker->batch;
    while (budget > 0 && worker->remote_first) {
        train_t *next = worker->remote_first->next;
        if (dispatch_train(worker, worker->remote_first, &budget))
            worker->remote_first = next;
    }
}

static bool anything_left(const worker_t *worker)
{
    const dispatcher_t *d = &worker->dispatcher;
    return worker->remote_first || worker->ready[0] || worker->ready[1] || dispatcher_own_waits(d);
}

static void keep_awake(worker_t *worker, bool awake)
{
    if (awake == worker->idle_active)
        return;
    worker->idle_active = awake;
    if (awake)
        uv_idle_start(&worker->idle, on_idle);
    else
        uv_idle_stop(&worker->idle);
}

static void arm_timer(worker_t *worker)
{
    uint64_t next = dispatcher_next_expiry(&worker->dispatcher);
    if (next == worker->armed_for || (next > worker->armed_for && next != UINT64_MAX))
        return; /* too early a wake-up is cheaper than moving the timer for every message */
    worker->armed_for = next;
    if (next == UINT64_MAX) {
        uv_timer_stop(&worker->timer);
        return;
    }
    uint64_t now = worker->dispatcher.now;
    uv_update_time(&worker->loop);
    uv_timer_start(&worker->timer, on_timer, next > now ? (next - now + 999999) / 1000000 : 0, 0);
}

static void on_prepare(uv_prepare_t *prepare)
{
    worker_t *worker = prepare->data;
    dispatcher_t *d = &worker->dispatcher;
    if (anything_left(worker) || d->charge) {
        dispatcher_tick(d);
        if (worker->ready[1])
            drain_system(worker);
        collect_remote(worker);
        drain_remote(worker);
        dispatcher_run_own(d, worker->batch);
    }
    dispatcher_flush_all(d);
    if (worker->closing)
        return;
    keep_awake(worker, anything_left(worker));
    arm_timer(worker);
}

void worker_open(worker_t *worker, void *zmq_context)
{
    dispatcher_t *d = &worker->dispatcher;
    if (worker->batch == 0 || worker->batch > BATCH_MAX)
        worker->batch = BATCH_MAX;
    worker->lanes = lanes_open(zmq_context, d->index, d->workers);
    worker->armed_for = UINT64_MAX;
    uv_loop_init(&worker->loop);
    d->loop = &worker->loop;
    uv_prepare_init(&worker->loop, &worker->prepare);
    uv_idle_init(&worker->loop, &worker->idle);
    uv_timer_init(&worker->loop, &worker->timer);
    worker->prepare.data = worker->timer.data = worker;
    uv_prepare_start(&worker->prepare, on_prepare);
    for (int system = 0; system < 2; system++) {
        uv_poll_init(&worker->loop, &worker->polls[system], lanes_fd(worker->lanes, system));
        worker->polls[system].data = worker;
        uv_poll_start(&worker->polls[system], UV_READABLE, on_readable);
        worker->ready[system] = true; /* whatever came before the descriptor was watched */
    }
}

void worker_run(worker_t *worker)
{
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    GW_ASSERT(uv_loop_close(&worker->loop) == 0);
}

static void close_other(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void worker_finish(worker_t *worker)
{
    dispatcher_end(&worker->dispatcher);
    worker->closing = true;
    /* The polls go first: ZeroMQ closes their descriptors later (style: never the other way). */
    uv_walk(&worker->loop, close_other, NULL);
}

static void release_all(worker_t *worker)
{
    dispatcher_t *d = &worker->dispatcher;
    train_t *train;
    for (int system = 0; system < 2; system++) {
        while ((train = lanes_receive(worker->lanes, system)) != NULL)
            dispatcher_release(d, train);
    }
    while ((train = worker->remote_first) != NULL) {
        worker->remote_first = train->next;
        dispatcher_release(d, train);
    }
}

void worker_fini(worker_t *worker)
{
    release_all(worker);
    dispatcher_fini(&worker->dispatcher);
    lanes_close(worker->lanes);
}
