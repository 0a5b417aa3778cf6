/*
 * One actor on the bench: what it sends is captured in order, its clock is the test's, and the
 * program needs no thread, no libuv and no ZeroMQ (bench_symbols_test looks at its symbols).
 */
#include "core/actor_bench.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};
static clerk_args_t args = {.colleague = "colleague/1"};

static void fail_test(const char *text)
{
    fail_msg("%s", text);
}

typedef struct fixture {
    actor_bench_t *bench;
    actor_ref_t client, colleague;
} fixture_t;

static fixture_t start(void)
{
    fixture_t f = {.bench = actor_bench_new(&clerk_class, &args, protocols)};
    bench_on_failure(f.bench, fail_test);
    f.client = bench_peer(f.bench, "client/1");
    f.colleague = bench_peer(f.bench, "colleague/1");
    assert_int_equal(bench_start(f.bench), 0);
    return f;
}

static clerk_t *state_of(const fixture_t *f)
{
    return actor_bench_state(f->bench);
}

static void test_a_question_is_answered(void **state)
{
    (void)state;
    fixture_t f = start();
    uint32_t corr = bench_ask(f.bench, f.client, MSG_CLERK_ASK, note_new(41));
    msg_t m = bench_expect(f.bench, f.client, MSG_CLERK_ANSWER);
    assert_int_equal(m.corr, corr);
    assert_int_equal(m.flags, MSG_REPLY);
    assert_int_equal(((note_t *)m.body)->number, 42);
    bench_release(f.bench, &m);
    actor_bench_finish(f.bench);
    assert_int_equal(notes_alive(), 0);
}

static void test_peers_are_found_and_their_answers_arrive(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_send(f.bench, f.client, MSG_CLERK_CONSULT, note_new(1), 0);
    msg_t m = bench_expect(f.bench, f.colleague, MSG_CLERK_ASK);
    bench_reply(f.bench, &m, MSG_CLERK_ANSWER, note_new(7));
    bench_release(f.bench, &m);
    assert_int_equal(state_of(&f)->last_number, 7);
    assert_ptr_equal(state_of(&f)->last_context, &state_of(&f)->asked);
    actor_bench_finish(f.bench);
    assert_int_equal(notes_alive(), 0);
}

static void test_the_clock_is_the_tests(void **state)
{
    (void)state;
    fixture_t f = start();
    uint64_t before = actor_now(actor_bench_me(f.bench));
    bench_send(f.bench, f.client, MSG_CLERK_TIMER, note_new(10), 0);
    bench_advance_ms(f.bench, 9);
    assert_int_equal(state_of(&f)->wakes, 0);
    bench_advance_ms(f.bench, 1);
    assert_int_equal(state_of(&f)->wakes, 1);
    assert_int_equal(actor_now(actor_bench_me(f.bench)) - before, 10000000);
    actor_bench_finish(f.bench);
}

static void test_a_deadline_fails_the_request(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_send(f.bench, f.client, MSG_CLERK_CONSULT, note_new(1), 0);
    msg_t m = bench_expect(f.bench, f.colleague, MSG_CLERK_ASK);
    bench_advance_ms(f.bench, 1000);
    assert_int_equal(state_of(&f)->last_code, GW_EDEADLINE);
    bench_skip(f.bench, f.colleague, MSG_CANCELED);
    bench_reply(f.bench, &m, MSG_CLERK_ANSWER, note_new(7));
    assert_int_equal(state_of(&f)->answers, 0);
    bench_release(f.bench, &m);
    actor_bench_finish(f.bench);
    assert_int_equal(notes_alive(), 0);
}

static void test_a_failed_answer_has_its_code(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_send(f.bench, f.client, MSG_CLERK_CONSULT, note_new(1), 0);
    msg_t m = bench_expect(f.bench, f.colleague, MSG_CLERK_ASK);
    bench_fail(f.bench, &m, GW_ELIMIT);
    assert_int_equal(state_of(&f)->last_code, GW_ELIMIT);
    bench_release(f.bench, &m);
    actor_bench_finish(f.bench);
}

static void test_a_peer_may_cancel(void **state)
{
    (void)state;
    fixture_t f = start();
    uint32_t corr = bench_ask(f.bench, f.client, MSG_CLERK_KEEP, note_new(3));
    bench_silent(f.bench);
    bench_cancel(f.bench, f.client, corr);
    assert_int_equal(state_of(&f)->cancels, 1);
    bench_send(f.bench, f.client, MSG_CLERK_RELEASE, NULL, 0);
    actor_bench_finish(f.bench);
    assert_int_equal(notes_alive(), 0);
}

static void test_what_is_spawned_is_a_stand_in(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_send(f.bench, f.client, MSG_CLERK_SPAWN, NULL, 0);
    actor_ref_t assistant = bench_spawned(f.bench, "assistant");
    assert_int_equal(assistant, state_of(&f)->assistant);
    assert_string_equal(bench_name(f.bench, assistant), "assistant/1");
    assert_ptr_equal(bench_args(f.bench, assistant), state_of(&f));
    bench_down(f.bench, assistant, GW_EIO);
    assert_int_equal(state_of(&f)->downs, 1);
    assert_int_equal(state_of(&f)->last_code, GW_EIO);
    actor_bench_finish(f.bench);
}

static void test_a_stand_in_is_asked_and_canceled_like_a_peer(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_send(f.bench, f.client, MSG_CLERK_SPAWN, NULL, 0);
    state_of(&f)->colleague = bench_spawned(f.bench, "assistant");
    bench_send(f.bench, f.client, MSG_CLERK_CONSULT, note_new(1), 0);
    msg_t m = bench_expect(f.bench, state_of(&f)->colleague, MSG_CLERK_ASK);
    bench_reply(f.bench, &m, MSG_CLERK_ANSWER, note_new(9));
    bench_release(f.bench, &m);
    assert_int_equal(state_of(&f)->last_number, 9);
    bench_send(f.bench, f.client, MSG_CLERK_CONSULT, note_new(1), 0);
    bench_skip(f.bench, state_of(&f)->colleague, MSG_CLERK_ASK);
    bench_send(f.bench, f.client, MSG_CLERK_DROP, NULL, 0);
    bench_skip(f.bench, state_of(&f)->colleague, MSG_CANCELED);
    actor_bench_finish(f.bench);
    assert_int_equal(notes_alive(), 0);
}

static void test_sends_are_captured_in_their_order(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_send(f.bench, f.client, MSG_CLERK_SPAWN, NULL, 0);
    const actor_ref_t to[] = {f.client, bench_spawned(f.bench, "assistant"), f.colleague};
    for (uint32_t i = 0; i < 9; i++)
        send_CLERK_IGNORE_tag(actor_bench_me(f.bench), to[i % 3], NULL, i);
    for (uint32_t i = 0; i < 9; i++)
        assert_int_equal(bench_expect(f.bench, to[i % 3], MSG_CLERK_IGNORE).corr, i);
    actor_bench_finish(f.bench);
}

static void test_an_actor_hears_that_it_is_muted(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_mute(f.bench, true);
    assert_true(actor_muted(actor_bench_me(f.bench)));
    assert_int_equal(state_of(&f)->mutes, 1);
    bench_mute(f.bench, false);
    assert_false(actor_muted(actor_bench_me(f.bench)));
    assert_int_equal(state_of(&f)->unmutes, 1);
    actor_bench_finish(f.bench);
}

static void test_a_failed_start_gives_its_code(void **state)
{
    (void)state;
    clerk_args_t bad = {.init_code = GW_EINVAL};
    actor_bench_t *b = actor_bench_new(&clerk_class, &bad, protocols);
    assert_int_equal(bench_start_named(b, "unlucky"), GW_EINVAL);
    assert_null(actor_bench_me(b));
    actor_bench_finish(b);
}

static char failure_text[512];

static void remember_failure(const char *text)
{
    snprintf(failure_text, sizeof(failure_text), "%s", text);
    mock_assert(0, "expected failure", __FILE__, __LINE__);
}

static void test_an_expectation_that_does_not_hold_says_what_came(void **state)
{
    (void)state;
    fixture_t f = start();
    bench_on_failure(f.bench, remember_failure);
    bench_send(f.bench, f.client, MSG_CLERK_CONSULT, note_new(1), 0);
    expect_assert_failure(bench_expect(f.bench, f.client, MSG_CLERK_ANSWER));
    assert_string_equal(failure_text, "expected CLERK_ANSWER->client/1; "
                                      "captured: CLERK_ASK->colleague/1");
    actor_bench_free(f.bench);
    assert_int_equal(notes_alive(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_question_is_answered),
        cmocka_unit_test(test_peers_are_found_and_their_answers_arrive),
        cmocka_unit_test(test_the_clock_is_the_tests),
        cmocka_unit_test(test_a_deadline_fails_the_request),
        cmocka_unit_test(test_a_failed_answer_has_its_code),
        cmocka_unit_test(test_a_peer_may_cancel),
        cmocka_unit_test(test_what_is_spawned_is_a_stand_in),
        cmocka_unit_test(test_a_stand_in_is_asked_and_canceled_like_a_peer),
        cmocka_unit_test(test_sends_are_captured_in_their_order),
        cmocka_unit_test(test_an_actor_hears_that_it_is_muted),
        cmocka_unit_test(test_a_failed_start_gives_its_code),
        cmocka_unit_test(test_an_expectation_that_does_not_hold_says_what_came),
    };
    return cmocka_run_group_tests_name("actor_bench", tests, NULL, NULL);
}
