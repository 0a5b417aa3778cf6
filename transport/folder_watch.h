/*
 * folder_watch.h: the kernel's word for what changes in folders (inotify(7)), on the loop of one
 * actor. It knows folders by numbers and says what happened to which name in them; what that
 * means is the owner's business.
 *
 * Where there is no loop (actor_bench_t) nothing calls `readable`, and the owner reads when it
 * likes. All functions are called on the actor's thread, and none blocks.
 */
#ifndef TRANSPORT_FOLDER_WATCH_H
#define TRANSPORT_FOLDER_WATCH_H

#include "core/actor.h"

typedef struct folder_watch folder_watch_t;

typedef enum folder_event_kind {
    FOLDER_EVENT_CREATED,  /* a name has appeared; a file may still be empty */
    FOLDER_EVENT_WRITTEN,  /* a file has been written to and is still open */
    FOLDER_EVENT_CLOSED,   /* a file that was open for writing has been closed */
    FOLDER_EVENT_MOVED_IN, /* a name has been moved here, whole */
    FOLDER_EVENT_GONE,     /* a name has been deleted or moved away */
    FOLDER_EVENT_LOST,     /* the folder itself is gone, moved or unmounted; no name */
    FOLDER_EVENT_OVERFLOW  /* events were lost, of any folder; no folder, no name */
} folder_event_kind_t;

typedef struct folder_event {
    folder_event_kind_t kind;
    int folder;
    bool is_folder; /* what the name is */
    slice_t name;   /* borrowed for the call */
} folder_event_t;

/*
 * folder_watch_open makes a watch without folders. `readable` is called, between actor_enter and
 * actor_leave, when there are events to read. Returns 0 or -errno; *ret only on success.
 */
int folder_watch_open(actor_t *me, void (*readable)(void *owner), void *owner,
                      folder_watch_t **ret);

/* folder_watch_close ends it; no callback comes afterwards. NULL is allowed. */
void folder_watch_close(folder_watch_t *watch);

/*
 * folder_watch_add begins to watch a folder; a link at the end of the path is followed. Returns
 * its number (>= 0; of a folder that is watched already: the one it has), or -errno.
 */
int folder_watch_add(folder_watch_t *watch, const char *path);

/* folder_watch_remove ends the watching of one folder. */
void folder_watch_remove(folder_watch_t *watch, int folder);

/*
 * folder_watch_read hands over what has happened, in order, at most a few hundred events; true:
 * there may be more. `each` may add folders and remove others than the one of its event.
 */
bool folder_watch_read(folder_watch_t *watch, void (*each)(void *context, const folder_event_t *e),
                       void *context);

#endif
