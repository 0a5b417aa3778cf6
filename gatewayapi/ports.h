/*
 * ports.h: which port of the data plane a Gateway's listener port becomes. An unprivileged
 * process cannot bind ports below 1024, and two Gateways may name the same port.
 *
 * A port below 1024 becomes itself + 10000 (80 is 10080, 443 is 10443), any other stays itself;
 * what is reserved or in use already gets the next free one from 20000 on. A mapping, once chosen,
 * stays as long as the Gateway has a listener on that port.
 */
#ifndef GATEWAYAPI_PORTS_H
#define GATEWAYAPI_PORTS_H

#include "core/slice.h"

enum { PORT_HTTP = 10080, PORT_HTTPS = 10443, PORT_SHIFT = 10000, PORT_FIRST_DYNAMIC = 20000 };

/* One mapping. The texts are owned by whoever gives it. */
typedef struct port_mapping {
    slice_t namespace_, name; /* the Gateway */
    uint16_t port;            /* of its listeners */
    uint16_t bound;           /* of the data plane */
} port_mapping_t;

typedef struct port_map port_map_t;

/*
 * port_map_new makes an empty map. `taken` are ports that it must not choose, besides those that
 * are always reserved; they are copied.
 */
port_map_t *port_map_new(const uint16_t *taken, size_t taken_count);

/* port_map_free frees the map; NULL is fine. */
void port_map_free(port_map_t *map);

/*
 * port_map_take says that a port cannot be had, as if it had been in `taken`: the next update gives
 * whoever has it another one.
 */
void port_map_take(port_map_t *map, uint16_t bound);

/*
 * port_map_seed adds a mapping that was chosen in an earlier life; port_map_update then keeps it.
 * It is ignored if its port is in use.
 */
void port_map_seed(port_map_t *map, const port_mapping_t *mapping);

/*
 * port_map_update brings the map to exactly `wanted` (`bound` is filled in by the call), keeping
 * what it has and choosing for the rest in the given order: earlier ones choose first. Returns
 * whether any mapping changed.
 */
bool port_map_update(port_map_t *map, port_mapping_t *wanted, size_t count);

/* port_map_list gives all mappings in the order of the last update; valid until the next one. */
const port_mapping_t *port_map_list(const port_map_t *map, size_t *ret_count);

#endif
