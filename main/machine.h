/*
 * machine.h: what the process may use of the machine.
 */
#ifndef MAIN_MACHINE_H
#define MAIN_MACHINE_H

#include <stdint.h>

#include "transport/net.h"

/*
 * machine_cpus gives how many CPUs the process may use, at least 1: those of its affinity mask, or
 * fewer if the CPU quota of its cgroup allows less (rounded up).
 */
uint32_t machine_cpus(void);

/* machine_quota reads a cgroup's quota and period ("150000 100000", "max 100000") and gives the
 * whole CPUs that it allows, rounded up; 0: no limit, or no such text. */
uint32_t machine_quota(slice_t text);

/* machine_raise_files lets the process open as many files as it may, and gives how many. */
uint64_t machine_raise_files(void);

/* machine_free_port gives a TCP port that nobody has on that address now, or 0. */
uint16_t machine_free_port(net_address_t address);

#endif
