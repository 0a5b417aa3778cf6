/*
 * router_test.c: the router alone, on a bench: no thread, no libuv, no ZeroMQ.
 */
#include "actors/classes.h"
#include "actors/connection_msg.h"
#include "actors/router_msg.h"
#include "actors/upstream.h"
#include "actors/upstream_msg.h"
#include "core/actor_bench.h"
#include "core/mem.h"

#include "tests/unit/test.h"
#include "tests/unit/xds/make.h"

static const msg_protocol_t *const protocols[] = {&router_protocol,     &upstream_protocol,
                                                  &connection_protocol, &listener_protocol,
                                                  &metrics_protocol,    NULL};
static router_args_t args;

typedef struct fixture {
    arena_t arena;
    snapshot_builder_t *builder;
    actor_bench_t *bench;
    actor_ref_t client, snapshot;
} fixture_t;

static void fail_test(const char *text)
{
    fail_msg("%s", text);
}

/* /a goes to cluster "a", /b to "b", /gone to one that does not exist, /no answers 500,
 * /redirect redirects. */
static void add_config(fixture_t *f, xds_update_t *update)
{
    vhost_message_t *vhost = make_vhost(&f->arena, "all", "*");
    const char *const clusters[] = {"a", "b", "gone"};
    for (int i = 0; i < 3; i++)
        make_vhost_route(&f->arena, vhost,
                         make_route(&f->arena, ROUTE_PATH_PREFIX,
                                    make_text(&f->arena, "/%s", clusters[i]), clusters[i]));
    route_message_t *no = make_route(&f->arena, ROUTE_PATH_PREFIX, "/no", "a");
    make_respond(&f->arena, no, 500);
    make_vhost_route(&f->arena, vhost, no);
    Envoy__Config__Route__V3__RedirectAction redirect =
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__INIT;
    redirect.host_redirect = "elsewhere";
    redirect.response_code =
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__FOUND;
    route_message_t *away = make_route(&f->arena, ROUTE_PATH_PREFIX, "/redirect", "a");
    away->action_case = ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_REDIRECT;
    away->redirect = &redirect;
    make_vhost_route(&f->arena, vhost, away);
    change_vhost(update, "routes", vhost);
    change_listener(update, make_listener(&f->arena, "web", 8080, "routes"));
    change_cluster(update, make_cluster(&f->arena, "a"));
    change_cluster(update, make_cluster(&f->arena, "b"));
    change_assignment(update, make_assignment(&f->arena, "a", 1, 80));
}

static void bring(fixture_t *f, xds_update_t *update)
{
    const snapshot_t *snapshot = snapshot_builder_apply(f->builder, update, NULL);
    bench_ask(f->bench, f->snapshot, MSG_ROUTES, (void *)(uintptr_t)snapshot);
    xds_update_fini(update);
}

static int set_up(void **state)
{
    fixture_t *f = *state = xcalloc(1, sizeof(*f));
    xds_update_t update = {0};
    f->builder = snapshot_builder_new(1);
    f->bench = actor_bench_new(&router_class, &args, protocols);
    bench_on_failure(f->bench, fail_test);
    f->client = bench_peer(f->bench, "connection/1");
    f->snapshot = bench_peer(f->bench, "snapshot/0");
    assert_int_equal(bench_start(f->bench), 0);
    add_config(f, &update);
    bring(f, &update);
    bench_skip(f->bench, f->snapshot, MSG_ROUTES_APPLIED);
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    actor_bench_free(f->bench);
    snapshot_builder_free(f->builder);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static void ask(fixture_t *f, const char *path)
{
    exchange_t *exchange = exchange_new(NULL);
    exchange->request.method = SLICE("GET");
    exchange->request.path = slice_of(path);
    exchange->request.host = SLICE("example.com");
    exchange->listener = 0;
    bench_ask(f->bench, f->client, MSG_ROUTE_REQUEST, exchange);
}

/* The answer of the router itself. */
static void expect_answer(fixture_t *f, response_flag_t flag, unsigned status)
{
    msg_t m = bench_expect(f->bench, f->client, MSG_RESPONSE);
    const exchange_t *exchange = m.body;
    assert_int_equal(exchange->flag, flag);
    assert_int_equal(exchange->response.status, status);
    assert_true(exchange->response_complete);
    bench_release(f->bench, &m);
}

/* The request that the router has passed on; the asker's worker is told where it went. */
static msg_t expect_dispatch(fixture_t *f, actor_ref_t upstream)
{
    bench_skip(f->bench, f->client, MSG_KEPT);
    return bench_expect(f->bench, upstream, MSG_DISPATCH);
}

static void skip_dispatch(fixture_t *f, actor_ref_t upstream)
{
    msg_t m = expect_dispatch(f, upstream);
    bench_release(f->bench, &m);
}

static void a_path_without_route_is_answered_404(void **state)
{
    ask(*state, "/x");
    expect_answer(*state, RESPONSE_FLAG_NR, 404);
}

static void an_unknown_listener_has_no_routes(void **state)
{
    fixture_t *f = *state;
    exchange_t *exchange = exchange_new(NULL);
    exchange->request.path = SLICE("/a");
    exchange->listener = 77;
    bench_ask(f->bench, f->client, MSG_ROUTE_REQUEST, exchange);
    expect_answer(f, RESPONSE_FLAG_NR, 404);
}

static void a_route_that_answers_itself_needs_no_upstream(void **state)
{
    ask(*state, "/no");
    expect_answer(*state, RESPONSE_FLAG_IB, 500);
    assert_int_equal(bench_spawns(((fixture_t *)*state)->bench), 0);
}

static void a_missing_cluster_is_answered_500(void **state)
{
    ask(*state, "/gone");
    expect_answer(*state, RESPONSE_FLAG_IB, 500);
}

static void an_upstream_is_started_on_first_use_only(void **state)
{
    fixture_t *f = *state;
    ask(f, "/a/1");
    ask(f, "/a/2");
    actor_ref_t upstream = bench_spawned(f->bench, "upstream");
    assert_string_equal(bench_name(f->bench, upstream), "upstream/1/a");
    assert_int_equal(bench_spawns(f->bench), 0);
    for (int i = 0; i < 2; i++) {
        msg_t m = expect_dispatch(f, upstream);
        const exchange_t *exchange = m.body;
        assert_int_equal(m.src, f->client); /* the answer goes to the asker */
        assert_int_equal(exchange->deadline_ns,
                         actor_now(actor_bench_me(f->bench)) +
                             15000000000u /* xDS: an absent timeout is 15 s */);
        bench_release(f->bench, &m);
    }
}

static void an_upstream_hears_of_new_endpoints_before_requests(void **state)
{
    fixture_t *f = *state;
    xds_update_t update = {0};
    ask(f, "/a");
    actor_ref_t upstream = bench_spawned(f->bench, "upstream");
    skip_dispatch(f, upstream);
    change_assignment(&update, make_assignment(&f->arena, "a", 3, 80));
    bring(f, &update);
    ask(f, "/a");
    msg_t m = bench_expect(f->bench, upstream, MSG_DESTINATION);
    assert_int_equal(((const destination_t *)m.body)->endpoints->count, 3);
    bench_release(f->bench, &m);
    bench_skip(f->bench, f->snapshot, MSG_ROUTES_APPLIED);
    skip_dispatch(f, upstream);
}

static void an_unchanged_cluster_is_not_disturbed(void **state)
{
    fixture_t *f = *state;
    xds_update_t update = {0};
    ask(f, "/a");
    skip_dispatch(f, bench_spawned(f->bench, "upstream"));
    change_assignment(&update, make_assignment(&f->arena, "b", 3, 80));
    bring(f, &update);
    bench_skip(f->bench, f->snapshot, MSG_ROUTES_APPLIED);
    bench_silent(f->bench);
}

static void a_removed_cluster_ends_its_upstream(void **state)
{
    fixture_t *f = *state;
    xds_update_t update = {0};
    ask(f, "/a");
    actor_ref_t upstream = bench_spawned(f->bench, "upstream");
    skip_dispatch(f, upstream);
    xds_update_remove(&update, XDS_CLUSTER, SLICE("a"));
    bring(f, &update);
    msg_t m = bench_expect(f->bench, upstream, MSG_DESTINATION);
    assert_null(m.body);
    bench_skip(f->bench, f->snapshot, MSG_ROUTES_APPLIED);
    ask(f, "/a");
    expect_answer(f, RESPONSE_FLAG_IB, 500);
}

static void a_redirect_is_answered_with_its_location(void **state)
{
    fixture_t *f = *state;
    ask(f, "/redirect");
    msg_t m = bench_expect(f->bench, f->client, MSG_RESPONSE);
    const exchange_t *exchange = m.body;
    assert_int_equal(exchange->response.status, 302);
    assert_int_equal(exchange->flag, RESPONSE_FLAG_NONE);
    assert_slice(http_headers_get(&exchange->response.headers, HTTP_HEADER_LOCATION)->value,
                 "http://elsewhere/redirect");
    bench_release(f->bench, &m);
}

static void a_dead_upstream_is_started_anew(void **state)
{
    fixture_t *f = *state;
    ask(f, "/a");
    actor_ref_t first = bench_spawned(f->bench, "upstream");
    skip_dispatch(f, first);
    bench_down(f->bench, first, GW_ECRASHLOOP);
    bench_skip(f->bench, f->client, MSG_FAILED); /* what it owed */
    ask(f, "/a");
    actor_ref_t second = bench_spawned(f->bench, "upstream");
    assert_int_not_equal(first, second);
    skip_dispatch(f, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_path_without_route_is_answered_404),
        TEST(an_unknown_listener_has_no_routes),
        TEST(a_route_that_answers_itself_needs_no_upstream),
        TEST(a_missing_cluster_is_answered_500),
        TEST(an_upstream_is_started_on_first_use_only),
        TEST(an_upstream_hears_of_new_endpoints_before_requests),
        TEST(an_unchanged_cluster_is_not_disturbed),
        TEST(a_removed_cluster_ends_its_upstream),
        TEST(a_redirect_is_answered_with_its_location),
        TEST(a_dead_upstream_is_started_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
