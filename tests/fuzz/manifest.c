/*
 * manifest.c: fuzzes the way of a manifest: YAML bytes, objects, store, resources and statuses.
 * The text is applied, then its first half in its place, then nothing: the translator must follow,
 * everything that it emits must be a message of its type, and at the end nothing may be left but
 * what is there without any manifest.
 */
#include <stdint.h>

#include "core/check.h"
#include "gatewayapi/manifest.h"
#include "gatewayapi/translator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_resources(const xds_update_t *update)
{
    for (size_t i = 0; i < update->changed_count; i++) {
        arena_t arena = {0};
        GW_ASSERT(xds_resource_unpack(update->changed[i], &arena) != NULL);
        arena_fini(&arena);
    }
}

static void print_statuses(const status_update_t *update)
{
    strbuf_t text = {0};
    for (size_t i = 0; i < update->changed_count; i++) {
        status_print(update->changed[i], &text);
        status_add_json(update->changed[i], &text);
    }
    strbuf_fini(&text);
}

/* apply gives the source a text, if that is YAML, and lets the translator follow. */
static void apply(translator_t *translator, store_t *store, slice_t text)
{
    manifest_t manifest;
    problems_t problems = {0};
    xds_update_t update = {0};
    status_update_t status = {0};
    if (manifest_parse(SLICE("fuzz.yaml"), text, &manifest) == 0)
        store_apply_manifest(store, SLICE("fuzz.yaml"), &manifest, &problems);
    translator_run(translator, store, &update, &status);
    check_resources(&update);
    print_statuses(&status);
    xds_update_fini(&update);
    status_update_fini(&status);
    problems_clear(&problems);
    manifest_fini(&manifest);
}

/* check_empty: without objects only the default listener is left. */
static void check_empty(translator_t *translator)
{
    size_t ports;
    translator_ports(translator, &ports);
    GW_ASSERT(ports == 0);
    GW_ASSERT(translator_resource(translator, XDS_LISTENER, SLICE("tcp/10080")) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t text = {(const char *)data, size};
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    store_t *store = store_new();
    translator_t *translator = translator_new(&options);
    apply(translator, store, text);
    apply(translator, store, slice_sub(text, 0, size / 2));
    store_replace_source(store, SLICE("fuzz.yaml"), NULL, 0, NULL);
    apply(translator, store, SLICE(""));
    check_empty(translator);
    translator_free(translator);
    store_free(store);
    return 0;
}
