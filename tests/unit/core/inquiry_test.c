/*
 * Questions on real threads: askers on all workers ask answerers on all workers, who answer at
 * once, keep, forward, fail or say nothing, with deadlines that often meet the answers half way.
 * Each question gets exactly one answer. And what the flight recorder of a real worker holds.
 */
#include "core/core_msg.h"
#include "core/host_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/core/rig.h"
#include "tests/unit/test.h"

enum { QUESTIONS = 20000, OPEN = 64 };

static const char *const clerk_names[] = {"clerk/1", "clerk/2", "clerk/3"};

typedef struct inquiry {
    rig_t rig;
    uint32_t workers, each;
    bool wrong; /* written by any asker, read at the end */
} inquiry_t;

typedef struct asker {
    inquiry_t *inquiry;
    uint32_t asked, answered;
    uint8_t answers[QUESTIONS];
} asker_t;

static void ask_one(asker_t *self, actor_t *me)
{
    static const uint16_t types[] = {MSG_CLERK_ASK,     MSG_CLERK_ASK,    MSG_CLERK_KEEP,
                                     MSG_CLERK_FORWARD, MSG_CLERK_IGNORE, MSG_CLERK_UNKNOWN};
    uint64_t random = actor_random(me);
    const char *name = clerk_names[random % self->inquiry->workers];
    uint16_t type = types[(random >> 8) % (sizeof(types) / sizeof(types[0]))];
    uint64_t timeout = 1 + (random >> 16) % 2000000;
    note_t *note = note_new(1 + (uint32_t)(random >> 40) % 3);
    actor_ref_t to = actor_lookup(me, name);
    if (random >> 60 == 0)
        send_CLERK_RELEASE(me, to, NULL);
    actor_request(me, to, type, note, timeout, &self->answers[self->asked++]);
}

static void ask_more(asker_t *self, actor_t *me)
{
    while (self->asked < self->inquiry->each && self->asked - self->answered < OPEN)
        ask_one(self, me);
}

static int on_any_answer(asker_t *self, actor_t *me)
{
    uint8_t *answers = actor_context(me);
    if (++*answers != 1)
        __atomic_store_n(&self->inquiry->wrong, true, __ATOMIC_RELAXED);
    if (++self->answered == self->inquiry->each)
        rig_ring(&self->inquiry->rig);
    ask_more(self, me);
    return 0;
}

static int on_answer(asker_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    return on_any_answer(self, me);
}

static int on_failed(asker_t *self, actor_t *me, failure_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    return on_any_answer(self, me);
}

static int asker_init(void *state, actor_t *me, const void *args)
{
    asker_t *self = state;
    self->inquiry = (inquiry_t *)(uintptr_t)args; /* only `wrong` is written */
    ask_more(self, me);
    return 0;
}

HANDLER(asker_t, CLERK_ANSWER, on_answer)
HANDLER(asker_t, FAILED, on_failed)
static const actor_handler_t asker_handlers[] = {ON(CLERK_ANSWER), ON(FAILED), ON_END};
static const actor_class_t asker_class = {
    .name = "asker", .state_size = sizeof(asker_t), .init = asker_init, .handlers = asker_handlers};

static void inquire(uint32_t workers)
{
    inquiry_t inquiry = {.workers = workers, .each = RIG_FEWER(QUESTIONS)};
    clerk_args_t args = {.colleague = "clerk/1"};
    rig_init(&inquiry.rig, workers, 64);
    runtime_protocol(inquiry.rig.runtime, &clerk_protocol);
    rig_child(&inquiry.rig, &clerk_class, CHILD_EACH_WORKER, &args);
    rig_child(&inquiry.rig, &asker_class, CHILD_EACH_WORKER, &inquiry);
    assert_int_equal(rig_start(&inquiry.rig), 0);
    assert_true(rig_wait(&inquiry.rig, workers));
    assert_int_equal(rig_stop(&inquiry.rig), 0);
    assert_false(inquiry.wrong);
    assert_int_equal(notes_alive(), 0);
}

static void test_each_question_gets_one_answer(void **state)
{
    (void)state;
    inquire(1);
    inquire(3);
}

/* --- the flight recorder --- */

enum { FLOW = 4711 };

/* Sends a flow to the clerk of its worker: one message is handled, one restarts it, one finds it
 * dead. Then it asks the recorder. */
typedef struct tracer {
    inquiry_t *inquiry;
    actor_ref_t victim;
    uint32_t kinds[4];
} tracer_t;

static int on_spawned(tracer_t *self, actor_t *me, spawned_t **body, const msg_t *m)
{
    (void)m;
    actor_set_trace(me, FLOW);
    self->victim = (*body)->ref;
    send_CLERK_IGNORE(me, self->victim, NULL);
    send_CLERK_FAULT(me, self->victim, NULL);
    send_CLERK_EXIT(me, self->victim, NULL);
    send_CLERK_IGNORE(me, self->victim, NULL);
    send_CLERK_ASK(me, actor_self(me), NULL);
    return 0;
}

static int on_ask(tracer_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)self;
    (void)body;
    (void)m;
    trace_ask_t *ask = xcalloc(1, sizeof(*ask));
    *ask = (trace_ask_t){.trace = FLOW, .max = 100};
    actor_set_trace(me, 0);
    request_system_TRACE_ASK(me, host_ref(actor_worker(me)), &ask, 0, NULL);
    return 0;
}

static int on_trace(tracer_t *self, actor_t *me, trace_part_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    uint64_t last = 0;
    for (uint32_t i = 0; i < (*body)->count; i++) {
        const record_t *record = &(*body)->steps[i].record;
        bool right = record->trace == FLOW && record->time_ns >= last;
        self->kinds[record->kind] += record->dst == self->victim && right;
        last = record->time_ns;
    }
    bool right = self->kinds[RECORD_HANDLED] == 2 && self->kinds[RECORD_RESTARTED] == 1 &&
                 self->kinds[RECORD_DROPPED] == 1;
    self->inquiry->wrong = !right;
    rig_ring(&self->inquiry->rig);
    return 0;
}

static int tracer_init(void *state, actor_t *me, const void *args)
{
    ((tracer_t *)state)->inquiry = (inquiry_t *)(uintptr_t)args;
    spawn_t *spawn = xcalloc(1, sizeof(*spawn));
    *spawn = (spawn_t){.role = "clerk", .name = "victim"};
    request_SPAWN(me, host_ref(actor_worker(me)), &spawn, 0, NULL);
    return 0;
}

HANDLER(tracer_t, SPAWNED, on_spawned)
HANDLER(tracer_t, CLERK_ASK, on_ask)
HANDLER(tracer_t, TRACE, on_trace)
static const actor_handler_t tracer_handlers[] = {ON(SPAWNED), ON(CLERK_ASK), ON(TRACE), ON_END};
static const actor_class_t tracer_class = {.name = "tracer",
                                           .state_size = sizeof(tracer_t),
                                           .init = tracer_init,
                                           .handlers = tracer_handlers};

static void test_the_recorder_of_a_worker_holds_a_flow(void **state)
{
    (void)state;
    inquiry_t inquiry = {0};
    rig_init(&inquiry.rig, 1, 64);
    runtime_protocol(inquiry.rig.runtime, &clerk_protocol);
    runtime_register(inquiry.rig.runtime, "clerk", &clerk_class);
    rig_child(&inquiry.rig, &tracer_class, CHILD_EACH_WORKER, &inquiry);
    assert_int_equal(rig_start(&inquiry.rig), 0);
    assert_true(rig_wait(&inquiry.rig, 1));
    assert_int_equal(rig_stop(&inquiry.rig), 0);
    assert_false(inquiry.wrong);
}

int main(void)
{
    log_set_spec(SLICE("off"), NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_question_gets_one_answer),
        cmocka_unit_test(test_the_recorder_of_a_worker_holds_a_flow),
    };
    return cmocka_run_group_tests_name("inquiry", tests, NULL, NULL);
}
