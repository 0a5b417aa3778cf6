/*
 * mem.h: heap memory. Running out of it ends the process (STYLE.md, rule 12), so no caller
 * checks for NULL. Sizes that come from the network are bounded before they get here.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stddef.h>

/* xmalloc gives `size` bytes, not cleared; the caller frees them with free(). */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1)));

/* xcalloc gives room for `count` objects of `size` bytes, cleared. Overflow ends the process. */
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* xrealloc resizes; `old` may be NULL. The old pointer must not be used afterwards. */
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));

/* xstrdup copies a C string; the caller frees it. */
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));

/* xstrndup copies `len` bytes (`base` may be NULL when there are none) and adds a NUL; the caller
 * frees the copy. */
char *xstrndup(const char *base, size_t len) __attribute__((malloc, returns_nonnull));

#endif
