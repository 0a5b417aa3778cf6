#include "gatewayapi/store.h"

#include "tests/unit/test.h"

#define NAMESPACE(name, label)                                                                     \
    "---\nkind: Namespace\napiVersion: v1\nmetadata: {name: " name ", labels: {v: \"" label "\"}}" \
    "\n"

static void put(store_t *store, const char *source, const char *yaml, problems_t *problems)
{
    manifest_t manifest;
    assert_int_equal(manifest_parse(slice_of(source), slice_of(yaml), &manifest), 0);
    store_apply_manifest(store, slice_of(source), &manifest, problems);
    manifest_fini(&manifest);
}

static const object_t *get(const store_t *store, const char *name)
{
    return store_get(store, KIND_NAMESPACE, SLICE(""), slice_of(name));
}

static size_t change_count(store_t *store)
{
    size_t count;
    store_changes(store, &count);
    return count;
}

static void test_a_source_is_replaced_as_a_whole(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "f", NAMESPACE("a", "1") NAMESPACE("b", "1"), NULL);
    assert_int_equal(change_count(store), 2);
    store_changes_done(store);

    put(store, "f", NAMESPACE("b", "2") NAMESPACE("c", "1"), NULL);

    assert_null(get(store, "a"));
    assert_slice(object_label(get(store, "b"), SLICE("v")), "2");
    assert_non_null(get(store, "c"));
    assert_int_equal(change_count(store), 3);
    assert_int_equal(store_count(store, KIND_NAMESPACE), 2);
    store_free(store);
}

static void test_equal_objects_are_no_change(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "f", NAMESPACE("a", "1") NAMESPACE("b", "1"), NULL);
    store_changes_done(store);
    const object_t *before = get(store, "a");

    put(store, "f", NAMESPACE("a", "1") "# a comment\n" NAMESPACE("b", "1"), NULL);

    assert_int_equal(change_count(store), 0);
    assert_ptr_equal(get(store, "a"), before);
    assert_int_equal(get(store, "b")->line, 7); /* but what moved knows where it is now */
    store_free(store);
}

static void test_there_and_back_again_is_no_change(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "f", NAMESPACE("a", "1"), NULL);
    store_changes_done(store);
    put(store, "f", NAMESPACE("a", "2"), NULL);
    assert_int_equal(change_count(store), 1);
    put(store, "f", "", NULL);
    assert_int_equal(change_count(store), 1);
    put(store, "f", NAMESPACE("a", "1"), NULL);
    assert_int_equal(change_count(store), 0);
    store_changes_done(store);
    store_free(store);
}

static void test_a_change_has_the_object_before_and_after(void **state)
{
    (void)state;
    store_t *store = store_new();
    size_t count;
    put(store, "f", NAMESPACE("a", "1"), NULL);
    store_changes_done(store);
    put(store, "f", NAMESPACE("a", "2"), NULL);
    const store_change_t *changes = store_changes(store, &count);
    assert_slice(object_label(changes[0].before, SLICE("v")), "1");
    assert_slice(object_label(changes[0].after, SLICE("v")), "2");
    store_changes_done(store);
    put(store, "f", "", NULL);
    changes = store_changes(store, &count);
    assert_slice(object_label(changes[0].before, SLICE("v")), "2");
    assert_null(changes[0].after);
    store_free(store);
}

static void test_the_first_source_by_name_wins_and_the_other_is_reported(void **state)
{
    (void)state;
    store_t *store = store_new();
    problems_t problems = {0};
    strbuf_t text = {0};
    put(store, "b.yaml", NAMESPACE("a", "from-b"), &problems);
    assert_int_equal(problems.count, 0);
    store_changes_done(store);

    put(store, "a.yaml", NAMESPACE("x", "") NAMESPACE("a", "from-a"), &problems);

    assert_slice(object_label(get(store, "a"), SLICE("v")), "from-a");
    assert_int_equal(change_count(store), 2);
    problem_print(&problems.at[0], &text);
    strbuf_add_char(&text, '\0');
    assert_string_equal(text.base,
                        "b.yaml:2: Namespace a: is ignored: a.yaml line 6 defines it too");
    strbuf_fini(&text);
    problems_clear(&problems);
    store_free(store);
}

static void test_the_second_source_takes_over_when_the_first_goes(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "a.yaml", NAMESPACE("a", "from-a"), NULL);
    put(store, "b.yaml", NAMESPACE("a", "from-b"), NULL);
    assert_slice(object_label(get(store, "a"), SLICE("v")), "from-a");
    store_changes_done(store);
    put(store, "a.yaml", "", NULL);
    assert_slice(object_label(get(store, "a"), SLICE("v")), "from-b");
    assert_int_equal(change_count(store), 1);
    store_free(store);
}

static void test_a_refused_object_keeps_its_last_good_version(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "f", NAMESPACE("a", "1") NAMESPACE("b", "1"), NULL);
    store_changes_done(store);
    put(store, "f", NAMESPACE("a", "bad label!") NAMESPACE("b", "2"), NULL);
    assert_slice(object_label(get(store, "a"), SLICE("v")), "1");
    assert_slice(object_label(get(store, "b"), SLICE("v")), "2");
    assert_int_equal(change_count(store), 1);
    put(store, "f", NAMESPACE("b", "2"), NULL); /* it is gone when it is gone */
    assert_null(get(store, "a"));
    store_free(store);
}

static void test_kinds_are_listed_in_order(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "f", NAMESPACE("c", "1") NAMESPACE("a", "1"), NULL);
    put(store, "g", NAMESPACE("b", "1"), NULL);
    store_list_t list = store_list_kind(store, KIND_NAMESPACE);
    assert_int_equal(list.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(list.at[i]->name.base[0], 'a' + (char)i);
    put(store, "g", "", NULL);
    assert_int_equal(store_list_kind(store, KIND_NAMESPACE).count, 2);
    store_free(store);
}

static void test_indexes_follow_the_objects(void **state)
{
    (void)state;
    store_t *store = store_new();
    put(store, "f",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\n"
        "spec:\n  parentRefs: [{name: g, sectionName: a}, {name: g, sectionName: b}, {name: h, "
        "namespace: n}]\n"
        "  rules: [{backendRefs: [{name: s, port: 1}, {name: s, port: 2}]}, {backendRefs: [{name: "
        "s, port: 1}]}]\n",
        NULL);
    assert_int_equal(store_find(store, STORE_ROUTES_BY_GATEWAY, SLICE("default"), SLICE("g")).count,
                     1);
    assert_int_equal(store_find(store, STORE_ROUTES_BY_GATEWAY, SLICE("n"), SLICE("h")).count, 1);
    assert_int_equal(store_find(store, STORE_ROUTES_BY_SERVICE, SLICE("default"), SLICE("s")).count,
                     1);
    assert_int_equal(
        store_find(store, STORE_ROUTES_BY_NAMESPACE, SLICE(""), SLICE("default")).count, 1);
    put(store, "f", "", NULL);
    assert_int_equal(store_find(store, STORE_ROUTES_BY_GATEWAY, SLICE("default"), SLICE("g")).count,
                     0);
    assert_int_equal(store_find(store, STORE_ROUTES_BY_SERVICE, SLICE("default"), SLICE("s")).count,
                     0);
    store_free(store);
}

static void test_everything_can_be_made_to_look_new(void **state)
{
    (void)state;
    store_t *store = store_new();
    size_t count;
    put(store, "f", NAMESPACE("a", "1") NAMESPACE("b", "1"), NULL);
    store_changes_done(store);
    store_mark_all_changed(store);
    const store_change_t *changes = store_changes(store, &count);
    assert_int_equal(count, 2);
    assert_null(changes[0].before);
    assert_non_null(changes[0].after);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_source_is_replaced_as_a_whole),
        cmocka_unit_test(test_equal_objects_are_no_change),
        cmocka_unit_test(test_there_and_back_again_is_no_change),
        cmocka_unit_test(test_a_change_has_the_object_before_and_after),
        cmocka_unit_test(test_the_first_source_by_name_wins_and_the_other_is_reported),
        cmocka_unit_test(test_the_second_source_takes_over_when_the_first_goes),
        cmocka_unit_test(test_a_refused_object_keeps_its_last_good_version),
        cmocka_unit_test(test_kinds_are_listed_in_order),
        cmocka_unit_test(test_indexes_follow_the_objects),
        cmocka_unit_test(test_everything_can_be_made_to_look_new),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
