/*
 * Floods on real threads: who floods a worker starves neither its timers nor the system lane, a
 * full receiver slows down who fills it, and the end comes quickly and leaves nothing behind.
 */
#include <stdatomic.h>
#include <time.h>

#include "core/core_msg.h"
#include "core/host_msg.h"
#include "core/mem.h"
#include "tests/unit/core/rig.h"
#include "tests/unit/test.h"

enum { BALLS = 2000, HIGH = 100, PARCELS = 2000, LONGEST = PARCELS };

static atomic_int drops_alive;

typedef struct drop {
    int unused;
} drop_t;

static drop_t *drop_new(void)
{
    atomic_fetch_add(&drops_alive, 1);
    return xcalloc(1, sizeof(drop_t));
}

static void drop_free(drop_t *drop)
{
    atomic_fetch_sub(&drops_alive, drop != NULL);
    free(drop);
}

#define FLOOD_MESSAGES(X)                                                                          \
    X(FLOOD_BEGIN, msg_none_t, msg_none_free, "flooder -> itself: begin")                          \
    X(FLOOD, drop_t, drop_free, "flooder -> flooder: send it on")                                  \
    X(FLOOD_ASK, drop_t, drop_free, "flooder -> flooder: it keeps the question")                   \
    X(FLOOD_TICK, msg_none_t, msg_none_free, "flooder -> itself: a timer")                         \
    X(PRODUCE, msg_none_t, msg_none_free, "producer -> itself: send more")                         \
    X(AUDIT, msg_none_t, msg_none_free, "test -> auditor: look")
MSG_DECLARE(flood, 60, FLOOD_MESSAGES)
MSG_DEFINE(flood, 60, FLOOD_MESSAGES)

typedef struct river {
    rig_t rig;
    uint32_t flooders;
    uint32_t ticks;   /* after so many a flooder rings */
    uint32_t burst;   /* of a producer */
    uint64_t pace_ns; /* between its bursts; 0: none */
    atomic_uint mutes, longest;
} river_t;

static river_t *river_of(const void *args)
{
    return (river_t *)(uintptr_t)args; /* init gets it const; what is written is atomic */
}

/* --- flooders: a number of drops goes round for ever --- */

typedef struct flooder {
    river_t *river;
    actor_ref_t others[8];
    uint32_t ticks;
    owed_t owed;
} flooder_t;

static actor_ref_t anyone(flooder_t *self, actor_t *me)
{
    uint32_t number = (uint32_t)(actor_random(me) % self->river->flooders);
    if (!self->others[number]) {
        char name[32];
        snprintf(name, sizeof(name), "flooder/%u", number + 1);
        self->others[number] = actor_lookup(me, name);
    }
    return self->others[number] ? self->others[number] : actor_self(me);
}

static int flooder_init(void *state, actor_t *me, const void *args)
{
    ((flooder_t *)state)->river = river_of(args);
    send_FLOOD_BEGIN(me, actor_self(me), NULL);
    return 0;
}

static int on_begin(flooder_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)self;
    (void)body;
    (void)m;
    for (int i = 0; i < BALLS; i++) {
        drop_t *drop = drop_new();
        send_FLOOD(me, actor_self(me), &drop);
    }
    actor_timer_start(me, 1000000, MSG_FLOOD_TICK, NULL);
    return 0;
}

static int on_flood(flooder_t *self, actor_t *me, drop_t **body, const msg_t *m)
{
    (void)m;
    if (actor_random(me) % 8)
        send_FLOOD(me, anyone(self, me), body);
    else
        request_FLOOD_ASK(me, anyone(self, me), body, 1000000000, NULL);
    return 0;
}

/* The question before is answered when the next one comes. */
static int on_flood_ask(flooder_t *self, actor_t *me, drop_t **body, const msg_t *m)
{
    (void)m;
    if (self->owed)
        reply_FLOOD(me, self->owed, body);
    self->owed = actor_keep(me, NULL);
    return 0;
}

static int on_tick(flooder_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (++self->ticks == self->river->ticks)
        rig_ring(&self->river->rig);
    actor_timer_start(me, 1000000, MSG_FLOOD_TICK, NULL);
    return 0;
}

HANDLER(flooder_t, FLOOD_BEGIN, on_begin)
HANDLER(flooder_t, FLOOD, on_flood)
HANDLER(flooder_t, FLOOD_ASK, on_flood_ask)
HANDLER(flooder_t, FLOOD_TICK, on_tick)
static const actor_handler_t flooder_handlers[] = {ON(FLOOD_BEGIN), ON(FLOOD), ON(FLOOD_ASK),
                                                   ON(FLOOD_TICK), ON_END};
static const actor_class_t flooder_class = {.name = "flooder",
                                            .state_size = sizeof(flooder_t),
                                            .init = flooder_init,
                                            .handlers = flooder_handlers};

/* --- who asks the hosts of flooded workers --- */

typedef struct inspector {
    river_t *river;
    uint32_t answers;
} inspector_t;

static void ask_all(actor_t *me)
{
    for (uint32_t worker = 1; worker < actor_worker_count(me); worker++)
        request_system_REPORT_ASK(me, host_ref(worker), NULL, 0, NULL);
}

static int inspector_init(void *state, actor_t *me, const void *args)
{
    ((inspector_t *)state)->river = river_of(args);
    ask_all(me);
    return 0;
}

static int on_report(inspector_t *self, actor_t *me, worker_report_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (++self->answers % self->river->flooders)
        return 0;
    if (self->answers == 20 * self->river->flooders)
        rig_ring(&self->river->rig);
    ask_all(me);
    return 0;
}

HANDLER(inspector_t, REPORT, on_report)
static const actor_handler_t inspector_handlers[] = {ON(REPORT), ON_END};
static const actor_class_t inspector_class = {.name = "inspector",
                                              .state_size = sizeof(inspector_t),
                                              .init = inspector_init,
                                              .handlers = inspector_handlers};

static void flood_and_stop(uint32_t workers, uint32_t batch)
{
    river_t river = {.flooders = workers, .ticks = 20};
    rig_init(&river.rig, workers, batch);
    runtime_protocol(river.rig.runtime, &flood_protocol);
    rig_child(&river.rig, &flooder_class, CHILD_EACH_WORKER, &river);
    rig_child(&river.rig, &inspector_class, CHILD_CONTROL, &river);
    assert_int_equal(rig_start(&river.rig), 0);
    assert_true(rig_wait(&river.rig, workers + 1)); /* timers, and the system lane */
    assert_true(atomic_load(&drops_alive) > 0);
    uint64_t before = rig_ms();
    assert_int_equal(rig_stop(&river.rig), 0);
    assert_true(rig_ms() - before < RIG_SLOWER(1000));
    assert_int_equal(atomic_load(&drops_alive), 0);
}

static void test_a_flood_starves_neither_timers_nor_the_system_lane(void **state)
{
    static const uint32_t limits[] = {1, 64, 256, 0};
    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        flood_and_stop(1, limits[i]);
        flood_and_stop(3, limits[i]);
    }
}

/* --- producers that stop when they are muted, and a slow consumer --- */

typedef struct producer {
    river_t *river;
    actor_ref_t consumer;
    uint32_t sent;
} producer_t;

static int producer_init(void *state, actor_t *me, const void *args)
{
    producer_t *self = state;
    self->river = river_of(args);
    self->consumer = actor_lookup(me, "consumer/1");
    send_PRODUCE(me, actor_self(me), NULL);
    return 0;
}

static int on_produce(producer_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    for (uint32_t i = 0; i < self->river->burst && !actor_muted(me) && self->sent < PARCELS; i++) {
        drop_t *drop = drop_new();
        send_FLOOD(me, self->consumer, &drop);
        self->sent++;
    }
    if (actor_muted(me) || self->sent == PARCELS)
        return 0;
    if (self->river->pace_ns)
        actor_timer_start(me, self->river->pace_ns, MSG_PRODUCE, NULL);
    else
        send_PRODUCE(me, actor_self(me), NULL);
    return 0;
}

static int on_muted(producer_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    atomic_fetch_add(&self->river->mutes, 1);
    return 0;
}

HANDLER(producer_t, PRODUCE, on_produce)
HANDLER(producer_t, MUTED, on_muted)

static int handle_UNMUTED(void *self, actor_t *me, void *body, const msg_t *m)
{
    return on_produce(self, me, body, m);
}

static const actor_handler_t producer_handlers[] = {ON(PRODUCE), ON(MUTED), ON(UNMUTED), ON_END};
static const actor_class_t producer_class = {.name = "producer",
                                             .state_size = sizeof(producer_t),
                                             .init = producer_init,
                                             .handlers = producer_handlers};

typedef struct consumer {
    river_t *river;
    uint32_t received;
} consumer_t;

static int consumer_init(void *state, actor_t *me, const void *args)
{
    (void)me;
    ((consumer_t *)state)->river = river_of(args);
    return 0;
}

static int on_parcel(consumer_t *self, actor_t *me, drop_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    struct timespec nap = {.tv_nsec = 1000000};
    if (++self->received % 8 == 0)
        nanosleep(&nap, NULL);
    if (self->received % PARCELS == 0)
        rig_ring(&self->river->rig);
    return 0;
}

static int handle_parcel(void *self, actor_t *me, void *body, const msg_t *m)
{
    return on_parcel(self, me, body, m);
}

static const char *const producers[] = {"producer", NULL};
static const actor_handler_t consumer_handlers[] = {{MSG_FLOOD, handle_parcel}, ON_END};
static const actor_class_t consumer_class = {.name = "consumer",
                                             .state_size = sizeof(consumer_t),
                                             .init = consumer_init,
                                             .handlers = consumer_handlers,
                                             .mailbox_high = HIGH,
                                             .mutes = producers};

/* --- who asks how long the consumer's mailbox was at most --- */

static int on_audit(consumer_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)self;
    (void)body;
    (void)m;
    request_system_ACTORS_ASK(me, host_ref(1), NULL, 0, NULL);
    return 0;
}

static int on_actors(consumer_t *self, actor_t *me, actor_list_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    for (uint32_t i = 0; i < (*body)->count; i++) {
        if (strcmp((*body)->actors[i].name, "consumer/1") == 0)
            atomic_store(&self->river->longest, (*body)->actors[i].stats.mailbox_max);
    }
    rig_ring(&self->river->rig);
    return 0;
}

HANDLER(consumer_t, AUDIT, on_audit)
HANDLER(consumer_t, ACTORS, on_actors)
static const actor_handler_t auditor_handlers[] = {ON(AUDIT), ON(ACTORS), ON_END};
static const actor_class_t auditor_class = {.name = "auditor",
                                            .state_size = sizeof(consumer_t),
                                            .init = consumer_init,
                                            .handlers = auditor_handlers};

/* On one worker, or with most producers on others, which are told later. */
static void overfill(uint32_t workers, uint32_t burst, uint64_t pace_ns)
{
    river_t river = {.burst = burst, .pace_ns = pace_ns};
    rig_init(&river.rig, workers, 64);
    runtime_protocol(river.rig.runtime, &flood_protocol);
    rig_child(&river.rig, &consumer_class, CHILD_EACH_WORKER, &river);
    rig_child(&river.rig, &producer_class, CHILD_EACH_WORKER, &river);
    rig_child(&river.rig, &auditor_class, CHILD_CONTROL, &river);
    assert_int_equal(rig_start(&river.rig), 0);
    assert_true(rig_wait(&river.rig, workers));
    runtime_post(river.rig.runtime, runtime_lookup(river.rig.runtime, "auditor"), MSG_AUDIT, NULL);
    assert_true(rig_wait(&river.rig, workers + 1));
    assert_true(atomic_load(&river.mutes) > 0);
    assert_in_range(atomic_load(&river.longest), HIGH, LONGEST);
    assert_int_equal(rig_stop(&river.rig), 0);
    assert_int_equal(atomic_load(&drops_alive), 0);
}

static void test_a_full_receiver_slows_down_its_senders(void **state)
{
    (void)state;
    overfill(1, PARCELS, 0);
    overfill(3, 8, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_flood_starves_neither_timers_nor_the_system_lane),
        cmocka_unit_test(test_a_full_receiver_slows_down_its_senders),
    };
    return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
