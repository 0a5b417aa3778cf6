/*
 * status_book.h: what was said last about each object: a table of statuses by kind, namespace
 * and name.
 */
#ifndef ACTORS_STATUS_BOOK_H
#define ACTORS_STATUS_BOOK_H

#include "gatewayapi/status.h"
#include "gatewayapi/table.h"

/* A zeroed book is empty and valid. Members are private. */
typedef struct status_book {
    table_t entries[KIND_COUNT];
} status_book_t;

/* status_book_update takes in what changed; it takes references of its own. */
void status_book_update(status_book_t *book, const status_update_t *update);

/* status_book_find borrows the status of an object, or gives NULL. */
const object_status_t *status_book_find(const status_book_t *book, const object_t *object);

/* status_book_next walks the statuses of one kind in no order: NULL gives the first, the last
 * gives NULL. */
const object_status_t *status_book_next(const status_book_t *book, object_kind_t kind,
                                        const object_status_t *status);

/* status_book_clear forgets everything. */
void status_book_clear(status_book_t *book);

#endif
