/*
 * world.h: a builder with one listener "l" whose routes are "rc", and short ways to change it and
 * to ask it: what tests of routes start from.
 */
#ifndef TESTS_UNIT_XDS_WORLD_H
#define TESTS_UNIT_XDS_WORLD_H

#include "tests/unit/xds/make.h"

typedef struct world {
    arena_t arena; /* of the messages that a test makes */
    snapshot_builder_t *builder;
    const snapshot_t *snapshot; /* the last one; held */
    xds_rejects_t rejects;      /* of the last update */
    xds_update_t update;        /* the next one */
} world_t;

/* world_new and world_free are cmocka's setup and teardown; *state is the world. */
int world_new(void **state);
int world_free(void **state);

/* WORLD_TEST is cmocka_unit_test for a test that gets a world. */
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_new, world_free)

/* world_apply applies world->update and empties it. */
void world_apply(world_t *world);

/* world_try applies one virtual host of "rc". */
void world_try(world_t *world, const vhost_message_t *vhost);

/* world_try_route applies one virtual host "v" for "*" that has this route only. */
void world_try_route(world_t *world, route_message_t *route);

/* world_route gives the first route of the virtual host "v". */
const route_t *world_route(const world_t *world);

/* world_match gives the route for GET http://HOST/PATH, or NULL. */
const route_t *world_match(const world_t *world, const char *host, const char *path);

/* world_goes_to gives the name of the cluster that the route for a request has, or "none". */
const char *world_goes_to(const world_t *world, const char *host, const char *path);

/* The field and the reason of the only reject, or "" for none. */
const char *world_reject_field(const world_t *world);
const char *world_reject_reason(const world_t *world);

#endif
