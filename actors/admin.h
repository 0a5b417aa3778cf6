/*
 * admin.h: how the admin actors are started: one for each admin port. Data only.
 */
#ifndef ACTORS_ADMIN_H
#define ACTORS_ADMIN_H

#include <stdint.h>

#include "core/actor.h"
#include "transport/net.h"

typedef enum admin_plane {
    ADMIN_DATAPLANE, /* 19080: health, metrics, actors, traces, routes */
    ADMIN_CONTROL,   /* 18081: health, status of all objects */
    ADMIN_METRICS    /* 18082: metrics of the control plane */
} admin_plane_t;

typedef struct admin_args {
    admin_plane_t plane;
    net_address_t address;
    const char *token;                /* bearer token for those who are not on loopback, or NULL */
    const char *token_file;           /* the same, read anew for every request; or NULL */
    uint32_t (*stuck)(void *context); /* workers that the watchdog reports now */
    /* The class behind a role, for swapping in debug builds. */
    const actor_class_t *(*role)(void *context, const char *role);
    void *context;
} admin_args_t;

#endif
