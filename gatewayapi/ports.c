/* ports.c: see ports.h. The map is small (one entry per Gateway and port), so it is a list. */
#include "gatewayapi/ports.h"

#include "core/mem.h"

enum { PORT_COUNT = 65536, PRIVILEGED = 1024 };

/* Ports of the gateway's own services; 10080 and 10443 are for ports 80 and 443 only. */
static const uint16_t reserved[] = {3000, PORT_HTTP, PORT_HTTPS, 18080, 18081, 18082, 18083, 19080};

struct port_map {
    port_mapping_t *at;
    size_t count;
    uint8_t taken[PORT_COUNT / 8];
};

static bool is_taken(const port_map_t *map, uint32_t port)
{
    return map->taken[port / 8] >> (port % 8) & 1;
}

static bool is_reserved(uint32_t port)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (reserved[i] == port)
            return true;
    return false;
}

void port_map_take(port_map_t *map, uint16_t bound)
{
    map->taken[bound / 8] |= (uint8_t)(1u << (bound % 8));
}

port_map_t *port_map_new(const uint16_t *taken, size_t taken_count)
{
    port_map_t *map = xcalloc(1, sizeof(*map));
    for (size_t i = 0; i < taken_count; i++)
        port_map_take(map, taken[i]);
    return map;
}

static void free_list(port_mapping_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((char *)(uintptr_t)list[i].namespace_.base);
        free((char *)(uintptr_t)list[i].name.base);
    }
    free(list);
}

void port_map_free(port_map_t *map)
{
    if (map == NULL)
        return;
    free_list(map->at, map->count);
    free(map);
}

static slice_t copy_text(slice_t text)
{
    return (slice_t){xstrndup(text.len ? text.base : "", text.len), text.len};
}

static port_mapping_t copy_mapping(const port_mapping_t *mapping)
{
    return (port_mapping_t){copy_text(mapping->namespace_), copy_text(mapping->name), mapping->port,
                            mapping->bound};
}

static bool is_used(const port_mapping_t *list, size_t count, uint32_t bound)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].bound == bound)
            return true;
    return false;
}

void port_map_seed(port_map_t *map, const port_mapping_t *mapping)
{
    if (mapping->bound == 0 || is_used(map->at, map->count, mapping->bound))
        return;
    map->at = xrealloc(map->at, (map->count + 1) * sizeof(*map->at));
    map->at[map->count++] = copy_mapping(mapping);
}

/* find_bound gives what the map has for a Gateway and port, or 0 if that cannot be had. */
static uint16_t find_bound(const port_map_t *map, const port_mapping_t *wanted)
{
    for (size_t i = 0; i < map->count; i++) {
        const port_mapping_t *known = &map->at[i];
        if (known->port == wanted->port && slice_eq(known->name, wanted->name) &&
            slice_eq(known->namespace_, wanted->namespace_))
            return is_taken(map, known->bound) ? 0 : known->bound;
    }
    return 0;
}

/* choose gives a port that no other of the list has; 0 if there is none. */
static uint16_t choose(const port_map_t *map, uint16_t port, const port_mapping_t *list,
                       size_t count)
{
    uint32_t own = port < PRIVILEGED ? port + PORT_SHIFT : port;
    bool well_known = port == PORT_HTTP - PORT_SHIFT || port == PORT_HTTPS - PORT_SHIFT;
    if ((well_known || !is_reserved(own)) && !is_taken(map, own) && !is_used(list, count, own))
        return (uint16_t)own;
    for (uint32_t bound = PORT_FIRST_DYNAMIC; bound < PORT_COUNT; bound++)
        if (!is_reserved(bound) && !is_taken(map, bound) && !is_used(list, count, bound))
            return (uint16_t)bound;
    return 0;
}

bool port_map_update(port_map_t *map, port_mapping_t *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wanted[i].bound = find_bound(map, &wanted[i]);
    for (size_t i = 0; i < count; i++)
        if (wanted[i].bound == 0)
            wanted[i].bound = choose(map, wanted[i].port, wanted, count);
    bool changed = count != map->count;
    for (size_t i = 0; i < count && !changed; i++)
        changed = find_bound(map, &wanted[i]) != wanted[i].bound;
    port_mapping_t *next = xmalloc((count + 1) * sizeof(*next));
    for (size_t i = 0; i < count; i++)
        next[i] = copy_mapping(&wanted[i]);
    free_list(map->at, map->count);
    map->at = next;
    map->count = count;
    return changed;
}

const port_mapping_t *port_map_list(const port_map_t *map, size_t *ret_count)
{
    *ret_count = map->count;
    return map->at;
}
