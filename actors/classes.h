/*
 * classes.h: the classes of all actors and the catalogues of their messages, for whoever puts a
 * process together (main, tests). No actor includes another's.
 */
#ifndef ACTORS_CLASSES_H
#define ACTORS_CLASSES_H

#include "core/actor.h"

/* Data plane, one on each worker; upstream: one for each cluster in use there. */
extern const actor_class_t listener_class, connection_class, router_class, upstream_class;

/* Data plane, on the control worker. */
extern const actor_class_t snapshot_class, metrics_class, access_log_class, admin_class;

/* Control plane. */
extern const actor_class_t file_watch_class, store_class, translator_class;

/* A stand-in for `upstream` that answers by itself; registered in debug builds. */
extern const actor_class_t probe_class;

#endif
