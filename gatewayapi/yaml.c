/*
 * yaml.c: see yaml.h. The tree is built from libyaml's events with a stack of open maps and
 * lists: no recursion, so that depth is ours to bound.
 */
#include "gatewayapi/yaml.h"

#include <limits.h>
#include <yaml.h>

#include "core/check.h"
#include "core/error.h"
#include "core/mem.h"
#include "gatewayapi/scalar.h"

/* An open map or list. */
typedef struct frame {
    node_t *node;
    node_t **tail; /* where the next child goes */
    slice_t key;   /* of a map: the key that waits for its value */
    uint32_t key_line;
    bool has_key;
} frame_t;

struct yaml_reader {
    yaml_parser_t parser;
    arena_t *arena;
    node_t *root;
    uint32_t nodes;
    uint32_t depth;
    int status; /* 0, or why the reading ended */
    uint32_t error_line;
    char error[YAML_ERROR_SIZE];
    frame_t stack[YAML_MAX_DEPTH];
    slice_t *keys; /* scratch for the duplicate check */
    size_t key_capacity;
};

yaml_reader_t *yaml_reader_new(slice_t text)
{
    yaml_reader_t *reader = xcalloc(1, sizeof(*reader));
    GW_ASSERT(yaml_parser_initialize(&reader->parser));
    yaml_parser_set_input_string(&reader->parser,
                                 (const unsigned char *)(text.len ? text.base : ""), text.len);
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    if (text.len > YAML_MAX_BYTES) {
        reader->status = GW_ELIMIT;
        reader->error_line = 1;
        snprintf(reader->error, sizeof(reader->error), "the file is larger than %d MiB",
                 YAML_MAX_BYTES >> 20);
    }
    return reader;
}

void yaml_reader_free(yaml_reader_t *reader)
{
    if (reader == NULL)
        return;
    yaml_parser_delete(&reader->parser);
    free(reader->keys);
    free(reader);
}

const char *yaml_reader_error(const yaml_reader_t *reader)
{
    return reader->error;
}

uint32_t yaml_reader_error_line(const yaml_reader_t *reader)
{
    return reader->error_line;
}

static uint32_t line_of(const yaml_mark_t *mark)
{
    return mark->line >= UINT32_MAX ? UINT32_MAX : (uint32_t)mark->line + 1;
}

static int fail(yaml_reader_t *reader, int status, uint32_t line, const char *reason)
{
    reader->status = status;
    reader->error_line = line;
    snprintf(reader->error, sizeof(reader->error), "%s", reason);
    return status;
}

/* fail_syntax reports what libyaml found. */
static int fail_syntax(yaml_reader_t *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "malformed YAML";
    uint32_t line = line_of(&parser->problem_mark);
    fail(reader, GW_EPARSE, line, problem);
    if (parser->context)
        snprintf(reader->error, sizeof(reader->error), "%s %s", problem, parser->context);
    return GW_EPARSE;
}

/* place hangs a node into the open map or list, or makes it the document's root. */
static void place(yaml_reader_t *reader, node_t *node)
{
    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    frame_t *top = &reader->stack[reader->depth - 1];
    node->key = top->key;
    node->key_line = top->key_line;
    top->key = (slice_t){NULL, 0};
    top->has_key = false;
    top->node->count++;
    *top->tail = node;
    top->tail = &node->next;
}

static node_t *new_node(yaml_reader_t *reader, node_type_t type, const yaml_event_t *event)
{
    node_t *node = arena_zalloc(reader->arena, sizeof(*node));
    node->type = type;
    node->line = line_of(&event->start_mark);
    return node;
}

/* check_properties refuses what yaml.h says is refused of an anchor and a tag. */
static int check_properties(yaml_reader_t *reader, const yaml_event_t *event, const void *anchor,
                            const char *tag)
{
    uint32_t line = line_of(&event->start_mark);
    if (anchor != NULL)
        return fail(reader, GW_EPARSE, line, "anchors and aliases are not allowed");
    if (tag != NULL && strcmp(tag, "!") != 0 && strcmp(tag, YAML_STR_TAG) != 0)
        return fail(reader, GW_EPARSE, line, "tags are not allowed");
    if (++reader->nodes > YAML_MAX_NODES)
        return fail(reader, GW_ELIMIT, line, "the document has too many values");
    return 0;
}

static int on_scalar(yaml_reader_t *reader, const yaml_event_t *event)
{
    uint32_t line = line_of(&event->start_mark);
    const char *tag = (const char *)event->data.scalar.tag;
    slice_t text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    int status = check_properties(reader, event, event->data.scalar.anchor, tag);
    if (status)
        return status;
    if (slice_chr(text, '\0') != text.len)
        return fail(reader, GW_EPARSE, line, "a NUL byte is not allowed");
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && tag == NULL;
    frame_t *top = reader->depth ? &reader->stack[reader->depth - 1] : NULL;
    if (top && top->node->type == NODE_MAP && !top->has_key) {
        top->key = arena_dup(reader->arena, text);
        top->key_line = line;
        top->has_key = true;
        return 0;
    }
    node_t *node = new_node(reader, NODE_STRING, event);
    node->text = arena_dup(reader->arena, text);
    if (plain)
        node->type = scalar_resolve(text, &node->integer);
    place(reader, node);
    return 0;
}

static int on_open(yaml_reader_t *reader, const yaml_event_t *event, node_type_t type,
                   const void *anchor, const void *tag)
{
    uint32_t line = line_of(&event->start_mark);
    int status = check_properties(reader, event, anchor, tag);
    if (status)
        return status;
    frame_t *top = reader->depth ? &reader->stack[reader->depth - 1] : NULL;
    if (top && top->node->type == NODE_MAP && !top->has_key)
        return fail(reader, GW_EPARSE, line, "a key must be a string");
    if (reader->depth == YAML_MAX_DEPTH)
        return fail(reader, GW_ELIMIT, line, "maps and lists are nested too deeply");
    node_t *node = new_node(reader, type, event);
    place(reader, node);
    reader->stack[reader->depth++] = (frame_t){.node = node, .tail = &node->first};
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    return slice_compare(*(const slice_t *)a, *(const slice_t *)b);
}

/* on_close ends a map or list; a map's keys are sorted to find one that stands twice. */
static int on_close(yaml_reader_t *reader)
{
    node_t *node = reader->stack[--reader->depth].node;
    if (node->type != NODE_MAP || node->count < 2)
        return 0;
    if (reader->key_capacity < node->count) {
        reader->key_capacity = node->count * 2;
        reader->keys = xrealloc(reader->keys, reader->key_capacity * sizeof(*reader->keys));
    }
    size_t count = 0;
    NODE_EACH (child, node)
        reader->keys[count++] = child->key;
    qsort(reader->keys, count, sizeof(*reader->keys), compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (slice_eq(reader->keys[i - 1], reader->keys[i])) {
            fail(reader, GW_EPARSE, node->line, "");
            snprintf(reader->error, sizeof(reader->error),
                     "the key \"%.64s\" stands twice in one map", reader->keys[i].base);
            return GW_EPARSE;
        }
    }
    return 0;
}

/* on_event returns 1 at the end of a document, GW_EOF at the end of the text, 0 or an error. */
static int on_event(yaml_reader_t *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event);
    case YAML_MAPPING_START_EVENT:
        return on_open(reader, event, NODE_MAP, event->data.mapping_start.anchor,
                       event->data.mapping_start.tag);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(reader, event, NODE_LIST, event->data.sequence_start.anchor,
                       event->data.sequence_start.tag);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return on_close(reader);
    case YAML_ALIAS_EVENT:
        return fail(reader, GW_EPARSE, line_of(&event->start_mark),
                    "anchors and aliases are not allowed");
    case YAML_DOCUMENT_END_EVENT:
        return 1;
    case YAML_STREAM_END_EVENT:
        return GW_EOF;
    default:
        return 0;
    }
}

int yaml_reader_next(yaml_reader_t *reader, arena_t *arena, node_t **ret)
{
    reader->arena = arena;
    reader->root = NULL;
    reader->nodes = 0;
    int status = reader->status;
    while (status == 0) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return fail_syntax(reader);
        status = on_event(reader, &event);
        yaml_event_delete(&event);
    }
    if (status < 0) {
        reader->status = status;
        return status;
    }
    *ret = reader->root;
    return 0;
}
