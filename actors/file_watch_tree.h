/*
 * file_watch_tree.h: which manifest files there are in a folder and the folders below it, and
 * which of them have to be read, made from what the kernel says of changes. It reads no file and
 * sends no message.
 *
 * A manifest is a name that ends in .yaml, .yml or .json and does not begin with a dot. Folders
 * that begin with a dot are not entered, and neither are links to folders; links to files are
 * read. A link "..data" that is swapped (as Kubernetes does with mounted ConfigMaps) makes all
 * files of its folder due. A file that somebody writes to is due when it has been closed, or when
 * it has been moved into its place.
 */
#ifndef ACTORS_FILE_WATCH_TREE_H
#define ACTORS_FILE_WATCH_TREE_H

#include <uthash.h>

#include "core/actor.h"
#include "core/list.h"
#include "transport/folder_watch.h"

enum { TREE_FILES_MAX = 100000, TREE_FOLDERS_MAX = 1000, TREE_DEPTH_MAX = 16 };

/* One file. `reported`, `content` and `path` are the owner's to use, the rest is private. */
typedef struct tree_file {
    UT_hash_handle hh;
    list_t due;
    bool writing;
    uint64_t reported; /* in which round somebody was told of it; 0: never */
    uint64_t content;  /* a hash of what was told; 0: none */
    uint64_t seen_ns;  /* when the change was seen that made it due; may be read */
    char path[];       /* from the root folder on */
} tree_file_t;

typedef struct file_tree file_tree_t;

/*
 * file_tree_open begins to watch a folder; all its files are due then. `readable` is called as
 * folder_watch_open says; file_tree_pump is to follow. Returns 0 or -errno; a folder that is not
 * there is no error.
 */
int file_tree_open(actor_t *me, const char *root, void (*readable)(void *owner), void *owner,
                   file_tree_t **ret);

/* file_tree_close frees it; NULL is allowed. */
void file_tree_close(file_tree_t *tree);

/* file_tree_pump takes what the kernel has to say; true: there is more. */
bool file_tree_pump(file_tree_t *tree);

/*
 * file_tree_check looks whether the folder is there and still the one that is watched; if it is
 * another one, or back, all files are due. Returns whether it is there.
 */
bool file_tree_check(file_tree_t *tree);

/* file_tree_restart makes all files due, those being written too: after events were lost, or for
 * a reader who knows nothing. */
void file_tree_restart(file_tree_t *tree);

/* file_tree_next takes the file that has been due for longest, or gives NULL. */
tree_file_t *file_tree_next(file_tree_t *tree);

/* file_tree_put_back makes a file due (again). */
void file_tree_put_back(file_tree_t *tree, tree_file_t *file);

/* file_tree_settled says whether nothing happened to the file since it was taken. */
bool file_tree_settled(const tree_file_t *file);

/* file_tree_forget drops a file that is gone. */
void file_tree_forget(file_tree_t *tree, tree_file_t *file);

/* file_tree_due and file_tree_count count the files that are due, and all. */
size_t file_tree_due(const file_tree_t *tree);
size_t file_tree_count(const file_tree_t *tree);

/* file_tree_path writes the whole path of a file into `buf`; false: it does not fit. */
bool file_tree_path(const file_tree_t *tree, const tree_file_t *file, char *buf, size_t size);

#endif
