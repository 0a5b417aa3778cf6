/*
 * Questions and answers between actors: each question gets exactly one answer, and whoever
 * answers hears when nobody wants it any more. Each test runs with the actors on one worker and
 * spread over three, in several orders of events.
 */
#include "core/dispatcher.h"
#include "core/simulation.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};

/* Three clerks; the asker asks the first, who forwards to the second, and that one to the third. */
typedef struct scene {
    simulation_t *s;
    actor_ref_t asker, first, second, third;
} scene_t;

static clerk_args_t to_first = {.colleague = "first"}, to_second = {.colleague = "second"},
                    to_third = {.colleague = "third"};

static scene_t scene_new(uint64_t seed, const uint32_t place[4])
{
    scene_t scene = {.s = simulation_new(seed, 3, protocols)};
    simulation_role(scene.s, "clerk", &clerk_class);
    scene.third = simulation_spawn(scene.s, place[3], "clerk", "third", NULL);
    scene.second = simulation_spawn(scene.s, place[2], "clerk", "second", &to_third);
    scene.first = simulation_spawn(scene.s, place[1], "clerk", "first", &to_second);
    scene.asker = simulation_spawn(scene.s, place[0], "clerk", "asker", &to_first);
    return scene;
}

static clerk_t *state_of(const scene_t *scene, actor_ref_t ref)
{
    return simulation_state(scene->s, ref);
}

static void scene_end(scene_t *scene)
{
    simulation_free(scene->s);
    assert_int_equal(notes_alive(), 0);
}

typedef void scene_fn(scene_t *scene);

/* Runs a story with every placement of the four, and each of these in twenty orders. */
static void everywhere(scene_fn *story)
{
    for (uint32_t place = 0; place < 81; place++) {
        const uint32_t places[4] = {place % 3, place / 3 % 3, place / 9 % 3, place / 27};
        for (uint64_t seed = 1; seed <= 20; seed++) {
            scene_t scene = scene_new(seed, places);
            story(&scene);
            scene_end(&scene);
        }
    }
}

static uint32_t ask(scene_t *scene, uint16_t type, uint32_t number)
{
    return simulation_ask(scene->s, scene->asker, scene->first, type, note_new(number), 1000000000);
}

static void settle(scene_t *scene)
{
    simulation_settle(scene->s, 10000);
}

static void tell(scene_t *scene, actor_ref_t to, uint16_t type)
{
    simulation_post(scene->s, 0, to, type, NULL);
    settle(scene);
}

/* What the asker got: so many replies, and so many failures with this code. */
static void expect(const scene_t *scene, uint32_t answers, uint32_t failures, int code)
{
    const clerk_t *asker = state_of(scene, scene->asker);
    assert_int_equal(asker->answers, answers);
    assert_int_equal(asker->failures, failures);
    if (failures)
        assert_int_equal(asker->last_code, code);
}

/* --- deadlines --- */

static void reply_in_time(scene_t *scene)
{
    ask(scene, MSG_CLERK_KEEP, 5);
    simulation_run_ms(scene->s, 999);
    tell(scene, scene->first, MSG_CLERK_RELEASE);
    simulation_run_ms(scene->s, 2000);
    expect(scene, 1, 0, 0);
}

static void test_a_reply_before_the_deadline_is_the_only_answer(void **state)
{
    (void)state;
    everywhere(reply_in_time);
}

static void reply_too_late(scene_t *scene)
{
    ask(scene, MSG_CLERK_KEEP, 5);
    settle(scene);
    simulation_run_ms(scene->s, 1000);
    expect(scene, 0, 1, GW_EDEADLINE);
    assert_int_equal(state_of(scene, scene->first)->cancels, 1);
    tell(scene, scene->first, MSG_CLERK_RELEASE);
    simulation_run_ms(scene->s, 1000);
    expect(scene, 0, 1, GW_EDEADLINE);
}

static void test_a_reply_after_the_deadline_is_dropped(void **state)
{
    (void)state;
    everywhere(reply_too_late);
}

/* The reply and the deadline are on the way at once: whichever is first counts. */
static void reply_in_the_last_moment(scene_t *scene)
{
    ask(scene, MSG_CLERK_KEEP, 5);
    simulation_run_ms(scene->s, 999);
    simulation_post(scene->s, 0, scene->first, MSG_CLERK_RELEASE, NULL);
    simulation_run_ms(scene->s, 2);
    const clerk_t *asker = state_of(scene, scene->asker);
    assert_int_equal(asker->answers + asker->failures, 1);
}

static void test_a_reply_at_the_deadline_makes_no_second_answer(void **state)
{
    (void)state;
    everywhere(reply_in_the_last_moment);
}

static void deadline_before_it_is_handled(scene_t *scene)
{
    ask(scene, MSG_CLERK_ASK, 5);
    actor_t *asker = simulation_actor(scene->s, scene->asker);
    asker->home->now += 2000000000; /* its worker was busy with something else */
    dispatcher_expire(asker->home);
    settle(scene);
    const clerk_t *state = state_of(scene, scene->asker);
    assert_int_equal(state->answers + state->failures, 1);
}

static void test_a_deadline_on_the_way_there_makes_one_answer(void **state)
{
    (void)state;
    everywhere(deadline_before_it_is_handled);
}

/* --- nobody answers --- */

static void ask_the_dead(scene_t *scene)
{
    tell(scene, scene->first, MSG_CLERK_EXIT);
    ask(scene, MSG_CLERK_ASK, 1);
    settle(scene);
    expect(scene, 0, 1, GW_ENOACTOR);
    simulation_ask(scene->s, scene->asker, 0, MSG_CLERK_ASK, note_new(1), 0);
    settle(scene);
    expect(scene, 0, 2, GW_ENOACTOR);
}

static void test_a_question_to_a_dead_actor_fails(void **state)
{
    (void)state;
    everywhere(ask_the_dead);
}

static void ask_who_says_nothing(scene_t *scene)
{
    ask(scene, MSG_CLERK_IGNORE, 1);
    settle(scene);
    expect(scene, 0, 1, GW_ENOREPLY);
    ask(scene, MSG_CLERK_UNKNOWN, 1);
    settle(scene);
    expect(scene, 0, 2, GW_EUNHANDLED);
}

static void test_a_handler_without_an_answer_fails_the_question(void **state)
{
    (void)state;
    everywhere(ask_who_says_nothing);
}

static void ask_who_exits(scene_t *scene)
{
    ask(scene, MSG_CLERK_KEEP, 1);
    settle(scene);
    ask(scene, MSG_CLERK_EXIT, 1);
    settle(scene);
    expect(scene, 0, 2, GW_ENOACTOR);
}

static void test_an_exit_fails_what_was_owed(void **state)
{
    (void)state;
    everywhere(ask_who_exits);
}

static void ask_who_fails(scene_t *scene)
{
    ask(scene, MSG_CLERK_KEEP, 1);
    settle(scene);
    expect(scene, 0, 0, 0);
    ask(scene, MSG_CLERK_FAULT, 1);
    settle(scene);
    expect(scene, 0, 2, GW_ERESTART);
    ask(scene, MSG_CLERK_ASK, 1);
    settle(scene);
    expect(scene, 1, 2, GW_ERESTART);
}

static void test_a_fault_fails_what_was_owed_and_keeps_the_address(void **state)
{
    (void)state;
    everywhere(ask_who_fails);
}

/* --- canceled --- */

static uint32_t cancels(const scene_t *scene)
{
    return state_of(scene, scene->first)->cancels + state_of(scene, scene->second)->cancels +
           state_of(scene, scene->third)->cancels;
}

static void cancel_what_is_kept(scene_t *scene)
{
    uint32_t id = ask(scene, MSG_CLERK_KEEP, 1);
    settle(scene);
    actor_cancel(simulation_actor(scene->s, scene->asker), id);
    settle(scene);
    clerk_t *first = state_of(scene, scene->first);
    assert_int_equal(first->cancels, 1);
    assert_ptr_equal(first->last_context, first);
    tell(scene, scene->first, MSG_CLERK_RELEASE);
    simulation_run_ms(scene->s, 2000);
    expect(scene, 0, 0, 0);
}

static void test_who_keeps_a_question_hears_that_it_is_canceled(void **state)
{
    (void)state;
    everywhere(cancel_what_is_kept);
}

static void cancel_what_was_forwarded(scene_t *scene)
{
    uint32_t id = ask(scene, MSG_CLERK_FORWARD, 2);
    settle(scene);
    actor_cancel(simulation_actor(scene->s, scene->asker), id);
    settle(scene);
    assert_int_equal(state_of(scene, scene->third)->cancels, 1);
    assert_int_equal(cancels(scene), 1);
    assert_true(list_empty(&simulation_actor(scene->s, scene->third)->owed));
}

static void test_a_cancel_follows_a_forwarded_question(void **state)
{
    (void)state;
    everywhere(cancel_what_was_forwarded);
}

/* The second says that it keeps the question, and then the third does; which of the two is heard
 * last must not matter. */
static void cancel_what_was_passed_on(scene_t *scene)
{
    uint32_t id = ask(scene, MSG_CLERK_FORWARD, 1);
    clerk_t *second = state_of(scene, scene->second);
    for (int i = 0; second->owed == 0 && i < 1000; i++)
        simulation_settle(scene->s, 1);
    tell(scene, scene->second, MSG_CLERK_PASS);
    actor_cancel(simulation_actor(scene->s, scene->asker), id);
    settle(scene);
    assert_int_equal(state_of(scene, scene->third)->cancels, 1);
    assert_true(list_empty(&simulation_actor(scene->s, scene->third)->owed));
}

static void test_a_cancel_finds_who_keeps_the_question_last(void **state)
{
    (void)state;
    everywhere(cancel_what_was_passed_on);
}

/* After some of the steps that it takes, wherever the question is by then. */
static void cancel_on_the_way(scene_t *scene)
{
    uint32_t id = ask(scene, MSG_CLERK_FORWARD, 2);
    simulation_settle(scene->s, id % 4);
    actor_cancel(simulation_actor(scene->s, scene->asker), id);
    settle(scene);
    assert_true(list_empty(&simulation_actor(scene->s, scene->third)->owed));
    expect(scene, 0, 0, 0);
}

static void test_a_cancel_catches_a_question_on_its_way(void **state)
{
    (void)state;
    everywhere(cancel_on_the_way);
}

static void cancel_in_the_system_lane(scene_t *scene)
{
    actor_t *asker = simulation_actor(scene->s, scene->asker);
    uint32_t id =
        actor_request_system(asker, scene->first, MSG_CLERK_KEEP, note_new(1), 1000000000, NULL);
    actor_cancel(asker, id);
    settle(scene);
    assert_true(list_empty(&simulation_actor(scene->s, scene->first)->owed));
}

static void test_a_cancel_does_not_overtake_its_question(void **state)
{
    (void)state;
    everywhere(cancel_in_the_system_lane);
}

static void asker_ends(scene_t *scene)
{
    ask(scene, MSG_CLERK_FORWARD, 2);
    settle(scene);
    tell(scene, scene->asker, MSG_CLERK_EXIT);
    assert_int_equal(cancels(scene), 1);
    assert_true(list_empty(&simulation_actor(scene->s, scene->third)->owed));
}

static void test_the_end_of_the_asker_cancels(void **state)
{
    (void)state;
    everywhere(asker_ends);
}

static void answer_after_forwards(scene_t *scene)
{
    ask(scene, MSG_CLERK_FORWARD, 2);
    settle(scene);
    tell(scene, scene->third, MSG_CLERK_RELEASE);
    tell(scene, scene->third, MSG_CLERK_RELEASE);
    expect(scene, 1, 0, 0);
    simulation_run_ms(scene->s, 2000);
    expect(scene, 1, 0, 0);
}

static void test_a_forwarded_question_is_answered_once(void **state)
{
    (void)state;
    everywhere(answer_after_forwards);
}

/* --- recalled --- */

static void recall_what_is_kept(scene_t *scene)
{
    uint32_t id = ask(scene, MSG_CLERK_FORWARD, 2);
    settle(scene);
    actor_recall(simulation_actor(scene->s, scene->asker), id);
    settle(scene);
    assert_int_equal(state_of(scene, scene->third)->recalls, 1);
    expect(scene, 1, 0, 0);
}

static void test_who_keeps_a_recalled_question_answers_it(void **state)
{
    (void)state;
    everywhere(recall_what_is_kept);
}

static void recall_on_the_way(scene_t *scene)
{
    uint32_t id = ask(scene, MSG_CLERK_FORWARD, 2);
    simulation_settle(scene->s, id % 4);
    actor_recall(simulation_actor(scene->s, scene->asker), id);
    settle(scene);
    const clerk_t *asker = state_of(scene, scene->asker);
    assert_int_equal(asker->answers + asker->failures, 1);
    assert_true(list_empty(&simulation_actor(scene->s, scene->third)->owed));
}

static void test_a_recalled_question_comes_home_from_anywhere(void **state)
{
    (void)state;
    everywhere(recall_on_the_way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reply_before_the_deadline_is_the_only_answer),
        cmocka_unit_test(test_a_reply_after_the_deadline_is_dropped),
        cmocka_unit_test(test_a_reply_at_the_deadline_makes_no_second_answer),
        cmocka_unit_test(test_a_deadline_on_the_way_there_makes_one_answer),
        cmocka_unit_test(test_a_question_to_a_dead_actor_fails),
        cmocka_unit_test(test_a_handler_without_an_answer_fails_the_question),
        cmocka_unit_test(test_an_exit_fails_what_was_owed),
        cmocka_unit_test(test_a_fault_fails_what_was_owed_and_keeps_the_address),
        cmocka_unit_test(test_who_keeps_a_question_hears_that_it_is_canceled),
        cmocka_unit_test(test_a_cancel_follows_a_forwarded_question),
        cmocka_unit_test(test_a_cancel_finds_who_keeps_the_question_last),
        cmocka_unit_test(test_a_cancel_catches_a_question_on_its_way),
        cmocka_unit_test(test_a_cancel_does_not_overtake_its_question),
        cmocka_unit_test(test_the_end_of_the_asker_cancels),
        cmocka_unit_test(test_a_forwarded_question_is_answered_once),
        cmocka_unit_test(test_who_keeps_a_recalled_question_answers_it),
        cmocka_unit_test(test_a_recalled_question_comes_home_from_anywhere),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
