/*
 * net.h: a network address: an IPv4 or IPv6 address with a port.
 */
#ifndef TRANSPORT_NET_H
#define TRANSPORT_NET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/slice.h"

typedef union net_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} net_address_t;

enum { NET_TEXT_MAX = 56 }; /* "[v6]:port" with a NUL */

/* net_parse reads "127.0.0.1" or "::1" (no brackets) and takes the port as given. Returns 0 or
 * GW_EPARSE; *ret is not touched on failure. */
int net_parse(slice_t ip, uint16_t port, net_address_t *ret);

/* net_from copies an IPv4 or IPv6 socket address. */
net_address_t net_from(const struct sockaddr *address);

/* net_parse_port reads "127.0.0.1:80", "[::1]:80" or ":80" (any IPv4 address). */
int net_parse_port(slice_t text, net_address_t *ret);

socklen_t net_len(const net_address_t *address);
uint16_t net_port(const net_address_t *address);

/* net_ip writes the address without the port and gives it as a slice of `buf`; an IPv4-mapped
 * IPv6 address is written as IPv4. */
slice_t net_ip(const net_address_t *address, char buf[NET_TEXT_MAX]);

/* net_text writes "ip:port", IPv6 in brackets. */
slice_t net_text(const net_address_t *address, char buf[NET_TEXT_MAX]);

/* net_loopback says whether the address is of this machine itself (127/8, ::1). */
bool net_loopback(const net_address_t *address);

bool net_equal(const net_address_t *a, const net_address_t *b);

/*
 * net_listen makes a listening TCP socket that does not block. With `shared`, several sockets
 * of this process share the port (SO_REUSEPORT); a probe bind without it comes first, so that a
 * port that somebody else owns is found out. Returns 0 and the descriptor, or -errno.
 */
int net_listen(const net_address_t *address, bool shared, bool probe, int *ret_fd);

#endif
