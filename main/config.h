/*
 * config.h: the configuration of the process, from a YAML file. Read once, before the workers
 * start, and constant from then on.
 */
#ifndef MAIN_CONFIG_H
#define MAIN_CONFIG_H

#include "core/arena.h"
#include "core/strbuf.h"
#include "main/config_keys.h"

#define CONFIG_TYPE_BOOL     bool
#define CONFIG_TYPE_INT      uint64_t
#define CONFIG_TYPE_DURATION uint64_t
#define CONFIG_TYPE_BYTES    uint64_t
#define CONFIG_TYPE_FRACTION double
#define CONFIG_TYPE_CHOICE   unsigned
#define CONFIG_TYPE_STRING   slice_t
#define CONFIG_TYPE_SECRET   slice_t
#define CONFIG_TYPE_IP       slice_t
#define CONFIG_TYPE_LOG_SPEC slice_t

/* A member per key, such as dataplane_drain_delay: durations in nanoseconds, texts
 * NUL-terminated and owned by the config. */
#define CONFIG_FIELD(type, field, path, fallback, limits, help) CONFIG_TYPE_##type field;
typedef struct config {
    CONFIG_KEYS(CONFIG_FIELD)
    arena_t priv; /* the texts */
} config_t;
#undef CONFIG_FIELD

enum {
    CONFIG_FILE_MAX = 1 << 20, /* bytes of a file */
    CONFIG_ERRORS_MAX = 20     /* beyond these no more are looked for */
};

/* config_defaults sets every key to its default. To be given to config_fini. */
void config_defaults(config_t *ret);

/*
 * config_load reads the text of a file; what it does not name has its default. `file` is its name
 * for messages. It returns 0, and *ret is to be given to config_fini; or GW_EPARSE, and *ret is
 * untouched and `errors` has a line "file:line: key: reason" for each thing that is wrong. No
 * message ever shows the value of a SECRET.
 */
int config_load(slice_t text, const char *file, config_t *ret, strbuf_t *errors);

/* config_load_file does the same with a file. It may also return GW_EIO or GW_ELIMIT, with a line
 * in `errors`. */
int config_load_file(const char *path, config_t *ret, strbuf_t *errors);

/* config_fini frees the texts. */
void config_fini(config_t *config);

#endif
