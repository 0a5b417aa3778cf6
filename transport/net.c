#include "transport/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include "core/error.h"

enum { BACKLOG = 4096 };

int net_parse(slice_t ip, uint16_t port, net_address_t *ret)
{
    char text[INET6_ADDRSTRLEN];
    net_address_t address = {0};
    if (ip.len == 0 || ip.len >= sizeof(text))
        return GW_EPARSE;
    memcpy(text, ip.base, ip.len);
    text[ip.len] = '\0';
    if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons(port);
    } else if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons(port);
    } else {
        return GW_EPARSE;
    }
    *ret = address;
    return 0;
}

net_address_t net_from(const struct sockaddr *address)
{
    net_address_t copy = {0};
    memcpy(&copy, address, address->sa_family == AF_INET6 ? sizeof(copy.v6) : sizeof(copy.v4));
    return copy;
}

int net_parse_port(slice_t text, net_address_t *ret)
{
    size_t colon = text.len;
    while (colon > 0 && text.base[colon - 1] != ':')
        colon--;
    uint64_t port;
    if (colon == 0 || slice_to_u64(slice_sub(text, colon, text.len), &port) < 0 || port > 65535)
        return GW_EPARSE;
    slice_t ip = slice_sub(text, 0, colon - 1);
    if (ip.len == 0)
        ip = SLICE("0.0.0.0");
    if (ip.base[0] == '[' && ip.base[ip.len - 1] == ']')
        ip = slice_sub(ip, 1, ip.len - 2);
    return net_parse(ip, (uint16_t)port, ret);
}

socklen_t net_len(const net_address_t *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

uint16_t net_port(const net_address_t *address)
{
    return ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port : address->v4.sin_port);
}

slice_t net_ip(const net_address_t *address, char buf[NET_TEXT_MAX])
{
    const void *ip = &address->v4.sin_addr;
    int family = address->any.sa_family;
    if (family == AF_INET6) {
        ip = &address->v6.sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr)) {
            ip = &address->v6.sin6_addr.s6_addr[12];
            family = AF_INET;
        }
    }
    if (!inet_ntop(family, ip, buf, NET_TEXT_MAX))
        buf[0] = '\0';
    return slice_of(buf);
}

slice_t net_text(const net_address_t *address, char buf[NET_TEXT_MAX])
{
    char ip[NET_TEXT_MAX];
    slice_t text = net_ip(address, ip);
    bool brackets = slice_chr(text, ':') < text.len;
    int len = snprintf(buf, NET_TEXT_MAX, brackets ? "[%.*s]:%u" : "%.*s:%u", SLICE_ARG(text),
                       net_port(address));
    return slice_make(buf, (size_t)len);
}

bool net_loopback(const net_address_t *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    const struct in6_addr *ip = &address->v6.sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(ip) || (IN6_IS_ADDR_V4MAPPED(ip) && ip->s6_addr[12] == 127);
}

bool net_equal(const net_address_t *a, const net_address_t *b)
{
    if (a->any.sa_family != b->any.sa_family || net_port(a) != net_port(b))
        return false;
    if (a->any.sa_family == AF_INET)
        return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
}

static int bind_socket(const net_address_t *address, bool shared, int *ret_fd)
{
    int on = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (bind(fd, &address->any, net_len(address)) < 0) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

int net_listen(const net_address_t *address, bool shared, bool probe, int *ret_fd)
{
    int fd = -1;
    if (probe) { /* a bound socket without SO_REUSEPORT conflicts with any other owner's */
        int rc = bind_socket(address, false, &fd);
        if (rc < 0)
            return rc;
        if (listen(fd, 1) < 0)
            rc = -errno;
        close(fd);
        if (rc < 0)
            return rc;
    }
    int rc = bind_socket(address, shared, &fd);
    if (rc < 0)
        return rc;
    if (listen(fd, BACKLOG) < 0) {
        rc = -errno;
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}
