/* store on the bench: files come in, batches go out, statuses come back. */
#include <jansson.h>

#include "actors/classes.h"
#include "actors/file_watch_msg.h"
#include "actors/metrics_msg.h"
#include "core/actor_bench.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/unit/actors/objects.h"
#include "tests/unit/test.h"

static const msg_protocol_t *const protocols[] = {&file_watch_protocol, &store_protocol,
                                                  &translator_protocol, &metrics_protocol, NULL};

typedef struct fixture {
    actor_bench_t *bench;
    actor_ref_t files, translator, admin;
} fixture_t;

static void fail_test(const char *text)
{
    fail_msg("%s", text);
}

static int set_up(void **state)
{
    fixture_t *f = calloc(1, sizeof(*f));
    f->bench = actor_bench_new(&store_class, NULL, protocols);
    bench_on_failure(f->bench, fail_test);
    bench_place(f->bench, 0, 2);
    f->translator = bench_peer(f->bench, "translator");
    f->admin = bench_peer(f->bench, "admin");
    assert_int_equal(bench_start(f->bench), 0);
    f->files = bench_peer(f->bench, "file_watch"); /* it starts after the store */
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    actor_bench_finish(f->bench);
    free(f);
    return 0;
}

static void report(fixture_t *f, manifest_batch_t *batch)
{
    bench_send(f->bench, f->files, MSG_MANIFESTS, batch, 0);
}

/* The next batch for the translator; to be answered. */
static msg_t expect_batch(fixture_t *f, uint32_t sources)
{
    msg_t m = bench_expect(f->bench, f->translator, MSG_TRANSLATE);
    assert_int_equal(((change_batch_t *)m.body)->count, sources);
    return m;
}

static size_t objects_of(const msg_t *m, const char *source)
{
    const change_batch_t *batch = m->body;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (strcmp(batch->sources[i].source, source) == 0)
            return batch->sources[i].count;
    }
    return SIZE_MAX;
}

static void answer(fixture_t *f, msg_t *m, translation_t *translation)
{
    bench_release(f->bench, m);
    bench_reply(f->bench, m, MSG_TRANSLATED,
                translation ? translation : xcalloc(1, sizeof(translation_t)));
}

static void pass(fixture_t *f, uint32_t sources)
{
    msg_t m = expect_batch(f, sources);
    answer(f, &m, NULL);
}

static json_t *ask_status(fixture_t *f)
{
    bench_ask(f->bench, f->admin, MSG_STATUS_ASK, NULL);
    msg_t m = bench_expect(f->bench, f->admin, MSG_STATUS);
    json_t *json = json_loads(((status_text_t *)m.body)->json, 0, NULL);
    assert_non_null(json);
    bench_release(f->bench, &m);
    return json;
}

/* --- batches --- */

static void test_nothing_goes_before_the_folder_has_been_read(void **state)
{
    fixture_t *f = *state;
    manifest_batch_t *first = files_of("a.yaml", ROUTE_TEXT("a", "/a"));
    first->complete = false;
    report(f, first);
    bench_silent(f->bench);
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/b")));
    msg_t m = expect_batch(f, 2);
    assert_int_equal(objects_of(&m, "a.yaml"), 1);
    answer(f, &m, NULL);
}

static void test_an_empty_folder_is_a_configuration(void **state)
{
    fixture_t *f = *state;
    manifest_batch_t *none = manifest_batch_new(0);
    none->complete = true;
    report(f, none);
    pass(f, 0);
}

static void test_changes_gather_while_a_batch_is_under_way(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    msg_t m = expect_batch(f, 1);
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/b")));
    report(f, files_of("c.yaml", ROUTE_TEXT("c", "/c")));
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/b2")));
    bench_silent(f->bench);
    answer(f, &m, NULL);
    pass(f, 2);
}

static void test_the_time_of_the_first_change_goes_with_the_batch(void **state)
{
    fixture_t *f = *state;
    manifest_batch_t *later = files_of("a.yaml", ROUTE_TEXT("a", "/a"));
    later->seen_ns = 20;
    later->complete = false;
    report(f, later);
    manifest_batch_t *earlier = files_of("b.yaml", ROUTE_TEXT("b", "/b"));
    earlier->seen_ns = 10;
    report(f, earlier);
    msg_t m = expect_batch(f, 2);
    assert_int_equal(((change_batch_t *)m.body)->seen_ns, 10);
    answer(f, &m, NULL);
}

/* --- broken files --- */

static void test_a_broken_file_changes_nothing(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    pass(f, 1);
    report(f, files_of("a.yaml", "{"));
    bench_silent(f->bench);
    json_t *status = ask_status(f);
    assert_int_equal(json_array_size(json_object_get(status, "objects")), 1);
    assert_int_equal(json_array_size(json_object_get(status, "problems")), 1);
    json_decref(status);
}

static void test_a_refused_object_keeps_its_old_self_and_the_others_change(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("one", "/1") ROUTE_TEXT("two", "/2")));
    msg_t m = expect_batch(f, 1);
    const object_t *one = ((change_batch_t *)m.body)->sources[0].objects[0];
    uint64_t before = one->hash;
    answer(f, &m, NULL);
    report(f, files_of("a.yaml", ROUTE_TEXT("one", "1") ROUTE_TEXT("two", "/3")));
    m = expect_batch(f, 1);
    const source_change_t *change = ((change_batch_t *)m.body)->sources;
    assert_int_equal(change->count, 2);
    assert_slice(change->objects[0]->name, "two");
    assert_slice(change->objects[1]->name, "one");
    assert_true(change->objects[1]->hash == before);
    answer(f, &m, NULL);
}

static void test_a_refused_object_without_a_past_is_left_out(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("one", "1") ROUTE_TEXT("two", "/3")));
    msg_t m = expect_batch(f, 1);
    assert_int_equal(objects_of(&m, "a.yaml"), 1);
    answer(f, &m, NULL);
}

static void test_an_object_taken_out_of_a_refusing_file_goes(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("one", "/1") ROUTE_TEXT("two", "/2")));
    pass(f, 1);
    report(f, files_of("a.yaml", ROUTE_TEXT("two", "2")));
    msg_t m = expect_batch(f, 1);
    assert_int_equal(objects_of(&m, "a.yaml"), 1);
    answer(f, &m, NULL);
}

static void test_a_file_that_is_gone_has_no_objects(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    pass(f, 1);
    report(f, files_of("a.yaml", NULL));
    msg_t m = expect_batch(f, 1);
    assert_int_equal(objects_of(&m, "a.yaml"), 0);
    answer(f, &m, NULL);
    json_t *status = ask_status(f);
    assert_int_equal(json_integer_value(json_object_get(status, "files")), 0);
    json_decref(status);
}

/* --- what is lost is sent again --- */

static void test_a_lost_batch_goes_again_with_everything(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    pass(f, 1);
    report(f, files_of("a.yaml", NULL));
    msg_t m = expect_batch(f, 1);
    assert_false(((change_batch_t *)m.body)->everything);
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/b")));
    bench_fail(f->bench, &m, GW_ERESTART);
    bench_release(f->bench, &m);
    m = expect_batch(f, 2);
    assert_true(((change_batch_t *)m.body)->everything);
    assert_int_equal(objects_of(&m, "a.yaml"), 0);
    answer(f, &m, NULL);
}

static void test_a_translator_that_knows_nothing_gets_everything(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    pass(f, 1);
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/b")));
    pass(f, 1);
    bench_send(f->bench, f->translator, MSG_OBJECTS_WANTED, NULL, 0);
    msg_t m = expect_batch(f, 2);
    assert_true(((change_batch_t *)m.body)->everything);
    answer(f, &m, NULL);
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/c")));
    m = expect_batch(f, 1);
    assert_false(((change_batch_t *)m.body)->everything);
    answer(f, &m, NULL);
}

static void test_what_a_new_full_report_does_not_name_is_gone(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    pass(f, 1);
    report(f, files_of("b.yaml", ROUTE_TEXT("b", "/b")));
    pass(f, 1);
    manifest_batch_t *anew = files_of("b.yaml", ROUTE_TEXT("b", "/b"));
    anew->round = 7;
    report(f, anew);
    msg_t m = expect_batch(f, 2);
    assert_int_equal(objects_of(&m, "a.yaml"), 0);
    assert_int_equal(objects_of(&m, "b.yaml"), 1);
    answer(f, &m, NULL);
}

static void test_a_store_that_starts_anew_asks_for_the_files(void **state)
{
    (void)state;
    actor_bench_t *bench = actor_bench_new(&store_class, NULL, protocols);
    bench_on_failure(bench, fail_test);
    bench_place(bench, 0, 2);
    bench_peer(bench, "translator");
    actor_ref_t files = bench_peer(bench, "file_watch");
    assert_int_equal(bench_start(bench), 0);
    bench_skip(bench, files, MSG_FILES_WANTED);
    actor_bench_finish(bench);
}

/* --- what is said of objects --- */

static object_status_t *status_of(const object_t *object, const char *reason)
{
    object_status_t draft = {.object = object};
    conditions_add(&draft.conditions, "Accepted", false, reason, SLICE("since"));
    return status_new(&draft);
}

static void test_the_status_of_an_object_is_shown_with_its_place(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", CLASS_TEXT GATEWAY_TEXT("web", "80")));
    msg_t m = expect_batch(f, 1);
    translation_t *translation = xcalloc(1, sizeof(*translation));
    object_status_t *said = status_of(((change_batch_t *)m.body)->sources[0].objects[0], "Because");
    status_update_change(&translation->status, said);
    status_unref(said);
    answer(f, &m, translation);
    json_t *status = ask_status(f);
    json_t *object = json_array_get(json_object_get(status, "objects"), 0);
    assert_string_equal(json_string_value(json_object_get(object, "kind")), "GatewayClass");
    assert_string_equal(json_string_value(json_object_get(object, "file")), "a.yaml");
    assert_int_equal(json_integer_value(json_object_get(object, "line")), 1);
    json_t *condition = json_array_get(json_object_get(object, "conditions"), 0);
    assert_string_equal(json_string_value(json_object_get(condition, "reason")), "Because");
    json_decref(status);
}

static void test_an_object_in_two_files_is_shown_once_and_the_other_is_a_problem(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("b.yaml", ROUTE_TEXT("a", "/b")));
    pass(f, 1);
    report(f, files_of("a.yaml", ROUTE_TEXT("a", "/a")));
    pass(f, 1);
    json_t *status = ask_status(f);
    json_t *objects = json_object_get(status, "objects");
    assert_int_equal(json_array_size(objects), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(objects, 0), "file")),
                        "a.yaml");
    json_t *problem = json_array_get(json_object_get(status, "problems"), 0);
    assert_string_equal(json_string_value(json_object_get(problem, "file")), "b.yaml");
    json_decref(status);
}

static void test_files_and_conditions_are_counted(void **state)
{
    fixture_t *f = *state;
    report(f, files_of("a.yaml", CLASS_TEXT));
    msg_t m = expect_batch(f, 1);
    translation_t *translation = xcalloc(1, sizeof(*translation));
    object_status_t *said = status_of(((change_batch_t *)m.body)->sources[0].objects[0], "No");
    status_update_change(&translation->status, said);
    status_unref(said);
    answer(f, &m, translation);
    report(f, files_of("b.yaml", "{"));
    bench_ask(f->bench, f->admin, MSG_METRICS_COLLECT, NULL);
    m = bench_expect(f->bench, f->admin, MSG_METRICS_PART);
    metric_set_t *sum = metric_set_new();
    metric_set_merge(sum, m.body);
    const controlplane_series_t *files = series_CONTROLPLANE(sum);
    assert_int_equal(files->files, 2);
    assert_int_equal(files->files_broken, 1);
    assert_int_equal(files->file_reloads, 2);
    assert_int_equal(files->file_errors, 1);
    slice_t labels[] = {SLICE("GatewayClass"), SLICE("Accepted")};
    const condition_series_t *conditions = named_CONDITION(sum, labels);
    assert_int_equal(conditions->count[METRIC_CONDITION_FALSE], 1);
    metric_set_free(sum);
    bench_release(f->bench, &m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_set_spec(SLICE("off"), NULL);
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_goes_before_the_folder_has_been_read),
        TEST(test_an_empty_folder_is_a_configuration),
        TEST(test_changes_gather_while_a_batch_is_under_way),
        TEST(test_the_time_of_the_first_change_goes_with_the_batch),
        TEST(test_a_broken_file_changes_nothing),
        TEST(test_a_refused_object_keeps_its_old_self_and_the_others_change),
        TEST(test_a_refused_object_without_a_past_is_left_out),
        TEST(test_an_object_taken_out_of_a_refusing_file_goes),
        TEST(test_a_file_that_is_gone_has_no_objects),
        TEST(test_a_lost_batch_goes_again_with_everything),
        TEST(test_a_translator_that_knows_nothing_gets_everything),
        TEST(test_what_a_new_full_report_does_not_name_is_gone),
        cmocka_unit_test(test_a_store_that_starts_anew_asks_for_the_files),
        TEST(test_the_status_of_an_object_is_shown_with_its_place),
        TEST(test_an_object_in_two_files_is_shown_once_and_the_other_is_a_problem),
        TEST(test_files_and_conditions_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
