/*
 * translator_programmed.h: from what the data plane made of a configuration to the condition
 * Programmed of the Gateways. Pure.
 */
#ifndef ACTORS_TRANSLATOR_PROGRAMMED_H
#define ACTORS_TRANSLATOR_PROGRAMMED_H

#include "actors/refused_set.h"
#include "actors/snapshot_msg.h"
#include "gatewayapi/ports.h"
#include "gatewayapi/status.h"

/* What is known of the data plane. All of it is borrowed. */
typedef struct outcome {
    int code;        /* 0, or why a worker does not run the configuration */
    uint32_t worker; /* which one */
    const bound_list_t *bound;
    const refused_set_t *refused;
    const port_mapping_t *ports;
    size_t port_count;
} outcome_t;

/*
 * programmed_status gives what is to be said of a Gateway, with a reference for the caller: its
 * status as translation left it, with Programmed lowered for the listeners whose port is not
 * bound, whose configuration was refused, or that a worker does not run (reason Pending). The
 * Gateway itself is programmed as long as one of its listeners is.
 */
object_status_t *programmed_status(const object_status_t *status, const outcome_t *outcome);

#endif
