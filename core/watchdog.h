/*
 * watchdog.h: a thread that looks whether the workers' handlers return. It reads what each
 * dispatcher says it runs, and touches nothing. Private to core/.
 */
#ifndef CORE_WATCHDOG_H
#define CORE_WATCHDOG_H

#include "core/dispatcher.h"
#include "core/registry.h"

typedef struct watchdog watchdog_t;

/* watchdog_start watches `count` dispatchers; a handler that runs for longer than `limit_ms` is
 * reported once, by name, and once more when it has returned. */
watchdog_t *watchdog_start(dispatcher_t *const *dispatchers, uint32_t count, uint32_t limit_ms,
                           registry_t *registry, const msg_catalogue_t *catalogue);

/* watchdog_stop ends the thread and frees the watchdog; NULL is allowed. */
void watchdog_stop(watchdog_t *watchdog);

/* watchdog_stuck tells how many workers are stuck now. Any thread; NULL gives 0. */
uint32_t watchdog_stuck(const watchdog_t *watchdog);

/* watchdog_stalls tells the same of one worker. Any thread; of NULL all is 0. */
stall_stats_t watchdog_stalls(const watchdog_t *watchdog, uint32_t worker);

#endif
