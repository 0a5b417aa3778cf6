#include "metrics/metric_set.h"
#include "tests/unit/test.h"

enum { ROUTES = 300 }; /* more than four chunks */

static const uint64_t second = 1000000000u;

typedef struct route {
    http_series_t *series; /* NULL: the route is gone, or has none of its own */
    metric_place_t place;
} route_t;

typedef struct fixture {
    metric_set_t *set;
    route_t routes[ROUTES];
} fixture_t;

static void begin_route(fixture_t *f, int i, int name)
{
    char text[16];
    snprintf(text, sizeof(text), "r%d", name);
    const slice_t values[] = {SLICE("l"), slice_of(text), SLICE("b")};
    f->routes[i].series = hold_HTTP(f->set, values, &f->routes[i].place);
}

static void begin_routes(fixture_t *f)
{
    for (int i = 0; i < ROUTES; i++)
        begin_route(f, i, i);
}

static int setup_with(void **state, uint32_t limit)
{
    static fixture_t fixture;
    fixture = (fixture_t){.set = metric_set_new()};
    metric_set_limit(fixture.set, METRIC_GROUP_HTTP, limit);
    begin_routes(&fixture);
    *state = &fixture;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, 1000);
}

static int setup_small_limit(void **state)
{
    return setup_with(state, 100);
}

static void end_route(fixture_t *f, int i)
{
    if (f->routes[i].series)
        metric_set_drop(f->set, METRIC_GROUP_HTTP, f->routes[i].place);
    f->routes[i].series = NULL;
}

static int teardown(void **state)
{
    fixture_t *f = *state;
    metric_set_free(f->set);
    return 0;
}

static void count_all(fixture_t *f)
{
    for (int i = 0; i < ROUTES; i++) {
        if (f->routes[i].series)
            f->routes[i].series->requests += (uint64_t)i + 1;
    }
}

static http_series_t *find(metric_set_t *set, int name)
{
    char text[16];
    snprintf(text, sizeof(text), "r%d", name);
    return named_HTTP(set, (const slice_t[]){SLICE("l"), slice_of(text), SLICE("b")});
}

static uint64_t total_requests(const metric_set_t *set)
{
    uint64_t total = 0;
    const metric_labels_t *labels;
    metric_cursor_t cursor = {0};
    for (const uint64_t *cells;
         (cells = metric_set_next(set, METRIC_GROUP_HTTP, &cursor, &labels));)
        total += ((const http_series_t *)cells)->requests;
    return total;
}

/* Collects often enough that every chunk is looked at, twice: then throws the copies away. */
static void collect_until(fixture_t *f, uint64_t now_ns)
{
    for (int i = 0; i < 4; i++)
        metric_set_free(metric_set_collect(f->set, now_ns));
}

static void test_a_series_stays_where_it_is(void **state)
{
    fixture_t *f = *state;
    http_series_t *first = f->routes[0].series;
    first->requests = 41;
    count_all(f);
    begin_route(f, 0, 0);
    assert_ptr_equal(f->routes[0].series, first);
    assert_int_equal(first->requests, 42);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), ROUTES);
    assert_int_equal(total_requests(f->set), 41 + ROUTES * (ROUTES + 1) / 2);
}

static void test_a_group_without_labels_has_one_series(void **state)
{
    fixture_t *f = *state;
    dataplane_series_t *series = series_DATAPLANE(f->set);
    series->ready = 1;
    assert_ptr_equal(series_DATAPLANE(f->set), series);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_DATAPLANE), 1);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_BACKEND), 0);
}

static void test_a_copy_is_what_was_counted_then(void **state)
{
    fixture_t *f = *state;
    count_all(f);
    uint64_t then = total_requests(f->set);
    metric_set_t *copy = metric_set_collect(f->set, second);
    count_all(f);
    metric_set_free(f->set); /* the copy needs nothing of the original */
    f->set = NULL;
    assert_int_equal(total_requests(copy), then);
    metric_set_free(copy);
}

static void test_copies_of_several_workers_add_up(void **state)
{
    fixture_t *f = *state;
    metric_set_t *other = metric_set_new(), *total = metric_set_new();
    backend_series_t *here = named_BACKEND(f->set, (const slice_t[]){SLICE("b")});
    backend_series_t *there = named_BACKEND(other, (const slice_t[]){SLICE("b")});
    here->active = 5;
    there->active = -2;
    here->health = 1;
    latency_observe(&here->connect, 700000);
    latency_observe(&there->connect, 800000);
    find(other, 3)->requests = 1000;
    count_all(f);
    metric_set_merge(total, f->set);
    metric_set_merge(total, other);
    assert_int_equal(metric_set_count(total, METRIC_GROUP_HTTP), ROUTES);
    assert_int_equal(find(total, 3)->requests, 1004);
    backend_series_t *sum = named_BACKEND(total, (const slice_t[]){SLICE("b")});
    assert_int_equal(sum->active, 3);
    assert_int_equal(sum->health, 1); /* the larger one, not the sum */
    assert_int_equal(sum->connect.buckets[1], 2);
    assert_int_equal(sum->connect.sum_ns, 1500000);
    metric_set_free(other);
    metric_set_free(total);
}

static void test_the_larger_value_of_both_orders(void **state)
{
    fixture_t *f = *state;
    metric_set_t *other = metric_set_new();
    const slice_t name[] = {SLICE("l")};
    named_LISTENER(f->set, name)->bound = 1;
    named_LISTENER(other, name)->bound = 1;
    metric_set_merge(other, f->set);
    assert_int_equal(named_LISTENER(other, name)->bound, 1);
    named_LISTENER(f->set, name)->bound = 0;
    metric_set_merge(other, f->set);
    assert_int_equal(named_LISTENER(other, name)->bound, 1);
    metric_set_free(other);
}

/* What a scraper would show of a source: the past and the last copy. */
static metric_set_t *scraped(const metric_set_t *past, const metric_set_t *last)
{
    metric_set_t *total = metric_set_new();
    metric_set_merge(total, past);
    metric_set_merge(total, last);
    return total;
}

static void test_a_source_that_begins_anew_does_not_lower_the_sum(void **state)
{
    fixture_t *f = *state;
    metric_set_t *past = metric_set_new(), *last = NULL, *next;
    for (int life = 0; life < 3; life++) {
        for (int scrape = 0; scrape < 2; scrape++) {
            count_all(f);
            f->routes[0].series->active = 7;
            next = metric_set_collect(f->set, second);
            metric_set_follow(&last, &next, past);
            assert_null(next);
        }
        metric_set_free(f->set); /* the actor is restarted */
        f->set = metric_set_new();
        begin_routes(f);
    }
    metric_set_t *total = scraped(past, last);
    assert_int_equal(total_requests(total), 3 * 2 * ROUTES * (ROUTES + 1) / 2);
    assert_int_equal(find(total, 0)->active, 7); /* of the last life only */
    metric_set_free(total);
    metric_set_free(past);
    metric_set_free(last);
}

static void test_a_dead_route_is_reported_for_a_while_and_then_forgotten(void **state)
{
    fixture_t *f = *state;
    count_all(f);
    end_route(f, 7);
    end_route(f, 299);
    collect_until(f, 10 * second);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), ROUTES);
    collect_until(f, (METRIC_RETENTION_SECONDS + 9) * second);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), ROUTES);
    metric_set_t *last = metric_set_collect(f->set, (METRIC_RETENTION_SECONDS + 10) * second);
    assert_int_equal(metric_set_count(last, METRIC_GROUP_HTTP), ROUTES);
    metric_set_free(last);
    collect_until(f, (METRIC_RETENTION_SECONDS + 10) * second);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), ROUTES - 2);
    assert_int_equal(f->routes[8].series->requests, 9);
}

static void test_a_route_that_comes_back_goes_on_counting(void **state)
{
    fixture_t *f = *state;
    count_all(f);
    http_series_t *series = f->routes[7].series;
    end_route(f, 7);
    collect_until(f, 10 * second);
    begin_route(f, 7, 7);
    collect_until(f, 20 * second);
    end_route(f, 7); /* its time starts anew */
    collect_until(f, 200 * second);
    collect_until(f, (METRIC_RETENTION_SECONDS + 150) * second);
    begin_route(f, 7, 7);
    assert_ptr_equal(f->routes[7].series, series);
    assert_int_equal(series->requests, 8);
}

static void test_a_free_slot_is_used_again_and_a_copy_does_not_see_it(void **state)
{
    fixture_t *f = *state;
    count_all(f);
    end_route(f, 7);
    collect_until(f, second);
    metric_set_t *copy = metric_set_collect(f->set, second);
    collect_until(f, 1000 * second);
    const slice_t values[] = {SLICE("l"), SLICE("new"), SLICE("b")};
    http_series_t *series = named_HTTP(f->set, values);
    assert_int_equal(series->requests, 0);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), ROUTES);
    metric_cursor_t cursor = {0};
    const metric_labels_t *labels;
    bool seen = false;
    while (metric_set_next(copy, METRIC_GROUP_HTTP, &cursor, &labels)) {
        seen |= slice_eq(metric_labels_text(labels),
                         SLICE("listener=\"l\",route=\"r7\",backend=\"b\""));
        assert_false(slice_eq(metric_labels_text(labels),
                              SLICE("listener=\"l\",route=\"new\",backend=\"b\"")));
    }
    assert_true(seen);
    metric_set_free(copy);
}

static void test_the_next_one_in_a_slot_has_its_own_time(void **state)
{
    fixture_t *f = *state;
    count_all(f);
    end_route(f, 7);
    collect_until(f, second);
    collect_until(f, 1000 * second);
    begin_route(f, 7, 1007); /* in the slot of the old one */
    end_route(f, 7);
    collect_until(f, 1001 * second);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), ROUTES);
}

static void test_a_named_series_stays(void **state)
{
    fixture_t *f = *state;
    const slice_t values[] = {SLICE("router")};
    actor_series_t *series = named_DATAPLANE_ACTOR(f->set, values);
    series->messages = 1;
    collect_until(f, second);
    collect_until(f, 10000 * second);
    assert_ptr_equal(named_DATAPLANE_ACTOR(f->set, values), series);
    assert_int_equal(series->messages, 1);
}

static void test_every_hold_counts(void **state)
{
    fixture_t *f = *state;
    begin_route(f, 7, 7); /* once more */
    http_series_t *series = f->routes[7].series;
    metric_set_drop(f->set, METRIC_GROUP_HTTP, f->routes[7].place);
    collect_until(f, second);
    collect_until(f, 10000 * second);
    begin_route(f, 7, 7);
    assert_ptr_equal(f->routes[7].series, series);
}

static void test_a_held_series_that_gets_a_name_for_ever_stays(void **state)
{
    fixture_t *f = *state;
    http_series_t *series = f->routes[7].series;
    assert_ptr_equal(find(f->set, 7), series);
    end_route(f, 7);
    collect_until(f, second);
    collect_until(f, 10000 * second);
    assert_ptr_equal(find(f->set, 7), series);
}

static void test_beyond_the_limit_there_are_no_new_series(void **state)
{
    fixture_t *f = *state; /* a limit of 100 */
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), 100);
    assert_true(metric_set_full(f->set, METRIC_GROUP_HTTP));
    assert_non_null(f->routes[99].series);
    assert_null(f->routes[100].series);
    http_series_t *known = f->routes[50].series;
    begin_route(f, 50, 50);
    assert_ptr_equal(f->routes[50].series, known);
    assert_non_null(named_HTTP(f->set, (const slice_t[]){SLICE("a"), SLICE("b"), SLICE("c")}));
    assert_false(metric_set_full(f->set, METRIC_GROUP_BACKEND));
}

static void test_a_full_group_forgets_the_dead_at_once_but_no_live_one(void **state)
{
    fixture_t *f = *state; /* a limit of 100 */
    count_all(f);
    http_series_t *live = f->routes[50].series;
    end_route(f, 3);
    metric_set_t *last = metric_set_collect(f->set, second);
    assert_int_equal(metric_set_count(last, METRIC_GROUP_HTTP), 100); /* it is reported */
    metric_set_free(last);
    assert_int_equal(metric_set_count(f->set, METRIC_GROUP_HTTP), 99);
    begin_route(f, 50, 50);
    assert_ptr_equal(f->routes[50].series, live);
    assert_int_equal(live->requests, 51);
}

static void test_new_routes_get_the_places_of_the_dead(void **state)
{
    fixture_t *f = *state; /* a limit of 100 */
    for (int i = 0; i < 100; i++)
        end_route(f, i);
    collect_until(f, second);
    for (int i = 0; i < 100; i++) {
        begin_route(f, i, 1000 + i);
        assert_non_null(f->routes[i].series);
    }
    assert_true(metric_set_full(f->set, METRIC_GROUP_HTTP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_series_stays_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_group_without_labels_has_one_series, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_copy_is_what_was_counted_then, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copies_of_several_workers_add_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_larger_value_of_both_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_source_that_begins_anew_does_not_lower_the_sum,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_dead_route_is_reported_for_a_while_and_then_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_route_that_comes_back_goes_on_counting, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_free_slot_is_used_again_and_a_copy_does_not_see_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_next_one_in_a_slot_has_its_own_time, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_named_series_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_hold_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_held_series_that_gets_a_name_for_ever_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_beyond_the_limit_there_are_no_new_series,
                                        setup_small_limit, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_group_forgets_the_dead_at_once_but_no_live_one,
                                        setup_small_limit, teardown),
        cmocka_unit_test_setup_teardown(test_new_routes_get_the_places_of_the_dead,
                                        setup_small_limit, teardown),
    };
    return cmocka_run_group_tests_name("metric_set", tests, NULL, NULL);
}
