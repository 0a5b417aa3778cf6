/*
 * lane.h: the queues between workers, and the only file pair that speaks ZeroMQ. A lane carries
 * trains: each ZeroMQ message is one pointer, and with it the ownership of the train.
 *
 * Every worker has one inbox (PULL) per lane and one PUSH to each inbox; for its own actors it
 * has a PUSH-PULL pair besides, which it reads exactly as often as it wrote. Sockets belong to
 * the thread that opened them, until all threads have been joined.
 */
#ifndef CORE_LANE_H
#define CORE_LANE_H

#include <stdbool.h>

#include "core/address.h"
#include "core/train.h"

typedef struct lanes lanes_t;

/* lanes_context makes the ZeroMQ context for a process of that many workers (and one outside
 * sender), or NULL. lanes_context_free waits until all sockets are closed. */
void *lanes_context(uint32_t workers);
void lanes_context_free(void *context);

/* lanes_open binds the inboxes of worker `index` (UINT32_MAX: an outside sender without inbox);
 * lanes_connect then connects to all workers, once each of them has opened. */
lanes_t *lanes_open(void *context, uint32_t index, uint32_t workers);
void lanes_connect(lanes_t *lanes);

/* lanes_close closes the sockets. Trains that are still in them must have been received. */
void lanes_close(lanes_t *lanes);

/* lanes_send sends a train to a worker's inbox, lanes_send_local to this worker's own actors. */
void lanes_send(lanes_t *lanes, uint32_t worker, bool system, train_t *train);
void lanes_send_local(lanes_t *lanes, train_t *train);

/* lanes_receive takes the next train from the inbox, NULL if there is none now.
 * lanes_receive_local takes the next one of this worker's own; there must be one. */
train_t *lanes_receive(lanes_t *lanes, bool system);
train_t *lanes_receive_local(lanes_t *lanes);

/* lanes_fd gives the inbox's descriptor: readable means "call lanes_receive until NULL". */
int lanes_fd(const lanes_t *lanes, bool system);

#endif
