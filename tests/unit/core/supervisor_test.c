/*
 * The supervisor: children start in order, each ready before the next, and stop in reverse; DRAIN
 * comes first; what cannot start, ends for good or does not stop has its consequence. Each story
 * runs in many orders of events, on a control worker and two more.
 */
#include "core/supervisor.h"

#include "core/dispatcher.h"
#include "core/host_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/simulation.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

enum { SEEDS = 100, NEVER = -1000 };

static const msg_protocol_t *const protocols[] = {&clerk_protocol, &supervisor_protocol, NULL};

/* --- children that write down what happens --- */

/* "+name" it starts, "dname" DRAIN, "sname" STOP, "-name" it ends */
typedef struct story {
    simulation_t *s;
    actor_ref_t supervisor;
    strbuf_t log;
    int started, stopping;
} story_t;

typedef struct child_args {
    story_t *story;
    int init_code;
    bool stubborn;   /* STOP does not end it */
    bool short_life; /* it exits as soon as it can */
} child_args_t;

typedef struct child_state {
    const child_args_t *args;
} child_state_t;

static void write_down(const child_state_t *self, const actor_t *me, char what)
{
    strbuf_printf(&self->args->story->log, "%c%s ", what, actor_name(me));
}

static int child_init(void *state, actor_t *me, const void *args)
{
    child_state_t *self = state;
    self->args = args;
    write_down(self, me, '+');
    if (self->args->short_life)
        send_CLERK_EXIT(me, actor_self(me), NULL);
    return self->args->init_code;
}

static void child_fini(void *state, actor_t *me)
{
    write_down(state, me, '-');
}

static int on_drain(child_state_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    write_down(self, me, 'd');
    return 0;
}

static int on_stop(child_state_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    write_down(self, me, 's');
    if (!self->args->stubborn)
        actor_exit(me);
    return 0;
}

static int on_exit_wanted(child_state_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)self;
    (void)body;
    (void)m;
    actor_exit(me);
    return 0;
}

static int on_fault(child_state_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)self;
    (void)me;
    (void)body;
    (void)m;
    return GW_EIO;
}

HANDLER(child_state_t, DRAIN, on_drain)
HANDLER(child_state_t, STOP, on_stop)
HANDLER(child_state_t, CLERK_EXIT, on_exit_wanted)
HANDLER(child_state_t, CLERK_FAULT, on_fault)
static const actor_handler_t handlers[] = {ON(DRAIN), ON(STOP), ON(CLERK_EXIT), ON(CLERK_FAULT),
                                           ON_END};
static const actor_class_t child_class = {.name = "child",
                                          .state_size = sizeof(child_state_t),
                                          .init = child_init,
                                          .fini = child_fini,
                                          .handlers = handlers};

/* --- the stage --- */

static void on_started(void *context, int code)
{
    ((story_t *)context)->started = code;
}

static void on_stopping(void *context, int code)
{
    ((story_t *)context)->stopping = code;
}

typedef struct cast {
    child_args_t a, b, c;
    child_spec_t children[4];
    supervisor_args_t supervisor;
} cast_t;

/* "a" and "c" on the control worker, "b" on each of the two others; STOP may take a second. */
static void cast_init(cast_t *cast, story_t *story, uint32_t drain_ms)
{
    *cast = (cast_t){.a = {.story = story}, .b = {.story = story}, .c = {.story = story}};
    cast->children[0] =
        (child_spec_t){.role = "a", .place = CHILD_CONTROL, .args = &cast->a, .stop_ms = 1000};
    cast->children[1] =
        (child_spec_t){.role = "b", .place = CHILD_EACH_WORKER, .args = &cast->b, .stop_ms = 1000};
    cast->children[2] =
        (child_spec_t){.role = "c", .place = CHILD_CONTROL, .args = &cast->c, .stop_ms = 1000};
    cast->supervisor = (supervisor_args_t){.children = cast->children,
                                           .stop = {.drain_delay_ms = drain_ms},
                                           .started = on_started,
                                           .stopping = on_stopping,
                                           .context = story};
}

static void begin(story_t *story, uint64_t seed, cast_t *cast)
{
    static const char *const roles[] = {"a", "b", "c"};
    *story =
        (story_t){.s = simulation_new(seed, 3, protocols), .started = NEVER, .stopping = NEVER};
    for (size_t i = 0; i < 3; i++)
        simulation_role(story->s, roles[i], &child_class);
    simulation_role(story->s, "supervisor", &supervisor_class);
    story->supervisor =
        simulation_spawn(story->s, 0, "supervisor", "supervisor", &cast->supervisor);
}

static void expect_log(story_t *story, const char *expected)
{
    assert_slice(strbuf_slice(&story->log), expected);
}

static void finish(story_t *story)
{
    simulation_free(story->s);
    strbuf_fini(&story->log);
    assert_int_equal(notes_alive(), 0);
}

static void stop(story_t *story)
{
    simulation_post(story->s, 0, story->supervisor, MSG_STOP, NULL);
}

/* --- stories --- */

static void test_children_start_in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 0);
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        expect_log(&story, "+a +b/1 +b/2 +c ");
        assert_int_equal(story.started, 0);
        assert_int_equal(story.stopping, NEVER);
        finish(&story);
    }
}

static void test_children_stop_in_reverse(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 0);
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        strbuf_fini(&story.log);
        stop(&story);
        simulation_settle(story.s, 1000);
        slice_t log = strbuf_slice(&story.log);
        assert_int_equal(story.stopping, 0);
        assert_true(slice_starts_with(log, SLICE("sc -c sb/")));
        assert_slice(slice_sub(log, log.len - 6, log.len), "sa -a ");
        finish(&story);
    }
}

static void test_drain_comes_first_and_takes_its_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 500);
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        strbuf_fini(&story.log);
        stop(&story);
        simulation_run_ms(story.s, 499);
        assert_int_equal(strbuf_slice(&story.log).len, strlen("da db/1 db/2 dc "));
        assert_int_equal(strbuf_slice(&story.log).base[0], 'd');
        assert_non_null(strstr(story.log.base, "db/2"));
        simulation_run_ms(story.s, 1);
        assert_non_null(strstr(story.log.base, "sc -c "));
        assert_non_null(strstr(story.log.base, "sa -a "));
        finish(&story);
    }
}

static void test_a_child_that_cannot_start_ends_those_before_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 500);
        cast.c.init_code = GW_EINVAL;
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        assert_int_equal(story.started, GW_EINVAL);
        assert_int_equal(story.stopping, GW_EINVAL);
        assert_slice(slice_sub(strbuf_slice(&story.log), 0, 22), "+a +b/1 +b/2 +c -c sb/");
        assert_non_null(strstr(story.log.base, "sa -a "));
        finish(&story);
    }
}

static void test_a_child_that_ends_for_good_ends_all(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 0);
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        actor_ref_t child = simulation_lookup(story.s, "b/2");
        for (int i = 0; i < 6; i++) /* 5 in 10 s are forgiven */
            simulation_post(story.s, 0, child, MSG_CLERK_FAULT, NULL);
        simulation_settle(story.s, 1000);
        assert_int_equal(story.stopping, GW_ECRASHLOOP);
        assert_non_null(strstr(story.log.base, "sa -a "));
        assert_null(strstr(story.log.base, "sb/2"));
        finish(&story);
    }
}

static void test_a_child_that_does_not_stop_is_ended(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 0);
        cast.b.stubborn = true;
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        stop(&story);
        simulation_run_ms(story.s, 999);
        assert_null(strstr(story.log.base, "-b/"));
        assert_null(strstr(story.log.base, "sa"));
        simulation_run_ms(story.s, 1);
        assert_non_null(strstr(story.log.base, "-b/1"));
        assert_non_null(strstr(story.log.base, "-b/2"));
        assert_non_null(strstr(story.log.base, "sa -a "));
        finish(&story);
    }
}

/* After as many steps as the seed says, wherever the start is by then. */
static void test_a_stop_during_the_start_is_not_lost(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 0);
        begin(&story, seed, &cast);
        simulation_settle(story.s, seed % 10);
        stop(&story);
        simulation_settle(story.s, 1000);
        assert_int_equal(story.stopping, 0);
        assert_true(story.started == 0 || story.started == GW_ESHUTDOWN);
        for (char name = 'a'; name <= 'c'; name++) {
            const char born[] = {'+', name, '\0'}, dead[] = {'-', name, '\0'};
            assert_int_equal(strstr(story.log.base, born) != NULL,
                             strstr(story.log.base, dead) != NULL);
        }
        finish(&story);
    }
}

static void test_a_child_that_dies_during_the_start_ends_all(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        story_t story;
        cast_t cast;
        cast_init(&cast, &story, 0);
        cast.b.short_life = true;
        begin(&story, seed, &cast);
        simulation_settle(story.s, 1000);
        assert_int_equal(story.stopping, GW_ENOACTOR);
        assert_int_not_equal(story.started, NEVER);
        assert_non_null(strstr(story.log.base, "-b/1"));
        assert_non_null(strstr(story.log.base, "sa -a "));
        finish(&story);
    }
}

static void test_a_supervisor_describes_its_children(void **state)
{
    (void)state;
    story_t story;
    cast_t cast;
    strbuf_t json = {0};
    cast_init(&cast, &story, 0);
    begin(&story, 1, &cast);
    simulation_settle(story.s, 1000);
    supervisor_class.describe(simulation_state(story.s, story.supervisor),
                              simulation_actor(story.s, story.supervisor), &json);
    assert_slice(strbuf_slice(&json),
                 "\"phase\":\"running\",\"children\":[{\"name\":\"a\",\"running\":true},"
                 "{\"name\":\"b/1\",\"running\":true},{\"name\":\"b/2\",\"running\":true},"
                 "{\"name\":\"c\",\"running\":true}]");
    strbuf_fini(&json);
    finish(&story);
}

int main(void)
{
    log_set_spec(SLICE("off"), NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_children_start_in_order),
        cmocka_unit_test(test_children_stop_in_reverse),
        cmocka_unit_test(test_drain_comes_first_and_takes_its_time),
        cmocka_unit_test(test_a_child_that_cannot_start_ends_those_before_it),
        cmocka_unit_test(test_a_child_that_ends_for_good_ends_all),
        cmocka_unit_test(test_a_child_that_does_not_stop_is_ended),
        cmocka_unit_test(test_a_stop_during_the_start_is_not_lost),
        cmocka_unit_test(test_a_child_that_dies_during_the_start_ends_all),
        cmocka_unit_test(test_a_supervisor_describes_its_children),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
