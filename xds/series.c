#include "xds/series.h"

#include "core/check.h"
#include "core/mem.h"

typedef struct entry {
    ref_count_t ref;
    uint32_t number;
    slice_t name; /* what the map and the list point at */
    char text[];
} entry_t;

static entry_t *entry_of(const void *name)
{
    return GW_CONTAINER_OF(name, entry_t, name);
}

static void entry_hold(const void *name)
{
    ref_hold(&entry_of(name)->ref);
}

static void entry_drop(const void *name)
{
    if (ref_drop(&entry_of(name)->ref))
        free(entry_of(name));
}

static const cow_class_t entry_class = {entry_hold, entry_drop};

static entry_t *entry_new(slice_t name, uint32_t number)
{
    entry_t *entry = xmalloc(sizeof(*entry) + name.len);
    ref_init(&entry->ref);
    entry->number = number;
    entry->name = slice_make(entry->text, name.len);
    if (name.len)
        memcpy(entry->text, name.base, name.len);
    return entry;
}

void series_init(series_t *series, uint64_t seed)
{
    *series = (series_t){.seed = seed};
    name_map_init(&series->by_name, &entry_class);
    cow_init(&series->by_number, &entry_class, 4);
}

void series_fini(series_t *series)
{
    name_map_fini(&series->by_name);
    cow_fini(&series->by_number);
    series->count = 0;
}

uint32_t series_number(series_t *series, slice_t name)
{
    uint64_t hash = slice_hash(name, series->seed);
    const slice_t *known = name_map_find(&series->by_name, hash, name);
    if (known)
        return entry_of(known)->number;
    uint32_t number = series->count++;
    entry_t *entry = entry_new(name, number);
    if (number >= series->by_number.size)
        cow_grow(&series->by_number, number < COW_CHUNK ? 2 * number : number + COW_CHUNK);
    cow_set(&series->by_number, number, 0, &entry->name);
    name_map_put(&series->by_name, hash, &entry->name);
    entry_drop(&entry->name);
    return number;
}

cow_view_t *series_view(series_t *series)
{
    return cow_take(&series->by_number);
}

slice_t series_view_name(const cow_view_t *view, uint32_t number)
{
    const slice_t *name = number < view->size ? cow_view_at(view, number)->object : NULL;
    return name ? *name : slice_make(NULL, 0);
}
