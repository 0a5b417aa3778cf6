#include "core/quota.h"

#include <pthread.h>

#include "tests/unit/test.h"

enum { THREADS = 4, SEATS = 1000, LIMIT = 300 };

static void test_the_limit_holds_and_answers_are_final(void **state)
{
    (void)state;
    quota_t quota;
    quota_seat_t a, b;
    quota_init(&quota, 1);
    quota_seat_init(&a);
    quota_seat_init(&b);
    assert_false(quota_full(&quota));
    assert_true(quota_seat_take(&quota, &a));
    assert_true(quota_full(&quota));
    assert_false(quota_seat_take(&quota, &b));
    quota_seat_give(&quota, &a);
    assert_false(quota_seat_take(&quota, &b)); /* there is room now, but b had its answer */
    assert_true(quota_seat_take(&quota, &a));
}

static void test_a_refused_seat_gives_nothing_back(void **state)
{
    (void)state;
    quota_t quota;
    quota_seat_t seat;
    quota_init(&quota, 0);
    quota_seat_init(&seat);
    assert_false(quota_seat_take(&quota, &seat));
    quota_seat_give(&quota, &seat);
    assert_true(quota_full(&quota));
}

typedef struct room {
    quota_t quota;
    quota_seat_t seats[SEATS];
} room_t;

typedef struct guest {
    room_t *room;
    bool got[SEATS];
} guest_t;

static void *take_all(void *context)
{
    guest_t *guest = context;
    for (int i = 0; i < SEATS; i++)
        guest->got[i] = quota_seat_take(&guest->room->quota, &guest->room->seats[i]);
    return NULL;
}

static void test_all_threads_get_the_same_answers(void **state)
{
    (void)state;
    room_t room;
    guest_t guests[THREADS];
    pthread_t threads[THREADS];
    int taken = 0;
    quota_init(&room.quota, LIMIT);
    for (int i = 0; i < SEATS; i++)
        quota_seat_init(&room.seats[i]);
    for (int t = 0; t < THREADS; t++) {
        guests[t].room = &room;
        pthread_create(&threads[t], NULL, take_all, &guests[t]);
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int i = 0; i < SEATS; i++) {
        taken += guests[0].got[i];
        for (int t = 1; t < THREADS; t++)
            assert_int_equal(guests[t].got[i], guests[0].got[i]);
    }
    assert_true(taken <= LIMIT && taken > LIMIT - THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_limit_holds_and_answers_are_final),
        cmocka_unit_test(test_a_refused_seat_gives_nothing_back),
        cmocka_unit_test(test_all_threads_get_the_same_answers),
    };
    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
