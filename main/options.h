/*
 * options.h: the command line.
 */
#ifndef MAIN_OPTIONS_H
#define MAIN_OPTIONS_H

#include <stdint.h>

#include "core/strbuf.h"

/* Of `nantian-gw standalone`. Texts are those of the command line. */
typedef struct standalone_options {
    const char *folder;
    const char *config; /* NULL: none was given */
    const char *log;    /* NULL: what the config says */
    uint32_t workers;   /* 0: what the config says */
    bool help;
} standalone_options_t;

enum { WORKERS_MAX = 62 };

/*
 * standalone_options_parse reads what stands behind the subcommand; argv[0] is that itself. It
 * returns 0, or GW_EINVAL with a sentence in `error`.
 */
int standalone_options_parse(int argc, char *const *argv, standalone_options_t *ret,
                             strbuf_t *error);

#endif
