/*
 * route_table.h: the virtual hosts of one route configuration, and which of them a request's host
 * selects. The editor belongs to one owner; the table that it publishes is immutable, counted,
 * and shares all it can with the table before.
 */
#ifndef XDS_ROUTE_TABLE_H
#define XDS_ROUTE_TABLE_H

#include "xds/vhost.h"

typedef struct route_table route_table_t;

/*
 * route_match gives the route for a request, or NULL when there is none (or no table): the most
 * specific virtual host for the host, then its first route that matches; when none of them does,
 * the virtual hosts it inherits, in order, and no other. No allocation, no lock; any thread. The
 * route lives as long as the table (or a snapshot that has it).
 */
const route_t *route_match(const route_table_t *table, const route_request_t *request);

/*
 * route_table_vhost gives the virtual host that a host (lower case, without port) selects, or
 * NULL: its exact name, else the longest wildcard, else "*". Any thread.
 */
const vhost_t *route_table_vhost(const route_table_t *table, slice_t host);

/* route_table_find_vhost gives the virtual host of that name, or NULL. Any thread. */
const vhost_t *route_table_find_vhost(const route_table_t *table, slice_t name);

/*
 * route_table_next walks the virtual hosts in no particular order: *at starts at 0, NULL is the
 * end. Any thread.
 */
const vhost_t *route_table_next(const route_table_t *table, uint32_t *at);

/* route_table_name gives the name of the route configuration. Any thread. */
slice_t route_table_name(const route_table_t *table);

/* route_table_ref adds a reference. Any thread. */
route_table_t *route_table_ref(const route_table_t *table);

/* route_table_unref gives one back; the last one frees the table. Any thread. NULL is legal. */
void route_table_unref(const route_table_t *table);

typedef struct route_table_editor route_table_editor_t;

/* route_table_editor_new starts without virtual hosts; the name is copied. */
route_table_editor_t *route_table_editor_new(slice_t name, uint64_t seed);

/* route_table_editor_free forgets the virtual hosts; published tables stay valid. */
void route_table_editor_free(route_table_editor_t *editor);

/*
 * route_table_editor_add holds a virtual host. Its name and its domains must be free: see
 * route_table_editor_owner.
 */
void route_table_editor_add(route_table_editor_t *editor, const vhost_t *vhost);

/* route_table_editor_remove drops the virtual host of that name and says whether there was one. */
bool route_table_editor_remove(route_table_editor_t *editor, slice_t name);

/* route_table_editor_owner gives the virtual host that has a domain, or NULL. */
const vhost_t *route_table_editor_owner(const route_table_editor_t *editor,
                                        const vhost_domain_t *domain);

/* route_table_editor_find gives the virtual host of that name, or NULL. */
const vhost_t *route_table_editor_find(const route_table_editor_t *editor, slice_t name);

/* route_table_editor_name gives the name, borrowed. */
slice_t route_table_editor_name(const route_table_editor_t *editor);

/* route_table_editor_count gives the number of virtual hosts. */
uint32_t route_table_editor_count(const route_table_editor_t *editor);

/*
 * route_table_editor_publish gives the present state; the caller owns a reference. Without a
 * change since the last time it is the same table.
 */
route_table_t *route_table_editor_publish(route_table_editor_t *editor);

#endif
