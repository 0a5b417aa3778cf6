/*
 * A full actor mutes those who fill it, if its class names theirs, and un-mutes them when it is
 * half empty again: on its own worker and on others, in every order of events. The clerk's mailbox
 * holds 8.
 */
#include "core/actor_bench.h"
#include "core/dispatcher.h"
#include "core/host_msg.h"
#include "core/mute_cycle.h"
#include "core/simulation.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

enum { HIGH = 8, SEEDS = 50 };

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};
static const char *const clerks[] = {"clerk", NULL};

/* A receiver of the same handlers that may mute clerks. */
static actor_class_t bottleneck_class(void)
{
    actor_class_t class = clerk_class;
    class.name = "bottleneck";
    class.mutes = clerks;
    return class;
}

typedef struct scene {
    simulation_t *s;
    actor_class_t class;
    actor_ref_t sender, other, receiver;
} scene_t;

/* On one worker, or with the receiver on another one. */
static void scene_init(scene_t *scene, uint64_t seed, uint32_t worker)
{
    *scene = (scene_t){.s = simulation_new(seed, 2, protocols), .class = bottleneck_class()};
    simulation_role(scene->s, "clerk", &clerk_class);
    simulation_role(scene->s, "bottleneck", &scene->class);
    scene->sender = simulation_spawn(scene->s, 0, "clerk", "sender", NULL);
    scene->other = simulation_spawn(scene->s, 0, "clerk", "other", NULL);
    scene->receiver = simulation_spawn(scene->s, worker, "bottleneck", "receiver", NULL);
}

static void scene_fini(scene_t *scene)
{
    simulation_free(scene->s);
    assert_int_equal(notes_alive(), 0);
}

typedef void story_fn(scene_t *scene);

static void near_and_far(story_fn *story)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        for (uint32_t worker = 0; worker < 2; worker++) {
            scene_t scene;
            scene_init(&scene, seed, worker);
            story(&scene);
            scene_fini(&scene);
        }
    }
}

static void send(scene_t *scene, actor_ref_t from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        simulation_post(scene->s, from, scene->receiver, MSG_CLERK_IGNORE, note_new(i));
}

static clerk_t *state_of(scene_t *scene, actor_ref_t ref)
{
    return simulation_state(scene->s, ref);
}

static bool muted(scene_t *scene, actor_ref_t ref)
{
    return actor_muted(simulation_actor(scene->s, ref));
}

/* Hands over only what the runtimes tell each other: the messages to the receiver wait. */
static void let_the_question_travel(scene_t *scene)
{
    for (int i = 0; i < 1000 && !muted(scene, scene->sender); i++)
        simulation_settle(scene->s, 1);
}

static void fill_and_empty(scene_t *scene)
{
    send(scene, scene->sender, HIGH - 1);
    assert_false(muted(scene, scene->sender));
    send(scene, scene->sender, 200);
    let_the_question_travel(scene);
    assert_true(muted(scene, scene->sender));
    assert_false(muted(scene, scene->other));
    simulation_settle(scene->s, 10000);
    assert_false(muted(scene, scene->sender));
    assert_int_equal(state_of(scene, scene->sender)->mutes, 1);
    assert_int_equal(state_of(scene, scene->sender)->unmutes, 1);
    assert_int_equal(state_of(scene, scene->receiver)->ignored, HIGH - 1 + 200);
    assert_int_equal(simulation_actor(scene->s, scene->receiver)->mailbox, 0);
}

static void test_who_fills_an_actor_is_muted_until_it_is_half_empty(void **state)
{
    (void)state;
    near_and_far(fill_and_empty);
}

static void fill_from_two(scene_t *scene)
{
    send(scene, scene->sender, 200);
    send(scene, scene->other, 1);
    for (int i = 0; i < 1000 && !muted(scene, scene->other); i++)
        simulation_settle(scene->s, 1);
    simulation_settle(scene->s, 10000);
    assert_false(muted(scene, scene->sender));
    assert_false(muted(scene, scene->other));
    assert_int_equal(state_of(scene, scene->sender)->mutes,
                     state_of(scene, scene->sender)->unmutes);
    assert_int_equal(state_of(scene, scene->other)->mutes, state_of(scene, scene->other)->unmutes);
}

static void test_each_who_fills_it_is_unmuted(void **state)
{
    (void)state;
    near_and_far(fill_from_two);
}

static void receiver_ends(scene_t *scene)
{
    send(scene, scene->sender, 200);
    let_the_question_travel(scene);
    simulation_post(scene->s, 0, scene->receiver, MSG_CLERK_EXIT, NULL);
    simulation_settle(scene->s, 10000);
    assert_null(simulation_actor(scene->s, scene->receiver));
    assert_false(muted(scene, scene->sender));
}

static void test_the_end_of_a_full_actor_unmutes(void **state)
{
    (void)state;
    near_and_far(receiver_ends);
}

static void receiver_is_swapped(scene_t *scene)
{
    send(scene, scene->sender, 200);
    let_the_question_travel(scene);
    actor_t *receiver = simulation_actor(scene->s, scene->receiver);
    assert_int_equal(dispatcher_swap(receiver->home, scene->receiver, &clerk_class), 0);
    simulation_settle(scene->s, 10000);
    assert_false(muted(scene, scene->sender));
    assert_int_equal(receiver->mailbox, 0);
}

static void test_a_swap_of_a_full_actor_unmutes(void **state)
{
    (void)state;
    near_and_far(receiver_is_swapped);
}

static void sender_is_swapped(scene_t *scene)
{
    send(scene, scene->sender, 200);
    let_the_question_travel(scene);
    actor_t *sender = simulation_actor(scene->s, scene->sender);
    assert_int_equal(dispatcher_swap(sender->home, scene->sender, &scene->class), 0);
    simulation_settle(scene->s, 10000);
    assert_false(muted(scene, scene->sender));
}

static void test_a_muted_actor_that_is_swapped_is_unmuted(void **state)
{
    (void)state;
    near_and_far(sender_is_swapped);
}

/* The class of the sender is not among those that may be muted. */
static void fill_by_a_stranger(scene_t *scene)
{
    actor_ref_t twin = simulation_spawn(scene->s, 0, "bottleneck", "twin", NULL);
    send(scene, twin, 200);
    simulation_settle(scene->s, 50);
    assert_false(muted(scene, twin));
    simulation_settle(scene->s, 10000);
    assert_int_equal(state_of(scene, twin)->mutes, 0);
    assert_int_equal(state_of(scene, scene->receiver)->ignored, 200);
}

static void test_only_those_that_the_class_names_are_muted(void **state)
{
    (void)state;
    near_and_far(fill_by_a_stranger);
}

/* System messages pass a full mailbox and leave no trace in it. */
static void ask_the_runtime(scene_t *scene)
{
    actor_t *sender = simulation_actor(scene->s, scene->sender);
    for (uint32_t worker = 0; worker < 2; worker++)
        request_system_ACTORS_ASK(sender, host_ref(worker), NULL, 0, NULL);
    simulation_settle(scene->s, 1000);
    for (uint32_t worker = 0; worker < 2; worker++)
        assert_int_equal(simulation_actor(scene->s, host_ref(worker))->mailbox, 0);
    assert_int_equal(sender->mailbox, 0);
}

static void test_system_messages_count_in_no_mailbox(void **state)
{
    (void)state;
    near_and_far(ask_the_runtime);
}

/* --- who may mute whom --- */

static void expect_cycle(const actor_class_t *const *classes, const char *expected)
{
    strbuf_t found = {0};
    assert_int_equal(mute_cycle(classes, &found), expected != NULL);
    assert_slice(strbuf_slice(&found), expected ? expected : "");
    strbuf_fini(&found);
}

static void test_a_circle_of_mutes_is_found(void **state)
{
    (void)state;
    static const char *const to_b[] = {"b", NULL}, *const to_c[] = {"c", NULL},
                             *const to_both[] = {"b", "c", NULL}, *const to_a[] = {"a", NULL};
    const actor_class_t a = {.name = "a", .mutes = to_both}, b = {.name = "b", .mutes = to_c},
                        c = {.name = "c"}, back = {.name = "c", .mutes = to_b},
                        self = {.name = "a", .mutes = to_a};
    expect_cycle((const actor_class_t *const[]){&a, &b, &c, NULL}, NULL);
    expect_cycle((const actor_class_t *const[]){&a, &b, &back, NULL}, "b mutes c mutes b");
    expect_cycle((const actor_class_t *const[]){&self, NULL}, "a mutes a");
    expect_cycle((const actor_class_t *const[]){&c, &b, &a, NULL}, NULL);
    expect_cycle((const actor_class_t *const[]){&b, NULL}, "b mutes c, which is no class");
    expect_cycle((const actor_class_t *const[]){NULL}, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_fills_an_actor_is_muted_until_it_is_half_empty),
        cmocka_unit_test(test_each_who_fills_it_is_unmuted),
        cmocka_unit_test(test_the_end_of_a_full_actor_unmutes),
        cmocka_unit_test(test_a_swap_of_a_full_actor_unmutes),
        cmocka_unit_test(test_a_muted_actor_that_is_swapped_is_unmuted),
        cmocka_unit_test(test_only_those_that_the_class_names_are_muted),
        cmocka_unit_test(test_system_messages_count_in_no_mailbox),
        cmocka_unit_test(test_a_circle_of_mutes_is_found),
    };
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
