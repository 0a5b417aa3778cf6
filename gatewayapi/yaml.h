/*
 * yaml.h: YAML text, one document after the other, as trees of nodes. libyaml reads; this file
 * only sets the bounds and gives plain scalars the types that Kubernetes gives them (YAML 1.1: yes
 * and on are booleans).
 *
 * Refused, since a manifest needs none of it and each is a way to harm or to mislead: anchors and
 * aliases, tags other than !!str, keys that are no strings, a key twice in one map, NUL bytes.
 */
#ifndef GATEWAYAPI_YAML_H
#define GATEWAYAPI_YAML_H

#include "core/arena.h"
#include "gatewayapi/node.h"

enum {
    YAML_MAX_BYTES = 16 << 20,    /* of one file */
    YAML_MAX_DEPTH = 64,          /* maps and lists in each other */
    YAML_MAX_NODES = 1000 * 1000, /* of one document */
    YAML_ERROR_SIZE = 256
};

typedef struct yaml_reader yaml_reader_t;

/* yaml_reader_new starts reading `text`, which must stay until yaml_reader_free. */
yaml_reader_t *yaml_reader_new(slice_t text);

/*
 * yaml_reader_next gives the next document's tree, made in `arena`; its texts are copies.
 * It returns 0; GW_EOF after the last one (*ret is untouched); or GW_EPARSE or GW_ELIMIT, and then
 * yaml_reader_error says why and nothing more can be read.
 */
int yaml_reader_next(yaml_reader_t *reader, arena_t *arena, node_t **ret);

/* yaml_reader_error gives the reason of the failure; the text lives as long as the reader. */
const char *yaml_reader_error(const yaml_reader_t *reader);

/* yaml_reader_error_line gives its line, 1-based. */
uint32_t yaml_reader_error_line(const yaml_reader_t *reader);

/* yaml_reader_free ends the reading; NULL is fine. */
void yaml_reader_free(yaml_reader_t *reader);

#endif
