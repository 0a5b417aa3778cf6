/*
 * traffic_counts_test.c: the counters of requests while the configuration under them changes.
 */
#include "actors/traffic.h"

#include "core/mem.h"
#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

enum { LIMIT = 200 };

static const uint64_t second = 1000000000;

typedef struct fixture {
    world_t *world;
    traffic_t traffic;
} fixture_t;

static int set_up(void **state)
{
    fixture_t *f = xcalloc(1, sizeof(*f));
    void *world;
    world_new(&world);
    f->world = world;
    traffic_init(&f->traffic, LIMIT);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    void *world = f->world;
    traffic_fini(&f->traffic);
    world_free(&world);
    free(f);
    return 0;
}

/* The one route is that of HTTPRoute ns/NAME, to a cluster "c". */
static void configure(fixture_t *f, const char *name)
{
    world_t *world = f->world;
    route_message_t *route = make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c");
    make_info(&world->arena, route, "ns", name);
    change_cluster(&world->update, make_cluster(&world->arena, "c"));
    world_try_route(world, route);
    snapshot_t *snapshot = (snapshot_t *)(uintptr_t)snapshot_ref(world->snapshot);
    traffic_configure(&f->traffic, &snapshot);
}

/* What a router makes of a request; with the world's present snapshot. */
static exchange_t *decide(const fixture_t *f, const char *path)
{
    exchange_t *exchange = exchange_new(NULL);
    exchange->hold = route_hold_new(snapshot_ref(f->world->snapshot));
    exchange->route = path ? world_match(f->world, "x", path) : NULL;
    if (exchange->route)
        exchange->cluster =
            snapshot_cluster(f->world->snapshot, exchange->route->forward.clusters[0].cluster);
    return exchange;
}

static void count(fixture_t *f, const exchange_t *exchange)
{
    traffic_ended(&f->traffic, &(traffic_end_t){.exchange = exchange,
                                                .flag = RESPONSE_FLAG_NONE,
                                                .status = 200,
                                                .received = 1,
                                                .sent = 10,
                                                .duration_ns = 1000});
}

static void request(fixture_t *f, const char *path)
{
    exchange_t *exchange = decide(f, path);
    count(f, exchange);
    exchange_free(exchange);
}

static void collect(fixture_t *f, uint64_t now_ns)
{
    metric_set_free(metric_set_collect(f->traffic.set, now_ns));
}

static http_series_t *series(fixture_t *f, const char *listener, const char *route,
                             const char *backend)
{
    const slice_t values[] = {slice_of(listener), slice_of(route), slice_of(backend)};
    return named_HTTP(f->traffic.set, values);
}

static void a_request_counts_for_listener_route_and_backend(void **state)
{
    fixture_t *f = *state;
    configure(f, "r");
    request(f, "/");
    request(f, "/");
    const http_series_t *http = series(f, "l", "Http/ns/r", "c");
    assert_int_equal(http->requests, 2);
    assert_int_equal(http->responses[METRIC_STATUS_CLASS(200)], 2);
    assert_int_equal(http->request_bytes, 2);
    assert_int_equal(http->response_bytes, 20);
    assert_int_equal(http->duration.sum_ns, 2000);
}

static void a_request_without_route_counts_for_none(void **state)
{
    fixture_t *f = *state;
    configure(f, "r");
    request(f, NULL);
    assert_int_equal(series(f, "l", "none", "none")->requests, 1);
}

static void before_the_first_snapshot_the_listener_has_no_name(void **state)
{
    fixture_t *f = *state;
    traffic_opened(&f->traffic, 3);
    request(f, NULL);
    assert_slice(traffic_listener_name(&f->traffic, 3), "none");
    assert_slice(traffic_listener_name(&f->traffic, 100), "none");
    assert_int_equal(series(f, "none", "none", "none")->requests, 1);
}

/* A new name every few milliseconds, a scrape every second. */
static void names_that_come_and_go_do_not_use_up_the_room(void **state)
{
    fixture_t *f = *state;
    uint64_t now_ns = second;
    for (int i = 0; i < 5000; i++) {
        char name[16], label[32];
        snprintf(name, sizeof(name), "r%d", i);
        snprintf(label, sizeof(label), "Http/ns/r%d", i);
        configure(f, name);
        request(f, "/");
        if (i % 40 == 39)
            collect(f, now_ns += second);
    }
    request(f, "/");
    assert_true(f->traffic.used < 100 && f->traffic.mask < 512);
    assert_true(metric_set_count(f->traffic.set, METRIC_GROUP_HTTP) <= LIMIT + 1);
    assert_int_equal(series(f, "l", "Http/ns/r4999", "c")->requests, 2);
    assert_int_equal(series(f, "l", "other", "other")->requests, 0);
}

/* Routes HTTPRoute ns/rFROM to ns/rTO, each for the path of its number. */
static void configure_many(fixture_t *f, int from, int to)
{
    world_t *world = f->world;
    vhost_message_t *vhost = make_vhost(&world->arena, "v", "*");
    for (int i = from; i <= to; i++) {
        route_message_t *route =
            make_route(&world->arena, ROUTE_PATH_EXACT, make_text(&world->arena, "/%d", i), "c");
        make_info(&world->arena, route, "ns", make_text(&world->arena, "r%d", i));
        make_vhost_route(&world->arena, vhost, route);
    }
    change_cluster(&world->update, make_cluster(&world->arena, "c"));
    world_try(world, vhost);
    snapshot_t *snapshot = (snapshot_t *)(uintptr_t)snapshot_ref(world->snapshot);
    traffic_configure(&f->traffic, &snapshot);
}

static void request_many(fixture_t *f, int from, int to)
{
    for (int i = from; i <= to; i++)
        request(f, make_text(&f->world->arena, "/%d", i));
}

static void beyond_the_limit_a_route_is_other(void **state)
{
    fixture_t *f = *state;
    configure_many(f, 0, LIMIT);
    request_many(f, 0, LIMIT);
    collect(f, second);
    collect(f, 10000 * second);
    request_many(f, 0, LIMIT);
    assert_int_equal(series(f, "l", "other", "other")->requests, 2);
    assert_int_equal(series(f, "l", "Http/ns/r0", "c")->requests, 2); /* alive, so it stays */
}

static void a_route_is_other_only_until_there_is_room(void **state)
{
    fixture_t *f = *state;
    configure_many(f, 0, LIMIT);
    request_many(f, 0, LIMIT);
    configure_many(f, LIMIT, 2 * LIMIT); /* only the one that is "other" stays */
    for (int i = LIMIT + 1; i <= 2 * LIMIT; i++) {
        request_many(f, i, i);
        collect(f, (uint64_t)i * second);
    }
    uint64_t before = series(f, "l", "other", "other")->requests;
    request_many(f, LIMIT, LIMIT);
    assert_int_equal(series(f, "l", "other", "other")->requests, before);
    assert_int_equal(series(f, "l", "Http/ns/r200", "c")->requests, 1);
}

static void a_response_on_its_way_keeps_its_series(void **state)
{
    fixture_t *f = *state;
    configure(f, "old");
    exchange_t *exchange = decide(f, "/");
    http_series_t *streaming = traffic_streams(&f->traffic, 0, exchange);
    for (int i = 0; i < 200; i++) {
        configure(f, make_text(&f->world->arena, "r%d", i));
        request(f, "/");
        collect(f, (uint64_t)(i + 1) * 400 * second);
    }
    assert_int_equal(streaming->active, 1);
    traffic_streamed(streaming);
    count(f, exchange);
    exchange_free(exchange);
    const http_series_t *http = series(f, "l", "Http/ns/old", "c");
    assert_int_equal(http->active, 0);
    assert_int_equal(http->requests, 1);
}

static void a_route_that_comes_back_goes_on_counting(void **state)
{
    fixture_t *f = *state;
    configure(f, "r");
    request(f, "/");
    configure(f, "other-one");
    request(f, "/");
    configure(f, "r");
    request(f, "/");
    assert_int_equal(series(f, "l", "Http/ns/r", "c")->requests, 2);
}

static void a_listener_that_gets_another_name_takes_its_gauges_along(void **state)
{
    fixture_t *f = *state;
    configure(f, "r");
    traffic_opened(&f->traffic, 0);
    traffic_began(&f->traffic, 0);
    request(f, "/");
    listener_message_t *renamed = make_listener(&f->world->arena, "l", 80, "rc");
    make_listener_info(&f->world->arena, renamed, "ns", "gw", "http");
    change_listener(&f->world->update, renamed);
    configure(f, "r");
    assert_slice(traffic_listener_name(&f->traffic, 0), "ns/gw/http");
    request(f, "/");
    traffic_left(&f->traffic, 0);
    traffic_closed(&f->traffic, 0);
    const listener_series_t *old = named_LISTENER(f->traffic.set, (slice_t[]){SLICE("l")});
    const listener_series_t *new = named_LISTENER(f->traffic.set, (slice_t[]){SLICE("ns/gw/http")});
    assert_true(old->connections == 1 && old->active == 0 && old->requests_active == 0);
    assert_true(new->active == 0 && new->requests_active == 0);
    assert_int_equal(series(f, "l", "Http/ns/r", "c")->requests, 1);
    assert_int_equal(series(f, "ns/gw/http", "Http/ns/r", "c")->requests, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_request_counts_for_listener_route_and_backend),
        TEST(a_request_without_route_counts_for_none),
        TEST(before_the_first_snapshot_the_listener_has_no_name),
        TEST(names_that_come_and_go_do_not_use_up_the_room),
        TEST(beyond_the_limit_a_route_is_other),
        TEST(a_route_is_other_only_until_there_is_room),
        TEST(a_response_on_its_way_keeps_its_series),
        TEST(a_route_that_comes_back_goes_on_counting),
        TEST(a_listener_that_gets_another_name_takes_its_gauges_along),
    };
    return cmocka_run_group_tests_name("traffic", tests, NULL, NULL);
}
