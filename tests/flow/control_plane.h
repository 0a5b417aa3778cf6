/*
 * control_plane.h: the control actors on a real runtime, from a real folder to snapshots, with
 * stand-ins for the workers' routers and, unless real ones are asked for, listeners: then it opens
 * no port.
 */
#ifndef TESTS_FLOW_CONTROL_PLANE_H
#define TESTS_FLOW_CONTROL_PLANE_H

#include "core/runtime.h"
#include "xds/snapshot.h"

typedef struct control_plane control_plane_t;

/* What is special about one; zeroed: nothing. */
typedef struct control_plane_options {
    uint16_t taken;      /* the stand-ins for listeners say that somebody else has that port */
    bool real_listeners; /* on 127.0.0.1 */
    uint16_t traffic;    /* with those: the port that is always open */
} control_plane_options_t;

/* control_plane_start starts one on a folder. */
control_plane_t *control_plane_start(const char *folder, uint32_t workers,
                                     const control_plane_options_t *options);

/* control_plane_stop stops and frees it; the exit code is checked to be 0. */
void control_plane_stop(control_plane_t *plane);

/* control_plane_snapshot gives what the workers run now, with a reference, or NULL. */
const snapshot_t *control_plane_snapshot(control_plane_t *plane);

/* control_plane_status gives the JSON of all objects; the caller frees it. */
char *control_plane_status(control_plane_t *plane);

/* control_plane_wait waits until a GET of that path on the listener `tcp/PORT` goes to a route of
 * that name ("": to none); false: it took longer than ten seconds. */
bool control_plane_wait(control_plane_t *plane, const char *listener, const char *path,
                        const char *route);

/* control_plane_restart lets an actor of a worker begin anew, with nothing of what it knew. */
void control_plane_restart(control_plane_t *plane, uint32_t worker, const char *actor,
                           const actor_class_t *class);

#endif
