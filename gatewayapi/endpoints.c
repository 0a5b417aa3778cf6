/* endpoints.c: see endpoints.h. */
#include "gatewayapi/endpoints.h"

#include <arpa/inet.h>
#include <stdlib.h>

/* An endpoint before it is known which ones count. */
typedef struct found {
    endpoint_t endpoint;
    slice_t target; /* what it is an address of, or empty */
    bool v6;
} found_t;

typedef struct search {
    const store_list_t *slices;
    slice_t port_name;
    bool allow_loopback;
    arena_t *arena;
    found_t *at;
    size_t count;
} search_t;

/* is_local_v4: 0.0.0.0/8, 127.0.0.0/8 and 169.254.0.0/16. */
static bool is_local_v4(const struct in_addr *address)
{
    uint32_t host = ntohl(address->s_addr);
    return host >> 24 == 0 || host >> 24 == 127 || host >> 16 == 0xA9FE;
}

static bool is_local_v6(const struct in6_addr *address)
{
    if (IN6_IS_ADDR_V4MAPPED(address)) {
        struct in_addr inner;
        memcpy(&inner, &address->s6_addr[12], sizeof(inner));
        return is_local_v4(&inner);
    }
    return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address) ||
           IN6_IS_ADDR_LINKLOCAL(address);
}

/* canonical gives the address as inet_ntop writes it, or NULL if it is not to be used. */
static const char *canonical(slice_t text, bool allow_loopback, bool *ret_v6, arena_t *arena)
{
    const char *copy = arena_dup(arena, text).base;
    char *out = arena_bytes(arena, INET6_ADDRSTRLEN);
    struct in_addr v4;
    struct in6_addr v6;
    *ret_v6 = inet_pton(AF_INET, copy, &v4) != 1;
    if (!*ret_v6)
        return !allow_loopback && is_local_v4(&v4) ? NULL
                                                   : inet_ntop(AF_INET, &v4, out, INET6_ADDRSTRLEN);
    if (inet_pton(AF_INET6, copy, &v6) != 1 || (!allow_loopback && is_local_v6(&v6)))
        return NULL;
    return inet_ntop(AF_INET6, &v6, out, INET6_ADDRSTRLEN);
}

static void add(search_t *search, const slice_endpoint_t *endpoint, uint16_t port)
{
    found_t found = {.endpoint.port = port, .target = endpoint->target};
    found.endpoint.address =
        canonical(endpoint->addresses[0], search->allow_loopback, &found.v6, search->arena);
    if (found.endpoint.address)
        search->at[search->count++] = found;
}

static void search_slice(search_t *search, const endpoint_slice_t *slice, bool ready)
{
    for (size_t p = 0; p < slice->port_count; p++) {
        const slice_port_t *port = &slice->ports[p];
        if (port->port == 0 || !port->tcp || !slice_eq(port->name, search->port_name))
            continue;
        for (size_t i = 0; i < slice->endpoint_count; i++) {
            const slice_endpoint_t *endpoint = &slice->endpoints[i];
            bool counts = ready ? endpoint->ready : endpoint->serving && endpoint->terminating;
            if (counts)
                add(search, endpoint, port->port);
        }
    }
}

/* search_all looks for ready endpoints, or for those that serve while they terminate. */
static void search_all(search_t *search, bool ready)
{
    size_t room = 0;
    for (size_t i = 0; i < search->slices->count; i++) {
        const endpoint_slice_t *slice = search->slices->at[i]->endpoint_slice;
        room += slice->endpoint_count * slice->port_count;
    }
    search->at = arena_alloc(search->arena, (room + 1) * sizeof(*search->at));
    search->count = 0;
    for (size_t i = 0; i < search->slices->count; i++)
        if (!search->slices->at[i]->endpoint_slice->fqdn)
            search_slice(search, search->slices->at[i]->endpoint_slice, ready);
}

/* compare_targets brings the addresses of one target together, IPv4 first. */
static int compare_targets(const void *a, const void *b)
{
    const found_t *left = a, *right = b;
    int order = slice_compare(left->target, right->target);
    if (order == 0)
        order = (int)left->endpoint.port - (int)right->endpoint.port;
    return order ? order : (int)left->v6 - (int)right->v6;
}

/* drop_second_family leaves out the IPv6 addresses of targets that have an IPv4 one. */
static void drop_second_family(search_t *search)
{
    size_t kept = 0;
    if (search->count > 1)
        qsort(search->at, search->count, sizeof(*search->at), compare_targets);
    for (size_t i = 0; i < search->count; i++) {
        const found_t *found = &search->at[i], *last = kept ? &search->at[kept - 1] : NULL;
        bool same = last && found->target.len > 0 && slice_eq(last->target, found->target) &&
                    last->endpoint.port == found->endpoint.port;
        if (!(same && found->v6 && !last->v6))
            search->at[kept++] = *found;
    }
    search->count = kept;
}

static int compare_endpoints(const void *a, const void *b)
{
    const endpoint_t *left = a, *right = b;
    int order = strcmp(left->address, right->address);
    return order ? order : (int)left->port - (int)right->port;
}

static endpoints_t sorted_once(const search_t *search)
{
    endpoints_t result = {arena_alloc(search->arena, (search->count + 1) * sizeof(endpoint_t)), 0};
    for (size_t i = 0; i < search->count; i++)
        result.at[i] = search->at[i].endpoint;
    if (search->count > 1)
        qsort(result.at, search->count, sizeof(*result.at), compare_endpoints);
    for (size_t i = 0; i < search->count; i++)
        if (result.count == 0 ||
            compare_endpoints(&result.at[result.count - 1], &result.at[i]) != 0)
            result.at[result.count++] = result.at[i];
    return result;
}

/* find_port gives the Service's TCP port of a number, or NULL. */
static const service_port_t *find_port(const object_t *service, uint16_t port)
{
    for (size_t i = 0; service && i < service->service->port_count; i++)
        if (service->service->ports[i].port == port && service->service->ports[i].tcp)
            return &service->service->ports[i];
    return NULL;
}

endpoints_t endpoints_of(const store_t *store, slice_t namespace_, slice_t service, uint16_t port,
                         bool allow_loopback, arena_t *arena)
{
    const service_port_t *spec =
        find_port(store_get(store, KIND_SERVICE, namespace_, service), port);
    store_list_t slices = store_find(store, STORE_SLICES_BY_SERVICE, namespace_, service);
    if (spec == NULL)
        return (endpoints_t){NULL, 0};
    search_t search = {.slices = &slices,
                       .port_name = spec->name,
                       .allow_loopback = allow_loopback,
                       .arena = arena};
    search_all(&search, true);
    if (search.count == 0)
        search_all(&search, false);
    drop_second_family(&search);
    return sorted_once(&search);
}
