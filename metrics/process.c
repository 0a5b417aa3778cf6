#include "metrics/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/slice.h"

enum { SECOND_NS = 1000000000, FIELD_THREADS = 20, FIELD_START = 22 };

static slice_t read_file(const char *path, char *memory, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, memory, size);
    if (fd >= 0)
        close(fd);
    return slice_make(memory, len < 0 ? 0 : (size_t)len);
}

/* The number in the n-th field, from 1; false if there is none. */
static bool field(slice_t text, unsigned n, uint64_t *ret)
{
    for (; n > 1; n--)
        text = slice_sub(text, slice_chr(text, ' ') + 1, text.len);
    return slice_to_u64(slice_sub(text, 0, slice_chr(text, ' ')), ret) == 0;
}

static uint64_t timeval_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_usec * 1000u;
}

static void read_memory(process_series_t *series)
{
    char memory[128];
    uint64_t total, resident, page = (uint64_t)sysconf(_SC_PAGESIZE);
    slice_t text = read_file("/proc/self/statm", memory, sizeof(memory));
    if (!field(text, 1, &total) || !field(text, 2, &resident))
        return;
    series->virtual_memory = (int64_t)(total * page);
    series->resident_memory = (int64_t)(resident * page);
}

/* When the process started, `ticks` after the boot. */
static int64_t start_time(uint64_t ticks)
{
    struct timespec wall, boot;
    uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &boot);
    int64_t booted = (wall.tv_sec - boot.tv_sec) * SECOND_NS + wall.tv_nsec - boot.tv_nsec;
    return booted + (int64_t)(ticks / hertz * SECOND_NS + ticks % hertz * SECOND_NS / hertz);
}

static void read_stat(process_series_t *series)
{
    char memory[1024];
    uint64_t value;
    slice_t text = read_file("/proc/self/stat", memory, sizeof(memory));
    /* The second field is the name in parentheses, which may have anything inside: count from
     * behind the last one. */
    const char *end = text.len ? memrchr(text.base, ')', text.len) : NULL;
    if (!end)
        return;
    text = slice_sub(text, (size_t)(end - text.base), text.len);
    if (field(text, FIELD_THREADS - 1, &value))
        series->threads = (int64_t)value;
    if (series->start_time == 0 && field(text, FIELD_START - 1, &value))
        series->start_time = start_time(value);
}

static int64_t count_fds(void)
{
    struct stat info;
    if (stat("/proc/self/fd", &info) == 0 && info.st_size > 0)
        return info.st_size; /* the number of entries, since Linux 6.2 */
    int64_t count = -3;      /* ".", ".." and the one that reads the directory */
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

void process_read(process_series_t *series)
{
    struct rusage usage;
    struct rlimit files;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        series->cpu = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        series->max_fds = files.rlim_cur == RLIM_INFINITY ? INT64_MAX : (int64_t)files.rlim_cur;
    series->open_fds = count_fds();
    read_memory(series);
    read_stat(series);
}
