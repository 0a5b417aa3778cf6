/*
 * The runtime as a whole, on threads: it starts and stops and says why, wakes up for messages from
 * outside, swaps running actors, and has a watchdog.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "core/core_msg.h"
#include "core/host_msg.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/unit/core/clerk.h"
#include "tests/unit/core/rig.h"
#include "tests/unit/test.h"

static void prepare(rig_t *rig, uint32_t workers)
{
    rig_init(rig, workers, 64);
    runtime_protocol(rig->runtime, &clerk_protocol);
}

/* --- start and stop --- */

static void test_a_runtime_starts_and_stops_again_and_again(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < RIG_FEWER(200); i++) {
        rig_t rig;
        prepare(&rig, 1 + i % 4);
        rig_child(&rig, &clerk_class, CHILD_EACH_WORKER, NULL);
        assert_int_equal(rig_start(&rig), 0);
        assert_int_not_equal(runtime_lookup(rig.runtime, "clerk/1"), 0);
        assert_int_equal(runtime_lookup(rig.runtime, "clerk/5"), 0);
        assert_int_equal(rig_stop(&rig), 0);
    }
}

static void test_a_runtime_that_never_started_is_freed(void **state)
{
    (void)state;
    runtime_free(runtime_new(&(runtime_options_t){.workers = 1}));
}

static void test_a_child_that_cannot_start_ends_the_start(void **state)
{
    (void)state;
    clerk_args_t bad = {.init_code = GW_EINVAL};
    actor_class_t second = clerk_class;
    rig_t rig;
    second.name = "second";
    prepare(&rig, 2);
    rig_child(&rig, &clerk_class, CHILD_EACH_WORKER, NULL);
    rig_child(&rig, &second, CHILD_EACH_WORKER, &bad);
    assert_int_equal(rig_start(&rig), GW_EINVAL);
    assert_int_equal(rig_finish(&rig), GW_EINVAL);
}

static void test_a_child_that_fails_too_often_ends_the_process_with_its_error(void **state)
{
    (void)state;
    rig_t rig;
    prepare(&rig, 2);
    rig_child(&rig, &clerk_class, CHILD_EACH_WORKER, NULL);
    assert_int_equal(rig_start(&rig), 0);
    actor_ref_t clerk = runtime_lookup(rig.runtime, "clerk/2");
    for (int i = 0; i < 3; i++)
        runtime_post(rig.runtime, clerk, MSG_CLERK_FAULT, note_new(1));
    assert_int_equal(rig_finish(&rig), GW_ECRASHLOOP);
    assert_int_equal(notes_alive(), 0);
}

/* Init stops the runtime, so that the stop is there before the start is over. */
static int stop_at_once(void *self, actor_t *me, const void *args)
{
    (void)self;
    (void)me;
    runtime_stop(((const rig_t *)args)->runtime);
    return 0;
}

static void test_a_stop_during_the_start_is_not_lost(void **state)
{
    (void)state;
    actor_class_t hasty = {.name = "hasty", .state_size = 1, .init = stop_at_once};
    rig_t rig;
    prepare(&rig, 2);
    rig_child(&rig, &hasty, CHILD_CONTROL, &rig);
    rig_child(&rig, &clerk_class, CHILD_EACH_WORKER, NULL);
    int code = rig_start(&rig);
    assert_true(code == 0 || code == GW_ESHUTDOWN);
    assert_int_equal(rig_finish(&rig), 0);
}

/* --- from outside --- */

typedef struct counter {
    rig_t rig;
    uint32_t expected;
    atomic_uint count;
} counter_t;

typedef struct listener {
    counter_t *counter;
} listener_t;

static int listener_init(void *state, actor_t *me, const void *args)
{
    (void)me;
    ((listener_t *)state)->counter =
        (counter_t *)(uintptr_t)args; /* only its atomics are written */
    return 0;
}

static int on_heard(listener_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)me;
    (void)body;
    (void)m;
    if (atomic_fetch_add(&self->counter->count, 1) + 1 == self->counter->expected)
        rig_ring(&self->counter->rig);
    return 0;
}

HANDLER(listener_t, CLERK_IGNORE, on_heard)
static const actor_handler_t listener_handlers[] = {ON(CLERK_IGNORE), ON_END};
static const actor_class_t listener_class = {.name = "listener",
                                             .state_size = sizeof(listener_t),
                                             .init = listener_init,
                                             .handlers = listener_handlers};
static const actor_class_t other_class = {.name = "other",
                                          .state_size = sizeof(listener_t),
                                          .init = listener_init,
                                          .handlers = listener_handlers};

enum { POSTERS = 4, POSTS = 2000 };

static void *post(void *context)
{
    counter_t *counter = context;
    for (uint32_t i = 0; i < RIG_FEWER(POSTS); i++) {
        char name[32];
        snprintf(name, sizeof(name), "listener/%u", 1 + i % 2);
        actor_ref_t to = runtime_lookup(counter->rig.runtime, name);
        runtime_post(counter->rig.runtime, to, MSG_CLERK_IGNORE, note_new(i));
    }
    return NULL;
}

static void test_any_thread_may_post(void **state)
{
    (void)state;
    counter_t counter = {.expected = POSTERS * RIG_FEWER(POSTS)};
    pthread_t threads[POSTERS];
    prepare(&counter.rig, 2);
    rig_child(&counter.rig, &listener_class, CHILD_EACH_WORKER, &counter);
    assert_int_equal(rig_start(&counter.rig), 0);
    for (int i = 0; i < POSTERS; i++)
        pthread_create(&threads[i], NULL, post, &counter);
    for (int i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(rig_wait(&counter.rig, 1));
    runtime_post(counter.rig.runtime, 0, MSG_CLERK_IGNORE, note_new(1)); /* to nobody */
    assert_int_equal(rig_stop(&counter.rig), 0);
    assert_int_equal(notes_alive(), 0);
}

static void test_a_worker_that_sleeps_wakes_up_for_a_message(void **state)
{
    (void)state;
    counter_t counter = {.expected = 1};
    prepare(&counter.rig, 2);
    rig_child(&counter.rig, &listener_class, CHILD_EACH_WORKER, &counter);
    assert_int_equal(rig_start(&counter.rig), 0);
    for (uint32_t i = 1; i <= 20; i++) {
        struct timespec nap = {.tv_nsec = 5000000};
        nanosleep(&nap, NULL);
        atomic_store(&counter.count, 0);
        uint64_t before = rig_ms();
        runtime_post(counter.rig.runtime, runtime_lookup(counter.rig.runtime, "listener/2"),
                     MSG_CLERK_IGNORE, note_new(i));
        assert_true(rig_wait(&counter.rig, i));
        assert_true(rig_ms() - before < 1000);
    }
    assert_int_equal(rig_stop(&counter.rig), 0);
}

/* --- swaps --- */

enum { SWAPS = 200, BETWEEN = 50 };

/* Sends messages to a listener and has its class swapped all the time. */
typedef struct swapper {
    counter_t *counter;
    actor_ref_t listener;
    uint32_t swaps;
} swapper_t;

static int on_swapped(swapper_t *self, actor_t *me, spawned_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    for (int i = 0; i < BETWEEN; i++) {
        note_t *note = note_new(1);
        send_CLERK_IGNORE(me, self->listener, &note);
    }
    if (++self->swaps == RIG_FEWER(SWAPS))
        return 0;
    actor_pick_t *pick = xcalloc(1, sizeof(*pick));
    pick->ref = self->listener;
    pick->class = self->swaps % 2 ? &other_class : &listener_class;
    request_SWAP(me, host_ref(1), &pick, 0, NULL);
    return 0;
}

static int swapper_init(void *state, actor_t *me, const void *args)
{
    swapper_t *self = state;
    listener_init(&self->counter, me, args);
    self->listener = actor_lookup(me, "listener/1");
    return on_swapped(self, me, NULL, NULL);
}

HANDLER(swapper_t, SWAPPED, on_swapped)
static const actor_handler_t swapper_handlers[] = {ON(SWAPPED), ON_END};
static const actor_class_t swapper_class = {.name = "swapper",
                                            .state_size = sizeof(swapper_t),
                                            .init = swapper_init,
                                            .handlers = swapper_handlers};

static void swap(child_place_t place)
{
    counter_t counter = {.expected = RIG_FEWER(SWAPS) * BETWEEN};
    prepare(&counter.rig, 1);
    rig_child(&counter.rig, &listener_class, CHILD_EACH_WORKER, &counter);
    rig_child(&counter.rig, &swapper_class, place, &counter);
    assert_int_equal(rig_start(&counter.rig), 0);
    assert_true(rig_wait(&counter.rig, 1));
    assert_int_equal(rig_stop(&counter.rig), 0);
    assert_int_equal(atomic_load(&counter.count), counter.expected);
    assert_int_equal(notes_alive(), 0);
}

static void test_swapping_a_running_actor_loses_no_message(void **state)
{
    (void)state;
    swap(CHILD_EACH_WORKER);
    swap(CHILD_CONTROL);
}

/* --- the watchdog --- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char logged[4096];

static void remember_line(void *context, slice_t line)
{
    (void)context;
    pthread_mutex_lock(&log_lock);
    size_t len = strlen(logged);
    snprintf(logged + len, sizeof(logged) - len, "%.*s\n", SLICE_ARG(line));
    pthread_mutex_unlock(&log_lock);
}

static bool was_logged(const char *text)
{
    pthread_mutex_lock(&log_lock);
    bool found = strstr(logged, text) != NULL;
    pthread_mutex_unlock(&log_lock);
    return found;
}

static int on_nap(listener_t *self, actor_t *me, note_t **body, const msg_t *m)
{
    (void)me;
    (void)m;
    struct timespec nap = {.tv_nsec = 1000000L * (*body)->number};
    nanosleep(&nap, NULL);
    rig_ring(&self->counter->rig);
    return 0;
}

HANDLER(listener_t, CLERK_ASK, on_nap)
static const actor_handler_t sleeper_handlers[] = {ON(CLERK_ASK), ON_END};
static const actor_class_t sleeper_class = {.name = "sleeper",
                                            .state_size = sizeof(listener_t),
                                            .init = listener_init,
                                            .handlers = sleeper_handlers};

static uint32_t stuck_soon(rig_t *rig, uint32_t expected)
{
    struct timespec nap = {.tv_nsec = 5000000};
    for (int i = 0; i < 1000 && runtime_stuck(rig->runtime) != expected; i++)
        nanosleep(&nap, NULL);
    return runtime_stuck(rig->runtime);
}

static void test_a_handler_that_does_not_return_is_reported(void **state)
{
    (void)state;
    counter_t counter = {0};
    logged[0] = '\0';
    log_capture(remember_line, NULL);
    rig_init_with(&counter.rig, &(runtime_options_t){.workers = 2, .watchdog_ms = 50});
    runtime_protocol(counter.rig.runtime, &clerk_protocol);
    rig_child(&counter.rig, &sleeper_class, CHILD_EACH_WORKER, &counter);
    assert_int_equal(rig_start(&counter.rig), 0);
    actor_ref_t sleeper = runtime_lookup(counter.rig.runtime, "sleeper/2");
    runtime_post(counter.rig.runtime, sleeper, MSG_CLERK_ASK, note_new(700));
    assert_int_equal(stuck_soon(&counter.rig, 1), 1);
    uint32_t stalled = 0;
    for (uint32_t worker = 0; worker < 3; worker++) {
        stall_stats_t stalls = runtime_stalls(counter.rig.runtime, worker);
        assert_int_equal(stalls.total, stalls.now);
        stalled += stalls.now;
    }
    assert_int_equal(stalled, 1);
    assert_true(was_logged("\"id\":\"WATCHDOG-STUCK\""));
    assert_true(was_logged("\"actor\":\"sleeper/2\",\"type\":\"CLERK_ASK\""));
    assert_int_equal(stuck_soon(&counter.rig, 0), 0);
    assert_true(was_logged("\"id\":\"WATCHDOG-RECOVERED\""));
    assert_int_equal(rig_stop(&counter.rig), 0);
    log_capture(NULL, NULL);
}

/* Many short handlers in one turn are no long one. */
static void test_a_busy_worker_is_not_reported(void **state)
{
    (void)state;
    counter_t counter = {0};
    logged[0] = '\0';
    log_capture(remember_line, NULL);
    rig_init_with(&counter.rig, &(runtime_options_t){.workers = 1, .watchdog_ms = 200});
    runtime_protocol(counter.rig.runtime, &clerk_protocol);
    rig_child(&counter.rig, &sleeper_class, CHILD_EACH_WORKER, &counter);
    assert_int_equal(rig_start(&counter.rig), 0);
    actor_ref_t sleeper = runtime_lookup(counter.rig.runtime, "sleeper/1");
    for (int i = 0; i < 50; i++)
        runtime_post(counter.rig.runtime, sleeper, MSG_CLERK_ASK, note_new(20));
    assert_true(rig_wait(&counter.rig, 50));
    assert_int_equal(rig_stop(&counter.rig), 0);
    assert_false(was_logged("WATCHDOG"));
    log_capture(NULL, NULL);
}

int main(void)
{
    log_set_spec(SLICE("off,watchdog=info"), NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_runtime_starts_and_stops_again_and_again),
        cmocka_unit_test(test_a_runtime_that_never_started_is_freed),
        cmocka_unit_test(test_a_child_that_cannot_start_ends_the_start),
        cmocka_unit_test(test_a_child_that_fails_too_often_ends_the_process_with_its_error),
        cmocka_unit_test(test_a_stop_during_the_start_is_not_lost),
        cmocka_unit_test(test_any_thread_may_post),
        cmocka_unit_test(test_a_worker_that_sleeps_wakes_up_for_a_message),
        cmocka_unit_test(test_swapping_a_running_actor_loses_no_message),
        cmocka_unit_test(test_a_handler_that_does_not_return_is_reported),
        cmocka_unit_test(test_a_busy_worker_is_not_reported),
    };
    return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
