/* signals.c: see signals.h. */
#include "main/signals.h"

#include <signal.h>
#include <unistd.h>

_Static_assert(SIGNAL_STOP == SIGTERM, "the number of SIGTERM");

static sigset_t ending(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

void signals_block(void)
{
    sigset_t set = ending();
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int signals_wait(void)
{
    sigset_t set = ending();
    int number = 0;
    while (sigwait(&set, &number) != 0)
        continue;
    return number;
}

static void end_at_once(int number)
{
    (void)number;
    _exit(1);
}

void signals_end_at_once(void)
{
    sigset_t set = ending();
    signal(SIGTERM, end_at_once);
    signal(SIGINT, end_at_once);
    sigprocmask(SIG_UNBLOCK, &set, NULL); /* on Linux: of this thread */
}
