/*
 * Actors begin, fail, are replaced and end: what they owe is answered, their name and address
 * stay, and their messages are not lost.
 */
#include "core/dispatcher.h"
#include "core/host_msg.h"
#include "core/log.h"
#include "core/simulation.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};

static simulation_t *start(uint64_t seed)
{
    simulation_t *s = simulation_new(seed, 2, protocols);
    simulation_role(s, "clerk", &clerk_class);
    return s;
}

static clerk_t *state_of(simulation_t *s, actor_ref_t ref)
{
    return simulation_state(s, ref);
}

static void tell(simulation_t *s, actor_ref_t to, uint16_t type)
{
    simulation_post(s, 0, to, type, NULL);
    simulation_settle(s, 1000);
}

static void finish(simulation_t *s)
{
    simulation_free(s);
    assert_int_equal(notes_alive(), 0);
}

/* --- faults --- */

static void test_a_fault_gives_a_new_state_and_keeps_name_and_address(void **state)
{
    (void)state;
    int inits = 0, finis = 0;
    clerk_args_t args = {.inits = &inits, .finis = &finis};
    simulation_t *s = start(1);
    actor_ref_t clerk = simulation_spawn(s, 0, "clerk", "clerk/0", &args);
    tell(s, clerk, MSG_CLERK_IGNORE);
    tell(s, clerk, MSG_CLERK_FAULT);
    assert_int_equal(inits, 2);
    assert_int_equal(finis, 1);
    assert_int_equal(simulation_lookup(s, "clerk/0"), clerk);
    assert_int_equal(state_of(s, clerk)->ignored, 0);
    tell(s, clerk, MSG_CLERK_IGNORE);
    assert_int_equal(state_of(s, clerk)->ignored, 1);
    assert_int_equal(simulation_actor(s, clerk)->stats.restarts, 1);
    finish(s);
    assert_int_equal(finis, 2);
}

static void test_messages_behind_a_fault_are_handled(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        simulation_t *s = start(seed);
        actor_ref_t clerk = simulation_spawn(s, 0, "clerk", "clerk/0", NULL);
        simulation_post(s, 0, clerk, MSG_CLERK_FAULT, NULL);
        for (uint32_t i = 0; i < 10; i++)
            simulation_post(s, 0, clerk, MSG_CLERK_IGNORE, note_new(i));
        simulation_settle(s, 1000);
        assert_int_equal(state_of(s, clerk)->ignored, 10);
        finish(s);
    }
}

/* The clerk may fail twice within a second. */
static void test_the_restart_intensity_ends_a_crash_loop(void **state)
{
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t boss = simulation_spawn(s, 0, "clerk", "boss", NULL), clerk = 0;
    dispatcher_t *d = simulation_actor(s, boss)->home;
    assert_int_equal(dispatcher_spawn(d, boss, "clerk", "clerk", NULL, NULL, &clerk), 0);
    tell(s, clerk, MSG_CLERK_FAULT);
    tell(s, clerk, MSG_CLERK_FAULT);
    assert_int_equal(state_of(s, boss)->downs, 0);
    tell(s, clerk, MSG_CLERK_FAULT);
    assert_null(simulation_actor(s, clerk));
    assert_int_equal(simulation_lookup(s, "clerk"), 0);
    assert_int_equal(state_of(s, boss)->downs, 1);
    assert_int_equal(state_of(s, boss)->last_code, GW_ECRASHLOOP);
    finish(s);
}

static void test_faults_that_are_far_apart_end_nothing(void **state)
{
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t clerk = simulation_spawn(s, 0, "clerk", "clerk", NULL);
    for (int i = 0; i < 50; i++) {
        tell(s, clerk, MSG_CLERK_FAULT);
        simulation_run_ms(s, 600);
    }
    assert_non_null(simulation_actor(s, clerk));
    finish(s);
}

static void test_an_init_that_fails_again_and_again_ends_the_actor(void **state)
{
    (void)state;
    int inits = 0, finis = 0;
    clerk_args_t args = {.inits = &inits, .finis = &finis};
    simulation_t *s = start(1);
    actor_ref_t clerk = simulation_spawn(s, 0, "clerk", "clerk", &args);
    args.init_code = GW_EIO;
    tell(s, clerk, MSG_CLERK_FAULT);
    assert_null(simulation_actor(s, clerk));
    assert_int_equal(inits, 3); /* the first, and as often as the intensity allows */
    assert_int_equal(finis, inits);
    finish(s);
}

/* --- starts --- */

static int args_freed;

static void free_args(void *args)
{
    (void)args;
    args_freed++;
}

static void test_a_start_that_fails_leaves_nothing(void **state)
{
    (void)state;
    int inits = 0, finis = 0;
    clerk_args_t bad = {.init_code = GW_EINVAL, .inits = &inits, .finis = &finis}, good = {0};
    simulation_t *s = start(1);
    actor_ref_t boss = simulation_spawn(s, 0, "clerk", "boss", NULL), ref = 0;
    dispatcher_t *d = simulation_actor(s, boss)->home;
    args_freed = 0;
    assert_int_equal(dispatcher_spawn(d, 0, "clerk", "c", &bad, free_args, &ref), GW_EINVAL);
    assert_int_equal(dispatcher_spawn(d, 0, "nobody", "c", &good, free_args, &ref), GW_ENOTFOUND);
    assert_int_equal(dispatcher_spawn(d, 0, "clerk", "boss", &good, free_args, &ref), GW_EEXIST);
    assert_int_equal(args_freed, 3);
    assert_int_equal(ref, 0);
    assert_int_equal(inits, 1);
    assert_int_equal(finis, 1);
    assert_int_equal(dispatcher_spawn(d, 0, "clerk", "c", &good, free_args, &ref), 0);
    finish(s);
    assert_int_equal(args_freed, 4);
}

static void test_the_address_of_a_dead_actor_reaches_nobody(void **state)
{
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t first = simulation_spawn(s, 0, "clerk", "clerk", NULL);
    for (int i = 0; i < 500; i++) { /* as many as there are generations of a slot, nearly */
        actor_ref_t ref = simulation_spawn(s, 0, "clerk", "another", NULL);
        assert_int_not_equal(ref, first);
        tell(s, ref, MSG_CLERK_EXIT);
        assert_null(simulation_actor(s, ref));
    }
    assert_non_null(simulation_actor(s, first));
    finish(s);
}

static void test_more_actors_than_the_first_slots_live_together(void **state)
{
    enum { COUNT = 1000 };
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t refs[COUNT];
    for (int i = 0; i < COUNT; i++) {
        char name[32];
        snprintf(name, sizeof(name), "clerk-%d", i);
        refs[i] = simulation_spawn(s, 0, "clerk", name, NULL);
        assert_int_not_equal(refs[i], 0);
    }
    for (int i = 0; i < COUNT; i++)
        simulation_post(s, 0, refs[i], MSG_CLERK_IGNORE, note_new((uint32_t)i));
    simulation_settle(s, 10 * COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(state_of(s, refs[i])->last_number, i);
    finish(s);
}

/* --- exits --- */

static void test_an_actor_that_exits_tells_its_spawner(void **state)
{
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t boss = simulation_spawn(s, 0, "clerk", "boss", NULL);
    simulation_role(s, "assistant", &clerk_class);
    tell(s, boss, MSG_CLERK_SPAWN);
    actor_ref_t assistant = state_of(s, boss)->assistant;
    assert_int_equal(simulation_lookup(s, "assistant/1"), assistant);
    tell(s, assistant, MSG_CLERK_EXIT);
    assert_int_equal(state_of(s, boss)->downs, 1);
    assert_int_equal(state_of(s, boss)->last_code, 0);
    finish(s);
}

static void test_stop_without_a_handler_is_the_end(void **state)
{
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t clerk = simulation_spawn(s, 0, "clerk", "clerk", NULL);
    tell(s, clerk, MSG_STOP);
    assert_null(simulation_actor(s, clerk));
    finish(s);
}

/* --- swaps --- */

/* Messages before, at and behind a swap arrive, at the old class or at the new one. */
static bool swap_in_the_flow(uint64_t seed, uint64_t *ret_signature, void *context)
{
    enum { MESSAGES = 100 };
    int *inits = context, finis = 0;
    clerk_args_t args = {.inits = inits, .finis = &finis};
    actor_class_t other = clerk_class;
    simulation_t *s = start(seed);
    other.name = "other";
    actor_ref_t sender = simulation_spawn(s, 0, "clerk", "sender", NULL);
    actor_ref_t clerk = simulation_spawn(s, 1, "clerk", "clerk", &args);
    uint32_t before = 0;
    for (uint32_t i = 0; i < MESSAGES; i++)
        simulation_post(s, sender, clerk, MSG_CLERK_IGNORE, note_new(i));
    simulation_settle(s, seed % MESSAGES);
    before = state_of(s, clerk)->ignored;
    actor_pick_t *pick = calloc(1, sizeof(*pick));
    *pick = (actor_pick_t){.ref = clerk, .class = &other};
    request_SWAP(simulation_actor(s, sender), host_ref(1), &pick, 0, NULL);
    while (strcmp(simulation_actor(s, clerk)->map->class->name, "other") != 0) {
        before = state_of(s, clerk)->ignored;
        simulation_settle(s, 1);
    }
    simulation_settle(s, 1000);
    bool good =
        before + state_of(s, clerk)->ignored == MESSAGES && simulation_lookup(s, "clerk") == clerk;
    *ret_signature = simulation_signature(s);
    simulation_free(s);
    return good && finis == 2;
}

static void test_a_swap_loses_no_message(void **state)
{
    (void)state;
    int inits = 0;
    assert_true(simulation_holds(swap_in_the_flow, &inits, 1, 200, NULL));
    assert_int_equal(notes_alive(), 0);
}

static void test_a_swap_answers_what_was_owed(void **state)
{
    (void)state;
    simulation_t *s = start(1);
    actor_ref_t asker = simulation_spawn(s, 0, "clerk", "asker", NULL);
    actor_ref_t clerk = simulation_spawn(s, 1, "clerk", "clerk", NULL);
    simulation_ask(s, asker, clerk, MSG_CLERK_KEEP, note_new(1), 0);
    simulation_settle(s, 100);
    assert_int_equal(dispatcher_swap(simulation_actor(s, clerk)->home, clerk, &clerk_class), 0);
    simulation_settle(s, 100);
    assert_int_equal(state_of(s, asker)->failures, 1);
    assert_int_equal(state_of(s, asker)->last_code, GW_ERESTART);
    finish(s);
}

int main(void)
{
    log_set_spec(SLICE("off"), NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_fault_gives_a_new_state_and_keeps_name_and_address),
        cmocka_unit_test(test_messages_behind_a_fault_are_handled),
        cmocka_unit_test(test_the_restart_intensity_ends_a_crash_loop),
        cmocka_unit_test(test_faults_that_are_far_apart_end_nothing),
        cmocka_unit_test(test_an_init_that_fails_again_and_again_ends_the_actor),
        cmocka_unit_test(test_a_start_that_fails_leaves_nothing),
        cmocka_unit_test(test_the_address_of_a_dead_actor_reaches_nobody),
        cmocka_unit_test(test_more_actors_than_the_first_slots_live_together),
        cmocka_unit_test(test_an_actor_that_exits_tells_its_spawner),
        cmocka_unit_test(test_stop_without_a_handler_is_the_end),
        cmocka_unit_test(test_a_swap_loses_no_message),
        cmocka_unit_test(test_a_swap_answers_what_was_owed),
    };
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
