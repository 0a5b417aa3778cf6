#include "xds/address.h"

#include <arpa/inet.h>

#include "core/error.h"

static int parse(const char *text, uint16_t port, address_t *ret)
{
    memset(&ret->socket, 0, sizeof(ret->socket));
    ret->port = port;
    if (inet_pton(AF_INET, text, &ret->socket.v4.sin_addr) == 1) {
        ret->socket.v4.sin_family = AF_INET;
        ret->socket.v4.sin_port = htons(port);
        return 0;
    }
    if (inet_pton(AF_INET6, text, &ret->socket.v6.sin6_addr) == 1) {
        ret->socket.v6.sin6_family = AF_INET6;
        ret->socket.v6.sin6_port = htons(port);
        return 0;
    }
    return GW_EPARSE;
}

/* Written from the parsed address: an IPv6 address can come in many texts. */
static slice_t write_text(arena_t *arena, const address_t *address)
{
    char host[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 10];
    bool v6 = address->socket.any.sa_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&address->socket.v6.sin6_addr
                           : (const void *)&address->socket.v4.sin_addr;
    inet_ntop(address->socket.any.sa_family, bytes, host, sizeof(host));
    int len = snprintf(text, sizeof(text), v6 ? "[%s]:%u" : "%s:%u", host, address->port);
    return arena_dup(arena, slice_make(text, (size_t)len));
}

int address_compile(const compile_t *c, const Envoy__Config__Core__V3__Address *message,
                    const field_path_t *path, address_t *ret)
{
    path = FIELD(path, "socket_address");
    if (message == NULL ||
        message->address_case != ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS)
        return fault_at(c->fault, path, "must be set");
    const Envoy__Config__Core__V3__SocketAddress *socket = message->socket_address;
    if (socket->protocol != ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PROTOCOL__TCP)
        return fault_at(c->fault, FIELD(path, "protocol"), "only TCP is supported");
    if (socket->port_specifier_case !=
            ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE ||
        socket->port_value > UINT16_MAX)
        return fault_at(c->fault, FIELD(path, "port_value"), "not a port");
    if (parse(socket->address, (uint16_t)socket->port_value, ret))
        return fault_at(c->fault, FIELD(path, "address"), "\"%s\" is not an IP address",
                        socket->address);
    ret->text = write_text(c->arena, ret);
    return 0;
}
