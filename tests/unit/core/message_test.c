/*
 * Catalogues: from one line per message come its number, its name, its release and the functions
 * that send it.
 */
#include "core/actor_bench.h"
#include "core/host_msg.h"
#include "tests/unit/core/child.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&clerk_protocol, NULL};

static msg_catalogue_t catalogue(void)
{
    msg_catalogue_t all = {0};
    msg_catalogue_add(&all, &core_protocol);
    msg_catalogue_add(&all, &clerk_protocol);
    return all;
}

static void test_a_message_has_its_number_and_its_name(void **state)
{
    (void)state;
    msg_catalogue_t all = catalogue();
    assert_int_equal(MSG_CLERK_ASK, 60 << 8 | 1);
    assert_int_equal(MSG_CLERK_ANSWER, 60 << 8 | 2);
    assert_string_equal(msg_name(&all, MSG_CLERK_ASK), "CLERK_ASK");
    assert_string_equal(msg_name(&all, MSG_CLERK_UNKNOWN), "CLERK_UNKNOWN");
    assert_string_equal(msg_name(&all, MSG_FAILED), "FAILED");
    assert_string_equal(msg_info_of(&all, MSG_CLERK_ASK)->body, "note_t");
}

static void test_what_is_in_no_catalogue_has_no_name(void **state)
{
    (void)state;
    msg_catalogue_t all = catalogue();
    const uint16_t unknown[] = {0, MSG_clerk_end, 60 << 8, MSG_SPAWN, UINT16_MAX};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_null(msg_info_of(&all, unknown[i]));
        assert_string_equal(msg_name(&all, unknown[i]), "UNKNOWN");
    }
}

static void test_a_body_is_released_by_its_catalogue(void **state)
{
    (void)state;
    msg_catalogue_t all = catalogue();
    msg_t m = {.type = MSG_CLERK_ASK, .body = note_new(1)};
    msg_release(&all, &m);
    assert_null(m.body);
    assert_int_equal(notes_alive(), 0);
    msg_release(&all, &m); /* without a body there is nothing to do */
}

static void add_another_with_the_number(void)
{
    static const msg_info_t messages[] = {{"X", "x_t", "", NULL}};
    static const msg_protocol_t other = {"other", 60, 1, messages};
    msg_catalogue_t all = catalogue();
    msg_catalogue_add(&all, &other);
}

static void test_two_protocols_with_one_number_are_a_bug(void **state)
{
    (void)state;
    char text[256];
    assert_int_not_equal(child_run(add_another_with_the_number, text, sizeof(text)), 0);
    assert_non_null(strstr(text, "bug:"));
}

static void test_a_send_moves_the_body(void **state)
{
    (void)state;
    actor_bench_t *b = actor_bench_new(&clerk_class, NULL, protocols);
    actor_ref_t peer = bench_peer(b, "peer/1");
    bench_start(b);
    note_t *note = note_new(7);
    send_CLERK_IGNORE_tag(actor_bench_me(b), peer, &note, 99);
    assert_null(note);
    msg_t m = bench_expect(b, peer, MSG_CLERK_IGNORE);
    assert_int_equal(((note_t *)m.body)->number, 7);
    assert_int_equal(m.corr, 99);
    assert_int_equal(m.src, actor_self(actor_bench_me(b)));
    bench_release(b, &m);
    actor_bench_finish(b);
    assert_int_equal(notes_alive(), 0);
}

static void test_the_trace_is_inherited(void **state)
{
    (void)state;
    actor_bench_t *b = actor_bench_new(&clerk_class, NULL, protocols);
    actor_ref_t peer = bench_peer(b, "peer/1");
    bench_start(b);
    actor_set_trace(actor_bench_me(b), 4711);
    send_CLERK_IGNORE(actor_bench_me(b), peer, NULL);
    msg_t m = bench_expect(b, peer, MSG_CLERK_IGNORE);
    assert_int_equal(m.trace, 4711);
    actor_bench_finish(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_has_its_number_and_its_name),
        cmocka_unit_test(test_what_is_in_no_catalogue_has_no_name),
        cmocka_unit_test(test_a_body_is_released_by_its_catalogue),
        cmocka_unit_test(test_two_protocols_with_one_number_are_a_bug),
        cmocka_unit_test(test_a_send_moves_the_body),
        cmocka_unit_test(test_the_trace_is_inherited),
    };
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
