/*
 * access_log.h: how the access log actor is started. Data only.
 */
#ifndef ACTORS_ACCESS_LOG_H
#define ACTORS_ACCESS_LOG_H

#include <stdint.h>

typedef struct access_log_args {
    const char *path; /* NULL: standard output */
} access_log_args_t;

#endif
