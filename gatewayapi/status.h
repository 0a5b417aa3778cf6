/*
 * status.h: what the gateway says of an object: its conditions, a Gateway's listeners and a
 * route's parents, with the types, reasons and meanings of the Gateway API. A status is immutable
 * and reference-counted; any thread may read it.
 *
 * Programmed is true here when there is a configuration for it. Whether data planes have applied
 * that is known elsewhere, and whoever knows it may lower Programmed on the way out.
 */
#ifndef GATEWAYAPI_STATUS_H
#define GATEWAYAPI_STATUS_H

#include "core/strbuf.h"
#include "gatewayapi/object.h"

#define GATEWAY_CONTROLLER "gateway.networking.k8s.io/nantian-gw"

typedef struct condition {
    const char *type;   /* "Accepted"; static */
    bool met;           /* status True or False */
    const char *reason; /* static */
    slice_t message;
} condition_t;

enum { CONDITIONS_MAX = 4 };

typedef struct conditions {
    condition_t at[CONDITIONS_MAX];
    size_t count;
} conditions_t;

typedef struct listener_status {
    slice_t name;
    uint32_t attached_routes;
    const route_kind_t *kinds; /* supportedKinds */
    size_t kind_count;
    conditions_t conditions;
} listener_status_t;

typedef struct parent_status {
    const parent_ref_t *ref; /* as the route has it */
    conditions_t conditions;
} parent_status_t;

typedef struct object_status {
    ref_count_t ref;         /* private */
    const object_t *object;  /* whose status it is, held by it; its generation is observed */
    conditions_t conditions; /* of the object itself; a route has none */
    const listener_status_t *listeners;
    size_t listener_count;
    const parent_status_t *parents;
    size_t parent_count;
} object_status_t;

/* What changed between two runs of the translator. A zeroed one is empty. Members may be read. */
typedef struct status_update {
    object_status_t **changed; /* each with a reference of the update's */
    size_t changed_count;
    object_t **removed; /* objects that have no status any more: gone, or no longer ours */
    size_t removed_count;
    struct {
        size_t changed_room, removed_room;
    } priv;
} status_update_t;

/* conditions_add appends; `type` and `reason` are static, `message` is borrowed. */
void conditions_add(conditions_t *conditions, const char *type, bool met, const char *reason,
                    slice_t message);

/*
 * status_new copies a draft (whose parts may stand on the stack or in an arena) into one block of
 * memory with one reference, the caller's. It holds draft->object.
 */
object_status_t *status_new(const object_status_t *draft);

/* status_ref adds a reference and gives the same status. */
object_status_t *status_ref(const object_status_t *status);

/* status_unref gives a reference back; the last one frees it. NULL is fine. */
void status_unref(const object_status_t *status);

/* status_equal says whether both say the same, generation included; NULL equals only NULL. */
bool status_equal(const object_status_t *a, const object_status_t *b);

/* status_print appends lines for people: the object, its conditions, listeners and parents. */
void status_print(const object_status_t *status, strbuf_t *out);

/*
 * status_add_json appends a JSON object: kind, namespace, name, observedGeneration, conditions,
 * listeners, parents; what does not apply is left out.
 */
void status_add_json(const object_status_t *status, strbuf_t *out);

/* status_update_change adds a status and takes a reference of its own. */
void status_update_change(status_update_t *update, const object_status_t *status);

/* status_update_remove adds an object that has no status any more; it is held. */
void status_update_remove(status_update_t *update, const object_t *object);

/* status_update_sort orders both lists by kind, namespace and name. */
void status_update_sort(status_update_t *update);

/* status_update_fini gives everything back; the update is empty and usable afterwards. */
void status_update_fini(status_update_t *update);

#endif
