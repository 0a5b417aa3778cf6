/*
 * Snapshots under several readers while the builder makes new ones: run under TSAN, which sees
 * what a lock-free reader must not do.
 */
#include <pthread.h>

#include "tests/unit/test.h"
#include "tests/unit/xds/make.h"

enum { READERS = 3, CHANGES = 300, HOSTS = 60 };

/* Where a reader finds the snapshot to use: what a message to a worker does in the gateway. */
typedef struct desk {
    pthread_mutex_t mutex;
    const snapshot_t *snapshot; /* held */
    bool closed;
    unsigned wrong;
} desk_t;

static void put(desk_t *desk, const snapshot_t *snapshot)
{
    pthread_mutex_lock(&desk->mutex);
    const snapshot_t *old = desk->snapshot;
    desk->snapshot = snapshot;
    pthread_mutex_unlock(&desk->mutex);
    snapshot_unref(old);
}

static const snapshot_t *take(desk_t *desk)
{
    pthread_mutex_lock(&desk->mutex);
    const snapshot_t *snapshot = desk->closed ? NULL : snapshot_ref(desk->snapshot);
    pthread_mutex_unlock(&desk->mutex);
    return snapshot;
}

/* Every host has a route that says which change it is of; no host is ever without one. */
static unsigned count_wrong(const snapshot_t *snapshot)
{
    const route_table_t *routes = snapshot_find_listener(snapshot, SLICE("l"))->routes;
    unsigned wrong = 0;
    for (int i = 0; i < HOSTS; i++) {
        char host[32];
        int len = snprintf(host, sizeof(host), "h%d.com", i);
        route_request_t request = {
            .method = SLICE("GET"), .host = slice_make(host, (size_t)len), .path = SLICE("/x")};
        const route_t *route = route_match(routes, &request);
        wrong += route == NULL ||
                 snapshot_series_name(snapshot, SERIES_ROUTE, route->series.number).len == 0;
    }
    return wrong;
}

static void *read_snapshots(void *arg)
{
    desk_t *desk = arg;
    unsigned wrong = 0;
    const snapshot_t *snapshot;
    while ((snapshot = take(desk))) {
        wrong += count_wrong(snapshot);
        snapshot_unref(snapshot);
    }
    pthread_mutex_lock(&desk->mutex);
    desk->wrong += wrong;
    pthread_mutex_unlock(&desk->mutex);
    return NULL;
}

static void change_host(xds_update_t *update, int host, int change)
{
    arena_t arena = {0};
    vhost_message_t *vhost =
        make_vhost(&arena, make_text(&arena, "v%d", host), make_text(&arena, "h%d.com", host));
    route_message_t *route = make_route(&arena, ROUTE_PATH_PREFIX, "/", "c");
    make_info(&arena, route, "ns", make_text(&arena, "route-%d", change));
    make_vhost_route(&arena, vhost, route);
    change_vhost(update, "rc", vhost);
    arena_fini(&arena);
}

static const snapshot_t *first_snapshot(snapshot_builder_t *builder)
{
    xds_update_t update = {0};
    arena_t arena = {0};
    change_listener(&update, make_listener(&arena, "l", 80, "rc"));
    for (int i = 0; i < HOSTS; i++)
        change_host(&update, i, 0);
    const snapshot_t *snapshot = snapshot_builder_apply(builder, &update, NULL);
    xds_update_fini(&update);
    arena_fini(&arena);
    return snapshot;
}

static void test_readers_never_see_half_a_change(void **state)
{
    (void)state;
    snapshot_builder_t *builder = snapshot_builder_new(1);
    desk_t desk = {.mutex = PTHREAD_MUTEX_INITIALIZER, .snapshot = first_snapshot(builder)};
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++)
        pthread_create(&readers[i], NULL, read_snapshots, &desk);
    for (int change = 1; change <= CHANGES; change++) {
        xds_update_t update = {0};
        change_host(&update, change % HOSTS, change);
        put(&desk, snapshot_builder_apply(builder, &update, NULL));
        xds_update_fini(&update);
    }
    snapshot_builder_free(builder); /* the last snapshot is still out there */
    pthread_mutex_lock(&desk.mutex);
    desk.closed = true;
    pthread_mutex_unlock(&desk.mutex);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(desk.wrong, 0);
    snapshot_unref(desk.snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_never_see_half_a_change),
    };
    return cmocka_run_group_tests_name("snapshot_threads", tests, NULL, NULL);
}
