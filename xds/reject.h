/*
 * reject.h: why a resource was refused: its type and name, the field, and a reason for people. A
 * list of them belongs to one owner.
 */
#ifndef XDS_REJECT_H
#define XDS_REJECT_H

#include "core/arena.h"
#include "xds/resource.h"

/* All slices are in the list's memory. `field` is a path such as "routes[2].match.headers[0]". */
typedef struct xds_reject {
    xds_type_t type;
    slice_t name;
    slice_t version; /* of the refused resource */
    slice_t field;
    slice_t reason;
} xds_reject_t;

/* Members may be read. A zeroed list is empty and valid. */
typedef struct xds_rejects {
    xds_reject_t *at;
    size_t count;
    struct {
        size_t room;
        arena_t arena;
    } priv;
} xds_rejects_t;

/* xds_rejects_fini frees the list; it is empty and usable afterwards. */
void xds_rejects_fini(xds_rejects_t *rejects);

/* xds_rejects_add appends an entry; everything is copied. */
void xds_rejects_add(xds_rejects_t *rejects, const xds_resource_t *resource, slice_t field,
                     slice_t reason);

/*
 * A place in a message, as a chain through the stack of those who walk it: it costs nothing
 * until something is wrong there. `index` is the element of a repeated field, or -1.
 */
typedef struct field_path {
    const struct field_path *up; /* NULL: the message itself */
    const char *field;
    long index;
} field_path_t;

/* FIELD and ELEMENT make a place below another one, for the duration of a call. */
#define FIELD(up, field)          (&(field_path_t){(up), (field), -1})
#define ELEMENT(up, field, index) (&(field_path_t){(up), (field), (long)(index)})

/* What was wrong first. A zeroed fault is none; fault_fini frees its text. */
typedef struct fault {
    char *field, *reason;
} fault_t;

/*
 * fault_at notes what is wrong and where, unless something was noted before, and returns
 * GW_EINVAL, so that a check can end with `return fault_at(...)`.
 */
int fault_at(fault_t *fault, const field_path_t *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* fault_fini frees the text; the fault is none afterwards. */
void fault_fini(fault_t *fault);

#endif
