/* manifest.c: see manifest.h. */
#include "gatewayapi/manifest.h"

#include "core/error.h"
#include "core/mem.h"
#include "gatewayapi/decode.h"
#include "gatewayapi/schemas.h"
#include "gatewayapi/table.h"
#include "gatewayapi/yaml.h"

typedef struct reading {
    slice_t file;
    arena_t arena;            /* of the current document */
    arena_t names;            /* nodes of `seen` */
    table_t seen[KIND_COUNT]; /* the objects so far, by namespace and name */
    manifest_t *manifest;
} reading_t;

/* namespace_of gives an object's namespace: "default" if it should have one and names none. */
static slice_t namespace_of(const node_t *node)
{
    object_kind_t kind;
    bool known = kind_find(node_text(node, "apiVersion", SLICE("")),
                           node_text(node, "kind", SLICE("")), &kind) != GW_ENOTFOUND;
    slice_t fallback = known && kind_is_namespaced(kind) ? SLICE("default") : SLICE("");
    return node_text(node_get(node, "metadata"), "namespace", fallback);
}

/* title gives "HTTPRoute default/web" for messages, of whatever the object has of it. */
static slice_t title(reading_t *reading, const node_t *node)
{
    strbuf_t text = {0};
    const node_t *metadata = node_get(node, "metadata");
    slice_t namespace_ = namespace_of(node);
    strbuf_add(&text, node_text(node, "kind", SLICE("object")));
    strbuf_add_char(&text, ' ');
    if (namespace_.len > 0) {
        strbuf_add(&text, namespace_);
        strbuf_add_char(&text, '/');
    }
    strbuf_add(&text, node_text(metadata, "name", SLICE("(no name)")));
    slice_t copy = arena_dup(&reading->arena, strbuf_slice(&text));
    strbuf_fini(&text);
    return copy;
}

static void add_problem(reading_t *reading, problems_t *list, const node_t *node, const char *field,
                        const char *reason)
{
    problems_add(list, &(problem_t){.file = reading->file,
                                    .line = node->line,
                                    .object = title(reading, node),
                                    .field = slice_of(field),
                                    .reason = slice_of(reason)});
}

static void add_object(manifest_t *manifest, object_t *object)
{
    if (manifest->count == manifest->capacity) {
        manifest->capacity = manifest->capacity ? manifest->capacity * 2 : 4;
        manifest->objects =
            xrealloc(manifest->objects, manifest->capacity * sizeof(*manifest->objects));
    }
    manifest->objects[manifest->count++] = object;
}

/* add_refused remembers which object it was, if it says. */
static void add_refused(manifest_t *manifest, const node_t *node, object_kind_t kind)
{
    slice_t name = node_text(node_get(node, "metadata"), "name", SLICE(""));
    slice_t namespace_ = kind_is_namespaced(kind) ? namespace_of(node) : SLICE("");
    if (name.len == 0)
        return;
    if (manifest->refused_count == manifest->refused_capacity) {
        manifest->refused_capacity =
            manifest->refused_capacity ? manifest->refused_capacity * 2 : 4;
        manifest->refused =
            xrealloc(manifest->refused, manifest->refused_capacity * sizeof(*manifest->refused));
    }
    manifest->refused[manifest->refused_count++] = (refused_object_t){
        kind, arena_dup(&manifest->arena, namespace_), arena_dup(&manifest->arena, name)};
}

/* read_known takes an object of one of our kinds. */
static void read_known(reading_t *reading, const node_t *node, object_kind_t kind)
{
    manifest_t *manifest = reading->manifest;
    slice_t unsupported;
    if (schema_check(schema_of(kind), node, reading->file, title(reading, node),
                     &manifest->problems, &reading->arena, &unsupported) > 0) {
        add_refused(manifest, node, kind);
        return;
    }
    object_t *object = object_decode(kind, node, reading->file, unsupported);
    if (table_find(&reading->seen[kind], object->namespace_, object->name)) {
        add_problem(reading, &manifest->problems, node, "", "stands twice in this file");
        object_unref(object);
        return;
    }
    table_node_t *seen = arena_alloc(&reading->names, sizeof(*seen));
    table_add(&reading->seen[kind], seen, object->namespace_, object->name);
    add_object(manifest, object);
}

static void read_object(reading_t *reading, const node_t *node)
{
    problems_t *problems = &reading->manifest->problems;
    if (node->type != NODE_MAP) {
        add_problem(reading, problems, node, "",
                    "must be an object: a map with apiVersion and kind");
        return;
    }
    slice_t version = node_text(node, "apiVersion", SLICE(""));
    slice_t kind_text = node_text(node, "kind", SLICE(""));
    if (version.len == 0 || kind_text.len == 0) {
        add_problem(reading, problems, node, version.len ? "kind" : "apiVersion", "is required");
        return;
    }
    object_kind_t kind;
    int status = kind_find(version, kind_text, &kind);
    if (status == 0)
        read_known(reading, node, kind);
    else if (status == GW_EINVAL)
        add_problem(reading, problems, node, "apiVersion",
                    "this version of the kind is not served");
    else
        add_problem(reading, &reading->manifest->notes, node, "",
                    "the gateway does not read this kind");
}

/* read_document takes one document: an object, a list of them, or nothing. */
static void read_document(reading_t *reading, const node_t *root)
{
    if (root->type == NODE_NULL)
        return;
    bool list = slice_eq(node_text(root, "apiVersion", SLICE("")), SLICE("v1")) &&
                slice_eq(node_text(root, "kind", SLICE("")), SLICE("List"));
    if (!list) {
        read_object(reading, root);
        return;
    }
    const node_t *items = node_get(root, "items");
    if (items && items->type != NODE_LIST)
        add_problem(reading, &reading->manifest->problems, root, "items", "must be a list");
    else
        NODE_EACH (item, items)
            read_object(reading, item);
}

static void drop_objects(manifest_t *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        object_unref(manifest->objects[i]);
    free(manifest->objects);
    free(manifest->refused);
    arena_fini(&manifest->arena);
    manifest->objects = NULL;
    manifest->refused = NULL;
    manifest->count = manifest->capacity = 0;
    manifest->refused_count = manifest->refused_capacity = 0;
}

/* fail_whole leaves the syntax error as the only thing that the manifest says. */
static void fail_whole(reading_t *reading, const yaml_reader_t *yaml)
{
    manifest_t *manifest = reading->manifest;
    drop_objects(manifest);
    problems_clear(&manifest->problems);
    problems_clear(&manifest->notes);
    problems_add(&manifest->problems, &(problem_t){.file = reading->file,
                                                   .line = yaml_reader_error_line(yaml),
                                                   .reason = slice_of(yaml_reader_error(yaml))});
}

int manifest_parse(slice_t file, slice_t text, manifest_t *ret)
{
    *ret = (manifest_t){0};
    reading_t reading = {.file = file, .manifest = ret};
    yaml_reader_t *yaml = yaml_reader_new(text);
    node_t *root = NULL;
    int status;
    while ((status = yaml_reader_next(yaml, &reading.arena, &root)) == 0) {
        read_document(&reading, root);
        arena_reset(&reading.arena);
    }
    for (int kind = 0; kind < KIND_COUNT; kind++)
        table_fini(&reading.seen[kind]);
    if (status != GW_EOF)
        fail_whole(&reading, yaml);
    arena_fini(&reading.arena);
    arena_fini(&reading.names);
    yaml_reader_free(yaml);
    return status == GW_EOF ? 0 : status;
}

void manifest_fini(manifest_t *manifest)
{
    drop_objects(manifest);
    problems_clear(&manifest->problems);
    problems_clear(&manifest->notes);
}
