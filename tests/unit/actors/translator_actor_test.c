/* translator on the bench: the store and the snapshot actor are the test's. */
#include <errno.h>

#include "actors/classes.h"
#include "actors/metrics_msg.h"
#include "actors/snapshot_msg.h"
#include "core/actor_bench.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/unit/actors/objects.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&snapshot_protocol, &store_protocol,
                                                  &translator_protocol, &metrics_protocol, NULL};

typedef struct fixture {
    actor_bench_t *bench;
    actor_ref_t store, snapshot;
    translator_args_t args;
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
    f->args.options = TRANSLATOR_OPTIONS_DEFAULT;
    f->args.options.allow_loopback = true;
    f->bench = actor_bench_new(&translator_class, &f->args, protocols);
    bench_on_failure(f->bench, fail_test);
    bench_place(f->bench, 0, 2);
    f->snapshot = bench_peer(f->bench, "snapshot");
    assert_int_equal(bench_start(f->bench), 0);
    f->store = bench_peer(f->bench, "store");
    log_capture(keep_line, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    log_capture(NULL, NULL);
    actor_bench_finish(f->bench);
    free(f);
    return 0;
}

static void translate(fixture_t *f, const char *source, const char *text)
{
    bench_ask(f->bench, f->store, MSG_TRANSLATE, changes_of(source, text));
}

/* The next resources for the data plane; to be answered. */
static msg_t expect_resources(fixture_t *f)
{
    return bench_expect(f->bench, f->snapshot, MSG_RESOURCES);
}

static const xds_update_t *update_of(const msg_t *m)
{
    return &((const resources_t *)m->body)->update;
}

static bool has(const xds_update_t *update, xds_type_t type, const char *name)
{
    for (size_t i = 0; i < update->changed_count; i++) {
        if (xds_resource_type(update->changed[i]) == type &&
            slice_eq(xds_resource_name(update->changed[i]), slice_of(name)))
            return true;
    }
    return false;
}

static applied_t *applied_with(const char *name, int code)
{
    applied_t *applied = xcalloc(1, sizeof(*applied));
    applied->bound = xcalloc(1, sizeof(bound_list_t) + sizeof(bound_t));
    applied->bound->count = 1;
    snprintf(applied->bound->listeners[0].name, 256, "%s", name);
    snprintf(applied->bound->listeners[0].address, 64, "0.0.0.0:%s", name + 4);
    applied->bound->listeners[0].code = code;
    return applied;
}

static void answer(fixture_t *f, msg_t *m, applied_t *applied)
{
    bench_release(f->bench, m);
    bench_reply(f->bench, m, MSG_APPLIED, applied ? applied : xcalloc(1, sizeof(applied_t)));
}

static translation_t *expect_translated(fixture_t *f)
{
    return bench_expect(f->bench, f->store, MSG_TRANSLATED).body;
}

/* A translation that ends well. */
static void pass(fixture_t *f, const char *source, const char *text)
{
    translate(f, source, text);
    msg_t m = expect_resources(f);
    answer(f, &m, NULL);
    translation_free(expect_translated(f));
}

static const object_status_t *status_of(const translation_t *t, object_kind_t kind,
                                        const char *name)
{
    for (size_t i = 0; i < t->status.changed_count; i++) {
        const object_t *object = t->status.changed[i]->object;
        if (object->kind == kind && slice_eq(object->name, slice_of(name)))
            return t->status.changed[i];
    }
    return NULL;
}

static const condition_t *condition(const conditions_t *conditions, const char *type)
{
    for (size_t i = 0; i < conditions->count; i++) {
        if (strcmp(conditions->at[i].type, type) == 0)
            return &conditions->at[i];
    }
    fail_msg("no condition %s", type);
    return NULL;
}

/* --- there and back --- */

static void test_a_batch_becomes_resources_and_conditions(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml",
              CLASS_TEXT GATEWAY_TEXT("web", "8080") ROUTE_TEXT("a", "/a") BACKEND_TEXT("9000"));
    msg_t m = expect_resources(f);
    assert_true(((resources_t *)m.body)->everything);
    assert_true(has(update_of(&m), XDS_LISTENER, "tcp/8080"));
    assert_true(has(update_of(&m), XDS_LOAD_ASSIGNMENT, "default/backend:80"));
    bench_silent(f->bench);
    answer(f, &m, applied_with("tcp/8080", 0));
    translation_t *translation = expect_translated(f);
    const object_status_t *web = status_of(translation, KIND_GATEWAY, "web");
    assert_true(condition(&web->conditions, "Programmed")->met);
    assert_non_null(status_of(translation, KIND_HTTP_ROUTE, "a"));
    translation_free(translation);
}

static void test_what_changes_nothing_does_not_reach_the_data_plane(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    translate(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    translation_free(expect_translated(f));
}

static void test_a_changed_endpoint_sends_one_load_assignment(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080") ROUTE_TEXT("a", "/a"));
    pass(f, "b.yaml", BACKEND_TEXT("9000"));
    translate(f, "b.yaml", BACKEND_TEXT("9001"));
    msg_t m = expect_resources(f);
    assert_int_equal(update_of(&m)->changed_count, 1);
    assert_true(has(update_of(&m), XDS_LOAD_ASSIGNMENT, "default/backend:80"));
    assert_false(((resources_t *)m.body)->everything);
    answer(f, &m, NULL);
    translation_free(expect_translated(f));
}

static void test_a_status_that_says_the_same_is_about_the_new_version(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080") ROUTE_TEXT("a", "/a"));
    change_batch_t *batch =
        changes_of("a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080") ROUTE_TEXT("a", "/b"));
    const object_t *route = batch->sources[0].objects[2];
    bench_ask(f->bench, f->store, MSG_TRANSLATE, batch);
    msg_t m = expect_resources(f);
    answer(f, &m, NULL);
    translation_t *translation = expect_translated(f);
    const object_status_t *said = status_of(translation, KIND_HTTP_ROUTE, "a");
    assert_non_null(said);
    assert_ptr_equal(said->object, route);
    translation_free(translation);
}

static void test_a_second_batch_waits_for_the_first(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml", CLASS_TEXT);
    translate(f, "b.yaml", GATEWAY_TEXT("web", "8080"));
    msg_t m = expect_resources(f);
    bench_silent(f->bench);
    answer(f, &m, NULL);
    translation_free(expect_translated(f));
    m = expect_resources(f);
    answer(f, &m, NULL);
    translation_free(expect_translated(f));
}

static void test_an_object_of_two_sources_is_a_problem(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT);
    translate(f, "b.yaml", CLASS_TEXT);
    translation_t *translation = expect_translated(f);
    assert_int_equal(translation->problems.count, 1);
    assert_slice(translation->problems.at[0].file, "b.yaml");
    translation_free(translation);
}

/* --- ports --- */

static void test_a_port_of_somebody_else_is_replaced_and_the_batch_goes_on(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    msg_t m = expect_resources(f);
    answer(f, &m, applied_with("tcp/8080", -EADDRINUSE));
    m = expect_resources(f);
    assert_true(has(update_of(&m), XDS_LISTENER, "tcp/20000"));
    assert_int_equal(update_of(&m)->removed_count, 1);
    assert_slice(update_of(&m)->removed[0].name, "tcp/8080");
    answer(f, &m, applied_with("tcp/20000", 0));
    translation_t *translation = expect_translated(f);
    const object_status_t *web = status_of(translation, KIND_GATEWAY, "web");
    assert_true(condition(&web->conditions, "Programmed")->met);
    translation_free(translation);
    assert_non_null(strstr(f->log, "\"id\":\"PORT-MAPPED\""));
    assert_non_null(strstr(f->log, "\"gateway\":\"default/web\",\"port\":8080,\"bound\":20000"));
}

static void test_the_default_listener_has_nowhere_else_to_go(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml", CLASS_TEXT);
    msg_t m = expect_resources(f);
    answer(f, &m, applied_with("tcp/10080", -EADDRINUSE));
    translation_free(expect_translated(f));
}

static void test_a_listener_that_cannot_be_bound_is_not_programmed(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    msg_t m = expect_resources(f);
    answer(f, &m, applied_with("tcp/8080", -EACCES));
    translation_t *translation = expect_translated(f);
    const object_status_t *web = status_of(translation, KIND_GATEWAY, "web");
    assert_false(condition(&web->conditions, "Programmed")->met);
    const condition_t *why = condition(&web->listeners[0].conditions, "Programmed");
    assert_false(why->met);
    assert_slice(why->message, "0.0.0.0:8080 cannot be bound: Permission denied");
    translation_free(translation);
}

static void test_a_listener_that_is_bound_later_is_programmed_then(void **state)
{
    fixture_t *f = *state;
    test_a_listener_that_cannot_be_bound_is_not_programmed(state);
    translate(f, "b.yaml", GATEWAY_TEXT("more", "8081"));
    msg_t m = expect_resources(f);
    answer(f, &m, applied_with("tcp/8080", 0));
    translation_t *translation = expect_translated(f);
    const object_status_t *web = status_of(translation, KIND_GATEWAY, "web");
    assert_true(condition(&web->conditions, "Programmed")->met);
    translation_free(translation);
}

/* --- what the data plane refuses --- */

static void test_a_worker_that_is_behind_makes_gateways_pending(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    msg_t m = expect_resources(f);
    applied_t *applied = applied_with("tcp/8080", 0);
    applied->code = GW_EDEADLINE;
    applied->worker = 2;
    answer(f, &m, applied);
    translation_t *translation = expect_translated(f);
    const object_status_t *web = status_of(translation, KIND_GATEWAY, "web");
    const condition_t *programmed = condition(&web->conditions, "Programmed");
    assert_false(programmed->met);
    assert_string_equal(programmed->reason, "Pending");
    assert_slice(programmed->message, "worker 2 of the data plane: deadline passed");
    translation_free(translation);
}

static void test_a_refused_virtual_host_lowers_its_gateway_until_it_is_mended(void **state)
{
    fixture_t *f = *state;
    translate(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080") GATEWAY_TEXT("more", "8081"));
    msg_t m = expect_resources(f);
    applied_t *applied = xcalloc(1, sizeof(*applied));
    xds_resource_t *vhost =
        xds_resource_from_bytes(XDS_VIRTUAL_HOST, SLICE("default/web/8080/*"), SLICE(""));
    xds_rejects_add(&applied->rejects, vhost, SLICE("routes[0]"), SLICE("is wrong"));
    xds_resource_unref(vhost);
    answer(f, &m, applied);
    translation_t *translation = expect_translated(f);
    const object_status_t *web = status_of(translation, KIND_GATEWAY, "web");
    assert_slice(condition(&web->conditions, "Programmed")->message,
                 "the data plane refuses default/web/8080/*: routes[0]: is wrong");
    const object_status_t *more = status_of(translation, KIND_GATEWAY, "more");
    assert_true(condition(&more->conditions, "Programmed")->met);
    translation_free(translation);
    translate(f, "b.yaml", ROUTE_TEXT("a", "/a")); /* the virtual host is sent again */
    m = expect_resources(f);
    answer(f, &m, NULL);
    translation = expect_translated(f);
    web = status_of(translation, KIND_GATEWAY, "web");
    assert_true(condition(&web->conditions, "Programmed")->met);
    translation_free(translation);
}

/* --- what is lost is sent again --- */

static void test_a_snapshot_that_starts_anew_gets_all_resources(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    translate(f, "b.yaml", GATEWAY_TEXT("more", "8081"));
    msg_t m = expect_resources(f);
    assert_false(has(update_of(&m), XDS_LISTENER, "tcp/8080"));
    bench_fail(f->bench, &m, GW_ERESTART);
    bench_release(f->bench, &m);
    m = expect_resources(f);
    assert_true(((resources_t *)m.body)->everything);
    assert_true(has(update_of(&m), XDS_LISTENER, "tcp/8080"));
    assert_true(has(update_of(&m), XDS_LISTENER, "tcp/8081"));
    answer(f, &m, NULL);
    translation_free(expect_translated(f));
}

static void test_an_idle_translator_asks_for_a_batch_when_resources_are_wanted(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    bench_send(f->bench, f->snapshot, MSG_RESOURCES_WANTED, NULL, 0);
    bench_skip(f->bench, f->store, MSG_OBJECTS_WANTED);
    change_batch_t *batch = changes_of("a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    batch->everything = true;
    bench_ask(f->bench, f->store, MSG_TRANSLATE, batch);
    msg_t m = expect_resources(f);
    assert_true(has(update_of(&m), XDS_LISTENER, "tcp/8080"));
    answer(f, &m, NULL);
    translation_t *translation = expect_translated(f);
    assert_non_null(status_of(translation, KIND_GATEWAY, "web"));
    assert_non_null(status_of(translation, KIND_GATEWAY_CLASS, "nantian-gw"));
    translation_free(translation);
}

static void test_a_full_batch_takes_away_what_it_does_not_name(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    pass(f, "b.yaml", GATEWAY_TEXT("more", "8081"));
    change_batch_t *batch = changes_of("a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    batch->everything = true;
    bench_ask(f->bench, f->store, MSG_TRANSLATE, batch);
    msg_t m = expect_resources(f);
    assert_slice(update_of(&m)->removed[0].name, "tcp/8081");
    answer(f, &m, NULL);
    translation_t *translation = expect_translated(f);
    assert_null(status_of(translation, KIND_GATEWAY, "more"));
    assert_int_equal(translation->status.removed_count, 1);
    translation_free(translation);
}

static void test_a_translator_that_starts_anew_asks_for_the_objects(void **state)
{
    (void)state;
    translator_args_t args = {.options = TRANSLATOR_OPTIONS_DEFAULT};
    actor_bench_t *bench = actor_bench_new(&translator_class, &args, protocols);
    bench_on_failure(bench, fail_test);
    bench_place(bench, 0, 2);
    actor_ref_t store = bench_peer(bench, "store");
    assert_int_equal(bench_start(bench), 0);
    bench_skip(bench, store, MSG_OBJECTS_WANTED);
    actor_bench_finish(bench);
}

static void test_objects_changes_and_resources_are_counted(void **state)
{
    fixture_t *f = *state;
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8080"));
    pass(f, "a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "8081"));
    bench_ask(f->bench, f->store, MSG_METRICS_COLLECT, NULL);
    msg_t m = bench_expect(f->bench, f->store, MSG_METRICS_PART);
    metric_set_t *sum = metric_set_new();
    metric_set_merge(sum, m.body);
    const object_series_t *gateways = named_OBJECT(sum, (slice_t[]){SLICE("Gateway")});
    assert_int_equal(gateways->count, 1);
    assert_int_equal(gateways->changes[METRIC_CHANGE_ADDED], 1);
    assert_int_equal(gateways->changes[METRIC_CHANGE_CHANGED], 1);
    const resource_series_t *listeners = named_RESOURCE(sum, (slice_t[]){SLICE("listener")});
    assert_int_equal(listeners->count, 2);
    assert_int_equal(series_SNAPSHOT(sum)->builds, 2);
    metric_set_free(sum);
    bench_release(f->bench, &m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_batch_becomes_resources_and_conditions),
        TEST(test_what_changes_nothing_does_not_reach_the_data_plane),
        TEST(test_a_changed_endpoint_sends_one_load_assignment),
        TEST(test_a_status_that_says_the_same_is_about_the_new_version),
        TEST(test_a_second_batch_waits_for_the_first),
        TEST(test_an_object_of_two_sources_is_a_problem),
        TEST(test_a_port_of_somebody_else_is_replaced_and_the_batch_goes_on),
        TEST(test_the_default_listener_has_nowhere_else_to_go),
        TEST(test_a_listener_that_cannot_be_bound_is_not_programmed),
        TEST(test_a_listener_that_is_bound_later_is_programmed_then),
        TEST(test_a_worker_that_is_behind_makes_gateways_pending),
        TEST(test_a_refused_virtual_host_lowers_its_gateway_until_it_is_mended),
        TEST(test_a_snapshot_that_starts_anew_gets_all_resources),
        TEST(test_an_idle_translator_asks_for_a_batch_when_resources_are_wanted),
        TEST(test_a_full_batch_takes_away_what_it_does_not_name),
        cmocka_unit_test(test_a_translator_that_starts_anew_asks_for_the_objects),
        TEST(test_objects_changes_and_resources_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
