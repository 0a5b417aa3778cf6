/*
 * The seam between the two planes: whatever the translator emits for the manifests of its golden
 * files, the snapshot builder accepts all of it.
 */
#include <glob.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "gatewayapi/manifest.h"
#include "gatewayapi/translator.h"
#include "tests/unit/test.h"
#include "xds/snapshot_builder.h"

static slice_t read_file(const char *path, strbuf_t *text)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (size_t got = 1; got > 0; text->len += got)
        got = fread(strbuf_room(text, 4096), 1, 4096, file);
    fclose(file);
    return strbuf_slice(text);
}

/* Everything that becomes of one file. */
static void translate(const char *path, xds_update_t *update)
{
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    options.allow_loopback = true;
    translator_t *translator = translator_new(&options);
    store_t *store = store_new();
    status_update_t status = {0};
    manifest_t manifest;
    strbuf_t text = {0};
    (void)manifest_parse(slice_of(path), read_file(path, &text), &manifest);
    store_replace_source(store, slice_of(path), manifest.objects, manifest.count, NULL);
    translator_run(translator, store, update, &status);
    manifest_fini(&manifest);
    status_update_fini(&status);
    translator_free(translator);
    store_free(store);
    strbuf_fini(&text);
}

static void check_file(const char *path)
{
    xds_update_t update = {0};
    xds_rejects_t rejects = {0};
    snapshot_builder_t *builder = snapshot_builder_new(1);
    translate(path, &update);
    assert_false(xds_update_empty(&update));
    const snapshot_t *snapshot = snapshot_builder_apply(builder, &update, &rejects);
    if (rejects.count)
        fail_msg("%s: %s %s: %s: %s", path, xds_type_text(rejects.at[0].type),
                 rejects.at[0].name.base, rejects.at[0].field.base, rejects.at[0].reason.base);
    snapshot_unref(snapshot);
    snapshot_builder_free(builder);
    xds_rejects_fini(&rejects);
    xds_update_fini(&update);
}

static void test_the_builder_accepts_what_the_translator_emits(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob("tests/unit/gatewayapi/golden/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        check_file(files.gl_pathv[i]);
    assert_in_range(files.gl_pathc, 5, 1000);
    globfree(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_builder_accepts_what_the_translator_emits),
    };
    return cmocka_run_group_tests_name("translated", tests, NULL, NULL);
}
