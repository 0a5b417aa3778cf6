/*
 * log.c: levels, counters and the sink. What a line looks like is log_line.c's business.
 *
 * The state is the process's: a log is of use only if everything can reach it without being
 * handed one. Levels and counters are relaxed atomics: nothing else is ordered by them.
 */
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/error.h"
#include "core/log_line.h"

/* How to write without waiting, by what the descriptor is. */
typedef enum sink_kind {
    SINK_POLL,     /* ask poll first; the mutex keeps our own threads from racing to the room */
    SINK_NONBLOCK, /* an open file description of our own, with O_NONBLOCK */
    SINK_SOCKET,   /* MSG_DONTWAIT */
    SINK_FILE      /* a regular file never makes anybody wait for a reader */
} sink_kind_t;

#define LOG_LEVEL_INFO_FOR(name) [LOG_COMPONENT_##name] = LOG_LEVEL_INFO,
atomic_uchar log_levels[LOG_COMPONENT_COUNT] = {LOG_COMPONENTS(LOG_LEVEL_INFO_FOR)};

/* `torn`: the sink took a part of a line, so the next one starts with a newline. */
static struct {
    int fd;
    sink_kind_t kind;
    log_format_t format;
    void (*capture)(void *context, slice_t line);
    void *context;
    pthread_mutex_t poll_mutex;
    atomic_bool torn;
    atomic_uint_fast64_t dropped;
    atomic_uint_fast64_t lines[LOG_LEVEL_COUNT];
} log_state = {.fd = STDERR_FILENO, .poll_mutex = PTHREAD_MUTEX_INITIALIZER};

#define LOG_LEVEL_NAME(id, name) #name,
#define LOG_COMPONENT_NAME(name) #name,
static const char *const level_names[] = {LOG_LEVELS(LOG_LEVEL_NAME)};
static const char *const component_names[] = {LOG_COMPONENTS(LOG_COMPONENT_NAME)};

const char *log_level_name(log_level_t level)
{
    return level_names[level];
}

const char *log_component_name(log_component_t component)
{
    return component_names[component];
}

static sink_kind_t kind_of(int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return SINK_POLL;
    return S_ISSOCK(info.st_mode) ? SINK_SOCKET : S_ISREG(info.st_mode) ? SINK_FILE : SINK_POLL;
}

void log_open(int fd, log_format_t format)
{
    char path[32];
    log_close();
    log_state.fd = fd;
    log_state.kind = kind_of(fd);
    log_state.format = format;
    if (log_state.kind == SINK_SOCKET)
        return;
    /* O_NONBLOCK on `fd` itself would change it for every process that shares it. O_APPEND is for
     * a file that the access log goes to as well (`>file 2>&1`). */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int own = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own < 0)
        return;
    log_state.fd = own;
    log_state.kind = SINK_NONBLOCK;
}

void log_close(void)
{
    if (log_state.kind == SINK_NONBLOCK)
        close(log_state.fd);
    log_state.fd = STDERR_FILENO;
    log_state.kind = SINK_POLL;
    log_state.format = LOG_FORMAT_JSON;
    atomic_store_explicit(&log_state.torn, false, memory_order_relaxed);
}

void log_capture(void (*sink)(void *context, slice_t line), void *context)
{
    log_state.capture = sink;
    log_state.context = context;
}

static ssize_t write_polled(slice_t line)
{
    struct pollfd ready = {.fd = log_state.fd, .events = POLLOUT};
    ssize_t wrote = -1;
    pthread_mutex_lock(&log_state.poll_mutex);
    if (poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT))
        wrote = write(log_state.fd, line.base, line.len);
    pthread_mutex_unlock(&log_state.poll_mutex);
    return wrote;
}

static ssize_t write_once(slice_t line)
{
    switch (log_state.kind) {
    case SINK_SOCKET:
        return send(log_state.fd, line.base, line.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    case SINK_POLL:
        return write_polled(line);
    default:
        return write(log_state.fd, line.base, line.len);
    }
}

/* `text` is a newline and then the line. */
static void put(slice_t text)
{
    bool torn = atomic_exchange_explicit(&log_state.torn, false, memory_order_relaxed);
    slice_t line = torn ? text : slice_sub(text, 1, SIZE_MAX);
    ssize_t wrote = write_once(line);
    if (wrote == (ssize_t)line.len)
        return;
    atomic_fetch_add_explicit(&log_state.dropped, 1, memory_order_relaxed);
    if (wrote > 0 || torn)
        atomic_store_explicit(&log_state.torn, true, memory_order_relaxed);
}

static uint64_t wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void log_write(log_level_t level, log_component_t component, const char *id, const char *msg,
               const log_field_t *fields, size_t count)
{
    const log_event_t event = {.wall_ns = wall_clock(),
                               .level = level,
                               .component = component,
                               .id = id,
                               .msg = msg,
                               .fields = fields + 1,
                               .count = count - 1};
    int keep = errno; /* who logs about a failure may still want to look at it */
    strbuf_t line = {0};
    atomic_fetch_add_explicit(&log_state.lines[level], 1, memory_order_relaxed);
    strbuf_add_char(&line, '\n');
    log_line_format(&event, log_state.format, &line);
    if (log_state.capture)
        log_state.capture(log_state.context, slice_make(line.base + 1, line.len - 2));
    else
        put(strbuf_slice(&line));
    strbuf_fini(&line);
    errno = keep;
}

void log_read_counters(log_counters_t *ret)
{
    for (int i = 0; i < LOG_LEVEL_COUNT; i++)
        ret->lines[i] = atomic_load_explicit(&log_state.lines[i], memory_order_relaxed);
    ret->dropped = atomic_load_explicit(&log_state.dropped, memory_order_relaxed);
}
