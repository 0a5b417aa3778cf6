/*
 * schema.h: what a kind of object may look like, as const tables, and the walk that compares a
 * tree of nodes with them. It is as strict as `kubectl apply --validate=strict`: an unknown field,
 * a wrong type, a value outside its range or form, a missing field and a broken cross-field rule
 * are each reported with line and field path.
 *
 * What passed here can be decoded without any further check (decode.h). Fields that the API has
 * and this version does not implement are marked in the tables: the walk names the first one that
 * an object uses, so that the translator can refuse the object instead of ignoring the field.
 */
#ifndef GATEWAYAPI_SCHEMA_H
#define GATEWAYAPI_SCHEMA_H

#include "gatewayapi/node.h"
#include "gatewayapi/problem.h"
#include "gatewayapi/syntax.h"

typedef enum schema_type {
    SCHEMA_STRING,
    SCHEMA_INTEGER,
    SCHEMA_BOOLEAN,
    SCHEMA_OBJECT,        /* a map with the fields of a table */
    SCHEMA_LIST,          /* `items` */
    SCHEMA_STRINGS,       /* a map from any key to a string (labels, annotations) */
    SCHEMA_INT_OR_STRING, /* integer: min..max; string: syntax */
    SCHEMA_ANY            /* not looked into */
} schema_type_t;

typedef struct schema schema_t;
typedef struct schema_walk schema_walk_t;

typedef struct schema_field {
    const char *name; /* NULL ends a table */
    const schema_t *schema;
    bool required;
    bool unsupported; /* known to the API, not implemented here */
} schema_field_t;

struct schema {
    schema_type_t type;
    int64_t min, max;          /* value, length or number of items; max 0: no upper bound */
    syntax_check_t syntax;     /* of a string; of each key of SCHEMA_STRINGS */
    const char *const *values; /* the only strings allowed; ends with NULL */
    const char *unsupported;   /* the one of `values` that is not implemented here */
    const schema_field_t *fields;
    const schema_t *items;
    const char *unique; /* list: no two items have the same value of this field */
    /* rule checks what spans fields, after the fields themselves were found good. */
    void (*rule)(schema_walk_t *walk, const node_t *node);
};

enum { SCHEMA_MAX_PROBLEMS = 20 }; /* of one object; the rest is not listed */

/*
 * schema_check compares `node` with `schema`. Problems are added to `problems` under `file` and
 * `object`. It gives the number of problems, and in *ret_unsupported (text in `arena`) the path of
 * the first field whose feature is not implemented, or the empty slice.
 */
size_t schema_check(const schema_t *schema, const node_t *node, slice_t file, slice_t object,
                    problems_t *problems, arena_t *arena, slice_t *ret_unsupported);

/*
 * schema_fail reports a broken rule at `node`, with `field` (printf) behind the path of the node
 * that is being checked: ".port" or "[3].name", or "" for the node itself.
 */
void schema_fail(schema_walk_t *walk, const node_t *node, const char *reason, const char *field,
                 ...) __attribute__((format(printf, 4, 5)));

#endif
