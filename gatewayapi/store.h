/*
 * store.h: the objects that are known now, each from a source (a file). A source is replaced as a
 * whole. If two sources have the same object (kind, namespace and name), that of the source whose
 * name sorts first counts; when it goes, the other takes its place.
 *
 * The store keeps the indexes that translation needs and a list of what changed since somebody
 * last said store_changes_done. It holds references to its objects. One owner, no I/O, no clock.
 */
#ifndef GATEWAYAPI_STORE_H
#define GATEWAYAPI_STORE_H

#include "gatewayapi/manifest.h"

typedef struct store store_t;

/* Questions that indexes answer. A key is made of a namespace (which may be empty) and a name. */
typedef enum store_index {
    STORE_GATEWAYS_BY_CLASS,   /* "", class */
    STORE_ROUTES_BY_GATEWAY,   /* namespace and name that a parentRef has */
    STORE_ROUTES_BY_SERVICE,   /* namespace and name that a backendRef has */
    STORE_ROUTES_BY_NAMESPACE, /* "", the route's namespace */
    STORE_SLICES_BY_SERVICE,   /* namespace, service */
    STORE_GRANTS_BY_NAMESPACE, /* "", the grant's namespace */
    STORE_INDEX_COUNT
} store_index_t;

/* Objects in no order. Valid until the store changes. */
typedef struct store_list {
    object_t *const *at;
    size_t count;
} store_list_t;

/* What became of one object. At least one of the two is set. */
typedef struct store_change {
    const object_t *before; /* NULL: it is new */
    const object_t *after;  /* NULL: it is gone */
} store_change_t;

store_t *store_new(void);

/* store_free gives all references back; NULL is fine. */
void store_free(store_t *store);

/*
 * store_replace_source makes `objects` all that `source` has. The store adds references of its
 * own; the array and the caller's references stay the caller's. Each object stands once in the
 * array, and its `source` is `source`. An object equal to the one it replaces is no change. Objects
 * that another source has too are reported to `problems` (NULL: nobody listens), at the file and
 * line of the one that does not count.
 */
void store_replace_source(store_t *store, slice_t source, object_t *const *objects, size_t count,
                          problems_t *problems);

/*
 * store_apply_manifest is store_replace_source with what manifest_parse made of the source's text
 * (and returned 0 for). An object that the manifest refused and that the source had before stays as
 * it was, as an API server that refuses a change keeps the old object.
 */
void store_apply_manifest(store_t *store, slice_t source, const manifest_t *manifest,
                          problems_t *problems);

/* store_get gives an object, or NULL; `namespace_` is empty for kinds without one. */
const object_t *store_get(const store_t *store, object_kind_t kind, slice_t namespace_,
                          slice_t name);

/* store_list_kind gives all objects of a kind, in order of namespace and name; O(n log n) after a
 * change of that kind, else O(1). */
store_list_t store_list_kind(store_t *store, object_kind_t kind);

/* store_find asks an index. */
store_list_t store_find(const store_t *store, store_index_t index, slice_t namespace_,
                        slice_t name);

/* store_count gives how many objects of a kind count. */
size_t store_count(const store_t *store, object_kind_t kind);

/*
 * store_changes gives what changed since store_changes_done, each object once. An object that is
 * as it was then is not in it. Valid until the store changes.
 */
const store_change_t *store_changes(store_t *store, size_t *ret_count);

/* store_changes_done forgets the changes; the `before` objects are given back. */
void store_changes_done(store_t *store);

/*
 * store_mark_all_changed makes every object appear new in store_changes, for a translator that
 * starts afresh on a store in use.
 */
void store_mark_all_changed(store_t *store);

#endif
