/*
 * translator_ports.h: tells people which port of the data plane a Gateway's port became, once for
 * each choice.
 */
#ifndef ACTORS_TRANSLATOR_PORTS_H
#define ACTORS_TRANSLATOR_PORTS_H

#include "gatewayapi/ports.h"

typedef struct told_port {
    char *gateway; /* "NAMESPACE/NAME" */
    uint16_t port, bound;
} told_port_t;

/* What was told last. A zeroed one is empty. Members are private. */
typedef struct told_ports {
    told_port_t *at;
    size_t count;
} told_ports_t;

/* told_ports_update logs PORT-MAPPED for what is new and not the same port, and PORT-NONE-FREE. */
void told_ports_update(told_ports_t *told, const port_mapping_t *ports, size_t count);
void told_ports_fini(told_ports_t *told);

#endif
