/*
 * config_value.h: one value, from a YAML node or from its default, checked, to its place in
 * config_t. Which key a node belongs to is config.c's business.
 */
#ifndef MAIN_CONFIG_VALUE_H
#define MAIN_CONFIG_VALUE_H

#include "core/strbuf.h"
#include "gatewayapi/node.h"
#include "main/config_key.h"

enum { CONFIG_STRING_MAX = 4096 };

/*
 * config_value_set puts the value of a node in its place. On GW_EPARSE the place is unchanged and
 * `why` has the reason, as the rest of a sentence that begins with the key. The value is quoted
 * there, but not that of a SECRET.
 */
int config_value_set(const config_key_t *key, const node_t *node, config_t *config, strbuf_t *why);

/* config_value_default puts the default in its place. */
void config_value_default(const config_key_t *key, config_t *config);

#endif
