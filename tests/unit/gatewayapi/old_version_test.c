/* What a store keeps of the versions of an object that do not count any more: nothing. */
#include "gatewayapi/manifest.h"
#include "gatewayapi/store.h"
#include "tests/unit/test.h"

static manifest_t parse(const char *text)
{
    manifest_t manifest;
    assert_int_equal(manifest_parse(SLICE("a.yaml"), slice_of(text), &manifest), 0);
    assert_int_equal(manifest.count, 1);
    return manifest;
}

static void replace(store_t *store, const manifest_t *manifest)
{
    store_replace_source(store, SLICE("a.yaml"), manifest->objects, manifest->count, NULL);
    store_changes_done(store);
}

static void test_an_object_that_was_replaced_is_held_by_nobody(void **state)
{
    (void)state;
    manifest_t old = parse("{apiVersion: v1, kind: Service, metadata: {name: a},"
                           " spec: {ports: [{port: 80}]}}");
    manifest_t now = parse("{apiVersion: v1, kind: Service, metadata: {name: a},"
                           " spec: {ports: [{port: 81}]}}");
    store_t *store = store_new();
    replace(store, &old);
    assert_true(ref_get(&old.objects[0]->ref) > 1);
    replace(store, &now);
    assert_int_equal(ref_get(&old.objects[0]->ref), 1); /* the manifest's */
    assert_ptr_equal(store_get(store, KIND_SERVICE, SLICE("default"), SLICE("a")), now.objects[0]);
    store_free(store);
    manifest_fini(&old);
    manifest_fini(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_that_was_replaced_is_held_by_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
