/* The tree of files alone, on an actor that does nothing. */
#include "actors/file_watch_tree.h"
#include "core/actor_bench.h"
#include "tests/unit/actors/folder.h"
#include "tests/unit/test.h"

#include <unistd.h>

static const actor_handler_t no_handlers[] = {ON_END};
static const actor_class_t idle_class = {.name = "idle", .state_size = 1, .handlers = no_handlers};

typedef struct fixture {
    folder_fixture_t folder;
    actor_bench_t *bench;
    file_tree_t *tree;
} fixture_t;

static void readable(void *owner)
{
    (void)owner;
}

static int set_up(void **state)
{
    fixture_t *f = calloc(1, sizeof(*f));
    f->folder = folder_make();
    f->bench = actor_bench_new(&idle_class, NULL, NULL);
    assert_int_equal(bench_start(f->bench), 0);
    assert_int_equal(
        file_tree_open(actor_bench_me(f->bench), f->folder.path, readable, NULL, &f->tree), 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *f = *state;
    file_tree_close(f->tree);
    actor_bench_finish(f->bench);
    folder_remove(&f->folder);
    free(f);
    return 0;
}

static void pump(fixture_t *f)
{
    while (file_tree_pump(f->tree))
        continue;
}

static void test_a_file_that_was_taken_settles_only_if_nothing_happens_to_it(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", "one");
    pump(f);
    tree_file_t *file = file_tree_next(f->tree);
    assert_non_null(file);
    pump(f);
    assert_true(file_tree_settled(file));
    FILE *writer = folder_open(&f->folder, "a.yaml");
    fputs("tw", writer);
    fflush(writer);
    pump(f);
    assert_false(file_tree_settled(file));
    assert_int_equal(file_tree_due(f->tree), 0);
    fclose(writer);
    pump(f);
    assert_false(file_tree_settled(file));
    assert_ptr_equal(file_tree_next(f->tree), file);
    assert_true(file_tree_settled(file));
}

static void test_a_due_file_is_not_due_while_somebody_writes(void **state)
{
    fixture_t *f = *state;
    folder_write(&f->folder, "a.yaml", "one");
    pump(f);
    assert_int_equal(file_tree_due(f->tree), 1);
    FILE *writer = folder_open(&f->folder, "a.yaml");
    fputs("tw", writer);
    fflush(writer);
    pump(f);
    assert_int_equal(file_tree_due(f->tree), 0);
    fclose(writer);
    pump(f);
    assert_int_equal(file_tree_due(f->tree), 1);
}

static void test_a_file_is_due_once_however_often_it_changes(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < 5; i++)
        folder_put(&f->folder, "a.yaml", "x");
    pump(f);
    assert_int_equal(file_tree_due(f->tree), 1);
    assert_int_equal(file_tree_count(f->tree), 1);
    file_tree_forget(f->tree, file_tree_next(f->tree));
    assert_int_equal(file_tree_count(f->tree), 0);
}

static void test_another_name_of_a_file_is_whole_when_it_appears(void **state)
{
    fixture_t *f = *state;
    char from[128], to[128];
    folder_write(&f->folder, ".hidden", "one");
    snprintf(from, sizeof(from), "%s/.hidden", f->folder.path);
    snprintf(to, sizeof(to), "%s/a.yaml", f->folder.path);
    assert_int_equal(link(from, to), 0);
    pump(f);
    assert_int_equal(file_tree_due(f->tree), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_that_was_taken_settles_only_if_nothing_happens_to_it),
        TEST(test_a_due_file_is_not_due_while_somebody_writes),
        TEST(test_a_file_is_due_once_however_often_it_changes),
        TEST(test_another_name_of_a_file_is_whole_when_it_appears),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
