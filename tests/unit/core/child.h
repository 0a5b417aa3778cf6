/*
 * child.h: runs a function in a child process, for tests of what ends the process.
 */
#ifndef TESTS_UNIT_CORE_CHILD_H
#define TESTS_UNIT_CORE_CHILD_H

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * child_run gives the wait status of a child that calls `body` and then exits with 0. What it
 * writes to standard error goes to `text` (NUL-terminated).
 */
static inline int child_run(void (*body)(void), char *text, size_t size)
{
    int ends[2], status = -1;
    if (pipe(ends) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while (len + 1 < size && (got = read(ends[0], text + len, size - len - 1)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(ends[0]);
    waitpid(pid, &status, 0);
    return status;
}

#endif
