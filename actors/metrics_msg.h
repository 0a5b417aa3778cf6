/*
 * metrics_msg.h: the protocol of the metrics actor, on the control worker, and the one message
 * that every actor with counters of its own answers.
 */
#ifndef ACTORS_METRICS_MSG_H
#define ACTORS_METRICS_MSG_H

#include "core/core_msg.h"
#include "metrics/metric_set.h"

/* The text of a scrape. */
typedef struct exposition {
    char *text;
    size_t len;
    bool partial; /* a worker did not answer in time */
} exposition_t;
void exposition_free(exposition_t *exposition);

/* metric_set_t as a message body. */
void metric_set_release(metric_set_t *set);

#define METRICS_MESSAGES(X)                                                                        \
    X(METRICS_COLLECT, msg_none_t, msg_none_free,                                                  \
      "metrics -> any actor with counters: answer METRICS_PART")                                   \
    X(METRICS_PART, metric_set_t, metric_set_release, "actor -> metrics: a copy of its counters")  \
    X(SCRAPE, msg_none_t, msg_none_free,                                                           \
      "admin -> metrics: all of the data plane's metrics; answer EXPOSITION")                      \
    X(SCRAPE_CONTROL, msg_none_t, msg_none_free,                                                   \
      "admin -> metrics: all of the control plane's metrics; answer EXPOSITION")                   \
    X(EXPOSITION, exposition_t, exposition_free, "metrics -> admin: the text")

MSG_DECLARE(metrics, 15, METRICS_MESSAGES)

#endif
