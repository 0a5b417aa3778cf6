#include "gatewayapi/manifest.h"

#include "core/error.h"
#include "tests/unit/test.h"

static int parse(const char *yaml, manifest_t *manifest)
{
    return manifest_parse(SLICE("dir/file.yaml"), slice_of(yaml), manifest);
}

static void assert_problem(const manifest_t *manifest, size_t index, const char *expected)
{
    strbuf_t text = {0};
    assert_true(index < manifest->problems.count);
    problem_print(&manifest->problems.at[index], &text);
    strbuf_add_char(&text, '\0');
    assert_string_equal(text.base, expected);
    strbuf_fini(&text);
}

static void test_an_object_knows_where_it_came_from(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(parse("---\n\nkind: Namespace\napiVersion: v1\n"
                           "metadata:\n  name: a\n  generation: 7\n"
                           "  creationTimestamp: 1970-01-01T00:00:01Z\n  labels: {x: y}\n",
                           &manifest),
                     0);
    assert_int_equal(manifest.count, 1);
    const object_t *object = manifest.objects[0];
    assert_int_equal(object->kind, KIND_NAMESPACE);
    assert_slice(object->source, "dir/file.yaml");
    assert_int_equal(object->line, 3);
    assert_int_equal(object->generation, 7);
    assert_int_equal(object->created_ms, 1000);
    assert_slice(object_label(object, SLICE("x")), "y");
    assert_slice(object->namespace_, "");
    manifest_fini(&manifest);
}

static void test_the_defaults_of_the_api_are_filled_in(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(
        parse("apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
              "metadata: {name: r}\n"
              "spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: s, port: 1}]}]}",
              &manifest),
        0);
    const object_t *object = manifest.objects[0];
    const http_route_t *route = object->http_route;
    assert_slice(object->namespace_, "default");
    assert_int_equal(object->created_ms, OBJECT_NO_TIME);
    assert_slice(route->parents[0].kind, "Gateway");
    assert_slice(route->parents[0].namespace_, "default");
    assert_false(route->parents[0].has_namespace);
    assert_int_equal(route->rules[0].match_count, 1);
    assert_slice(route->rules[0].matches[0].path, "/");
    assert_slice(route->rules[0].backends[0].kind, "Service");
    assert_int_equal(route->rules[0].backends[0].weight, 1);
    assert_false(route->rules[0].has_request);
    manifest_fini(&manifest);
}

static void test_a_route_without_rules_has_the_default_one(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(parse("apiVersion: gateway.networking.k8s.io/v1beta1\nkind: HTTPRoute\n"
                           "metadata: {name: r}\nspec: {}\n",
                           &manifest),
                     0);
    assert_int_equal(manifest.objects[0]->http_route->rule_count, 1);
    assert_int_equal(manifest.objects[0]->http_route->rules[0].match_count, 1);
    manifest_fini(&manifest);
}

static void test_a_syntax_error_makes_the_file_bad_as_a_whole(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(parse("kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n"
                           "---\nkind: Namespace\napiVersion: v1\nmetadata: {name\n",
                           &manifest),
                     GW_EPARSE);
    assert_int_equal(manifest.count, 0);
    assert_int_equal(manifest.refused_count, 0);
    assert_int_equal(manifest.problems.count, 1);
    assert_slice(manifest.problems.at[0].file, "dir/file.yaml");
    assert_int_equal(manifest.problems.at[0].line, 8);
    manifest_fini(&manifest);
}

static void test_a_bad_object_leaves_the_others_alone(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(parse("kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n"
                           "---\nkind: Service\napiVersion: v1\nmetadata: {name: s, namespace: n}\n"
                           "spec:\n  ports: [{port: 0}]\n"
                           "---\nkind: Namespace\napiVersion: v1\nmetadata: {name: b}\n",
                           &manifest),
                     0);
    assert_int_equal(manifest.count, 2);
    assert_problem(
        &manifest, 0,
        "dir/file.yaml:9: Service n/s: spec.ports[0].port: 0 must be between 1 and 65535");
    assert_int_equal(manifest.refused_count, 1);
    assert_int_equal(manifest.refused[0].kind, KIND_SERVICE);
    assert_slice(manifest.refused[0].namespace_, "n");
    assert_slice(manifest.refused[0].name, "s");
    manifest_fini(&manifest);
}

static void test_problems_of_one_object_are_bounded(void **state)
{
    (void)state;
    manifest_t manifest;
    strbuf_t text = {0};
    strbuf_add_text(&text, "kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n");
    for (int i = 0; i < 100; i++)
        strbuf_printf(&text, "x%d: 1\n", i);
    strbuf_add_char(&text, '\0');
    assert_int_equal(parse(text.base, &manifest), 0);
    assert_int_equal(manifest.problems.count, 20);
    assert_problem(&manifest, 0, "dir/file.yaml:4: Namespace a: x0: unknown field");
    strbuf_fini(&text);
    manifest_fini(&manifest);
}

static void test_a_list_stands_for_its_items(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(
        parse("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ["
              "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}},"
              "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}}]}",
              &manifest),
        0);
    assert_int_equal(manifest.count, 1);
    assert_int_equal(manifest.problems.count, 0);
    assert_int_equal(manifest.notes.count, 1);
    assert_slice(manifest.notes.at[0].object, "Pod p");
    manifest_fini(&manifest);
}

static void test_unimplemented_features_are_named_and_not_refused(void **state)
{
    (void)state;
    manifest_t manifest;
    assert_int_equal(parse("apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
                           "metadata: {name: r}\n"
                           "spec: {rules: [{}, {filters: [{type: CORS, cors: {maxAge: 1}}]}]}",
                           &manifest),
                     0);
    assert_int_equal(manifest.problems.count, 0);
    assert_slice(manifest.objects[0]->unsupported, "spec.rules[1].filters");
    manifest_fini(&manifest);
}

static void test_equal_objects_have_equal_hashes(void **state)
{
    (void)state;
    manifest_t a, b;
    parse("kind: Namespace\napiVersion: v1\nmetadata: {name: a, labels: {x: y}}\n", &a);
    parse("# moved\nkind: Namespace\napiVersion: v1\nmetadata:\n  name: a\n  labels:\n    x: 'y'\n",
          &b);
    assert_true(a.objects[0]->hash == b.objects[0]->hash);
    assert_int_not_equal(a.objects[0]->line, b.objects[0]->line);
    manifest_fini(&a);
    manifest_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_knows_where_it_came_from),
        cmocka_unit_test(test_the_defaults_of_the_api_are_filled_in),
        cmocka_unit_test(test_a_route_without_rules_has_the_default_one),
        cmocka_unit_test(test_a_syntax_error_makes_the_file_bad_as_a_whole),
        cmocka_unit_test(test_a_bad_object_leaves_the_others_alone),
        cmocka_unit_test(test_problems_of_one_object_are_bounded),
        cmocka_unit_test(test_a_list_stands_for_its_items),
        cmocka_unit_test(test_unimplemented_features_are_named_and_not_refused),
        cmocka_unit_test(test_equal_objects_have_equal_hashes),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
