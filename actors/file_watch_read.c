/* file_watch_read.c: see file_watch_read.h. */
#include "actors/file_watch_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

static int fail(int number, int *ret_errno)
{
    if (number == ENOENT || number == ENOTDIR || number == ELOOP)
        return GW_ENOTFOUND;
    *ret_errno = number;
    return GW_EIO;
}

/* The size of fstat is only a hint: the file may grow while it is read. */
static int read_all(int fd, size_t hint, size_t max, strbuf_t *text, int *ret_errno)
{
    size_t before = text->len;
    while (true) {
        size_t have = text->len - before;
        size_t room = have < hint ? hint - have : 4096;
        ssize_t len = read(fd, strbuf_room(text, room), room);
        if (len < 0 && errno == EINTR)
            continue;
        if (len > 0)
            text->len += (size_t)len;
        if (len > 0 && text->len - before <= max)
            continue;
        if (len == 0)
            return 0;
        text->len = before;
        return len < 0 ? fail(errno, ret_errno) : GW_ELIMIT;
    }
}

int manifest_read(const char *path, size_t max, strbuf_t *text, int *ret_errno)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not block */
    if (fd < 0)
        return fail(errno, ret_errno);
    int rc = GW_ENOTFOUND;
    if (fstat(fd, &status) < 0)
        rc = fail(errno, ret_errno);
    else if (S_ISREG(status.st_mode) && (size_t)status.st_size > max)
        rc = GW_ELIMIT;
    else if (S_ISREG(status.st_mode))
        rc = read_all(fd, (size_t)status.st_size + 1, max, text, ret_errno);
    close(fd);
    return rc;
}
