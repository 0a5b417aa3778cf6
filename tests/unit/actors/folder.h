/*
 * folder.h: a temporary folder for tests that watch one: files are written, moved and removed in
 * it the way tools do.
 */
#ifndef TESTS_UNIT_ACTORS_FOLDER_H
#define TESTS_UNIT_ACTORS_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

typedef struct folder_fixture {
    char path[64];
} folder_fixture_t;

/* folder_make makes an empty folder; folder_remove removes it with all that is in it. */
folder_fixture_t folder_make(void);
void folder_remove(const folder_fixture_t *folder);

/* folder_write writes a whole file in place; folder_put writes it elsewhere and moves it in. */
void folder_write(const folder_fixture_t *folder, const char *name, const char *text);
void folder_put(const folder_fixture_t *folder, const char *name, const char *text);

/* folder_open leaves a file open that is being written; fclose ends that. */
FILE *folder_open(const folder_fixture_t *folder, const char *name);

void folder_delete(const folder_fixture_t *folder, const char *name);
void folder_rename(const folder_fixture_t *folder, const char *from, const char *to);
void folder_link(const folder_fixture_t *folder, const char *target, const char *name);
void folder_subfolder(const folder_fixture_t *folder, const char *name);

#endif
