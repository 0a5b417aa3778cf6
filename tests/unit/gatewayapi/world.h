/*
 * world.h: for the tests of gatewayapi: a store and a translator that are fed with YAML text, and
 * everything that they say as text that a person can check against the Gateway API.
 */
#ifndef TESTS_UNIT_GATEWAYAPI_WORLD_H
#define TESTS_UNIT_GATEWAYAPI_WORLD_H

#include "core/strbuf.h"
#include "gatewayapi/manifest.h"
#include "gatewayapi/translator.h"

typedef struct world {
    store_t *store;
    translator_t *translator;
    xds_update_t update;    /* of the last run */
    status_update_t status; /* of the last run */
} world_t;

/* world_open makes an empty world with loopback endpoints allowed. */
void world_open(world_t *world);

/* world_open_with is world_open with options. */
void world_open_with(world_t *world, const translator_options_t *options);

/* world_close frees it. */
void world_close(world_t *world);

/* world_put gives a source the objects of a YAML text; a problem in it fails the test. */
void world_put(world_t *world, const char *source, const char *yaml);

/* world_run lets the translator run; update and status are those of this run alone. */
void world_run(world_t *world);

/* world_apply is world_put and world_run. */
void world_apply(world_t *world, const char *source, const char *yaml);

/* world_resource borrows a resource, or gives NULL. */
const xds_resource_t *world_resource(const world_t *world, xds_type_t type, const char *name);

/* world_has says whether the last update changed a resource. */
bool world_changed(const world_t *world, xds_type_t type, const char *name);

/* world_removed says whether the last update removed it. */
bool world_removed(const world_t *world, xds_type_t type, const char *name);

/* world_says asserts that a text stands in what the last update and statuses say (world_print). */
void world_says(const world_t *world, const char *text);

/* world_print appends the resources and statuses of the last run. */
void world_print(const world_t *world, strbuf_t *out);

/* resource_print appends one resource as a line, a virtual host with a line per route. */
void resource_print(const xds_resource_t *resource, strbuf_t *out);

#endif
