/*
 * Labels are shared by threads, sets are not: workers count while routes come and go, and give
 * copies away, which are added up and freed elsewhere. For TSAN and ASAN more than for the asserts.
 */
#include <pthread.h>

#include "core/mem.h"
#include "metrics/label_table.h"
#include "metrics/metric_set.h"
#include "tests/unit/test.h"

enum { WORKERS = 3, ROUTES = 100, ROUNDS = 200, LIMIT = 150 };

/* What goes between the threads: the test's stand-in for the lanes. */
typedef struct worker {
    pthread_t thread;
    pthread_mutex_t mutex;
    metric_labels_t **snapshot; /* to the worker: ROUTES labels, a user of each */
    metric_set_t *copy;         /* from the worker: its latest */
    bool stop;
} worker_t;

static void snapshot_free(metric_labels_t **snapshot)
{
    for (int i = 0; snapshot && i < ROUTES; i++)
        metric_labels_drop(snapshot[i]);
    free(snapshot);
}

static bool receive(worker_t *worker, metric_labels_t ***snapshot)
{
    pthread_mutex_lock(&worker->mutex);
    if (worker->snapshot) {
        snapshot_free(*snapshot);
        *snapshot = worker->snapshot;
        worker->snapshot = NULL;
    }
    bool stop = worker->stop;
    pthread_mutex_unlock(&worker->mutex);
    return !stop;
}

static void send_copy(worker_t *worker, metric_set_t *copy)
{
    pthread_mutex_lock(&worker->mutex);
    metric_set_t *old = worker->copy;
    worker->copy = copy;
    pthread_mutex_unlock(&worker->mutex);
    metric_set_free(old);
}

static void *work(void *context)
{
    worker_t *worker = context;
    metric_set_t *set = metric_set_new();
    metric_labels_t **snapshot = NULL;
    uint64_t counted = 0;
    for (uint64_t turn = 0; receive(worker, &snapshot); turn++) {
        for (int i = 0; snapshot && i < ROUTES; i++, counted++)
            series_HTTP(set, snapshot[i])->requests++;
        series_DATAPLANE(set, NULL)->applied = counted;
        send_copy(worker, metric_set_collect(set, turn * 1000000000u));
    }
    snapshot_free(snapshot);
    send_copy(worker, metric_set_collect(set, 0));
    metric_set_free(set);
    return NULL;
}

/* A third of the routes has a new name in each round. */
static metric_labels_t **make_snapshot(metric_label_table_t *table, int round)
{
    metric_labels_t **snapshot = xcalloc(ROUTES, sizeof(*snapshot));
    for (int i = 0; i < ROUTES; i++) {
        char route[32];
        snprintf(route, sizeof(route), "r%d-%d", i, i % 3 ? 0 : round);
        const slice_t values[] = {SLICE("l"), slice_of(route), SLICE("b")};
        snapshot[i] = metric_label_table_get(table, METRIC_GROUP_HTTP, values);
    }
    return snapshot;
}

static void publish(worker_t *worker, metric_labels_t **snapshot)
{
    pthread_mutex_lock(&worker->mutex);
    snapshot_free(worker->snapshot); /* the worker was too slow for it */
    worker->snapshot = snapshot;
    pthread_mutex_unlock(&worker->mutex);
}

static void scrape(worker_t *workers)
{
    metric_set_t *total = metric_set_new();
    for (int w = 0; w < WORKERS; w++) {
        pthread_mutex_lock(&workers[w].mutex);
        metric_set_t *copy = workers[w].copy;
        workers[w].copy = NULL;
        pthread_mutex_unlock(&workers[w].mutex);
        if (copy)
            metric_set_merge(total, copy);
        metric_set_free(copy);
    }
    assert_true(metric_set_count(total, METRIC_GROUP_HTTP) <= LIMIT + 1);
    metric_set_free(total);
}

/* Dead series may be gone by now, so there can be less than was counted, but never more. */
static void expect_no_more_than_counted(const metric_set_t *copy)
{
    uint64_t requests = 0;
    const metric_labels_t *labels;
    metric_cursor_t cursor = {0};
    for (const uint64_t *cells;
         (cells = metric_set_next(copy, METRIC_GROUP_HTTP, &cursor, &labels));)
        requests += ((const http_series_t *)cells)->requests;
    cursor = (metric_cursor_t){0};
    const uint64_t *cells = metric_set_next(copy, METRIC_GROUP_DATAPLANE, &cursor, &labels);
    assert_true(requests <= ((const dataplane_series_t *)cells)->applied);
}

static void test_routes_come_and_go_while_workers_count(void **state)
{
    (void)state;
    static worker_t workers[WORKERS];
    metric_label_table_t *table = metric_label_table_new((metric_limits_t){LIMIT, LIMIT});
    for (int w = 0; w < WORKERS; w++) {
        pthread_mutex_init(&workers[w].mutex, NULL);
        publish(&workers[w], make_snapshot(table, 0));
        pthread_create(&workers[w].thread, NULL, work, &workers[w]);
    }
    for (int round = 1; round < ROUNDS; round++) {
        for (int w = 0; w < WORKERS; w++)
            publish(&workers[w], make_snapshot(table, round));
        scrape(workers);
    }
    metric_label_table_free(table);
    for (int w = 0; w < WORKERS; w++) {
        pthread_mutex_lock(&workers[w].mutex);
        workers[w].stop = true;
        pthread_mutex_unlock(&workers[w].mutex);
        pthread_join(workers[w].thread, NULL);
        expect_no_more_than_counted(workers[w].copy);
        metric_set_free(workers[w].copy);
        snapshot_free(workers[w].snapshot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes_come_and_go_while_workers_count),
    };
    return cmocka_run_group_tests_name("metrics_threads", tests, NULL, NULL);
}
