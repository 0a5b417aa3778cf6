/* snapshot on the bench: the workers' routers and listeners are the test's. */
#include <errno.h>

#include "actors/classes.h"
#include "actors/metrics_msg.h"
#include "actors/router_msg.h"
#include "actors/snapshot_msg.h"
#include "core/actor_bench.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/unit/actors/objects.h"
#include "tests/unit/test.h"

enum { WORKERS = 2 };

static const msg_protocol_t *const protocols[] = {&listener_protocol, &router_protocol,
                                                  &snapshot_protocol, &translator_protocol,
                                                  &metrics_protocol,  NULL};
static snapshot_args_t args = {.version = "1.2.3", .worker_timeout_ms = 5000};

typedef struct fixture {
    actor_bench_t *bench;
    actor_ref_t translator, admin;
    actor_ref_t routers[WORKERS + 1], listeners[WORKERS + 1];
    store_t *store; /* for making updates */
    translator_t *maker;
    char log[4096];
} fixture_t;

static void fail_test(const char *text)
{
    fail_msg("%s", text);
}

static void keep_line(void *context, slice_t line)
{
    fixture_t *f = context;
    size_t len = strlen(f->log);
    snprintf(f->log + len, sizeof(f->log) - len, "%.*s\n", SLICE_ARG(line));
}

static int set_up(void **state)
{
    fixture_t *f = calloc(1, sizeof(*f));
    char name[32];
    f->bench = actor_bench_new(&snapshot_class, &args, protocols);
    bench_on_failure(f->bench, fail_test);
    bench_place(f->bench, 0, WORKERS + 1);
    for (uint32_t w = 1; w <= WORKERS; w++) {
        snprintf(name, sizeof(name), "router/%u", w);
        f->routers[w] = bench_peer(f->bench, name);
        snprintf(name, sizeof(name), "listener/%u", w);
        f->listeners[w] = bench_peer(f->bench, name);
    }
    f->admin = bench_peer(f->bench, "admin");
    assert_int_equal(bench_start(f->bench), 0);
    f->translator = bench_peer(f->bench, "translator");
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    options.allow_loopback = true;
    f->store = store_new();
    f->maker = translator_new(&options);
    log_capture(keep_line, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    log_capture(NULL, NULL);
    actor_bench_finish(f->bench);
    translator_free(f->maker);
    store_free(f->store);
    free(f);
    return 0;
}

/* What the translator makes of a file. */
static resources_t *resources_of(fixture_t *f, uint64_t version, const char *text)
{
    resources_t *resources = xcalloc(1, sizeof(*resources));
    status_update_t status = {0};
    change_batch_t *batch = changes_of("a.yaml", text);
    resources->version = version;
    store_replace_source(f->store, SLICE("a.yaml"), batch->sources[0].objects,
                         batch->sources[0].count, NULL);
    translator_run(f->maker, f->store, &resources->update, &status);
    status_update_fini(&status);
    change_batch_free(batch);
    return resources;
}

static void update(fixture_t *f, resources_t *resources)
{
    bench_ask(f->bench, f->translator, MSG_RESOURCES, resources);
}

static const snapshot_t *expect_routes(fixture_t *f, uint32_t worker, msg_t *ret)
{
    *ret = bench_expect(f->bench, f->routers[worker], MSG_ROUTES);
    return ret->body;
}

static void apply_routes(fixture_t *f)
{
    msg_t m[WORKERS + 1];
    for (uint32_t w = 1; w <= WORKERS; w++)
        expect_routes(f, w, &m[w]);
    for (uint32_t w = 1; w <= WORKERS; w++) {
        bench_release(f->bench, &m[w]);
        bench_reply(f->bench, &m[w], MSG_ROUTES_APPLIED, NULL);
    }
}

/* Answers that every listener of the snapshot is bound at its address, or what `code` says. */
static bound_list_t *bound_of(const snapshot_t *snapshot, int code)
{
    uint32_t count;
    const snapshot_listener_t *listeners = snapshot_listeners(snapshot, &count);
    bound_list_t *list = xcalloc(1, sizeof(*list) + count * sizeof(list->listeners[0]));
    for (uint32_t i = 0; i < count; i++) {
        bound_t *bound = &list->listeners[list->count++];
        snprintf(bound->name, sizeof(bound->name), "%s", listeners[i].listener->name.base);
        snprintf(bound->address, sizeof(bound->address), "%s",
                 listeners[i].listener->address.text.base);
        bound->code = code;
    }
    return list;
}

static void bind_on(fixture_t *f, uint32_t worker, int code)
{
    msg_t m = bench_expect(f->bench, f->listeners[worker], MSG_LISTENERS);
    bound_list_t *list = bound_of(m.body, code);
    bench_release(f->bench, &m);
    bench_reply(f->bench, &m, MSG_BOUND, list);
}

static applied_t *expect_applied(fixture_t *f)
{
    return bench_expect(f->bench, f->translator, MSG_APPLIED).body;
}

static void apply(fixture_t *f, uint64_t version, const char *text)
{
    update(f, resources_of(f, version, text));
    apply_routes(f);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->code, 0);
    applied_free(applied);
}

static bool logged(const fixture_t *f, const char *text)
{
    return strstr(f->log, text) != NULL;
}

/* --- order --- */

static void test_routers_come_first_then_one_listener_then_the_others(void **state)
{
    fixture_t *f = *state;
    msg_t one, two;
    update(f, resources_of(f, 7, CLASS_TEXT GATEWAY_TEXT("web", "8080")));
    const snapshot_t *first = expect_routes(f, 1, &one);
    assert_ptr_equal(expect_routes(f, 2, &two), first);
    bench_silent(f->bench);
    bench_release(f->bench, &one);
    bench_reply(f->bench, &one, MSG_ROUTES_APPLIED, NULL);
    bench_silent(f->bench);
    bench_release(f->bench, &two);
    bench_reply(f->bench, &two, MSG_ROUTES_APPLIED, NULL);
    one = bench_expect(f->bench, f->listeners[1], MSG_LISTENERS);
    bench_silent(f->bench);
    bound_list_t *list = bound_of(one.body, 0);
    bench_release(f->bench, &one);
    bench_reply(f->bench, &one, MSG_BOUND, list);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->version, 7);
    assert_int_equal(applied->code, 0);
    assert_int_equal(applied->bound->count, 2); /* the Gateway's and the one that is always there */
    applied_free(applied);
}

static void test_one_update_at_a_time_and_in_order(void **state)
{
    fixture_t *f = *state;
    update(f, resources_of(f, 1, CLASS_TEXT GATEWAY_TEXT("web", "8080")));
    update(f, resources_of(f, 2, CLASS_TEXT GATEWAY_TEXT("web", "8081")));
    apply_routes(f);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->version, 1);
    applied_free(applied);
    apply_routes(f);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied = expect_applied(f);
    assert_int_equal(applied->version, 2);
    applied_free(applied);
}

static void test_an_equal_update_is_answered_at_once(void **state)
{
    fixture_t *f = *state;
    apply(f, 1, CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    resources_t *again = xcalloc(1, sizeof(*again));
    again->version = 2;
    translator_all(f->maker, &again->update);
    update(f, again);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->version, 2);
    assert_int_equal(applied->bound->count, 2);
    applied_free(applied);
}

static void test_a_full_state_removes_what_it_does_not_name(void **state)
{
    fixture_t *f = *state;
    apply(f, 1, CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    resources_t *nothing = xcalloc(1, sizeof(*nothing));
    nothing->everything = true;
    update(f, nothing);
    apply_routes(f);
    msg_t m = bench_expect(f->bench, f->listeners[1], MSG_LISTENERS);
    uint32_t count;
    snapshot_listeners(m.body, &count);
    assert_int_equal(count, 0);
    bound_list_t *list = bound_of(m.body, 0);
    bench_release(f->bench, &m);
    bench_reply(f->bench, &m, MSG_BOUND, list);
    bind_on(f, 2, 0);
    applied_free(expect_applied(f));
    assert_true(logged(f, "LISTENER-GONE"));
}

/* --- what goes wrong --- */

static void test_a_worker_that_does_not_answer_is_named(void **state)
{
    fixture_t *f = *state;
    msg_t one, two;
    update(f, resources_of(f, 1, CLASS_TEXT));
    expect_routes(f, 1, &one);
    expect_routes(f, 2, &two);
    bench_release(f->bench, &one);
    bench_reply(f->bench, &one, MSG_ROUTES_APPLIED, NULL);
    bench_advance_ms(f->bench, 5000);
    bench_skip(f->bench, f->routers[2], MSG_CANCELED);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->code, GW_EDEADLINE);
    assert_int_equal(applied->worker, 2);
    applied_free(applied);
    bench_release(f->bench, &two);
    assert_true(logged(f, "SNAPSHOT-NOT-APPLIED") && !logged(f, "READY"));
}

static void test_after_a_worker_was_behind_an_equal_update_goes_out_again(void **state)
{
    fixture_t *f = *state;
    test_a_worker_that_does_not_answer_is_named(state);
    resources_t *again = xcalloc(1, sizeof(*again));
    translator_all(f->maker, &again->update);
    update(f, again);
    apply_routes(f);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->code, 0);
    applied_free(applied);
    assert_true(logged(f, "READY"));
}

static void test_a_router_that_was_restarted_is_asked_again(void **state)
{
    fixture_t *f = *state;
    msg_t one, two, again;
    update(f, resources_of(f, 1, CLASS_TEXT));
    expect_routes(f, 1, &one);
    expect_routes(f, 2, &two);
    bench_release(f->bench, &one);
    bench_release(f->bench, &two);
    bench_reply(f->bench, &one, MSG_ROUTES_APPLIED, NULL);
    bench_fail(f->bench, &two, GW_ERESTART);
    expect_routes(f, 2, &again);
    bench_release(f->bench, &again);
    bench_reply(f->bench, &again, MSG_ROUTES_APPLIED, NULL);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->code, 0);
    applied_free(applied);
}

static void test_a_refused_resource_is_reported_and_the_others_apply(void **state)
{
    fixture_t *f = *state;
    resources_t *resources = resources_of(f, 1, CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    xds_resource_t *broken =
        xds_resource_from_bytes(XDS_CLUSTER, SLICE("bad"), SLICE("\xff\xff\xff"));
    xds_update_change(&resources->update, &broken);
    update(f, resources);
    apply_routes(f);
    bind_on(f, 1, 0);
    bind_on(f, 2, 0);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->rejects.count, 1);
    assert_slice(applied->rejects.at[0].name, "bad");
    assert_int_equal(applied->bound->count, 2);
    applied_free(applied);
    assert_true(logged(f, "RESOURCE-REJECTED"));
}

static void bind_with(fixture_t *f, int first, int second)
{
    apply_routes(f);
    bind_on(f, 1, first);
    bind_on(f, 2, second);
    applied_t *applied = expect_applied(f);
    assert_int_equal(applied->code, 0);
    assert_int_equal(applied->bound->listeners[0].code, first ? first : second);
    applied_free(applied);
}

static void test_a_port_that_one_worker_does_not_get_is_not_bound(void **state)
{
    fixture_t *f = *state;
    update(f, resources_of(f, 1, CLASS_TEXT));
    bind_with(f, -EADDRINUSE, 0);
    assert_true(logged(f, "LISTENER-NOT-BOUND") && logged(f, "READY"));
    update(f, resources_of(f, 2, CLASS_TEXT GATEWAY_TEXT("web", "8080")));
    bind_with(f, 0, -EMFILE);
    update(f, resources_of(f, 3, CLASS_TEXT));
    bind_with(f, 0, 0);
}

/* --- what can be seen --- */

static void test_listeners_are_announced_by_their_gateways_once(void **state)
{
    fixture_t *f = *state;
    apply(f, 1, CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    assert_true(logged(f, "\"name\":\"default/web/http\",\"address\":\"0.0.0.0:8080\","
                          "\"port\":8080"));
    assert_true(logged(f, "\"name\":\"traffic\",\"address\":\"0.0.0.0:10080\""));
    assert_true(logged(f, "\"id\":\"READY\"") && logged(f, "1.2.3"));
    f->log[0] = '\0';
    apply(f, 2, CLASS_TEXT GATEWAY_TEXT("web", "8080") GATEWAY_TEXT("more", "8081"));
    assert_true(logged(f, "default/more/http"));
    assert_false(logged(f, "default/web/http") || logged(f, "traffic") || logged(f, "READY"));
}

static void test_the_view_has_what_the_workers_run(void **state)
{
    fixture_t *f = *state;
    bench_ask(f->bench, f->admin, MSG_SNAPSHOT_ASK, NULL);
    msg_t m = bench_expect(f->bench, f->admin, MSG_SNAPSHOT_VIEW);
    const snapshot_view_t *view = m.body;
    assert_true(view->snapshot == NULL && !view->applied && view->bound == NULL);
    bench_release(f->bench, &m);
    apply(f, 9, CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    bench_ask(f->bench, f->admin, MSG_SNAPSHOT_ASK, NULL);
    m = bench_expect(f->bench, f->admin, MSG_SNAPSHOT_VIEW);
    view = m.body;
    assert_true(view->snapshot != NULL && view->applied && view->version == 9);
    assert_int_equal(view->bound->count, 2);
    assert_int_equal(view->applied_total, 1);
    bench_release(f->bench, &m);
}

static const dataplane_series_t *collect(fixture_t *f, metric_set_t *sum)
{
    bench_ask(f->bench, f->admin, MSG_METRICS_COLLECT, NULL);
    msg_t m = bench_expect(f->bench, f->admin, MSG_METRICS_PART);
    metric_set_merge(sum, m.body);
    bench_release(f->bench, &m);
    return series_DATAPLANE(sum);
}

static void test_readiness_is_a_metric_and_ends_with_draining(void **state)
{
    fixture_t *f = *state;
    metric_set_t *before = metric_set_new(), *after = metric_set_new(), *end = metric_set_new();
    assert_int_equal(collect(f, before)->ready, 0);
    apply(f, 1, CLASS_TEXT);
    assert_int_equal(collect(f, after)->ready, 1);
    bench_send(f->bench, f->admin, MSG_DRAIN, NULL, 0);
    const dataplane_series_t *series = collect(f, end);
    assert_true(series->ready == 0 && series->draining == 1);
    metric_set_free(before);
    metric_set_free(after);
    metric_set_free(end);
}

static void test_what_there_is_is_counted(void **state)
{
    fixture_t *f = *state;
    apply(f, 1,
          CLASS_TEXT GATEWAY_TEXT("web", "8080") ROUTE_TEXT("a", "/a") ROUTE_TEXT("b", "/b")
              BACKEND_TEXT("9000"));
    metric_set_t *sum = metric_set_new();
    const dataplane_series_t *series = collect(f, sum);
    assert_int_equal(series->listeners, 2);
    assert_int_equal(series->routes, 2);
    assert_int_equal(series->backends, 1);
    assert_int_equal(series->endpoints, 1);
    assert_int_equal(series->applied, 1);
    assert_int_equal(series->rejected, 0);
    metric_set_free(sum);
}

/* --- those that start anew --- */

static void test_a_worker_that_starts_anew_gets_what_the_others_have(void **state)
{
    fixture_t *f = *state;
    bench_send(f->bench, f->routers[1], MSG_ROUTES_WANTED, NULL, 0);
    bench_silent(f->bench);
    apply(f, 1, CLASS_TEXT);
    bench_send(f->bench, f->routers[1], MSG_ROUTES_WANTED, NULL, 0);
    msg_t m = bench_expect(f->bench, f->routers[1], MSG_ROUTES);
    bench_release(f->bench, &m);
    bench_reply(f->bench, &m, MSG_ROUTES_APPLIED, NULL);
    bench_send(f->bench, f->listeners[2], MSG_LISTENERS_WANTED, NULL, 0);
    m = bench_expect(f->bench, f->listeners[2], MSG_LISTENERS);
    bound_list_t *list = bound_of(m.body, 0);
    bench_release(f->bench, &m);
    bench_reply(f->bench, &m, MSG_BOUND, list);
}

static void test_a_snapshot_that_starts_anew_asks_for_everything(void **state)
{
    (void)state;
    actor_bench_t *bench = actor_bench_new(&snapshot_class, &args, protocols);
    bench_on_failure(bench, fail_test);
    bench_place(bench, 0, 2);
    actor_ref_t translator = bench_peer(bench, "translator");
    assert_int_equal(bench_start(bench), 0);
    bench_skip(bench, translator, MSG_RESOURCES_WANTED);
    actor_bench_finish(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_routers_come_first_then_one_listener_then_the_others),
        TEST(test_one_update_at_a_time_and_in_order),
        TEST(test_an_equal_update_is_answered_at_once),
        TEST(test_a_full_state_removes_what_it_does_not_name),
        TEST(test_a_worker_that_does_not_answer_is_named),
        TEST(test_after_a_worker_was_behind_an_equal_update_goes_out_again),
        TEST(test_a_router_that_was_restarted_is_asked_again),
        TEST(test_a_refused_resource_is_reported_and_the_others_apply),
        TEST(test_a_port_that_one_worker_does_not_get_is_not_bound),
        TEST(test_listeners_are_announced_by_their_gateways_once),
        TEST(test_the_view_has_what_the_workers_run),
        TEST(test_readiness_is_a_metric_and_ends_with_draining),
        TEST(test_what_there_is_is_counted),
        TEST(test_a_worker_that_starts_anew_gets_what_the_others_have),
        cmocka_unit_test(test_a_snapshot_that_starts_anew_asks_for_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
