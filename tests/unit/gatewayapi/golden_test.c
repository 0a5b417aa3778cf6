/*
 * golden_test.c: every golden/NAME.yaml is parsed and translated, and what comes out (problems,
 * notes, resources, statuses) must be golden/NAME.txt. With GOLDEN_UPDATE set, the texts are
 * written instead; they are then to be read before they are committed.
 */
#include <dirent.h>

#include "core/mem.h"
#include "tests/unit/gatewayapi/world.h"
#include "tests/unit/test.h"

#define FOLDER "tests/unit/gatewayapi/golden"

/* read_file gives a file's text, which the caller frees; NULL if there is none. */
static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    strbuf_t text = {0};
    char chunk[4096];
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        strbuf_add(&text, slice_make(chunk, got));
    fclose(file);
    *ret_len = text.len;
    strbuf_add_char(&text, '\0');
    return text.base;
}

static void print_problems(const problems_t *problems, const char *title, strbuf_t *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        strbuf_printf(out, "%s ", title);
        problem_print(&problems->at[i], out);
        strbuf_add_char(out, '\n');
    }
}

/* translate gives all that a manifest's text leads to. */
static void translate(const char *name, slice_t yaml, strbuf_t *out)
{
    world_t world;
    manifest_t manifest;
    world_open(&world);
    manifest_parse(slice_of(name), yaml, &manifest);
    store_replace_source(world.store, slice_of(name), manifest.objects, manifest.count, NULL);
    world_run(&world);
    print_problems(&manifest.problems, "problem", out);
    print_problems(&manifest.notes, "note", out);
    world_print(&world, out);
    manifest_fini(&manifest);
    world_close(&world);
}

static void write_file(const char *path, slice_t text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(text.base, 1, text.len, file);
    fclose(file);
}

static void check_golden(const char *name)
{
    char path[512], expected_path[512];
    size_t len = 0, expected_len = 0;
    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    snprintf(expected_path, sizeof(expected_path), "%s/%.*s.txt", FOLDER, (int)strlen(name) - 5,
             name);
    char *yaml = read_file(path, &len);
    strbuf_t out = {0};
    translate(name, slice_make(yaml, len), &out);
    if (getenv("GOLDEN_UPDATE"))
        write_file(expected_path, strbuf_slice(&out));
    char *expected = read_file(expected_path, &expected_len);
    bool equal = expected && slice_eq(strbuf_slice(&out), slice_make(expected, expected_len));
    if (!equal)
        print_message("%s gives:\n%.*s", name, SLICE_ARG(strbuf_slice(&out)));
    free(yaml);
    free(expected);
    strbuf_fini(&out);
    assert_true(equal);
}

static int is_yaml(const struct dirent *entry)
{
    return slice_ends_with(slice_of(entry->d_name), SLICE(".yaml"));
}

static void test_manifests_become_what_the_golden_files_say(void **state)
{
    (void)state;
    struct dirent **entries;
    int count = scandir(FOLDER, &entries, is_yaml, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        check_golden(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifests_become_what_the_golden_files_say),
    };
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
