#include "gatewayapi/yaml.h"

#include "core/error.h"
#include "core/strbuf.h"
#include "tests/unit/test.h"

/* A reader over one text, with the arena of its nodes. */
typedef struct reading {
    arena_t arena;
    yaml_reader_t *reader;
    node_t *root;
} reading_t;

static int read_first(reading_t *reading, const char *text)
{
    *reading = (reading_t){.reader = yaml_reader_new(slice_of(text))};
    return yaml_reader_next(reading->reader, &reading->arena, &reading->root);
}

static void close_reading(reading_t *reading)
{
    yaml_reader_free(reading->reader);
    arena_fini(&reading->arena);
}

static void assert_fails(const char *text, int status, uint32_t line, const char *reason)
{
    reading_t reading;
    assert_int_equal(read_first(&reading, text), status);
    if (strstr(yaml_reader_error(reading.reader), reason) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", yaml_reader_error(reading.reader), reason);
    assert_int_equal(yaml_reader_error_line(reading.reader), line);
    assert_int_equal(yaml_reader_next(reading.reader, &reading.arena, &reading.root), status);
    close_reading(&reading);
}

static void test_maps_lists_and_scalars_become_nodes_with_lines(void **state)
{
    (void)state;
    reading_t reading;
    assert_int_equal(read_first(&reading, "a: text\nb:\n- 1\n- \"1\"\nc: {d: true, e: }\n"), 0);
    const node_t *root = reading.root;
    assert_int_equal(root->type, NODE_MAP);
    assert_slice(node_text(root, "a", SLICE("")), "text");
    const node_t *list = node_get(root, "b");
    assert_int_equal(list->count, 2);
    assert_int_equal(list->first->type, NODE_INT);
    assert_int_equal(list->first->next->type, NODE_STRING);
    assert_int_equal(list->first->next->line, 4);
    assert_int_equal(node_get(node_get(root, "c"), "d")->integer, 1);
    assert_null(node_get(node_get(root, "c"), "e")); /* null is absent */
    close_reading(&reading);
}

static void test_documents_come_one_by_one(void **state)
{
    (void)state;
    reading_t reading;
    assert_int_equal(read_first(&reading, "a: 1\n---\nb: 2\n...\n---\n"), 0);
    assert_int_equal(node_integer(reading.root, "a", 0), 1);
    assert_int_equal(yaml_reader_next(reading.reader, &reading.arena, &reading.root), 0);
    assert_int_equal(node_integer(reading.root, "b", 0), 2);
    assert_int_equal(yaml_reader_next(reading.reader, &reading.arena, &reading.root), 0);
    assert_int_equal(reading.root->type, NODE_NULL);
    assert_int_equal(yaml_reader_next(reading.reader, &reading.arena, &reading.root), GW_EOF);
    close_reading(&reading);
}

static void test_json_is_yaml(void **state)
{
    (void)state;
    reading_t reading;
    assert_int_equal(read_first(&reading, "{\"a\": [1, {\"b\": \"\\u0041/\\/\"}]}"), 0);
    const node_t *list = node_get(reading.root, "a");
    assert_slice(node_text(list->first->next, "b", SLICE("")), "A//");
    close_reading(&reading);
}

static void test_a_tagged_string_is_a_string(void **state)
{
    (void)state;
    reading_t reading;
    assert_int_equal(read_first(&reading, "a: !!str 1\nb: ! 2\n"), 0);
    assert_slice(node_text(reading.root, "a", SLICE("")), "1");
    close_reading(&reading);
}

static void test_what_is_refused_is_named_with_its_line(void **state)
{
    (void)state;
    assert_fails("a: &x 1\nb: *x\n", GW_EPARSE, 1, "anchors");
    assert_fails("a: 1\nb: *x\n", GW_EPARSE, 2, "anchors");
    assert_fails("a: 1\nb: !!binary x\n", GW_EPARSE, 2, "tags");
    assert_fails("a:\n  b: 1\n  b: 2\n", GW_EPARSE, 2, "\"b\" stands twice");
    assert_fails("? [x]\n: y\n", GW_EPARSE, 1, "a key must be a string");
    assert_fails("a: \"x\\0y\"\n", GW_EPARSE, 1, "NUL");
    assert_fails("a: 1\nb: [1,\nc: }\n", GW_EPARSE, 3, "did not find");
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    strbuf_t text = {0};
    for (int i = 0; i < YAML_MAX_DEPTH + 1; i++)
        strbuf_add_char(&text, '[');
    strbuf_add_char(&text, '\0');
    assert_fails(text.base, GW_ELIMIT, 1, "nested too deeply");
    strbuf_fini(&text);
}

static void test_size_is_bounded(void **state)
{
    (void)state;
    static char text[YAML_MAX_BYTES + 2];
    memset(text, ' ', sizeof(text) - 1);
    assert_fails(text, GW_ELIMIT, 1, "larger than 16 MiB");
}

static void test_the_hash_is_of_meaning_and_not_of_form(void **state)
{
    (void)state;
    const char *texts[] = {"a: 1\nb: [x, y]\nstatus: 1\n",
                           "{a: 1, b: [\"x\", 'y'], status: {z: 2}}", "a: 1\nb: [y, x]\n",
                           "a: '1'\nb: [x, y]\nstatus: 1\n"};
    uint64_t hashes[4];
    for (int i = 0; i < 4; i++) {
        reading_t reading;
        assert_int_equal(read_first(&reading, texts[i]), 0);
        hashes[i] = node_hash(reading.root, "status");
        close_reading(&reading);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
    assert_true(hashes[0] != hashes[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps_lists_and_scalars_become_nodes_with_lines),
        cmocka_unit_test(test_documents_come_one_by_one),
        cmocka_unit_test(test_json_is_yaml),
        cmocka_unit_test(test_a_tagged_string_is_a_string),
        cmocka_unit_test(test_what_is_refused_is_named_with_its_line),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_size_is_bounded),
        cmocka_unit_test(test_the_hash_is_of_meaning_and_not_of_form),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
