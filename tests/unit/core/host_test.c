/*
 * The host actor of a worker: it starts and ends actors for others, and shows what the runtime
 * knows: who is there, how they are, what they did last, in numbers that add up.
 */
#include "core/host_msg.h"

#include "core/dispatcher.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/simulation.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};

/* An actor that keeps the last answer of each kind. */
typedef struct reader {
    actor_list_t *list;
    actor_description_t *description;
    trace_part_t *trace;
    worker_report_t *report;
    spawned_t *spawned;
    uint32_t downs;
} reader_t;

#define KEEP(name_, type_, member_)                                                                \
    static int handle_##name_(void *self, actor_t *me, void *body, const msg_t *m)                 \
    {                                                                                              \
        (void)me;                                                                                  \
        (void)m;                                                                                   \
        type_##_free(((reader_t *)self)->member_);                                                 \
        ((reader_t *)self)->member_ = msg_take(body);                                              \
        return 0;                                                                                  \
    }
KEEP(ACTORS, actor_list, list)
KEEP(DESCRIPTION, actor_description, description)
KEEP(TRACE, trace_part, trace)
KEEP(REPORT, worker_report, report)
KEEP(SPAWNED, spawned, spawned)
KEEP(SWAPPED, spawned, spawned)

static int on_down(reader_t *self, actor_t *me, obituary_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    self->downs++;
    return 0;
}
HANDLER(reader_t, DOWN, on_down)

static void reader_fini(void *self, actor_t *me)
{
    reader_t *reader = self;
    (void)me;
    actor_list_free(reader->list);
    actor_description_free(reader->description);
    trace_part_free(reader->trace);
    worker_report_free(reader->report);
    spawned_free(reader->spawned);
}

static const actor_handler_t handlers[] = {ON(ACTORS),  ON(DESCRIPTION), ON(TRACE), ON(REPORT),
                                           ON(SPAWNED), ON(SWAPPED),     ON(DOWN),  ON_END};
static const actor_class_t reader_class = {
    .name = "reader", .state_size = sizeof(reader_t), .fini = reader_fini, .handlers = handlers};

typedef struct stage {
    simulation_t *s;
    actor_t *me;
    reader_t *reader;
    actor_ref_t clerk, sender;
} stage_t;

static void stage_init(stage_t *stage)
{
    *stage = (stage_t){.s = simulation_new(1, 2, protocols)};
    simulation_role(stage->s, "clerk", &clerk_class);
    simulation_role(stage->s, "reader", &reader_class);
    actor_ref_t reader = simulation_spawn(stage->s, 0, "reader", "reader", NULL);
    stage->clerk = simulation_spawn(stage->s, 1, "clerk", "clerk/1", NULL);
    stage->sender = simulation_spawn(stage->s, 1, "clerk", "sender/1", NULL);
    stage->me = simulation_actor(stage->s, reader);
    stage->reader = simulation_state(stage->s, reader);
}

static void settle(stage_t *stage)
{
    simulation_settle(stage->s, 10000);
}

static void stage_fini(stage_t *stage)
{
    simulation_free(stage->s);
    assert_int_equal(notes_alive(), 0);
}

static actor_pick_t *pick(actor_ref_t ref, const char *name)
{
    actor_pick_t *pick = xcalloc(1, sizeof(*pick));
    pick->ref = ref;
    snprintf(pick->name, sizeof(pick->name), "%s", name);
    return pick;
}

static void test_a_host_lists_its_actors(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    request_system_ACTORS_ASK(stage.me, host_ref(1), NULL, 0, NULL);
    settle(&stage);
    const actor_list_t *list = stage.reader->list;
    assert_int_equal(list->count, 3);
    assert_string_equal(list->actors[0].name, "host/1");
    assert_string_equal(list->actors[1].name, "clerk/1");
    assert_string_equal(list->actors[1].class, "clerk");
    assert_int_equal(list->actors[1].ref, stage.clerk);
    assert_int_equal(list->actors[1].worker, 1);
    stage_fini(&stage);
}

static void test_a_host_describes_an_actor_by_name_or_address(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    simulation_ask(stage.s, stage.sender, stage.clerk, MSG_CLERK_KEEP, note_new(1), 0);
    simulation_post(stage.s, 0, stage.clerk, MSG_CLERK_TIMER, note_new(1000));
    settle(&stage);
    actor_pick_t *by_name = pick(0, "clerk/1"), *by_ref = pick(stage.sender, "");
    request_DESCRIBE(stage.me, host_ref(1), &by_name, 0, NULL);
    settle(&stage);
    const actor_description_t *answer = stage.reader->description;
    assert_true(answer->found);
    assert_string_equal(answer->json, "\"wakes\":0");
    assert_int_equal(answer->info.owed_answers, 1);
    assert_int_equal(answer->info.timers, 1);
    assert_int_equal(answer->info.stats.handled, 2);
    request_DESCRIBE(stage.me, host_ref(1), &by_ref, 0, NULL);
    settle(&stage);
    assert_int_equal(stage.reader->description->info.open_requests, 1);
    stage_fini(&stage);
}

static void test_a_host_says_that_it_does_not_know_an_actor(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    actor_pick_t *nobody = pick(0, "nobody");
    request_DESCRIBE(stage.me, host_ref(1), &nobody, 0, NULL);
    settle(&stage);
    assert_false(stage.reader->description->found);
    assert_null(stage.reader->description->json);
    stage_fini(&stage);
}

static void test_a_host_spawns_and_kills_for_others(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    spawn_t *spawn = xcalloc(1, sizeof(*spawn));
    *spawn = (spawn_t){.role = "clerk", .name = "clerk/new"};
    request_SPAWN(stage.me, host_ref(1), &spawn, 0, NULL);
    settle(&stage);
    assert_int_equal(stage.reader->spawned->code, 0);
    actor_ref_t ref = stage.reader->spawned->ref;
    assert_int_equal(simulation_lookup(stage.s, "clerk/new"), ref);
    actor_pick_t *victim = pick(ref, "");
    system_KILL(stage.me, host_ref(1), &victim);
    settle(&stage);
    assert_null(simulation_actor(stage.s, ref));
    assert_int_equal(stage.reader->downs, 1);
    stage_fini(&stage);
}

static void test_a_host_swaps_a_class(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    actor_pick_t *whom = pick(stage.clerk, ""), *nobody = pick(0, "nobody");
    whom->class = &reader_class;
    request_SWAP(stage.me, host_ref(1), &whom, 0, NULL);
    settle(&stage);
    assert_int_equal(stage.reader->spawned->code, 0);
    assert_ptr_equal(simulation_actor(stage.s, stage.clerk)->map->class, &reader_class);
    nobody->class = &reader_class;
    request_SWAP(stage.me, host_ref(1), &nobody, 0, NULL);
    settle(&stage);
    assert_int_equal(stage.reader->spawned->code, GW_ENOACTOR);
    stage_fini(&stage);
}

/* --- the flight recorder --- */

static void ask_trace(stage_t *stage, uint64_t trace, uint32_t max)
{
    trace_ask_t *ask = xcalloc(1, sizeof(*ask));
    *ask = (trace_ask_t){.trace = trace, .max = max};
    request_system_TRACE_ASK(stage->me, host_ref(1), &ask, 0, NULL);
    settle(stage);
}

static void test_a_host_finds_a_flow(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    actor_set_trace(simulation_actor(stage.s, stage.sender), 4711);
    simulation_ask(stage.s, stage.sender, stage.clerk, MSG_CLERK_ASK, note_new(1), 0);
    settle(&stage);
    simulation_post(stage.s, 0, stage.clerk, MSG_CLERK_IGNORE, NULL);
    settle(&stage);
    ask_trace(&stage, 4711, 100);
    const trace_part_t *part = stage.reader->trace;
    assert_int_equal(part->worker, 1);
    assert_int_equal(part->count, 2);
    assert_string_equal(part->steps[0].type, "CLERK_ASK");
    assert_string_equal(part->steps[0].from, "sender/1");
    assert_string_equal(part->steps[0].to, "clerk/1");
    assert_string_equal(part->steps[1].type, "CLERK_ANSWER");
    assert_int_equal(part->steps[1].record.kind, RECORD_HANDLED);
    assert_true(part->steps[1].record.seq > part->steps[0].record.seq);
    stage_fini(&stage);
}

static void test_a_host_shows_what_became_of_messages(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    simulation_post(stage.s, 0, stage.clerk, MSG_CLERK_FAULT, NULL);
    settle(&stage);
    actor_pick_t *victim = pick(stage.clerk, "");
    system_KILL(stage.me, host_ref(1), &victim);
    settle(&stage);
    simulation_post(stage.s, stage.sender, stage.clerk, MSG_CLERK_IGNORE, note_new(1));
    settle(&stage);
    ask_trace(&stage, 0, 1000);
    bool restarted = false, dropped = false;
    for (uint32_t i = 0; i < stage.reader->trace->count; i++) {
        const record_t *record = &stage.reader->trace->steps[i].record;
        restarted |= record->kind == RECORD_RESTARTED && record->type == MSG_CLERK_FAULT;
        dropped |= record->kind == RECORD_DROPPED && record->type == MSG_CLERK_IGNORE;
    }
    assert_true(restarted && dropped);
    ask_trace(&stage, 0, 2);
    assert_int_equal(stage.reader->trace->count, 2);
    stage_fini(&stage);
}

/* --- statistics --- */

static const class_report_t *report_of(const worker_report_t *report, const char *class)
{
    for (uint32_t i = 0; i < report->count; i++) {
        if (strcmp(report->classes[i].class, class) == 0)
            return &report->classes[i];
    }
    return NULL;
}

static uint64_t in_buckets(const time_stats_t *stats)
{
    uint64_t count = 0;
    for (int i = 0; i < STATS_BUCKETS; i++)
        count += stats->buckets[i];
    return count;
}

/* Of the living and of the dead together. */
static void test_a_report_counts_every_message(void **state)
{
    (void)state;
    stage_t stage;
    stage_init(&stage);
    for (int i = 0; i < 100; i++)
        simulation_ask(stage.s, stage.sender, stage.clerk, MSG_CLERK_ASK, note_new(1), 0);
    settle(&stage);
    simulation_post(stage.s, 0, stage.clerk, MSG_CLERK_EXIT, NULL);
    settle(&stage);
    request_system_REPORT_ASK(stage.me, host_ref(1), NULL, 0, NULL);
    settle(&stage);
    const class_report_t *clerks = report_of(stage.reader->report, "clerk");
    assert_int_equal(clerks->actors, 1);
    assert_int_equal(clerks->mailbox, 0);
    assert_int_equal(clerks->stats.processing.count, 201);
    assert_int_equal(clerks->stats.mailbox.count, 201);
    assert_int_equal(in_buckets(&clerks->stats.processing), 201);
    assert_int_equal(in_buckets(&clerks->stats.mailbox), 201);
    assert_int_equal(clerks->stats.sent, 200);
    assert_int_equal(clerks->stats.deaths, 1);
    stage_fini(&stage);
}

static void test_times_fall_into_buckets_by_powers_of_four(void **state)
{
    (void)state;
    assert_int_equal(stats_bucket(0), 0);
    assert_int_equal(stats_bucket(1000), 0);
    assert_int_equal(stats_bucket(1001), 1);
    assert_int_equal(stats_bucket(UINT64_MAX), STATS_BUCKETS - 1);
    for (unsigned bucket = 0; bucket + 1 < STATS_BUCKETS; bucket++) {
        assert_int_equal(stats_bucket(stats_bound_ns(bucket)), bucket);
        assert_int_equal(stats_bucket(stats_bound_ns(bucket) + 1), bucket + 1);
    }
    assert_int_equal(stats_bound_ns(1), 4000);
}

int main(void)
{
    log_set_spec(SLICE("off"), NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_lists_its_actors),
        cmocka_unit_test(test_a_host_describes_an_actor_by_name_or_address),
        cmocka_unit_test(test_a_host_says_that_it_does_not_know_an_actor),
        cmocka_unit_test(test_a_host_spawns_and_kills_for_others),
        cmocka_unit_test(test_a_host_swaps_a_class),
        cmocka_unit_test(test_a_host_finds_a_flow),
        cmocka_unit_test(test_a_host_shows_what_became_of_messages),
        cmocka_unit_test(test_a_report_counts_every_message),
        cmocka_unit_test(test_times_fall_into_buckets_by_powers_of_four),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
