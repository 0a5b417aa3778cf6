/* folder_watch.c: see folder_watch.h. */
#include "transport/folder_watch.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <uv.h>

#include "core/check.h"
#include "core/mem.h"

enum { READ_SIZE = 16384 };

static const uint32_t EVENTS = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO |
                               IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF |
                               IN_ONLYDIR;

struct folder_watch {
    uv_poll_t poll;
    actor_t *me;
    void (*readable)(void *owner);
    void *owner;
    int fd;
    bool on_loop;
};

static void on_event(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    folder_watch_t *watch = GW_CONTAINER_OF(poll, folder_watch_t, poll);
    actor_enter(watch->me);
    watch->readable(watch->owner);
    actor_leave(watch->me);
}

static int watch_on_loop(folder_watch_t *watch)
{
    if (!actor_loop(watch->me))
        return 0;
    int rc = uv_poll_init(actor_loop(watch->me), &watch->poll, watch->fd);
    if (rc < 0)
        return rc; /* libuv's codes are -errno */
    watch->on_loop = true;
    uv_poll_start(&watch->poll, UV_READABLE, on_event);
    return 0;
}

int folder_watch_open(actor_t *me, void (*readable)(void *owner), void *owner, folder_watch_t **ret)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return -errno;
    folder_watch_t *watch = xcalloc(1, sizeof(*watch));
    *watch = (folder_watch_t){.me = me, .readable = readable, .owner = owner, .fd = fd};
    int rc = watch_on_loop(watch);
    if (rc < 0) {
        close(fd);
        free(watch);
        return rc;
    }
    *ret = watch;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(GW_CONTAINER_OF((uv_poll_t *)handle, folder_watch_t, poll));
}

void folder_watch_close(folder_watch_t *watch)
{
    if (!watch)
        return;
    int fd = watch->fd;
    if (watch->on_loop)
        uv_close((uv_handle_t *)&watch->poll, on_closed); /* before close: it still names the fd */
    else
        free(watch);
    close(fd);
}

int folder_watch_add(folder_watch_t *watch, const char *path)
{
    int folder = inotify_add_watch(watch->fd, path, EVENTS);
    return folder < 0 ? -errno : folder;
}

void folder_watch_remove(folder_watch_t *watch, int folder)
{
    inotify_rm_watch(watch->fd, folder); /* fails if the folder is gone, and that is fine */
}

/* kind_of gives false for what is only the echo of our own doing. */
static bool kind_of(uint32_t mask, folder_event_kind_t *ret)
{
    if (mask & IN_Q_OVERFLOW)
        *ret = FOLDER_EVENT_OVERFLOW;
    else if (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT))
        *ret = FOLDER_EVENT_LOST;
    else if (mask & (IN_DELETE | IN_MOVED_FROM))
        *ret = FOLDER_EVENT_GONE;
    else if (mask & IN_MOVED_TO)
        *ret = FOLDER_EVENT_MOVED_IN;
    else if (mask & IN_CLOSE_WRITE)
        *ret = FOLDER_EVENT_CLOSED;
    else if (mask & IN_MODIFY)
        *ret = FOLDER_EVENT_WRITTEN;
    else if (mask & IN_CREATE)
        *ret = FOLDER_EVENT_CREATED;
    else
        return false; /* IN_IGNORED */
    return true;
}

static void hand_over(const struct inotify_event *event,
                      void (*each)(void *context, const folder_event_t *e), void *context)
{
    folder_event_t e = {.folder = event->wd, .is_folder = event->mask & IN_ISDIR};
    if (!kind_of(event->mask, &e.kind))
        return;
    if (event->len > 0)
        e.name = slice_of(event->name); /* padded with NULs */
    each(context, &e);
}

bool folder_watch_read(folder_watch_t *watch, void (*each)(void *context, const folder_event_t *e),
                       void *context)
{
    _Alignas(struct inotify_event) char buf[READ_SIZE];
    ssize_t len;
    do {
        len = read(watch->fd, buf, sizeof(buf));
    } while (len < 0 && errno == EINTR);
    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const void *)(buf + at);
        hand_over(event, each, context);
        at += (ssize_t)(sizeof(*event) + event->len);
    }
    return len > 0;
}
