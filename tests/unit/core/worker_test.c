/*
 * The loop of a worker on real threads: nothing hangs when a batch limit leaves exactly one message
 * behind and nothing else happens afterwards.
 */
#include "core/core_msg.h"
#include "tests/unit/core/rig.h"
#include "tests/unit/test.h"

#define DRILL_MESSAGES(X)                                                                          \
    X(DRILL_GO, msg_none_t, msg_none_free, "sink -> source: the next round")                       \
    X(DRILL_REST, msg_none_t, msg_none_free, "source -> itself: the rest of a round")              \
    X(DRILL_UNIT, msg_none_t, msg_none_free, "source -> sink: count me")
MSG_DECLARE(drill, 60, DRILL_MESSAGES)
MSG_DEFINE(drill, 60, DRILL_MESSAGES)

typedef struct drill {
    rig_t rig;
    uint32_t round;  /* messages of a round */
    uint32_t rounds; /* to go; the sink's */
    bool far;        /* the source is on another worker than the sink */
} drill_t;

/* What init gets is const; the sink writes into it, and the test reads after the ring. */
static drill_t *drill_of(const void *args)
{
    return (drill_t *)(uintptr_t)args;
}

typedef struct soldier {
    drill_t *drill;
    uint32_t number;
    actor_ref_t other;
} soldier_t;

static int soldier_init(void *state, actor_t *me, const void *args)
{
    (void)me;
    ((soldier_t *)state)->drill = drill_of(args);
    return 0;
}

/* --- one message left behind --- */

/* In odd rounds all of a round in one train, in even ones the last message in a train of its own.
 */
static int on_go(soldier_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    uint32_t in_one_go = self->drill->round - (self->number++ % 2);
    self->other = m->src;
    for (uint32_t i = 0; i < in_one_go; i++)
        send_DRILL_UNIT(me, m->src, NULL);
    if (in_one_go < self->drill->round)
        send_DRILL_REST(me, actor_self(me), NULL);
    return 0;
}

static int on_rest(soldier_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    send_DRILL_UNIT(me, self->other, NULL);
    return 0;
}

static int on_unit(soldier_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    if (++self->number < self->drill->round)
        return 0;
    self->number = 0;
    if (--self->drill->rounds == 0)
        rig_ring(&self->drill->rig);
    else
        send_DRILL_GO(me, m->src, NULL);
    return 0;
}

/* The sink begins, so the source is there. */
static int sink_init(void *state, actor_t *me, const void *args)
{
    soldier_t *self = state;
    self->drill = drill_of(args);
    send_DRILL_GO(me, actor_lookup(me, self->drill->far ? "source" : "near/1"), NULL);
    return 0;
}

HANDLER(soldier_t, DRILL_GO, on_go)
HANDLER(soldier_t, DRILL_REST, on_rest)
HANDLER(soldier_t, DRILL_UNIT, on_unit)
static const actor_handler_t source_handlers[] = {ON(DRILL_GO), ON(DRILL_REST), ON_END};
static const actor_handler_t sink_handlers[] = {ON(DRILL_UNIT), ON_END};
static const actor_class_t source_class = {.name = "source",
                                           .state_size = sizeof(soldier_t),
                                           .init = soldier_init,
                                           .handlers = source_handlers};
static const actor_class_t near_class = {.name = "near",
                                         .state_size = sizeof(soldier_t),
                                         .init = soldier_init,
                                         .handlers = source_handlers};
static const actor_class_t sink_class = {
    .name = "sink", .state_size = sizeof(soldier_t), .init = sink_init, .handlers = sink_handlers};

static void leave_one_behind(uint32_t limit, bool far)
{
    drill_t drill = {.round = (limit ? limit : 1000) + 1, .rounds = RIG_FEWER(2000), .far = far};
    rig_init(&drill.rig, 1, limit);
    runtime_protocol(drill.rig.runtime, &drill_protocol);
    rig_child(&drill.rig, &source_class, CHILD_CONTROL, &drill);
    rig_child(&drill.rig, &near_class, CHILD_EACH_WORKER, &drill);
    rig_child(&drill.rig, &sink_class, CHILD_EACH_WORKER, &drill);
    assert_int_equal(rig_start(&drill.rig), 0);
    assert_true(rig_wait(&drill.rig, 1));
    assert_int_equal(rig_stop(&drill.rig), 0);
}

static void test_one_message_behind_the_limit_arrives(void **state)
{
    static const uint32_t limits[] = {1, 2, 7, 64, 0};
    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        leave_one_behind(limits[i], false);
        leave_one_behind(limits[i], true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_message_behind_the_limit_arrives),
    };
    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
