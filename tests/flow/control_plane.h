/*
 * control_plane.h: the control actors on a real runtime, from a real folder to snapshots, with
 * stand-ins for the workers' routers and listeners. It opens no port.
 */
#ifndef TESTS_FLOW_CONTROL_PLANE_H
#define TESTS_FLOW_CONTROL_PLANE_H

#include "core/runtime.h"
#include "xds/snapshot.h"

typedef struct control_plane control_plane_t;

/* control_plane_start starts one on a folder. The listeners say that `taken` (0: none) is a port
 * of somebody else. */
control_plane_t *control_plane_start(const char *folder, uint32_t workers, uint16_t taken);

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

/* control_plane_restart lets a control actor begin anew, with nothing of what it knew. */
void control_plane_restart(control_plane_t *plane, const char *actor, const actor_class_t *class);

#endif
