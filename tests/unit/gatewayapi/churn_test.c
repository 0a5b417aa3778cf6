/*
 * churn_test.c: the translator's memory against a translator without one. Random edits go into a
 * world step by step; after each, a fresh translator that sees the same objects for the first time
 * must say the same: the same resources, byte by byte, and the same statuses. And each update must
 * have only what differs.
 */
#include "core/mem.h"
#include "tests/unit/gatewayapi/world.h"
#include "tests/unit/test.h"

enum { SOURCES = 24, STEPS = 150, SEEDS = 8, MIRROR_MAX = 4096 };

/* ---- random manifests ---- */

typedef struct dice {
    uint64_t state;
} dice_t;

static unsigned roll(dice_t *dice, unsigned sides)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice->state >> 33) % sides;
}

static const char *pick(dice_t *dice, const char *const *words)
{
    unsigned count = 0;
    while (words[count])
        count++;
    return words[roll(dice, count)];
}

static const char *const namespaces[] = {"a", "b", NULL};
static const char *const hosts[] = {"x.example.com",
                                    "y.example.com",
                                    "*.example.com",
                                    "z.x.example.com",
                                    "*.x.example.com",
                                    "*.com",
                                    NULL};
static const char *const sections[] = {"null", "null", "l0", "l1", NULL};
static const char *const paths[] = {"/", "/p", "/p/q", "/r", NULL};

static void add_class(dice_t *dice, strbuf_t *out)
{
    strbuf_printf(out,
                  "---\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\n"
                  "metadata: {name: c%u}\nspec: {controllerName: %s}\n",
                  roll(dice, 2), roll(dice, 6) ? GATEWAY_CONTROLLER : "example.com/other");
}

static void add_listener(dice_t *dice, unsigned index, strbuf_t *out)
{
    static const char *const from[] = {"Same", "All", "Selector", NULL};
    strbuf_printf(out, "  - {name: l%u, port: %u, protocol: %s", index, roll(dice, 2) ? 80 : 8080,
                  roll(dice, 8) ? "HTTP" : "TCP2");
    if (roll(dice, 2))
        strbuf_printf(out, ", hostname: \"%s\"", pick(dice, hosts));
    strbuf_printf(
        out, ", allowedRoutes: {namespaces: {from: %s, selector: {matchLabels: {t: \"%u\"}}}%s}}\n",
        pick(dice, from), roll(dice, 2), roll(dice, 6) ? "" : ", kinds: [{kind: GRPCRoute}]");
}

static void add_gateway(dice_t *dice, strbuf_t *out)
{
    strbuf_printf(out,
                  "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
                  "metadata: {namespace: %s, name: g%u, generation: %u}\n"
                  "spec:\n  gatewayClassName: c%u\n%s  listeners:\n",
                  pick(dice, namespaces), roll(dice, 2), roll(dice, 2), roll(dice, 2),
                  roll(dice, 10) ? "" : "  addresses: [{value: 192.0.2.1}]\n");
    unsigned count = 1 + roll(dice, 4);
    for (unsigned i = 0; i < count; i++)
        add_listener(dice, i, out);
}

static void add_rule(dice_t *dice, strbuf_t *out)
{
    strbuf_printf(out, "  - matches: [{path: {value: %s}%s}]\n    backendRefs:\n",
                  pick(dice, paths), roll(dice, 3) ? "" : ", method: GET");
    unsigned count = 1 + roll(dice, 2);
    for (unsigned i = 0; i < count; i++)
        strbuf_printf(out, "    - {namespace: %s, name: s%u, port: %u, weight: %u}\n",
                      pick(dice, namespaces), roll(dice, 3), 80 + roll(dice, 2), roll(dice, 3));
    if (roll(dice, 12) == 0)
        strbuf_add_text(out, "    retry: {}\n");
}

static void add_route(dice_t *dice, strbuf_t *out)
{
    strbuf_printf(out,
                  "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
                  "metadata: {namespace: %s, name: r%u, generation: %u}\nspec:\n  parentRefs:\n",
                  pick(dice, namespaces), roll(dice, 6), roll(dice, 2));
    for (unsigned i = 0; i < 2; i++)
        if (i == 0 || roll(dice, 2))
            strbuf_printf(out, "  - {namespace: %s, name: g%u, sectionName: %s}\n",
                          pick(dice, namespaces), i, pick(dice, sections));
    strbuf_printf(out, "  hostnames: [");
    for (unsigned i = roll(dice, 3); i > 0; i--)
        strbuf_printf(out, "\"%s\"%s", pick(dice, hosts), i > 1 ? ", " : "");
    strbuf_printf(out, "]\n  rules:\n");
    for (unsigned i = 1 + roll(dice, 2); i > 0; i--)
        add_rule(dice, out);
}

static void add_service(dice_t *dice, strbuf_t *out)
{
    strbuf_printf(out,
                  "---\napiVersion: v1\nkind: Service\nmetadata: {namespace: %s, name: s%u}\n"
                  "spec: {ports: [{name: %s, port: 80}%s]}\n",
                  pick(dice, namespaces), roll(dice, 3), roll(dice, 2) ? "a" : "b",
                  roll(dice, 2) ? ", {name: c, port: 81}" : "");
}

static void add_slice(dice_t *dice, strbuf_t *out)
{
    strbuf_printf(
        out,
        "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {namespace: %s, name: e%u, labels: {kubernetes.io/service-name: s%u}}\n"
        "addressType: IPv4\nports: [{name: %s, port: %u}]\n"
        "endpoints: [{addresses: [10.0.0.%u], conditions: {ready: %s}}]\n",
        pick(dice, namespaces), roll(dice, 4), roll(dice, 3), roll(dice, 2) ? "a" : "b",
        3000 + roll(dice, 2), roll(dice, 3), roll(dice, 2) ? "true" : "false");
}

static void add_rest(dice_t *dice, strbuf_t *out)
{
    if (roll(dice, 2))
        strbuf_printf(out,
                      "---\napiVersion: v1\nkind: Namespace\n"
                      "metadata: {name: %s, labels: {t: \"%u\"}}\n",
                      pick(dice, namespaces), roll(dice, 2));
    else
        strbuf_printf(
            out,
            "---\napiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrant\n"
            "metadata: {namespace: %s, name: r}\nspec:\n"
            "  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: %s}]\n"
            "  to: [{group: \"\", kind: Service}]\n",
            pick(dice, namespaces), pick(dice, namespaces));
}

static void add_any(dice_t *dice, strbuf_t *out)
{
    static void (*const kinds[])(dice_t *, strbuf_t *) = {
        add_class,   add_gateway, add_gateway, add_route, add_route, add_route,
        add_service, add_service, add_slice,   add_slice, add_rest};
    kinds[roll(dice, sizeof(kinds) / sizeof(kinds[0]))](dice, out);
}

/* ---- what the updates add up to ---- */

typedef struct mirror {
    xds_resource_t *at[MIRROR_MAX];
    size_t count;
} mirror_t;

static size_t find(const mirror_t *mirror, xds_type_t type, slice_t name)
{
    size_t i = 0;
    while (i < mirror->count && !(xds_resource_type(mirror->at[i]) == type &&
                                  slice_eq(xds_resource_name(mirror->at[i]), name)))
        i++;
    return i;
}

/* mirror_apply follows an update and asserts that all in it differs from what was there. */
static void mirror_apply(mirror_t *mirror, const xds_update_t *update)
{
    for (size_t i = 0; i < update->removed_count; i++) {
        size_t at = find(mirror, update->removed[i].type, update->removed[i].name);
        assert_true(at < mirror->count);
        xds_resource_unref(mirror->at[at]);
        mirror->at[at] = mirror->at[--mirror->count];
    }
    for (size_t i = 0; i < update->changed_count; i++) {
        xds_resource_t *resource = update->changed[i];
        size_t at = find(mirror, xds_resource_type(resource), xds_resource_name(resource));
        if (at < mirror->count) {
            assert_false(xds_resource_equal(mirror->at[at], resource));
            xds_resource_unref(mirror->at[at]);
        } else {
            mirror->count++;
            assert_true(mirror->count <= MIRROR_MAX);
        }
        mirror->at[at] = xds_resource_ref(resource);
    }
}

/* ---- the comparison ---- */

static void compare_resources(const mirror_t *mirror, const world_t *fresh)
{
    for (size_t i = 0; i < fresh->update.changed_count; i++) {
        const xds_resource_t *expected = fresh->update.changed[i];
        size_t at = find(mirror, xds_resource_type(expected), xds_resource_name(expected));
        if (at == mirror->count || !xds_resource_equal(mirror->at[at], expected)) {
            strbuf_t text = {0};
            resource_print(expected, &text);
            if (at < mirror->count)
                resource_print(mirror->at[at], &text);
            strbuf_add_char(&text, '\0');
            fail_msg("expected first, then what there is:\n%s", text.base);
        }
    }
    assert_int_equal(mirror->count, fresh->update.changed_count);
}

/* Statuses by "kind namespace/name", as they were last said. */
typedef struct said {
    object_status_t *at[MIRROR_MAX];
    size_t count;
} said_t;

static size_t find_status(const said_t *said, const object_t *object)
{
    size_t i = 0;
    while (i < said->count && !(said->at[i]->object->kind == object->kind &&
                                slice_eq(said->at[i]->object->name, object->name) &&
                                slice_eq(said->at[i]->object->namespace_, object->namespace_)))
        i++;
    return i;
}

static void said_apply(said_t *said, const status_update_t *update)
{
    for (size_t i = 0; i < update->removed_count; i++) {
        size_t at = find_status(said, update->removed[i]);
        assert_true(at < said->count);
        status_unref(said->at[at]);
        said->at[at] = said->at[--said->count];
    }
    for (size_t i = 0; i < update->changed_count; i++) {
        size_t at = find_status(said, update->changed[i]->object);
        if (at < said->count) {
            assert_false(status_equal(said->at[at], update->changed[i]));
            status_unref(said->at[at]);
        } else {
            said->count++;
        }
        said->at[at] = status_ref(update->changed[i]);
    }
}

static void compare_statuses(const said_t *said, const world_t *fresh)
{
    for (size_t i = 0; i < fresh->status.changed_count; i++) {
        const object_status_t *expected = fresh->status.changed[i];
        size_t at = find_status(said, expected->object);
        assert_true(at < said->count);
        if (!status_equal(said->at[at], expected)) {
            strbuf_t text = {0};
            status_print(expected, &text);
            status_print(said->at[at], &text);
            strbuf_add_char(&text, '\0');
            fail_msg("expected first, then what was said:\n%s", text.base);
        }
    }
    assert_int_equal(said->count, fresh->status.changed_count);
}

/* ---- the run ---- */

typedef struct churn {
    world_t world;
    char *sources[SOURCES];
    mirror_t mirror;
    said_t said;
    size_t seen; /* resources over all steps */
} churn_t;

/* put gives a source its text; objects that stand twice in it are no matter here. */
static void put(world_t *world, unsigned index, const char *text)
{
    char name[8];
    manifest_t manifest;
    snprintf(name, sizeof(name), "f%02u", index);
    assert_int_equal(manifest_parse(slice_of(name), slice_of(text), &manifest), 0);
    store_replace_source(world->store, slice_of(name), manifest.objects, manifest.count, NULL);
    manifest_fini(&manifest);
}

static void compare_with_fresh(churn_t *churn)
{
    world_t fresh;
    size_t count;
    world_open(&fresh);
    const port_mapping_t *ports = translator_ports(churn->world.translator, &count);
    for (size_t i = 0; i < count; i++)
        translator_seed_port(fresh.translator, &ports[i]);
    for (unsigned i = 0; i < SOURCES; i++)
        if (churn->sources[i])
            put(&fresh, i, churn->sources[i]);
    world_run(&fresh);
    compare_resources(&churn->mirror, &fresh);
    compare_statuses(&churn->said, &fresh);
    world_close(&fresh);
}

static void step(churn_t *churn, dice_t *dice)
{
    for (unsigned edits = 1 + roll(dice, 2); edits > 0; edits--) {
        unsigned index = roll(dice, SOURCES);
        strbuf_t text = {0};
        for (unsigned objects = roll(dice, 6); objects > 0; objects--)
            add_any(dice, &text);
        free(churn->sources[index]);
        strbuf_add_char(&text, '\0');
        churn->sources[index] = text.base;
        put(&churn->world, index, text.base);
    }
    world_run(&churn->world);
    mirror_apply(&churn->mirror, &churn->world.update);
    churn->seen += churn->mirror.count;
    said_apply(&churn->said, &churn->world.status);
    compare_with_fresh(churn);
}

static void churn_free(churn_t *churn)
{
    for (size_t i = 0; i < churn->mirror.count; i++)
        xds_resource_unref(churn->mirror.at[i]);
    for (size_t i = 0; i < churn->said.count; i++)
        status_unref(churn->said.at[i]);
    for (unsigned i = 0; i < SOURCES; i++)
        free(churn->sources[i]);
    world_close(&churn->world);
    free(churn);
}

static void test_a_translator_with_a_past_says_what_a_fresh_one_says(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        churn_t *churn = xcalloc(1, sizeof(*churn));
        dice_t dice = {seed};
        world_open(&churn->world);
        for (unsigned i = 0; i < STEPS; i++)
            step(churn, &dice);
        assert_true(churn->seen > STEPS * 8); /* the edits lead to something */
        churn_free(churn);
    }
}

static void test_a_new_translator_takes_over_a_store_in_use(void **state)
{
    (void)state;
    churn_t *churn = xcalloc(1, sizeof(*churn));
    dice_t dice = {99};
    world_open(&churn->world);
    for (unsigned i = 0; i < 60; i++)
        step(churn, &dice);
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    options.allow_loopback = true;
    translator_t *next = translator_new(&options);
    size_t count;
    const port_mapping_t *ports = translator_ports(churn->world.translator, &count);
    for (size_t i = 0; i < count; i++)
        translator_seed_port(next, &ports[i]);
    translator_free(churn->world.translator);
    churn->world.translator = next;
    store_mark_all_changed(churn->world.store);
    world_run(&churn->world);
    compare_resources(&churn->mirror, &churn->world);
    compare_statuses(&churn->said, &churn->world);
    churn_free(churn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_translator_with_a_past_says_what_a_fresh_one_says),
        cmocka_unit_test(test_a_new_translator_takes_over_a_store_in_use),
    };
    return cmocka_run_group_tests_name("churn", tests, NULL, NULL);
}
