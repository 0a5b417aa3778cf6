/*
 * file_watch_msg.h: the protocol of the file_watch actor, on the control worker, which reads the
 * manifests of a folder and follows its changes.
 */
#ifndef ACTORS_FILE_WATCH_MSG_H
#define ACTORS_FILE_WATCH_MSG_H

#include "core/core_msg.h"

/* The arguments of the actor. */
typedef struct file_watch_args {
    const char *folder;
} file_watch_args_t;

#define FILE_WATCH_MESSAGES(X)                                                                     \
    X(FOLDER_CHANGED, msg_none_t, msg_none_free,                                                   \
      "file_watch -> itself: the kernel has something to say")                                     \
    X(FOLDER_READ, msg_none_t, msg_none_free, "file_watch -> itself: read some of the files due")  \
    X(FOLDER_LOOK, msg_none_t, msg_none_free, "file_watch -> itself: is the folder still there?")  \
    X(FILES_WANTED, msg_none_t, msg_none_free,                                                     \
      "store -> file_watch: I know of no file; report all of them")

MSG_DECLARE(file_watch, 20, FILE_WATCH_MESSAGES)

#endif
