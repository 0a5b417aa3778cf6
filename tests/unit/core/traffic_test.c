/*
 * Millions of messages between all workers, with stalls: each receiver hears each sender in
 * order, and everything exactly once. Every 16th message has a body. Credits bound what is on
 * the way: a sender has at most WINDOW messages towards each receiver that it has not confirmed.
 */
#include <time.h>

#include "core/core_msg.h"
#include "core/mem.h"
#include "tests/unit/core/rig.h"
#include "tests/unit/test.h"

enum { WINDOW = 4096, BURST = 512, PEERS_MAX = 5, STALL_ONE_IN = 50000 };

typedef struct parcel {
    uint32_t number;
} parcel_t;

static void parcel_free(parcel_t *parcel)
{
    free(parcel);
}

#define COURIER_MESSAGES(X)                                                                        \
    X(PARCEL, parcel_t, parcel_free, "courier -> courier: the tag counts up")                      \
    X(CONFIRM, msg_none_t, msg_none_free, "courier -> courier: so many have come (the tag)")       \
    X(GO_ON, msg_none_t, msg_none_free, "courier -> itself: send more")
MSG_DECLARE(courier, 60, COURIER_MESSAGES)
MSG_DEFINE(courier, 60, COURIER_MESSAGES)

/* Shared by all couriers and the test, read-only while they run. */
typedef struct route {
    rig_t rig;
    uint32_t couriers;
    uint32_t each; /* messages from each courier to each */
    bool wrong;    /* written by any of them, read at the end */
} route_t;

typedef struct courier {
    route_t *route;
    actor_ref_t peers[PEERS_MAX];
    uint32_t sent[PEERS_MAX], confirmed[PEERS_MAX], received[PEERS_MAX];
    bool going, done;
} courier_t;

static void stall(actor_t *me)
{
    uint64_t random = actor_random(me);
    if (random % STALL_ONE_IN)
        return;
    struct timespec nap = {.tv_nsec = (long)(random >> 32) % 3000000};
    nanosleep(&nap, NULL);
}

static void go_on(courier_t *self, actor_t *me)
{
    if (!self->going)
        send_GO_ON(me, actor_self(me), NULL);
    self->going = true;
}

static void send_parcel(courier_t *self, actor_t *me, uint32_t to)
{
    parcel_t *parcel = NULL;
    uint32_t number = self->sent[to]++;
    if (number % 16 == 0) {
        parcel = xmalloc(sizeof(*parcel));
        parcel->number = number;
    }
    send_PARCEL_tag(me, self->peers[to], &parcel, number);
}

static uint32_t may_send(const courier_t *self, uint32_t to)
{
    uint32_t left = self->route->each - self->sent[to];
    uint32_t room = WINDOW - (self->sent[to] - self->confirmed[to]);
    uint32_t most = left < room ? left : room;
    return most < BURST ? most : BURST;
}

static int on_go_on(courier_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    self->going = false;
    bool more = false;
    for (uint32_t to = 0; to < self->route->couriers; to++) {
        if (!self->peers[to]) { /* it has not started yet */
            char name[32];
            snprintf(name, sizeof(name), "courier/%u", to + 1);
            self->peers[to] = actor_lookup(me, name);
            more = true;
            continue;
        }
        for (uint32_t n = may_send(self, to); n > 0; n--)
            send_parcel(self, me, to);
        more = more || may_send(self, to);
    }
    if (more)
        go_on(self, me);
    return 0;
}

static void look_whether_done(courier_t *self)
{
    bool done = !self->done;
    for (uint32_t i = 0; i < self->route->couriers; i++)
        done = done && self->received[i] == self->route->each &&
               self->confirmed[i] == self->route->each;
    if (!done)
        return;
    self->done = true;
    rig_ring(&self->route->rig);
}

static uint32_t index_of(const courier_t *self, actor_ref_t ref)
{
    uint32_t i = 0;
    while (i < self->route->couriers && self->peers[i] != ref)
        i++;
    return i;
}

static void check_parcel(courier_t *self, const parcel_t *parcel, uint32_t from, uint32_t number)
{
    bool right = number == self->received[from]++ && (parcel != NULL) == (number % 16 == 0) &&
                 (!parcel || parcel->number == number);
    if (!right)
        __atomic_store_n(&self->route->wrong, true, __ATOMIC_RELAXED);
}

static int on_parcel(courier_t *self, actor_t *me, parcel_t **body, const msg_t *m)
{
    uint32_t from = index_of(self, m->src);
    if (from == self->route->couriers) { /* heard of before it was looked up */
        for (from = 0; from < self->route->couriers; from++) {
            char name[32];
            snprintf(name, sizeof(name), "courier/%u", from + 1);
            if (actor_lookup(me, name) == m->src)
                break;
        }
        self->peers[from] = m->src;
    }
    check_parcel(self, *body, from, m->corr);
    uint32_t received = self->received[from];
    if (received % (WINDOW / 4) == 0 || received == self->route->each)
        send_CONFIRM_tag(me, m->src, NULL, received);
    stall(me);
    look_whether_done(self);
    return 0;
}

static int on_confirm(courier_t *self, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    self->confirmed[index_of(self, m->src)] = m->corr;
    go_on(self, me);
    look_whether_done(self);
    return 0;
}

static int courier_init(void *self, actor_t *me, const void *args)
{
    union {
        const void *args;
        route_t *route;
    } given = {.args = args};
    ((courier_t *)self)->route = given.route;
    go_on(self, me);
    return 0;
}

HANDLER(courier_t, PARCEL, on_parcel)
HANDLER(courier_t, CONFIRM, on_confirm)
HANDLER(courier_t, GO_ON, on_go_on)
static const actor_handler_t handlers[] = {ON(PARCEL), ON(CONFIRM), ON(GO_ON), ON_END};
static const actor_class_t courier_class = {
    .name = "courier", .state_size = sizeof(courier_t), .init = courier_init, .handlers = handlers};

static void deliver(uint32_t workers, uint32_t batch, uint32_t messages)
{
    route_t route = {.couriers = workers, .each = messages / (workers * workers)};
    rig_init(&route.rig, workers, batch);
    runtime_protocol(route.rig.runtime, &courier_protocol);
    rig_child(&route.rig, &courier_class, CHILD_EACH_WORKER, &route);
    assert_int_equal(rig_start(&route.rig), 0);
    assert_true(rig_wait(&route.rig, workers));
    assert_int_equal(rig_stop(&route.rig), 0);
    assert_false(route.wrong);
}

static void test_ten_million_messages_between_four_workers(void **state)
{
    (void)state;
    deliver(4, 256, RIG_FEWER(10000000));
}

static void test_a_million_messages_on_one_worker(void **state)
{
    (void)state;
    deliver(1, 256, RIG_FEWER(1000000));
}

static void test_no_batch_limit_hangs_or_loses(void **state)
{
    static const uint32_t limits[] = {1, 2, 7, 64, 0};
    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        deliver(3, limits[i], RIG_FEWER(300000));
        deliver(1, limits[i], RIG_FEWER(300000));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_million_messages_between_four_workers),
        cmocka_unit_test(test_a_million_messages_on_one_worker),
        cmocka_unit_test(test_no_batch_limit_hangs_or_loses),
    };
    return cmocka_run_group_tests_name("traffic", tests, NULL, NULL);
}
