/*
 * What a message between two actors of one worker costs, without a kernel in the count:
 *
 *     runtime_cost trains HOPS    eight messages at once bounce between two actors
 *     runtime_cost alone HOPS     one does
 *
 * The worker is a real one, with its loop and its ZeroMQ queues; it runs on the main thread,
 * within measured_run, so that callgrind can count its instructions (harness/callgrind.py).
 */
#include <time.h>

#include "core/core_msg.h"
#include "core/host_msg.h"
#include "core/registry.h"
#include "core/slice.h"
#include "core/worker.h"

#define BALL_MESSAGES(X)                                                                           \
    X(BALL, msg_none_t, msg_none_free, "player -> player: play it back, so many times (the tag)")
MSG_DECLARE(ball, 60, BALL_MESSAGES)
MSG_DEFINE(ball, 60, BALL_MESSAGES)

enum { READING_NS = 100 }; /* between two readings of the clock */

typedef struct game {
    worker_t worker;
    registry_t *registry;
    msg_catalogue_t catalogue;
} game_t;

typedef struct player {
    int unused;
} player_t;

static int on_ball(player_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)self;
    if (m->corr > 0)
        send_BALL_tag(me, m->src, NULL, m->corr - 1);
    else
        system_LEAVE(me, host_ref(0), NULL);
    return 0;
}

HANDLER(player_t, BALL, on_ball)
static const actor_handler_t handlers[] = {ON(BALL), ON_END};
static const actor_class_t player_class = {
    .name = "player", .state_size = sizeof(player_t), .handlers = handlers};

/* --- what the runtime otherwise does for its workers --- */

static game_t *game_of(void *context)
{
    return GW_CONTAINER_OF(context, game_t, worker);
}

/* The clock is read, for what that costs, but shows what it would outside of valgrind: there all
 * takes fifty times as long, and each hop would be one of the slow ones. */
static uint64_t op_clock(void *context)
{
    static uint64_t shown;
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return shown += READING_NS;
}

static const actor_class_t *op_role(void *context, const char *role)
{
    return registry_class(game_of(context)->registry, role);
}

static actor_ref_t op_lookup(void *context, const char *name)
{
    return registry_lookup(game_of(context)->registry, name);
}

static int op_publish(void *context, const char *name, actor_ref_t ref)
{
    return registry_publish(game_of(context)->registry, name, ref);
}

static void op_withdraw(void *context, const char *name, actor_ref_t ref)
{
    registry_withdraw(game_of(context)->registry, name, ref);
}

static const dispatcher_ops_t ops = {.ship = worker_ship,
                                     .own_send = worker_own_send,
                                     .own_receive = worker_own_receive,
                                     .clock = op_clock,
                                     .wall = op_clock,
                                     .role = op_role,
                                     .lookup = op_lookup,
                                     .publish = op_publish,
                                     .withdraw = op_withdraw};

static void leave(dispatcher_t *d)
{
    worker_finish(GW_CONTAINER_OF(d, worker_t, dispatcher));
}

static host_args_t host_args = {.leave = leave};

static actor_ref_t spawn(game_t *game, const char *role, const char *name, void *args)
{
    actor_ref_t ref = 0;
    int rc = dispatcher_spawn(&game->worker.dispatcher, 0, role, name, args, NULL, &ref);
    GW_ASSERT(rc == 0);
    return ref;
}

static void serve(game_t *game, uint32_t balls, uint32_t hops)
{
    dispatcher_t *d = &game->worker.dispatcher;
    spawn(game, "host", "host/0", &host_args);
    actor_ref_t one = spawn(game, "player", "one", NULL);
    actor_ref_t two = spawn(game, "player", "two", NULL);
    for (uint32_t i = 0; i < balls; i++)
        dispatcher_post(d, (msg_t){.src = one, .dst = two, .corr = hops / balls, .type = MSG_BALL});
}

void measured_run(worker_t *worker);
__attribute__((noinline)) void measured_run(worker_t *worker)
{
    worker_run(worker);
}

static void play(uint32_t balls, uint32_t hops)
{
    game_t game = {.worker.batch = 256, .registry = registry_new()};
    void *zmq = lanes_context(1);
    registry_set(game.registry, "host", &host_class);
    registry_set(game.registry, "player", &player_class);
    msg_catalogue_add(&game.catalogue, &core_protocol);
    msg_catalogue_add(&game.catalogue, &host_protocol);
    msg_catalogue_add(&game.catalogue, &ball_protocol);
    dispatcher_init(&game.worker.dispatcher, &ops, &game.worker, &game.catalogue, 0, 1, 4096, 1);
    worker_open(&game.worker, zmq);
    lanes_connect(game.worker.lanes);
    serve(&game, balls, hops);
    measured_run(&game.worker);
    worker_fini(&game.worker);
    lanes_context_free(zmq);
    registry_free(game.registry);
}

int main(int argc, char **argv)
{
    uint64_t hops = 0;
    if (argc != 3 || slice_to_u64(slice_of(argv[2]), &hops) < 0) {
        fputs("usage: runtime_cost trains|alone HOPS\n", stderr);
        return 2;
    }
    play(slice_eq(slice_of(argv[1]), SLICE("trains")) ? 8 : 1, (uint32_t)hops);
    return 0;
}
