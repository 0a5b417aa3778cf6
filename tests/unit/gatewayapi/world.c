/* world.c: see world.h. */
#include "tests/unit/gatewayapi/world.h"

#include "tests/unit/test.h"

void world_open_with(world_t *world, const translator_options_t *options)
{
    *world = (world_t){.store = store_new(), .translator = translator_new(options)};
}

void world_open(world_t *world)
{
    translator_options_t options = TRANSLATOR_OPTIONS_DEFAULT;
    options.allow_loopback = true;
    world_open_with(world, &options);
}

void world_close(world_t *world)
{
    xds_update_fini(&world->update);
    status_update_fini(&world->status);
    translator_free(world->translator);
    store_free(world->store);
}

void world_put(world_t *world, const char *source, const char *yaml)
{
    manifest_t manifest;
    int status = manifest_parse(slice_of(source), slice_of(yaml), &manifest);
    if (manifest.problems.count > 0) {
        strbuf_t text = {0};
        problem_print(&manifest.problems.at[0], &text);
        strbuf_add_char(&text, '\0');
        fail_msg("%s", text.base);
    }
    assert_int_equal(status, 0);
    store_replace_source(world->store, slice_of(source), manifest.objects, manifest.count, NULL);
    manifest_fini(&manifest);
}

void world_run(world_t *world)
{
    xds_update_fini(&world->update);
    status_update_fini(&world->status);
    translator_run(world->translator, world->store, &world->update, &world->status);
}

void world_apply(world_t *world, const char *source, const char *yaml)
{
    world_put(world, source, yaml);
    world_run(world);
}

const xds_resource_t *world_resource(const world_t *world, xds_type_t type, const char *name)
{
    return translator_resource(world->translator, type, slice_of(name));
}

bool world_changed(const world_t *world, xds_type_t type, const char *name)
{
    for (size_t i = 0; i < world->update.changed_count; i++)
        if (xds_resource_type(world->update.changed[i]) == type &&
            slice_eq(xds_resource_name(world->update.changed[i]), slice_of(name)))
            return true;
    return false;
}

bool world_removed(const world_t *world, xds_type_t type, const char *name)
{
    for (size_t i = 0; i < world->update.removed_count; i++)
        if (world->update.removed[i].type == type &&
            slice_eq(world->update.removed[i].name, slice_of(name)))
            return true;
    return false;
}

void world_print(const world_t *world, strbuf_t *out)
{
    for (size_t i = 0; i < world->update.changed_count; i++)
        resource_print(world->update.changed[i], out);
    for (size_t i = 0; i < world->update.removed_count; i++)
        strbuf_printf(out, "removed %s %.*s\n", xds_type_text(world->update.removed[i].type),
                      SLICE_ARG(world->update.removed[i].name));
    for (size_t i = 0; i < world->status.changed_count; i++)
        status_print(world->status.changed[i], out);
    for (size_t i = 0; i < world->status.removed_count; i++)
        strbuf_printf(out, "no status %s %.*s/%.*s\n", kind_name(world->status.removed[i]->kind),
                      SLICE_ARG(world->status.removed[i]->namespace_),
                      SLICE_ARG(world->status.removed[i]->name));
}

void world_says(const world_t *world, const char *text)
{
    strbuf_t out = {0};
    world_print(world, &out);
    strbuf_add_char(&out, '\0');
    bool found = strstr(out.base, text) != NULL;
    if (!found)
        print_message("missing: %s\nin:\n%s", text, out.base);
    strbuf_fini(&out);
    assert_true(found);
}
