/*
 * tcp.h: a TCP connection on the loop of one actor. It reads and writes what the kernel takes
 * now and never buffers; it calls its owner when there is something to do. All callbacks run on
 * the actor's thread, between actor_enter and actor_leave, and never from inside a call made
 * here.
 *
 * Tests link a fake in its place (tests/flow), so nothing else in the data path opens sockets.
 */
#ifndef TRANSPORT_TCP_H
#define TRANSPORT_TCP_H

#include <sys/uio.h>

#include "core/actor.h"
#include "transport/net.h"

typedef struct tcp tcp_t;

/* What the owner of a connection wants to be told. */
typedef struct tcp_events {
    /* Bytes, the end of the stream or an error can be read. Called while reading is watched. */
    void (*readable)(void *owner, tcp_t *tcp);
    /* Something can be written, or a connect has ended (tcp_connected tells how). */
    void (*writable)(void *owner, tcp_t *tcp);
} tcp_events_t;

/* tcp_open takes a connected descriptor and watches nothing yet. NULL (and the descriptor is
 * closed) when the loop refuses it. */
tcp_t *tcp_open(actor_t *me, int fd, const tcp_events_t *events, void *owner);

/* tcp_connect begins to connect and watches for its end. 0 or -errno; *ret only on success. */
int tcp_connect(actor_t *me, const net_address_t *to, const tcp_events_t *events, void *owner,
                tcp_t **ret);

/* tcp_connected gives how a connect ended: 0 or -errno. */
int tcp_connected(tcp_t *tcp);

/* tcp_read reads at most `size` bytes: > 0 how many, GW_EAGAIN, GW_EOF, GW_EIO. */
ssize_t tcp_read(tcp_t *tcp, void *buf, size_t size);

/* tcp_write writes what goes now: >= 0 how many bytes (0: none, watch for writable), GW_EIO. */
ssize_t tcp_write(tcp_t *tcp, const struct iovec *iov, int count);

/* tcp_watch sets what the owner is called for; unchanged is free. */
void tcp_watch(tcp_t *tcp, bool readable, bool writable);

/* tcp_shut sends the end of our stream; reading goes on. */
void tcp_shut(tcp_t *tcp);

/* tcp_close closes; the pointer is dead afterwards and no callback comes. NULL is allowed. */
void tcp_close(tcp_t *tcp);

/* tcp_reset closes so that the peer sees an error, not an end: for a message cut short. */
void tcp_reset(tcp_t *tcp);

#endif
