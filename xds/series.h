/*
 * series.h: small dense numbers for names, stable for the life of the process, so that every
 * worker counts in plain arrays. A name that is gone keeps its number: a counter never changes
 * its meaning. One owner gives numbers out; views of the list may be read by any thread.
 */
#ifndef XDS_SERIES_H
#define XDS_SERIES_H

#include "xds/name_map.h"

/* Members are private, except `count`. */
typedef struct series {
    name_map_t by_name;
    cow_t by_number;
    uint64_t seed;
    uint32_t count;
} series_t;

/* series_init starts without names; `seed` is for the hash. */
void series_init(series_t *series, uint64_t seed);

/* series_fini frees what no view holds any more. */
void series_fini(series_t *series);

/* series_number gives the name's number, a new one at its first use. The name is copied. */
uint32_t series_number(series_t *series, slice_t name);

/* series_view gives the list as it is now; the caller owns a reference. */
cow_view_t *series_view(series_t *series);

/*
 * series_view_name gives the name of a number, borrowed from the view, or the empty slice for a
 * number that was not given out yet. Any thread.
 */
slice_t series_view_name(const cow_view_t *view, uint32_t number);

#endif
