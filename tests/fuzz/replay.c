/*
 * replay.c: runs a fuzz target over files instead of under a fuzzer, so that every finding of
 * the past stays a test in every build, whatever the compiler.
 *
 *   TARGET DIRECTORY|FILE ...
 *
 * Each file goes through the target once, in a buffer of exactly its size, so that ASAN sees a
 * read beyond it. A target reports a failure by crashing; the name of the file stands on
 * standard error before it runs. A corpus without any file is an error: it would prove nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* read_file gives the content, which the caller frees, or NULL. */
static uint8_t *read_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    uint8_t *data = xmalloc(size ? size : 1);
    size_t got = fread(data, 1, size, file);
    fclose(file);
    if (got == size)
        return data;
    free(data);
    return NULL;
}

static int replay_file(const char *path, size_t size)
{
    uint8_t *data = read_file(path, size);
    if (!data) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        return -1;
    }
    fprintf(stderr, "replay: %s\n", path);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int replay_path(const char *path);

/* replay_directory gives the number of files that ran, or -1. */
static int replay_directory(const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort), ran = 0;
    for (int i = 0; i < count; i++) {
        char child[4096];
        int len = snprintf(child, sizeof(child), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && ran >= 0) {
            int result = len < (int)sizeof(child) ? replay_path(child) : -1;
            ran = result < 0 ? -1 : ran + result;
        }
        free(entries[i]);
    }
    free(entries);
    return count < 0 ? -1 : ran;
}

static int replay_path(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return -1;
    }
    return S_ISDIR(info.st_mode) ? replay_directory(path) : replay_file(path, (size_t)info.st_size);
}

int main(int argc, char **argv)
{
    int ran = 0;
    for (int i = 1; i < argc; i++) {
        int result = replay_path(argv[i]);
        if (result < 0)
            return 1;
        ran += result;
    }
    printf("replay: %d inputs\n", ran);
    return ran > 0 ? 0 : 1;
}
