/*
 * access_log.c: the actor that writes the access log. Lines arrive in bulk; the sender gets its
 * credit back when they are written, so what waits here is bounded by the senders' windows.
 *
 * The sink is never waited for. Standard output is opened a second time, so that not blocking
 * is a property of our own descriptor and not of one that other processes share.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/access_log.h"
#include "actors/access_log_msg.h"
#include "actors/classes.h"
#include "actors/metrics_msg.h"
#include "core/log.h"
#include "core/mem.h"

static const uint64_t RETRY_NS = 10000000; /* a blocked sink is tried again after that */

/* One message that waits to be written. */
typedef struct pending {
    struct pending *next;
    log_lines_t *lines;
    uint32_t at; /* bytes written */
    actor_ref_t from;
} pending_t;

typedef struct access_log {
    int fd;
    bool socket; /* it takes send(), not write() */
    pending_t *first, **last;
    timer_ref_t retry;
    uint64_t queued; /* bytes */
    metric_set_t *set;
    dataplane_series_t *counters;
} access_log_t;

static int open_sink(access_log_t *a, const access_log_args_t *args)
{
    int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK;
    a->fd = args && args->path ? open(args->path, flags | O_CREAT, 0640)
                               : open("/proc/self/fd/1", flags);
    if (a->fd < 0 && (!args || !args->path)) {
        a->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        a->socket = true; /* the one kind of standard output that cannot be opened again */
    }
    if (a->fd >= 0)
        return 0;
    log_error(access_log, "ACCESS-LOG-OPEN-FAILED", "the access log cannot be opened",
              log_text("path", args && args->path ? args->path : "stdout"),
              log_errno("error", errno));
    return GW_EIO;
}

static int access_log_init(void *self, actor_t *me, const void *args)
{
    (void)me;
    access_log_t *a = self;
    a->last = &a->first;
    a->set = metric_set_new();
    a->counters = series_DATAPLANE(a->set);
    return open_sink(a, args);
}

/* How many bytes went, 0 when the sink is full, or an error. */
static ssize_t push(const access_log_t *a, const char *data, size_t len)
{
    ssize_t n;
    do {
        n = a->socket ? send(a->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL)
                      : write(a->fd, data, len);
    } while (n < 0 && errno == EINTR);
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : GW_EIO;
}

static void finish_first(access_log_t *a, actor_t *me)
{
    pending_t *pending = a->first;
    a->first = pending->next;
    if (!a->first)
        a->last = &a->first;
    a->queued -= pending->lines->len;
    if (me)
        send_LOG_CREDIT(me, pending->from, NULL);
    log_lines_free(pending->lines);
    free(pending);
}

static void write_pending(access_log_t *a, actor_t *me)
{
    while (a->first) {
        pending_t *pending = a->first;
        const log_lines_t *lines = pending->lines;
        ssize_t n = push(a, lines->data + pending->at, lines->len - pending->at);
        if (n < 0) {
            a->counters->log_errors++;
            a->counters->log_dropped += lines->count;
            finish_first(a, me);
            continue;
        }
        pending->at += (uint32_t)n;
        if (pending->at < lines->len) {
            if (!a->retry)
                a->retry = actor_timer_start(me, RETRY_NS, MSG_LOG_WRITABLE, NULL);
            return;
        }
        a->counters->log_lines += lines->count;
        finish_first(a, me);
    }
}

static int on_lines(access_log_t *a, actor_t *me, log_lines_t **body, const msg_t *m)
{
    pending_t *pending = xcalloc(1, sizeof(*pending));
    pending->lines = *body;
    *body = NULL;
    pending->from = m->src;
    a->counters->log_dropped += pending->lines->dropped;
    a->queued += pending->lines->len;
    *a->last = pending;
    a->last = &pending->next;
    if (!a->retry)
        write_pending(a, me);
    return 0;
}

static int on_writable(access_log_t *a, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    a->retry = 0;
    write_pending(a, me);
    return 0;
}

static int on_collect(access_log_t *a, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    a->counters->log_queue = (int64_t)a->queued;
    metric_set_t *part = metric_set_collect(a->set, actor_now(me));
    reply_METRICS_PART(me, OWED_CURRENT, &part);
    return 0;
}

static void access_log_fini(void *self, actor_t *me)
{
    (void)me;
    access_log_t *a = self;
    while (a->first)
        finish_first(a, NULL);
    if (a->fd >= 0)
        close(a->fd);
    metric_set_free(a->set);
}

static void access_log_describe(void *self, actor_t *me, strbuf_t *json)
{
    const access_log_t *a = self;
    (void)me;
    strbuf_printf(json, "\"written\":%llu,\"dropped\":%llu,\"queued_bytes\":%llu,\"blocked\":%s",
                  (unsigned long long)a->counters->log_lines,
                  (unsigned long long)a->counters->log_dropped, (unsigned long long)a->queued,
                  a->retry ? "true" : "false");
}

HANDLER(access_log_t, LOG_LINES, on_lines)
HANDLER(access_log_t, LOG_WRITABLE, on_writable)
HANDLER(access_log_t, METRICS_COLLECT, on_collect)

static const actor_handler_t handlers[] = {ON(LOG_LINES), ON(LOG_WRITABLE), ON(METRICS_COLLECT),
                                           ON_END};

const actor_class_t access_log_class = {.name = "access_log",
                                        .state_size = sizeof(access_log_t),
                                        .init = access_log_init,
                                        .fini = access_log_fini,
                                        .describe = access_log_describe,
                                        .handlers = handlers};
