#include "tests/unit/actors/folder.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/check.h"

typedef struct path {
    char text[256];
} path_t;

static path_t path_of(const folder_fixture_t *folder, const char *name)
{
    path_t path;
    snprintf(path.text, sizeof(path.text), "%s/%s", folder->path, name);
    return path;
}

folder_fixture_t folder_make(void)
{
    folder_fixture_t folder = {"/tmp/nantian-folder-XXXXXX"};
    GW_ASSERT(mkdtemp(folder.path) != NULL);
    return folder;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

void folder_remove(const folder_fixture_t *folder)
{
    nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

FILE *folder_open(const folder_fixture_t *folder, const char *name)
{
    FILE *file = fopen(path_of(folder, name).text, "we");
    GW_ASSERT(file != NULL);
    return file;
}

void folder_write(const folder_fixture_t *folder, const char *name, const char *text)
{
    FILE *file = folder_open(folder, name);
    fputs(text, file);
    fclose(file);
}

void folder_put(const folder_fixture_t *folder, const char *name, const char *text)
{
    folder_write(folder, ".being-written", text);
    folder_rename(folder, ".being-written", name);
}

void folder_delete(const folder_fixture_t *folder, const char *name)
{
    GW_ASSERT(remove(path_of(folder, name).text) == 0);
}

void folder_rename(const folder_fixture_t *folder, const char *from, const char *to)
{
    GW_ASSERT(rename(path_of(folder, from).text, path_of(folder, to).text) == 0);
}

void folder_link(const folder_fixture_t *folder, const char *target, const char *name)
{
    GW_ASSERT(symlink(target, path_of(folder, name).text) == 0);
}

void folder_subfolder(const folder_fixture_t *folder, const char *name)
{
    GW_ASSERT(mkdir(path_of(folder, name).text, 0700) == 0);
}
