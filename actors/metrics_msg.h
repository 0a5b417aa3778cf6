/*
 * metrics_msg.h: the protocol of the metrics actor, on the control worker, and the one message
 * that every actor with counters of its own answers.
 */
#ifndef ACTORS_METRICS_MSG_H
#define ACTORS_METRICS_MSG_H

#include "core/core_msg.h"
#include "metrics/metric_set.h"

/* All that was counted, and the plane whose page shows it. To be printed in parts: 5,000 routes are
 * some megabytes here and ten times as much as text. */
typedef struct exposition {
    metric_set_t *set;
    unsigned planes;
} exposition_t;
void exposition_free(exposition_t *exposition);

/* metric_set_t as a message body. */
void metric_set_release(metric_set_t *set);

#define METRICS_MESSAGES(X)                                                                        \
    X(METRICS_COLLECT, msg_none_t, msg_none_free,                                                  \
      "metrics -> any actor with counters: answer METRICS_PART")                                   \
    X(METRICS_PART, metric_set_t, metric_set_release, "actor -> metrics: a copy of its counters")  \
    X(METRICS_MORE, msg_none_t, msg_none_free, "an actor -> itself: go on copying")                \
    X(SCRAPE, msg_none_t, msg_none_free,                                                           \
      "admin -> metrics: all of the data plane's metrics; answer EXPOSITION")                      \
    X(SCRAPE_CONTROL, msg_none_t, msg_none_free,                                                   \
      "admin -> metrics: all of the control plane's metrics; answer EXPOSITION")                   \
    X(EXPOSITION, exposition_t, exposition_free, "metrics -> admin: print this")

MSG_DECLARE(metrics, 15, METRICS_MESSAGES)

#endif
