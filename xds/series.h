/*
 * series.h: small dense numbers for names: what is counted or looked up per name goes by them.
 * One owner gives numbers out; views of the list may be read by any thread.
 *
 * A name has its number for as long as the configuration uses it. Afterwards the number may be
 * another name's, so that a process which sees names come and go for months does not grow: whoever
 * keeps a number beyond the snapshot that it came from keeps the birth beside it, which no two
 * names have in common.
 */
#ifndef XDS_SERIES_H
#define XDS_SERIES_H

#include "xds/name_map.h"

typedef struct series_id {
    uint32_t number;
    uint32_t birth; /* counts all names of a series; never 0 */
} series_id_t;

/* Members are private, except `count`. */
typedef struct series {
    name_map_t by_name;
    cow_t by_number;
    uint64_t seed;
    uint32_t count; /* numbers that were ever given out */
    uint32_t births;
    bool forgets;
    uint32_t *unused, unused_count; /* numbers that were found without a use */
    uint32_t *free, free_count;     /* numbers without a name */
} series_t;

/* series_init starts without names; `seed` is for the hash. Unless it `forgets`, a name keeps its
 * number for ever, whether it is used or not. */
void series_init(series_t *series, uint64_t seed, bool forgets);

/* series_fini frees what no view holds any more. */
void series_fini(series_t *series);

/* series_number gives the name's number, a new one at its first use. The name is copied. */
uint32_t series_number(series_t *series, slice_t name);

/* series_identify does the same and gives the birth with it. */
series_id_t series_identify(series_t *series, slice_t name);

/* series_use counts one part of the configuration that uses a number, series_drop one less. */
void series_use(series_t *series, uint32_t number);
void series_drop(series_t *series, uint32_t number);

/* series_settle forgets the names that are without a use now: at the end of an update. */
void series_settle(series_t *series);

/* series_view gives the list as it is now; the caller owns a reference. */
cow_view_t *series_view(series_t *series);

/*
 * series_view_name gives the name of a number, borrowed from the view, or the empty slice for a
 * number without. series_view_has says whether the name of that birth is in it. Any thread.
 */
slice_t series_view_name(const cow_view_t *view, uint32_t number);
bool series_view_has(const cow_view_t *view, series_id_t id);

#endif
