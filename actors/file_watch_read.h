/*
 * file_watch_read.h: reads a whole file of bounded size, as it is now.
 */
#ifndef ACTORS_FILE_WATCH_READ_H
#define ACTORS_FILE_WATCH_READ_H

#include "core/strbuf.h"

/*
 * manifest_read appends the content of a regular file to `text`; links are followed. Returns 0;
 * GW_ENOTFOUND if there is no such file, or something else than a file; GW_ELIMIT if it is longer
 * than `max` bytes; GW_EIO with *ret_errno set. `text` is untouched on failure. It does not wait
 * for other than the disk.
 */
int manifest_read(const char *path, size_t max, strbuf_t *text, int *ret_errno);

#endif
