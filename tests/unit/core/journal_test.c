/*
 * The two rings of the flight recorder: the journal, in which messages of the own lane live, and
 * the ring of copies.
 */
#include "core/journal.h"
#include "core/mem.h"
#include "tests/unit/test.h"

/* Writes a train of messages that count up from `first`, and handles them unless told not to. */
static const train_t *write_train(journal_t *journal, uint32_t first, uint32_t count, bool handle)
{
    train_t *train = journal_open(journal);
    if (!train)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        train_item_t *item = &train->items[train->count++];
        *item = (train_item_t){
            .msg = {.src = 1, .dst = 2, .corr = first + i, .type = 5, .trace = (first + i) % 3},
            .sent_ns = 1000 + first + i};
        if (handle) {
            item->queued_ns = 10;
            item->handled_ns = 20 | TRAIN_DONE;
        }
    }
    journal_close(journal, train);
    if (handle)
        journal_done(journal, train);
    return train;
}

static void test_the_journal_gives_what_was_handled_newest_first(void **state)
{
    (void)state;
    journal_t journal;
    record_t records[100];
    journal_init(&journal, 2000);
    write_train(&journal, 1, 3, true);
    write_train(&journal, 4, 2, true);
    assert_int_equal(journal_find(&journal, 0, records, 100), 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(records[i].corr, 5 - i);
        assert_int_equal(records[i].time_ns, 1005 - i);
        assert_int_equal(records[i].queued_ns, 10);
        assert_int_equal(records[i].handled_ns, 20);
        assert_int_equal(records[i].kind, RECORD_HANDLED);
    }
    assert_int_equal(journal_find(&journal, 0, records, 2), 2);
    assert_int_equal(records[1].corr, 4);
    journal_fini(&journal);
}

static void test_the_journal_finds_one_flow(void **state)
{
    (void)state;
    journal_t journal;
    record_t records[100];
    journal_init(&journal, 2000);
    write_train(&journal, 1, 9, true);
    assert_int_equal(journal_find(&journal, 2, records, 100), 3);
    assert_int_equal(records[0].corr, 8);
    assert_int_equal(records[2].corr, 2);
    journal_fini(&journal);
}

static void test_what_is_not_handled_yet_is_not_shown(void **state)
{
    (void)state;
    journal_t journal;
    record_t records[10];
    journal_init(&journal, 2000);
    write_train(&journal, 1, 3, false);
    assert_int_equal(journal_find(&journal, 0, records, 10), 0);
    journal_fini(&journal);
}

/* Lap after lap, with trains of all lengths: the newest are there, in order and whole. */
static void test_the_journal_holds_the_newest(void **state)
{
    enum { MESSAGES = 3000, HELD = 2500 };
    (void)state;
    journal_t journal;
    record_t *records = xcalloc(MESSAGES, sizeof(*records));
    journal_init(&journal, MESSAGES);
    uint32_t next = 1;
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t count = 1 + i * 7 % TRAIN_CAPACITY;
        assert_non_null(write_train(&journal, next, count, true));
        next += count;
    }
    size_t found = journal_find(&journal, 0, records, MESSAGES);
    assert_true(found > HELD && found <= MESSAGES);
    for (size_t i = 0; i < found; i++)
        assert_int_equal(records[i].corr, next - 1 - i);
    free(records);
    journal_fini(&journal);
}

/* Trains that are on their way are not written over: rather there is no room. */
static void test_a_full_journal_has_no_room(void **state)
{
    (void)state;
    journal_t journal;
    const train_t *trains[200];
    journal_init(&journal, 3000);
    for (uint32_t lap = 0; lap < 50; lap++) {
        uint32_t count = 0;
        while ((trains[count] = write_train(&journal, count * 100, 40, false)) != NULL)
            count++;
        assert_true(count > 50);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(trains[i]->count, 40);
            assert_int_equal(trains[i]->items[39].msg.corr, i * 100 + 39);
            journal_done(&journal, trains[i]);
        }
        write_train(&journal, 0, 1 + lap, true); /* the next lap begins somewhere else */
    }
    journal_fini(&journal);
}

/* --- the ring of copies --- */

static void copy(recorder_t *recorder, uint32_t number, recorder_kind_t kind)
{
    train_item_t item = {
        .msg = {.src = 1, .dst = 2, .corr = number, .flags = MSG_REPLY, .trace = number % 3},
        .sent_ns = number};
    item.queued_ns = 7;
    item.handled_ns = 8 | TRAIN_DONE;
    recorder_add(recorder, &item, kind);
}

static void test_the_recorder_holds_the_newest(void **state)
{
    (void)state;
    recorder_t recorder;
    record_t records[200];
    recorder_init(&recorder, 100); /* rounded up to 128 */
    for (uint32_t i = 0; i < 1000; i++)
        copy(&recorder, i, RECORD_SENT);
    assert_int_equal(recorder_find(&recorder, 0, records, 200), 128);
    for (uint32_t i = 0; i < 128; i++)
        assert_int_equal(records[i].corr, 999 - i);
    assert_int_equal(records[0].kind, RECORD_SENT);
    assert_int_equal(records[0].queued_ns, 7);
    assert_int_equal(records[0].handled_ns, 8);
    assert_int_equal(records[0].flags, MSG_REPLY);
    recorder_fini(&recorder);
}

static void test_the_recorder_finds_one_flow(void **state)
{
    (void)state;
    recorder_t recorder;
    record_t records[10];
    recorder_init(&recorder, 64);
    for (uint32_t i = 0; i < 9; i++)
        copy(&recorder, i, RECORD_HANDLED);
    assert_int_equal(recorder_find(&recorder, 2, records, 10), 3);
    assert_int_equal(records[0].corr, 8);
    assert_int_equal(records[2].corr, 2);
    assert_int_equal(recorder_find(&recorder, 2, records, 1), 1);
    assert_string_equal(recorder_kind_name(RECORD_RESTARTED), "restarted");
    assert_string_equal(recorder_kind_name(99), "unknown");
    recorder_fini(&recorder);
}

static void test_a_pool_gives_trains_back_empty(void **state)
{
    (void)state;
    train_pool_t pool = {0};
    train_t *train = train_new(&pool);
    train->count = train->at = 5;
    train->in_journal = true;
    train_free(&pool, train);
    assert_ptr_equal(train_new(&pool), train);
    assert_int_equal(train->count + train->at + train->in_journal, 0);
    for (int i = 0; i < 2 * TRAIN_POOL_MAX; i++)
        train_free(&pool, train_new(&(train_pool_t){0}));
    assert_int_equal(pool.count, TRAIN_POOL_MAX);
    train_free(&pool, train);
    train_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_journal_gives_what_was_handled_newest_first),
        cmocka_unit_test(test_the_journal_finds_one_flow),
        cmocka_unit_test(test_what_is_not_handled_yet_is_not_shown),
        cmocka_unit_test(test_the_journal_holds_the_newest),
        cmocka_unit_test(test_a_full_journal_has_no_room),
        cmocka_unit_test(test_the_recorder_holds_the_newest),
        cmocka_unit_test(test_the_recorder_finds_one_flow),
        cmocka_unit_test(test_a_pool_gives_trains_back_empty),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
