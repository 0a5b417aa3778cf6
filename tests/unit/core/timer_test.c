/*
 * Timers: each gives one message, in the order of their times; a stopped one gives none, also when
 * it has expired already; an extended one gives it later or earlier.
 */
#include "core/actor_bench.h"
#include "core/dispatcher.h"
#include "core/mem.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

enum { MS = 1000000 };

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};

static actor_bench_t *start(void)
{
    actor_bench_t *b = actor_bench_new(&clerk_class, NULL, protocols);
    assert_int_equal(bench_start(b), 0);
    return b;
}

static clerk_t *clerk_of(actor_bench_t *b)
{
    return actor_bench_state(b);
}

static timer_ref_t set_timer(actor_bench_t *b, uint64_t delay_ns, void *context)
{
    return actor_timer_start(actor_bench_me(b), delay_ns, MSG_CLERK_WAKE, context);
}

static void test_a_timer_gives_its_message_once_with_its_context(void **state)
{
    (void)state;
    int context;
    actor_bench_t *b = start();
    set_timer(b, 10 * MS, &context);
    bench_advance_ns(b, 10 * MS - 1);
    assert_int_equal(clerk_of(b)->wakes, 0);
    bench_advance_ns(b, 1);
    assert_int_equal(clerk_of(b)->wakes, 1);
    assert_ptr_equal(clerk_of(b)->last_context, &context);
    bench_advance_ms(b, 1000);
    assert_int_equal(clerk_of(b)->wakes, 1);
    actor_bench_finish(b);
}

static void test_a_stopped_timer_gives_nothing(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    timer_ref_t timer = set_timer(b, 10 * MS, NULL);
    actor_timer_stop(actor_bench_me(b), timer);
    actor_timer_stop(actor_bench_me(b), timer);
    bench_advance_ms(b, 20);
    assert_int_equal(clerk_of(b)->wakes, 0);
    assert_false(actor_timer_extend(actor_bench_me(b), timer, MS));
    actor_bench_finish(b);
}

/* The message of the timer is on the way already when the timer is stopped. */
static void test_a_timer_stopped_after_its_expiry_gives_nothing(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    dispatcher_t *d = actor_bench_me(b)->home;
    timer_ref_t timer = set_timer(b, 10 * MS, NULL);
    d->now += 10 * MS;
    dispatcher_expire(d);
    actor_timer_stop(actor_bench_me(b), timer);
    bench_run(b);
    assert_int_equal(clerk_of(b)->wakes, 0);
    assert_int_equal(d->timers.live, 0);
    actor_bench_finish(b);
}

/* The owner of a connection pushes its timer back while the message of its expiry waits. */
static void test_a_timer_extended_after_its_expiry_comes_later(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    dispatcher_t *d = actor_bench_me(b)->home;
    timer_ref_t timer = set_timer(b, 10 * MS, NULL);
    d->now += 10 * MS;
    dispatcher_expire(d);
    assert_true(actor_timer_extend(actor_bench_me(b), timer, 10 * MS));
    bench_run(b);
    assert_int_equal(clerk_of(b)->wakes, 0);
    bench_advance_ms(b, 20);
    assert_int_equal(clerk_of(b)->wakes, 1);
    assert_int_equal(d->timers.live, 0);
    actor_bench_finish(b);
}

static void test_an_extended_timer_comes_later(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    timer_ref_t timer = set_timer(b, 10 * MS, NULL);
    for (int i = 0; i < 100; i++) {
        bench_advance_ms(b, 9);
        assert_true(actor_timer_extend(actor_bench_me(b), timer, 10 * MS));
    }
    assert_int_equal(clerk_of(b)->wakes, 0);
    bench_advance_ms(b, 10);
    assert_int_equal(clerk_of(b)->wakes, 1);
    actor_bench_finish(b);
}

static void test_an_extended_timer_comes_earlier(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    set_timer(b, 5 * MS, NULL);
    timer_ref_t timer = set_timer(b, 100 * MS, NULL);
    assert_true(actor_timer_extend(actor_bench_me(b), timer, 10 * MS));
    bench_advance_ms(b, 9);
    assert_int_equal(clerk_of(b)->wakes, 1);
    bench_advance_ms(b, 1);
    assert_int_equal(clerk_of(b)->wakes, 2);
    actor_bench_finish(b);
}

static void test_the_timers_of_a_restarted_actor_are_gone(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    dispatcher_t *d = actor_bench_me(b)->home;
    set_timer(b, 10 * MS, NULL);
    bench_send(b, 0, MSG_CLERK_FAULT, NULL, 0);
    assert_int_equal(d->timers.live, 0);
    bench_advance_ms(b, 20);
    assert_int_equal(clerk_of(b)->wakes, 0);
    actor_bench_finish(b);
}

/* --- against a model --- */

typedef struct model_timer {
    timer_ref_t ref;
    uint64_t expiry; /* 0: not running */
} model_timer_t;

enum { TIMERS = 300, STEPS = 20000 };

static void change(actor_bench_t *b, model_timer_t *timer, uint64_t random)
{
    actor_t *me = actor_bench_me(b);
    uint64_t delay = random % (50 * MS), expiry = actor_now(me) + delay;
    if (!timer->expiry)
        timer->ref = set_timer(b, delay, NULL);
    else if (random >> 32 & 1)
        assert_true(actor_timer_extend(me, timer->ref, delay));
    else
        actor_timer_stop(me, timer->ref);
    timer->expiry = timer->expiry && !(random >> 32 & 1) ? 0 : expiry;
}

static uint32_t expire(model_timer_t *timers, uint64_t now)
{
    uint32_t count = 0;
    for (int i = 0; i < TIMERS; i++) {
        if (!timers[i].expiry || timers[i].expiry > now)
            continue;
        timers[i].expiry = 0;
        count++;
    }
    return count;
}

static void test_many_timers_expire_as_a_model_says(void **state)
{
    (void)state;
    actor_bench_t *b = start();
    model_timer_t *timers = xcalloc(TIMERS, sizeof(*timers));
    uint32_t expected = 0;
    for (int i = 0; i < STEPS; i++) {
        uint64_t random = actor_random(actor_bench_me(b));
        change(b, &timers[random >> 40 & 0xff], random);
        bench_advance_ns(b, random >> 20 & 0xfffff);
        expected += expire(timers, actor_now(actor_bench_me(b)));
        assert_int_equal(clerk_of(b)->wakes, expected);
    }
    assert_true(expected > 1000);
    free(timers);
    actor_bench_finish(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_timer_gives_its_message_once_with_its_context),
        cmocka_unit_test(test_a_stopped_timer_gives_nothing),
        cmocka_unit_test(test_a_timer_stopped_after_its_expiry_gives_nothing),
        cmocka_unit_test(test_a_timer_extended_after_its_expiry_comes_later),
        cmocka_unit_test(test_an_extended_timer_comes_later),
        cmocka_unit_test(test_an_extended_timer_comes_earlier),
        cmocka_unit_test(test_the_timers_of_a_restarted_actor_are_gone),
        cmocka_unit_test(test_many_timers_expire_as_a_model_says),
    };
    return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
