/* file_watch_tree.c: see file_watch_tree.h. */
#include "actors/file_watch_tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/mem.h"

/* A folder that is watched; its path is empty for the root. */
typedef struct folder {
    UT_hash_handle hh;
    int number;
    char path[];
} folder_t;

struct file_tree {
    actor_t *me;
    folder_watch_t *watch;
    folder_t *folders;  /* by number */
    tree_file_t *files; /* by path */
    list_t due;
    size_t due_count;
    bool present;  /* the root is there and watched */
    bool overflow; /* everything is to be looked at anew */
    bool full;     /* the limit of files was logged */
    dev_t device;  /* of the root that is watched */
    ino_t inode;
    char root[];
};

static bool is_hidden(slice_t name)
{
    return name.len == 0 || name.base[0] == '.';
}

static bool is_manifest(slice_t name)
{
    return !is_hidden(name) &&
           (slice_ends_with(name, SLICE(".yaml")) || slice_ends_with(name, SLICE(".yml")) ||
            slice_ends_with(name, SLICE(".json")));
}

/* join writes "folder/name", or the name alone in the root. */
static bool join(char *buf, size_t size, const char *folder, slice_t name)
{
    int len = snprintf(buf, size, "%s%s%.*s", folder, folder[0] ? "/" : "", SLICE_ARG(name));
    return len > 0 && (size_t)len < size;
}

static bool whole_path(const file_tree_t *tree, const char *path, char *buf, size_t size)
{
    int len = snprintf(buf, size, "%s%s%s", tree->root, path[0] ? "/" : "", path);
    return len > 0 && (size_t)len < size;
}

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || len == 0);
}

/* --- files --- */

void file_tree_put_back(file_tree_t *tree, tree_file_t *file)
{
    if (!list_empty(&file->due))
        return;
    file->seen_ns = actor_now(tree->me);
    list_append(&tree->due, &file->due);
    tree->due_count++;
}

static void take_off(file_tree_t *tree, tree_file_t *file)
{
    if (list_empty(&file->due))
        return;
    list_remove(&file->due);
    tree->due_count--;
}

tree_file_t *file_tree_next(file_tree_t *tree)
{
    tree_file_t *file = LIST_FIRST(&tree->due, tree_file_t, due);
    if (file)
        take_off(tree, file);
    return file;
}

bool file_tree_settled(const tree_file_t *file)
{
    return !file->writing && list_empty(&file->due);
}

void file_tree_forget(file_tree_t *tree, tree_file_t *file)
{
    take_off(tree, file);
    HASH_DEL(tree->files, file);
    free(file);
}

static tree_file_t *find_file(const file_tree_t *tree, const char *path)
{
    tree_file_t *file = NULL;
    HASH_FIND_STR(tree->files, path, file);
    return file;
}

static tree_file_t *file_for(file_tree_t *tree, const char *path)
{
    tree_file_t *file = find_file(tree, path);
    if (file)
        return file;
    if (HASH_COUNT(tree->files) >= TREE_FILES_MAX) {
        if (!tree->full)
            log_error(file_watch, "FOLDER-TOO-MANY-FILES", "further files are not read",
                      log_u64("limit", TREE_FILES_MAX), log_text("first", path));
        tree->full = true;
        return NULL;
    }
    size_t len = strlen(path);
    file = xcalloc(1, sizeof(*file) + len + 1);
    memcpy(file->path, path, len);
    list_init(&file->due);
    HASH_ADD_STR(tree->files, path, file);
    return file;
}

static void make_due(file_tree_t *tree, const char *path)
{
    tree_file_t *file = file_for(tree, path);
    if (!file)
        return;
    file->writing = false;
    file_tree_put_back(tree, file);
}

/* Whoever writes now will close the file later; what was due before is not whole any more. */
static void hold_off(file_tree_t *tree, const char *path)
{
    tree_file_t *file = file_for(tree, path);
    if (!file)
        return;
    file->writing = true;
    take_off(tree, file);
}

/* A link is whole when it appears, and so is a further name of a file; a new file is still open. */
static void created(file_tree_t *tree, const char *path)
{
    char whole[PATH_MAX];
    struct stat status;
    if (!whole_path(tree, path, whole, sizeof(whole)) || lstat(whole, &status) < 0)
        return;
    if (S_ISLNK(status.st_mode) || (S_ISREG(status.st_mode) && status.st_nlink > 1))
        make_due(tree, path);
    else if (S_ISREG(status.st_mode))
        hold_off(tree, path);
}

/* --- folders --- */

static folder_t *find_folder(const file_tree_t *tree, int number)
{
    folder_t *folder = NULL;
    HASH_FIND_INT(tree->folders, &number, folder);
    return folder;
}

static void drop_folder(file_tree_t *tree, folder_t *folder)
{
    HASH_DEL(tree->folders, folder);
    free(folder);
}

static void remember_folder(file_tree_t *tree, int number, const char *path)
{
    folder_t *folder = find_folder(tree, number);
    if (folder)
        drop_folder(tree, folder);
    size_t len = strlen(path);
    folder = xcalloc(1, sizeof(*folder) + len + 1);
    folder->number = number;
    memcpy(folder->path, path, len);
    HASH_ADD_INT(tree->folders, number, folder);
}

static unsigned depth_of(const char *path)
{
    unsigned depth = path[0] != '\0';
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static void add_folder(file_tree_t *tree, const char *path);

static void found(file_tree_t *tree, const char *folder, const struct dirent *entry)
{
    slice_t name = slice_of(entry->d_name);
    char path[PATH_MAX], whole[PATH_MAX];
    struct stat status;
    bool is_folder = entry->d_type == DT_DIR;
    if (is_hidden(name) || !join(path, sizeof(path), folder, name))
        return;
    if (entry->d_type == DT_UNKNOWN && whole_path(tree, path, whole, sizeof(whole)) &&
        lstat(whole, &status) == 0)
        is_folder = S_ISDIR(status.st_mode);
    if (is_folder)
        add_folder(tree, path);
    else if (is_manifest(name))
        make_due(tree, path);
}

static int look_into(file_tree_t *tree, const char *path)
{
    char whole[PATH_MAX];
    if (!whole_path(tree, path, whole, sizeof(whole)))
        return -ENAMETOOLONG;
    DIR *folder = opendir(whole);
    if (!folder)
        return -errno;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        found(tree, path, entry);
    closedir(folder);
    return 0;
}

/* The watch comes before the look, so that nothing falls between the two. */
static int watch_folder(file_tree_t *tree, const char *path)
{
    char whole[PATH_MAX];
    if (!whole_path(tree, path, whole, sizeof(whole)))
        return -ENAMETOOLONG;
    if (depth_of(path) > TREE_DEPTH_MAX || HASH_COUNT(tree->folders) >= TREE_FOLDERS_MAX)
        return -EMLINK;
    int number = folder_watch_add(tree->watch, whole);
    if (number < 0)
        return number;
    remember_folder(tree, number, path);
    return look_into(tree, path);
}

static void add_folder(file_tree_t *tree, const char *path)
{
    int rc = watch_folder(tree, path);
    if (rc < 0 && rc != -ENOENT && rc != -ENOTDIR)
        log_error(file_watch, "FOLDER-NOT-WATCHED", "a folder cannot be watched or read",
                  log_text("folder", path), log_errno("reason", -rc));
}

/* Everything at and below a path is gone, or not where it was. */
static void remove_folder(file_tree_t *tree, const char *path)
{
    folder_t *folder, *next_folder;
    tree_file_t *file, *next_file;
    HASH_ITER (hh, tree->folders, folder, next_folder) {
        if (strcmp(folder->path, path) != 0 && !is_below(folder->path, path))
            continue;
        folder_watch_remove(tree->watch, folder->number);
        drop_folder(tree, folder);
    }
    HASH_ITER (hh, tree->files, file, next_file) {
        if (is_below(file->path, path))
            make_due(tree, file->path);
    }
}

/* The files that stand in a folder itself are due, whether they are still there or not. */
static void look_again(file_tree_t *tree, const char *path)
{
    size_t skip = path[0] ? strlen(path) + 1 : 0;
    tree_file_t *file, *next;
    HASH_ITER (hh, tree->files, file, next) {
        if (is_below(file->path, path) && !strchr(file->path + skip, '/') && !file->writing)
            file_tree_put_back(tree, file);
    }
    look_into(tree, path);
}

/* --- events --- */

static void folder_event(file_tree_t *tree, const char *path, folder_event_kind_t kind)
{
    if (kind == FOLDER_EVENT_CREATED || kind == FOLDER_EVENT_MOVED_IN)
        add_folder(tree, path);
    else if (kind == FOLDER_EVENT_GONE)
        remove_folder(tree, path);
}

static void file_event(file_tree_t *tree, const char *path, folder_event_kind_t kind)
{
    if (kind == FOLDER_EVENT_CREATED)
        created(tree, path);
    else if (kind == FOLDER_EVENT_WRITTEN)
        hold_off(tree, path);
    else if (kind == FOLDER_EVENT_GONE && !find_file(tree, path))
        return;
    else
        make_due(tree, path);
}

static void lost(file_tree_t *tree, folder_t *folder)
{
    if (folder->path[0] == '\0')
        tree->present = false;
    folder_watch_remove(tree->watch, folder->number);
    drop_folder(tree, folder);
}

static bool is_swap(const folder_event_t *e)
{
    return slice_eq(e->name, SLICE("..data")) &&
           (e->kind == FOLDER_EVENT_CREATED || e->kind == FOLDER_EVENT_MOVED_IN);
}

static void on_event(void *context, const folder_event_t *e)
{
    file_tree_t *tree = context;
    char path[PATH_MAX];
    folder_t *folder = find_folder(tree, e->folder);
    if (e->kind == FOLDER_EVENT_OVERFLOW)
        tree->overflow = true;
    if (!folder)
        return;
    if (e->kind == FOLDER_EVENT_LOST)
        lost(tree, folder);
    else if (is_swap(e))
        look_again(tree, folder->path);
    else if (is_hidden(e->name) || !join(path, sizeof(path), folder->path, e->name))
        return;
    else if (e->is_folder)
        folder_event(tree, path, e->kind);
    else if (is_manifest(e->name))
        file_event(tree, path, e->kind);
}

bool file_tree_pump(file_tree_t *tree)
{
    bool more = folder_watch_read(tree->watch, on_event, tree);
    if (tree->overflow)
        file_tree_restart(tree);
    return more;
}

/* --- the root --- */

static void drop_folders(file_tree_t *tree)
{
    folder_t *folder, *next;
    HASH_ITER (hh, tree->folders, folder, next) {
        folder_watch_remove(tree->watch, folder->number);
        drop_folder(tree, folder);
    }
}

void file_tree_restart(file_tree_t *tree)
{
    struct stat status;
    tree_file_t *file, *next;
    tree->overflow = false;
    drop_folders(tree);
    tree->present = stat(tree->root, &status) == 0 && S_ISDIR(status.st_mode);
    if (!tree->present)
        return;
    tree->device = status.st_dev;
    tree->inode = status.st_ino;
    HASH_ITER (hh, tree->files, file, next) {
        file->writing = false;
        file_tree_put_back(tree, file);
    }
    add_folder(tree, "");
    tree->present = HASH_COUNT(tree->folders) > 0;
}

bool file_tree_check(file_tree_t *tree)
{
    struct stat status;
    bool there = stat(tree->root, &status) == 0 && S_ISDIR(status.st_mode);
    if (!there)
        tree->present = false;
    else if (!tree->present || status.st_dev != tree->device || status.st_ino != tree->inode)
        file_tree_restart(tree);
    return tree->present;
}

int file_tree_open(actor_t *me, const char *root, void (*readable)(void *owner), void *owner,
                   file_tree_t **ret)
{
    size_t len = strlen(root);
    file_tree_t *tree = xcalloc(1, sizeof(*tree) + len + 1);
    memcpy(tree->root, root, len);
    tree->me = me;
    list_init(&tree->due);
    int rc = folder_watch_open(me, readable, owner, &tree->watch);
    if (rc < 0) {
        free(tree);
        return rc;
    }
    file_tree_restart(tree);
    *ret = tree;
    return 0;
}

void file_tree_close(file_tree_t *tree)
{
    tree_file_t *file, *next;
    if (!tree)
        return;
    drop_folders(tree);
    HASH_ITER (hh, tree->files, file, next)
        file_tree_forget(tree, file);
    folder_watch_close(tree->watch);
    free(tree);
}

size_t file_tree_due(const file_tree_t *tree)
{
    return tree->due_count;
}

size_t file_tree_count(const file_tree_t *tree)
{
    return HASH_COUNT(tree->files);
}

bool file_tree_path(const file_tree_t *tree, const tree_file_t *file, char *buf, size_t size)
{
    return whole_path(tree, file->path, buf, size);
}
