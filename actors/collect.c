#include "actors/collect.h"

/* The worker looks at its sockets before the next step; that is what the pause is for. */
static const uint64_t PAUSE_NS = 1000000;

static void step(collect_t *collect, actor_t *me)
{
    if (!metric_copy_step(collect->copy)) {
        actor_timer_start(me, PAUSE_NS, MSG_METRICS_MORE, NULL);
        return;
    }
    metric_set_t *part = metric_copy_end(collect->copy, actor_now(me));
    collect->copy = NULL;
    reply_METRICS_PART(me, collect->owed, &part);
}

void collect_begin(collect_t *collect, actor_t *me, metric_set_t *set)
{
    bool waits = collect->copy != NULL; /* METRICS_MORE is on its way */
    if (waits) {                        /* from a round that was given up */
        metric_copy_free(collect->copy);
        actor_fail(me, collect->owed, GW_ECANCELED);
    }
    collect->copy = metric_copy_begin(set);
    collect->owed = actor_keep(me, NULL);
    if (!waits)
        step(collect, me);
}

void collect_more(collect_t *collect, actor_t *me)
{
    if (collect->copy)
        step(collect, me);
}

void collect_fini(collect_t *collect)
{
    metric_copy_free(collect->copy);
    collect->copy = NULL;
}
