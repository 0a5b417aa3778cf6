/*
 * signals.h: SIGTERM and SIGINT, which end the process in order, and a second one, which ends it
 * at once. Main thread only.
 */
#ifndef MAIN_SIGNALS_H
#define MAIN_SIGNALS_H

enum { SIGNAL_STOP = 15 }; /* SIGTERM */

/* signals_block keeps them from everybody until signals_wait; threads that start afterwards
 * inherit that. SIGPIPE is ignored from now on. */
void signals_block(void);

/* signals_wait blocks until one comes and gives its number. */
int signals_wait(void);

/* signals_end_at_once lets the next one end the process with exit code 1. */
void signals_end_at_once(void);

#endif
