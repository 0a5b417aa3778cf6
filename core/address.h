/*
 * address.h: what is in an actor's address: the worker that owns it, the slot in that worker's
 * table, and a generation, so that the address of a dead actor does not reach the next one in
 * its slot. Only the runtime looks inside.
 */
#ifndef CORE_ADDRESS_H
#define CORE_ADDRESS_H

#include "core/message.h"

enum {
    ADDRESS_WORKER_BITS = 6,
    ADDRESS_SLOT_BITS = 17,
    ADDRESS_GENERATION_BITS = 9,
    ADDRESS_WORKERS_MAX = 1 << ADDRESS_WORKER_BITS,
    ADDRESS_SLOTS_MAX = 1 << ADDRESS_SLOT_BITS,
    ADDRESS_GENERATION_MASK = (1 << ADDRESS_GENERATION_BITS) - 1
};

static inline actor_ref_t address_make(uint32_t worker, uint32_t slot, uint32_t generation)
{
    return worker << (ADDRESS_SLOT_BITS + ADDRESS_GENERATION_BITS) |
           slot << ADDRESS_GENERATION_BITS | (generation & ADDRESS_GENERATION_MASK);
}

static inline uint32_t address_worker(actor_ref_t ref)
{
    return ref >> (ADDRESS_SLOT_BITS + ADDRESS_GENERATION_BITS);
}

static inline uint32_t address_slot(actor_ref_t ref)
{
    return ref >> ADDRESS_GENERATION_BITS & (ADDRESS_SLOTS_MAX - 1);
}

static inline uint32_t address_generation(actor_ref_t ref)
{
    return ref & ADDRESS_GENERATION_MASK;
}

#endif
