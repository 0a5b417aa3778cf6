/*
 * config_key.h: the catalogue of config_keys.h as a table.
 */
#ifndef MAIN_CONFIG_KEY_H
#define MAIN_CONFIG_KEY_H

#include "main/config.h"

typedef enum config_type {
    CONFIG_BOOL,
    CONFIG_INT,
    CONFIG_DURATION,
    CONFIG_BYTES,
    CONFIG_FRACTION,
    CONFIG_CHOICE,
    CONFIG_STRING,
    CONFIG_SECRET,
    CONFIG_IP,
    CONFIG_LOG_SPEC,
    CONFIG_TYPE_COUNT
} config_type_t;

typedef struct config_key {
    config_type_t type;
    const char *field, *path, *fallback, *limits, *help;
    size_t offset; /* in config_t */
} config_key_t;

/* config_key_at gives the i-th key of the catalogue, or NULL behind the last one. */
const config_key_t *config_key_at(size_t i);

/* config_key_find gives the key of a path, or NULL. */
const config_key_t *config_key_find(slice_t path);

/* config_key_section says whether keys begin with the path and a dot. */
bool config_key_section(slice_t path);

#endif
