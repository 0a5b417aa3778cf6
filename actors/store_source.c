/* store_source.c: see store_source.h. */
#include "actors/store_source.h"

#include "core/mem.h"

source_t *source_new(const char *name)
{
    size_t len = strlen(name);
    source_t *source = xcalloc(1, sizeof(*source) + len + 1);
    memcpy(source->name, name, len);
    list_init(&source->pending);
    list_init(&source->sent);
    return source;
}

static void drop_objects(source_t *source)
{
    for (size_t i = 0; i < source->count; i++)
        object_unref(source->objects[i]);
    free(source->objects);
    source->objects = NULL;
    source->count = 0;
}

void source_free(source_t *source)
{
    drop_objects(source);
    problems_clear(&source->problems);
    problems_clear(&source->notes);
    free(source);
}

/* A problem names its object "Kind namespace/name", without the namespace where the file has
 * none: then it is the default one, or the kind has none. */
static bool is_about(const problem_t *problem, const object_t *object)
{
    slice_t rest = problem->object, kind = slice_of(kind_name(object->kind));
    if (!slice_starts_with(rest, kind))
        return false;
    rest = slice_sub(rest, kind.len, rest.len);
    if (!slice_starts_with(rest, SLICE(" ")))
        return false;
    rest = slice_sub(rest, 1, rest.len);
    size_t slash = slice_chr(rest, '/');
    if (slash == rest.len)
        return slice_eq(rest, object->name) && (!kind_is_namespaced(object->kind) ||
                                                slice_eq(object->namespace_, SLICE("default")));
    return slice_eq(slice_sub(rest, 0, slash), object->namespace_) &&
           slice_eq(slice_sub(rest, slash + 1, rest.len), object->name);
}

static bool is_refused(const problems_t *problems, const object_t *object)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (is_about(&problems->at[i], object))
            return true;
    }
    return false;
}

static bool has(const manifest_t *manifest, const object_t *object)
{
    for (size_t i = 0; i < manifest->count; i++) {
        const object_t *other = manifest->objects[i];
        if (other->kind == object->kind && slice_eq(other->name, object->name) &&
            slice_eq(other->namespace_, object->namespace_))
            return true;
    }
    return false;
}

/* Adds the old selves of refused objects to the manifest. */
static void keep_refused(const source_t *source, manifest_t *manifest)
{
    for (size_t i = 0; manifest->problems.count > 0 && i < source->count; i++) {
        object_t *object = source->objects[i];
        if (!is_refused(&manifest->problems, object) || has(manifest, object))
            continue;
        manifest->objects =
            xrealloc(manifest->objects, (manifest->count + 1) * sizeof(*manifest->objects));
        manifest->objects[manifest->count++] = object_ref(object);
        manifest->capacity = manifest->count;
    }
}

static void move_problems(problems_t *from, problems_t *to)
{
    problems_clear(to);
    *to = *from;
    *from = (problems_t){0};
}

bool source_take(source_t *source, manifest_file_t *file)
{
    manifest_t *manifest = &file->manifest;
    bool kept = file->broken;
    source->gone = file->gone;
    if (!kept) {
        keep_refused(source, manifest);
        drop_objects(source);
        source->objects = manifest->objects;
        source->count = manifest->count;
        manifest->objects = NULL;
        manifest->count = manifest->capacity = 0;
    }
    move_problems(&manifest->problems, &source->problems);
    move_problems(&manifest->notes, &source->notes);
    return !kept;
}
