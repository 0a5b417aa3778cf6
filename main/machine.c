/* machine.c: see machine.h. */
#include "main/machine.h"

#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

uint32_t machine_quota(slice_t text)
{
    uint64_t quota, period;
    size_t space = slice_chr(text, ' ');
    slice_t rest = slice_sub(text, space + 1, text.len);
    rest = slice_sub(rest, 0, slice_chr(rest, '\n'));
    if (slice_to_u64(slice_sub(text, 0, space), &quota) < 0 || slice_to_u64(rest, &period) < 0 ||
        period == 0 || quota == 0)
        return 0;
    uint64_t cpus = (quota + period - 1) / period;
    return cpus < UINT32_MAX ? (uint32_t)cpus : 0;
}

/* What the cgroup of a container says of itself; elsewhere it is the root's and there is none. */
static uint32_t read_quota(void)
{
    char text[64];
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (!file)
        return 0;
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    return machine_quota(slice_make(text, len));
}

uint32_t machine_cpus(void)
{
    cpu_set_t set;
    uint32_t quota = read_quota(), cpus = 1;
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1)
        cpus = (uint32_t)CPU_COUNT(&set);
    return quota && quota < cpus ? quota : cpus;
}

uint64_t machine_raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

uint16_t machine_free_port(net_address_t address)
{
    net_address_t bound = {0};
    socklen_t len = sizeof(bound);
    int fd = -1;
    if (net_listen(&address, false, false, &fd) < 0)
        return 0;
    uint16_t port = getsockname(fd, &bound.any, &len) == 0 ? net_port(&bound) : 0;
    close(fd);
    return port;
}
