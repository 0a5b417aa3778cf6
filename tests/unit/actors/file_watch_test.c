/*
 * file_watch on the bench, with real folders: there is no loop, so the test says when the kernel
 * is asked.
 */
#include "actors/classes.h"
#include "actors/file_watch_msg.h"
#include "actors/store_msg.h"
#include "core/actor_bench.h"
#include "core/log.h"
#include "tests/unit/actors/folder.h"
#include "tests/unit/test.h"

#include <sys/stat.h>
#include <unistd.h>

#define ROUTE(name)                                                                                \
    "apiVersion: gateway.networking.k8s.io/v1\n"                                                   \
    "kind: HTTPRoute\n"                                                                            \
    "metadata: {name: " name "}\n"                                                                 \
    "spec: {parentRefs: [{name: web}]}\n"

static const msg_protocol_t *const protocols[] = {&file_watch_protocol, &store_protocol, NULL};

typedef struct fixture {
    folder_fixture_t folder;
    file_watch_args_t args;
    actor_bench_t *bench;
    actor_ref_t store;
} fixture_t;

static void fail_test(const char *text)
{
    fail_msg("%s", text);
}

static int set_up(void **state)
{
    fixture_t *f = calloc(1, sizeof(*f));
    f->folder = folder_make();
    f->args.folder = f->folder.path;
    f->bench = actor_bench_new(&file_watch_class, &f->args, protocols);
    bench_on_failure(f->bench, fail_test);
    bench_place(f->bench, 0, 2);
    f->store = bench_peer(f->bench, "store");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    actor_bench_finish(f->bench);
    folder_remove(&f->folder);
    free(f);
    return 0;
}

static void ask_kernel(fixture_t *f)
{
    bench_send(f->bench, f->store, MSG_FOLDER_CHANGED, NULL, 0);
}

/* The next batch that the store gets; to be given back. */
static manifest_batch_t *expect_batch(fixture_t *f, uint32_t count)
{
    msg_t m = bench_expect(f->bench, f->store, MSG_MANIFESTS);
    manifest_batch_t *batch = m.body;
    assert_int_equal(batch->count, count);
    return batch;
}

/* Starts on what is in the folder and throws the first report away. */
static void start(fixture_t *f)
{
    assert_int_equal(bench_start(f->bench), 0);
    while (bench_pending(f->bench) > 0)
        bench_skip(f->bench, f->store, MSG_MANIFESTS);
}

static manifest_batch_t *changed(fixture_t *f, uint32_t count)
{
    ask_kernel(f);
    return expect_batch(f, count);
}

/* --- the start --- */

static void test_an_empty_folder_is_reported_as_complete(void **state)
{
    fixture_t *f = *state;
    assert_int_equal(bench_start(f->bench), 0);
    manifest_batch_t *batch = expect_batch(f, 0);
    assert_true(batch->complete);
    manifest_batch_free(batch);
}

static void test_what_is_there_is_read(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    folder_write(&f->folder, "notes.txt", "{");
    folder_write(&f->folder, ".hidden.yaml", "{");
    folder_write(&f->folder, "b.yaml~", "{");
    folder_subfolder(&f->folder, "sub");
    folder_write(&f->folder, "sub/b.yml", ROUTE("b"));
    folder_subfolder(&f->folder, ".git");
    folder_write(&f->folder, ".git/c.yaml", ROUTE("c"));
    assert_int_equal(bench_start(f->bench), 0);
    manifest_batch_t *batch = expect_batch(f, 2);
    assert_true(batch->complete);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(batch->files[i].manifest.count, 1);
        bool top = strcmp(batch->files[i].source, "a.yaml") == 0;
        assert_string_equal(batch->files[i].source, top ? "a.yaml" : "sub/b.yml");
    }
    manifest_batch_free(batch);
}

static void test_many_files_come_in_batches_and_the_last_is_marked(void **state)
{
    fixture_t *f = *state;
    char name[32];
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof(name), "r%d.yaml", i);
        folder_write(&f->folder, name, ROUTE("a"));
    }
    assert_int_equal(bench_start(f->bench), 0);
    uint32_t files = 0, batches = 0;
    bool complete = false;
    while (bench_pending(f->bench) > 0) {
        msg_t m = bench_expect(f->bench, f->store, MSG_MANIFESTS);
        manifest_batch_t *batch = m.body;
        assert_false(complete);
        complete = batch->complete;
        files += batch->count;
        batches++;
        bench_release(f->bench, &m);
    }
    assert_true(complete);
    assert_int_equal(files, 200);
    assert_true(batches > 2);
}

/* --- changes --- */

static void test_a_file_that_is_moved_in_is_read(void **state)
{
    fixture_t *f = *state;
    start(f);
    folder_put(&f->folder, "a.yaml", ROUTE("a"));
    manifest_batch_t *batch = changed(f, 1);
    assert_string_equal(batch->files[0].source, "a.yaml");
    assert_false(batch->files[0].gone || batch->files[0].broken);
    assert_true(batch->seen_ns != 0);
    assert_slice(batch->files[0].manifest.objects[0]->name, "a");
    manifest_batch_free(batch);
}

static void test_a_file_is_not_read_while_it_is_written(void **state)
{
    fixture_t *f = *state;
    start(f);
    FILE *file = folder_open(&f->folder, "a.yaml");
    fputs(ROUTE("a") "---\n", file);
    fflush(file);
    ask_kernel(f);
    bench_silent(f->bench);
    fputs(ROUTE("b"), file);
    fclose(file);
    manifest_batch_t *batch = changed(f, 1);
    assert_int_equal(batch->files[0].manifest.count, 2);
    manifest_batch_free(batch);
}

static void test_a_whole_file_that_is_written_again_waits_for_the_second_writer(void **state)
{
    fixture_t *f = *state;
    start(f);
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    FILE *file = folder_open(&f->folder, "a.yaml");
    fputs(ROUTE("a") "---\n", file);
    fflush(file);
    ask_kernel(f);
    bench_silent(f->bench);
    fclose(file);
    manifest_batch_free(changed(f, 1));
}

static void test_the_same_content_again_is_no_news(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    start(f);
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    ask_kernel(f);
    bench_silent(f->bench);
    folder_write(&f->folder, "a.yaml", ROUTE("b"));
    manifest_batch_free(changed(f, 1));
}

static void test_a_renamed_file_goes_and_comes_in_one_batch(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    start(f);
    folder_rename(&f->folder, "a.yaml", "b.yaml");
    manifest_batch_t *batch = changed(f, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(batch->files[i].gone, strcmp(batch->files[i].source, "a.yaml") == 0);
    manifest_batch_free(batch);
}

static void test_a_deleted_file_is_gone_and_an_unknown_one_is_not(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    start(f);
    folder_write(&f->folder, "b.yaml", ROUTE("b"));
    folder_delete(&f->folder, "b.yaml");
    folder_delete(&f->folder, "a.yaml");
    manifest_batch_t *batch = changed(f, 1);
    assert_string_equal(batch->files[0].source, "a.yaml");
    assert_true(batch->files[0].gone);
    manifest_batch_free(batch);
}

static void test_a_new_folder_is_entered_and_a_removed_one_takes_its_files(void **state)
{
    fixture_t *f = *state;
    start(f);
    folder_subfolder(&f->folder, "sub");
    folder_subfolder(&f->folder, "sub/deeper");
    folder_write(&f->folder, "sub/deeper/a.yaml", ROUTE("a"));
    manifest_batch_t *batch = changed(f, 1);
    assert_string_equal(batch->files[0].source, "sub/deeper/a.yaml");
    manifest_batch_free(batch);
    folder_write(&f->folder, "sub/deeper/b.yaml", ROUTE("b"));
    manifest_batch_free(changed(f, 1));
    folder_rename(&f->folder, "sub", ".sub");
    batch = changed(f, 2);
    assert_true(batch->files[0].gone && batch->files[1].gone);
    manifest_batch_free(batch);
}

static void test_a_swapped_link_makes_its_files_due(void **state)
{
    fixture_t *f = *state;
    folder_subfolder(&f->folder, "..v1");
    folder_write(&f->folder, "..v1/a.yaml", ROUTE("a"));
    folder_link(&f->folder, "..v1", "..data");
    folder_link(&f->folder, "..data/a.yaml", "a.yaml");
    start(f);
    folder_subfolder(&f->folder, "..v2");
    folder_write(&f->folder, "..v2/a.yaml", ROUTE("b"));
    folder_link(&f->folder, "..v2", "..data_tmp");
    folder_rename(&f->folder, "..data_tmp", "..data");
    manifest_batch_t *batch = changed(f, 1);
    assert_string_equal(batch->files[0].source, "a.yaml");
    assert_slice(batch->files[0].manifest.objects[0]->name, "b");
    manifest_batch_free(batch);
}

static void test_a_link_is_read_when_it_appears(void **state)
{
    fixture_t *f = *state;
    start(f);
    folder_subfolder(&f->folder, "..v1");
    folder_write(&f->folder, "..v1/a.yaml", ROUTE("a"));
    folder_link(&f->folder, "..v1", "..data");
    folder_link(&f->folder, "..data/a.yaml", "a.yaml");
    manifest_batch_t *batch = changed(f, 1);
    assert_string_equal(batch->files[0].source, "a.yaml");
    manifest_batch_free(batch);
}

/* --- what is wrong --- */

static void test_a_broken_file_is_reported_with_its_line(void **state)
{
    fixture_t *f = *state;
    start(f);
    folder_write(&f->folder, "a.yaml", "kind: HTTPRoute\n  metadata: {\n");
    manifest_batch_t *batch = changed(f, 1);
    assert_true(batch->files[0].broken);
    assert_int_equal(batch->files[0].manifest.problems.count, 1);
    assert_true(batch->files[0].manifest.problems.at[0].line >= 2);
    manifest_batch_free(batch);
}

static void test_a_file_that_is_too_long_is_not_read(void **state)
{
    fixture_t *f = *state;
    start(f);
    FILE *file = folder_open(&f->folder, "a.yaml");
    assert_int_equal(ftruncate(fileno(file), (16 << 20) + 1), 0);
    fclose(file);
    manifest_batch_t *batch = changed(f, 1);
    assert_true(batch->files[0].broken);
    assert_slice(batch->files[0].manifest.problems.at[0].reason, "is longer than 16 MiB");
    manifest_batch_free(batch);
}

static void test_a_folder_that_vanishes_changes_nothing_until_it_is_back(void **state)
{
    fixture_t *f = *state;
    char elsewhere[80];
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    folder_write(&f->folder, "b.yaml", ROUTE("b"));
    start(f);
    snprintf(elsewhere, sizeof(elsewhere), "%s.away", f->folder.path);
    assert_int_equal(rename(f->folder.path, elsewhere), 0);
    ask_kernel(f);
    bench_advance_ms(f->bench, 5000);
    bench_silent(f->bench);
    assert_int_equal(rename(elsewhere, f->folder.path), 0);
    folder_delete(&f->folder, "b.yaml");
    folder_write(&f->folder, "c.yaml", ROUTE("c"));
    bench_advance_ms(f->bench, 1000);
    manifest_batch_t *batch = expect_batch(f, 2); /* a.yaml is as it was */
    for (int i = 0; i < 2; i++)
        assert_int_equal(batch->files[i].gone, strcmp(batch->files[i].source, "b.yaml") == 0);
    manifest_batch_free(batch);
}

static void test_a_folder_that_is_removed_with_its_files_changes_nothing(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    start(f);
    folder_remove(&f->folder);
    ask_kernel(f);
    bench_advance_ms(f->bench, 5000);
    bench_silent(f->bench);
    assert_int_equal(mkdir(f->folder.path, 0700), 0);
    folder_write(&f->folder, "a.yaml", ROUTE("b"));
    bench_advance_ms(f->bench, 1000);
    manifest_batch_t *batch = expect_batch(f, 1);
    assert_false(batch->files[0].gone);
    manifest_batch_free(batch);
}

static void test_another_folder_in_its_place_is_noticed(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    start(f);
    folder_remove(&f->folder);
    assert_int_equal(mkdir(f->folder.path, 0700), 0);
    folder_write(&f->folder, "b.yaml", ROUTE("b"));
    manifest_batch_free(changed(f, 2));
    folder_write(&f->folder, "c.yaml", ROUTE("c"));
    manifest_batch_free(changed(f, 1));
}

static void test_a_link_to_the_folder_may_turn_to_another_one(void **state)
{
    fixture_t *f = *state;
    char link[80];
    folder_subfolder(&f->folder, "v1");
    folder_subfolder(&f->folder, "v2");
    folder_write(&f->folder, "v1/a.yaml", ROUTE("a"));
    folder_write(&f->folder, "v2/a.yaml", ROUTE("b"));
    folder_link(&f->folder, "v1", "current");
    snprintf(link, sizeof(link), "%s/current", f->folder.path);
    f->args.folder = link;
    start(f);
    folder_link(&f->folder, "v2", "next");
    folder_rename(&f->folder, "next", "current");
    bench_advance_ms(f->bench, 1000);
    manifest_batch_t *batch = expect_batch(f, 1);
    assert_slice(batch->files[0].manifest.objects[0]->name, "b");
    manifest_batch_free(batch);
}

static void test_lost_events_make_everything_due(void **state)
{
    fixture_t *f = *state;
    char name[32];
    start(f);
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    for (int i = 0; i < 20000; i++) { /* more than the kernel keeps */
        snprintf(name, sizeof(name), "%d", i);
        folder_write(&f->folder, name, "");
        folder_delete(&f->folder, name);
    }
    folder_write(&f->folder, "b.yaml", ROUTE("b"));
    ask_kernel(f);
    uint32_t files = 0;
    while (bench_pending(f->bench) > 0) {
        msg_t m = bench_expect(f->bench, f->store, MSG_MANIFESTS);
        files += ((manifest_batch_t *)m.body)->count;
        bench_release(f->bench, &m);
    }
    assert_int_equal(files, 2);
}

static void test_a_store_that_knows_nothing_gets_everything_again(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", ROUTE("a"));
    folder_write(&f->folder, "b.yaml", ROUTE("b"));
    start(f);
    folder_delete(&f->folder, "b.yaml");
    bench_send(f->bench, f->store, MSG_FILES_WANTED, NULL, 0);
    manifest_batch_t *batch = expect_batch(f, 1);
    assert_true(batch->complete);
    assert_string_equal(batch->files[0].source, "a.yaml");
    manifest_batch_free(batch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_set_spec(SLICE("off"), NULL);
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_folder_is_reported_as_complete),
        TEST(test_what_is_there_is_read),
        TEST(test_many_files_come_in_batches_and_the_last_is_marked),
        TEST(test_a_file_that_is_moved_in_is_read),
        TEST(test_a_file_is_not_read_while_it_is_written),
        TEST(test_a_whole_file_that_is_written_again_waits_for_the_second_writer),
        TEST(test_the_same_content_again_is_no_news),
        TEST(test_a_renamed_file_goes_and_comes_in_one_batch),
        TEST(test_a_deleted_file_is_gone_and_an_unknown_one_is_not),
        TEST(test_a_new_folder_is_entered_and_a_removed_one_takes_its_files),
        TEST(test_a_swapped_link_makes_its_files_due),
        TEST(test_a_link_is_read_when_it_appears),
        TEST(test_a_broken_file_is_reported_with_its_line),
        TEST(test_a_file_that_is_too_long_is_not_read),
        TEST(test_a_folder_that_vanishes_changes_nothing_until_it_is_back),
        TEST(test_a_folder_that_is_removed_with_its_files_changes_nothing),
        TEST(test_another_folder_in_its_place_is_noticed),
        TEST(test_a_link_to_the_folder_may_turn_to_another_one),
        TEST(test_lost_events_make_everything_due),
        TEST(test_a_store_that_knows_nothing_gets_everything_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
