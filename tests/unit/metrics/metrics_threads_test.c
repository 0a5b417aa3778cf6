/*
 * Sets are not shared by threads, the labels in their copies are: workers count while routes come
 * and go, and give copies away, which are added up and freed elsewhere. For TSAN and ASAN more
 * than for the asserts.
 */
#include <pthread.h>

#include "metrics/metric_set.h"
#include "tests/unit/test.h"

enum { WORKERS = 3, ROUTES = 100, ROUNDS = 200, LIMIT = 150 };

/* What goes between the threads: the test's stand-in for the lanes. */
typedef struct worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    metric_set_t *copy; /* its latest */
    bool stop;
} worker_t;

static void exchange(worker_t *worker, metric_set_t **copy, bool *stop)
{
    pthread_mutex_lock(&worker->mutex);
    metric_set_t *old = worker->copy;
    worker->copy = *copy;
    *copy = old;
    *stop = worker->stop;
    pthread_mutex_unlock(&worker->mutex);
}

/* A third of the routes has a new name in each round. */
static uint64_t count_round(metric_set_t *set, int round)
{
    uint64_t counted = 0;
    for (int i = 0; i < ROUTES; i++) {
        char route[32];
        snprintf(route, sizeof(route), "r%d-%d", i, i % 3 ? 0 : round);
        const slice_t values[] = {SLICE("l"), slice_of(route), SLICE("b")};
        metric_place_t place;
        http_series_t *series = hold_HTTP(set, values, &place);
        if (!series)
            continue; /* no room */
        series->requests++;
        counted++;
        metric_set_drop(set, METRIC_GROUP_HTTP, place);
    }
    return counted;
}

static void *work(void *context)
{
    worker_t *worker = context;
    metric_set_t *set = metric_set_new(), *copy;
    bool stop = false;
    metric_set_limit(set, METRIC_GROUP_HTTP, LIMIT);
    for (int round = 0; !stop; round++) {
        series_DATAPLANE(set)->applied += count_round(set, round);
        copy = metric_set_collect(set, (uint64_t)round * 1000000000u);
        exchange(worker, &copy, &stop);
        metric_set_free(copy);
    }
    metric_set_free(set);
    return NULL;
}

/* Dead series may be gone by now, so there can be less than was counted, but never more. */
static void expect_no_more_than_counted(const metric_set_t *set)
{
    uint64_t requests = 0;
    const metric_labels_t *labels;
    metric_cursor_t cursor = {0};
    for (const uint64_t *cells;
         (cells = metric_set_next(set, METRIC_GROUP_HTTP, &cursor, &labels));)
        requests += ((const http_series_t *)cells)->requests;
    cursor = (metric_cursor_t){0};
    const uint64_t *cells = metric_set_next(set, METRIC_GROUP_DATAPLANE, &cursor, &labels);
    assert_true(!cells || requests <= ((const dataplane_series_t *)cells)->applied);
}

static void scrape(worker_t *workers, bool stop)
{
    metric_set_t *total = metric_set_new();
    for (int w = 0; w < WORKERS; w++) {
        metric_set_t *copy = NULL;
        pthread_mutex_lock(&workers[w].mutex);
        copy = workers[w].copy;
        workers[w].copy = NULL;
        workers[w].stop = stop;
        pthread_mutex_unlock(&workers[w].mutex);
        if (copy)
            metric_set_merge(total, copy);
        metric_set_free(copy);
    }
    assert_true(metric_set_count(total, METRIC_GROUP_HTTP) <= WORKERS * LIMIT);
    expect_no_more_than_counted(total);
    metric_set_free(total);
}

static void test_routes_come_and_go_while_workers_count(void **state)
{
    (void)state;
    static worker_t workers[WORKERS];
    for (int w = 0; w < WORKERS; w++) {
        pthread_mutex_init(&workers[w].mutex, NULL);
        pthread_create(&workers[w].thread, NULL, work, &workers[w]);
    }
    for (int round = 1; round < ROUNDS; round++)
        scrape(workers, round == ROUNDS - 1);
    for (int w = 0; w < WORKERS; w++) {
        pthread_join(workers[w].thread, NULL);
        metric_set_free(workers[w].copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes_come_and_go_while_workers_count),
    };
    return cmocka_run_group_tests_name("metrics_threads", tests, NULL, NULL);
}
