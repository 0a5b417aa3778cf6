/* schema.c: see schema.h. The depth of the recursion is bounded by YAML_MAX_DEPTH. */
#include "gatewayapi/schema.h"

struct schema_walk {
    slice_t file, object;
    problems_t *problems;
    size_t failed;
    strbuf_t path; /* of the node that is being checked */
    arena_t *arena;
    slice_t unsupported;
};

static void check(schema_walk_t *walk, const schema_t *schema, const node_t *node);

static void report(schema_walk_t *walk, const node_t *node, slice_t field, const char *reason)
{
    if (walk->failed++ >= SCHEMA_MAX_PROBLEMS)
        return;
    problems_add(walk->problems, &(problem_t){.file = walk->file,
                                              .line = node->line,
                                              .object = walk->object,
                                              .field = field,
                                              .reason = slice_of(reason)});
}

void schema_fail(schema_walk_t *walk, const node_t *node, const char *reason, const char *field,
                 ...)
{
    size_t before = walk->path.len;
    va_list args;
    va_start(args, field);
    strbuf_vprintf(&walk->path, field, args);
    va_end(args);
    slice_t path = strbuf_slice(&walk->path);
    bool at_top = before == 0 && path.len > 0 && path.base[0] == '.';
    report(walk, node, at_top ? slice_sub(path, 1, path.len) : path, reason);
    walk->path.len = before;
}

/* fail reports at the node itself, with a formatted reason. */
static void __attribute__((format(printf, 3, 4)))
fail(schema_walk_t *walk, const node_t *node, const char *format, ...)
{
    strbuf_t reason = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&reason, format, args);
    va_end(args);
    strbuf_add_char(&reason, '\0');
    report(walk, node, strbuf_slice(&walk->path), reason.base);
    strbuf_fini(&reason);
}

/* enter appends a step to the path and gives the length to go back to. */
static size_t enter(schema_walk_t *walk, slice_t name)
{
    size_t before = walk->path.len;
    if (before > 0)
        strbuf_add_char(&walk->path, '.');
    strbuf_add(&walk->path, name);
    return before;
}

static void note_unsupported(schema_walk_t *walk)
{
    if (walk->unsupported.len == 0)
        walk->unsupported = arena_dup(walk->arena, strbuf_slice(&walk->path));
}

static bool has_type(const schema_t *schema, const node_t *node)
{
    switch (schema->type) {
    case SCHEMA_STRING:
        return node->type == NODE_STRING;
    case SCHEMA_INTEGER:
        return node->type == NODE_INT;
    case SCHEMA_BOOLEAN:
        return node->type == NODE_BOOL;
    case SCHEMA_OBJECT:
    case SCHEMA_STRINGS:
        return node->type == NODE_MAP;
    case SCHEMA_LIST:
        return node->type == NODE_LIST;
    case SCHEMA_INT_OR_STRING:
        return node->type == NODE_INT || node->type == NODE_STRING;
    case SCHEMA_ANY:
        return true;
    }
    return false;
}

static const char *expected(schema_type_t type)
{
    static const char *const names[] = {
        [SCHEMA_STRING] = "a string",
        [SCHEMA_INTEGER] = "an integer",
        [SCHEMA_BOOLEAN] = "a boolean",
        [SCHEMA_OBJECT] = "a map of fields",
        [SCHEMA_LIST] = "a list",
        [SCHEMA_STRINGS] = "a map of strings",
        [SCHEMA_INT_OR_STRING] = "an integer or a string",
        [SCHEMA_ANY] = "anything",
    };
    return names[type];
}

/* characters counts code points, as the API server does. */
static int64_t characters(slice_t text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.base[i] & 0xC0) != 0x80;
    return count;
}

static bool is_value(const schema_t *schema, slice_t text)
{
    for (const char *const *value = schema->values; *value; value++)
        if (slice_eq(text, slice_of(*value)))
            return true;
    return false;
}

static void fail_value(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    strbuf_t list = {0};
    for (const char *const *value = schema->values; *value; value++)
        strbuf_printf(&list, "%s%s", list.len ? ", " : "", *value);
    fail(walk, node, "\"%.*s\" must be one of %.*s", SLICE_ARG(slice_sub(node->text, 0, 64)),
         SLICE_ARG(strbuf_slice(&list)));
    strbuf_fini(&list);
}

static void check_string(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    int64_t length = characters(node->text);
    const char *wrong = NULL;
    if (length < schema->min)
        fail(walk, node, "must have at least %lld characters", (long long)schema->min);
    else if (schema->max && length > schema->max)
        fail(walk, node, "must have at most %lld characters", (long long)schema->max);
    else if (schema->values && !is_value(schema, node->text))
        fail_value(walk, schema, node);
    else if (schema->syntax && (wrong = schema->syntax(node->text)) != NULL)
        fail(walk, node, "\"%.*s\" %s", SLICE_ARG(slice_sub(node->text, 0, 64)), wrong);
    if (schema->unsupported && slice_eq(node->text, slice_of(schema->unsupported)))
        note_unsupported(walk);
}

static void check_integer(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    int64_t max = schema->max ? schema->max : INT64_MAX;
    if (node->integer >= schema->min && node->integer <= max)
        return;
    if (schema->max)
        fail(walk, node, "%lld must be between %lld and %lld", (long long)node->integer,
             (long long)schema->min, (long long)schema->max);
    else
        fail(walk, node, "%lld must be at least %lld", (long long)node->integer,
             (long long)schema->min);
}

static const schema_field_t *field_named(const schema_t *schema, slice_t name)
{
    for (const schema_field_t *field = schema->fields; field->name; field++)
        if (slice_eq(name, slice_of(field->name)))
            return field;
    return NULL;
}

static void check_field(schema_walk_t *walk, const schema_t *schema, const node_t *child)
{
    const schema_field_t *field = field_named(schema, child->key);
    size_t before = enter(walk, child->key);
    if (field == NULL) {
        fail(walk, child, "unknown field");
    } else if (child->type != NODE_NULL) {
        if (field->unsupported)
            note_unsupported(walk);
        check(walk, field->schema, child);
    }
    walk->path.len = before;
}

static void check_object(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    NODE_EACH (child, node)
        check_field(walk, schema, child);
    for (const schema_field_t *field = schema->fields; field->name; field++) {
        if (!field->required || node_get(node, field->name))
            continue;
        size_t before = enter(walk, slice_of(field->name));
        fail(walk, node, "is required");
        walk->path.len = before;
    }
}

/* check_unique compares each item with those before it; list lengths are bounded by then. */
static void check_unique(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    size_t index = 0;
    NODE_EACH (item, node) {
        const node_t *own = node_get(item, schema->unique);
        for (const node_t *other = node->first; own && other != item; other = other->next) {
            const node_t *its = node_get(other, schema->unique);
            if (its == NULL || its->type != own->type || !slice_eq(its->text, own->text))
                continue;
            schema_fail(walk, own, "stands twice in the list", "[%zu].%s", index, schema->unique);
            break;
        }
        index++;
    }
}

static void check_list(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    if (node->count < schema->min) {
        fail(walk, node, "must have at least %lld items", (long long)schema->min);
        return;
    }
    if (schema->max && node->count > schema->max) {
        fail(walk, node, "has %u items; at most %lld are allowed", node->count,
             (long long)schema->max);
        return;
    }
    size_t before = walk->path.len;
    uint32_t index = 0;
    NODE_EACH (item, node) {
        strbuf_printf(&walk->path, "[%u]", index++);
        if (item->type == NODE_NULL)
            fail(walk, item, "must not be null");
        else
            check(walk, schema->items, item);
        walk->path.len = before;
    }
    if (schema->unique)
        check_unique(walk, schema, node);
}

static void check_strings(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    if (schema->max && node->count > schema->max)
        fail(walk, node, "has %u entries; at most %lld are allowed", node->count,
             (long long)schema->max);
    NODE_EACH (child, node) {
        const char *wrong = schema->syntax ? schema->syntax(child->key) : NULL;
        size_t before = enter(walk, child->key);
        if (wrong)
            fail(walk, child, "the key %s", wrong);
        else if (child->type != NODE_STRING)
            fail(walk, child, "must be a string and not %s; quote it", node_type_name(child->type));
        walk->path.len = before;
    }
}

static void check_content(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    switch (schema->type) {
    case SCHEMA_STRING:
        check_string(walk, schema, node);
        break;
    case SCHEMA_INTEGER:
        check_integer(walk, schema, node);
        break;
    case SCHEMA_OBJECT:
        check_object(walk, schema, node);
        break;
    case SCHEMA_LIST:
        check_list(walk, schema, node);
        break;
    case SCHEMA_STRINGS:
        check_strings(walk, schema, node);
        break;
    case SCHEMA_INT_OR_STRING:
        if (node->type == NODE_INT)
            check_integer(walk, schema, node);
        else
            check_string(walk, &(schema_t){.syntax = schema->syntax}, node);
        break;
    case SCHEMA_BOOLEAN:
    case SCHEMA_ANY:
        break;
    }
}

static void check(schema_walk_t *walk, const schema_t *schema, const node_t *node)
{
    if (!has_type(schema, node)) {
        bool quote = schema->type == SCHEMA_STRING && node->type < NODE_STRING;
        fail(walk, node, "must be %s and not %s%s", expected(schema->type),
             node_type_name(node->type), quote ? "; quote it" : "");
        return;
    }
    size_t failed = walk->failed;
    check_content(walk, schema, node);
    if (schema->rule && walk->failed == failed)
        schema->rule(walk, node);
}

size_t schema_check(const schema_t *schema, const node_t *node, slice_t file, slice_t object,
                    problems_t *problems, arena_t *arena, slice_t *ret_unsupported)
{
    schema_walk_t walk = {.file = file, .object = object, .problems = problems, .arena = arena};
    check(&walk, schema, node);
    strbuf_fini(&walk.path);
    *ret_unsupported = walk.unsupported;
    return walk.failed;
}
