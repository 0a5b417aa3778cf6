/*
 * address.h: a TCP address of a listener or of an endpoint.
 */
#ifndef XDS_ADDRESS_H
#define XDS_ADDRESS_H

#include <netinet/in.h>

#include "envoy/config/core/v3/address.pb-c.h"
#include "xds/compile.h"

typedef struct address {
    slice_t text; /* "10.0.0.1:8080", "[fd00::1]:8080"; one address has one text */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket; /* for bind and connect */
    uint16_t port;
} address_t;

/*
 * address_compile reads a TCP socket address with an IP address (no name) and a port, which may be
 * 0. It returns 0, or GW_EINVAL with the fault noted. The message may be NULL, which is a fault.
 */
int address_compile(const compile_t *c, const Envoy__Config__Core__V3__Address *message,
                    const field_path_t *path, address_t *ret);

#endif
