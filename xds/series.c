#include "xds/series.h"

#include "core/check.h"
#include "core/mem.h"

typedef struct entry {
    ref_count_t ref;
    series_id_t id;
    uint32_t uses; /* the owner's */
    slice_t name;  /* what the map and the list point at */
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

static entry_t *entry_new(slice_t name, series_id_t id)
{
    entry_t *entry = xmalloc(sizeof(*entry) + name.len);
    ref_init(&entry->ref);
    entry->id = id;
    entry->uses = 0;
    entry->name = slice_make(entry->text, name.len);
    if (name.len)
        memcpy(entry->text, name.base, name.len);
    return entry;
}

void series_init(series_t *series, uint64_t seed, bool forgets)
{
    *series = (series_t){.seed = seed, .forgets = forgets};
    name_map_init(&series->by_name, &entry_class);
    cow_init(&series->by_number, &entry_class, 4);
}

void series_fini(series_t *series)
{
    name_map_fini(&series->by_name);
    cow_fini(&series->by_number);
    free(series->unused);
    free(series->free);
    *series = (series_t){0};
}

/* Lists double when their count is a power of two. */
static void push(uint32_t **list, uint32_t *count, uint32_t number)
{
    if ((*count & (*count - 1)) == 0)
        *list = xrealloc(*list, (*count ? 2 * (size_t)*count : 1) * sizeof(**list));
    (*list)[(*count)++] = number;
}

static uint32_t take_number(series_t *series)
{
    if (series->free_count)
        return series->free[--series->free_count];
    uint32_t number = series->count++;
    if (number >= series->by_number.size)
        cow_grow(&series->by_number, number < COW_CHUNK ? 2 * number : number + COW_CHUNK);
    return number;
}

series_id_t series_identify(series_t *series, slice_t name)
{
    uint64_t hash = slice_hash(name, series->seed);
    const slice_t *known = name_map_find(&series->by_name, hash, name);
    if (known)
        return entry_of(known)->id;
    if (++series->births == 0)
        series->births = 1;
    series_id_t id = {take_number(series), series->births};
    entry_t *entry = entry_new(name, id);
    cow_set(&series->by_number, id.number, id.birth, &entry->name);
    name_map_put(&series->by_name, hash, &entry->name);
    entry_drop(&entry->name);
    if (series->forgets)
        push(&series->unused, &series->unused_count, id.number);
    return id;
}

uint32_t series_number(series_t *series, slice_t name)
{
    return series_identify(series, name).number;
}

static entry_t *entry_at(const series_t *series, uint32_t number)
{
    const void *name = cow_at(&series->by_number, number)->object;
    return name ? entry_of(name) : NULL;
}

void series_use(series_t *series, uint32_t number)
{
    entry_at(series, number)->uses++;
}

void series_drop(series_t *series, uint32_t number)
{
    entry_t *entry = entry_at(series, number);
    GW_ASSERT(entry->uses > 0);
    if (--entry->uses == 0 && series->forgets)
        push(&series->unused, &series->unused_count, number);
}

static void forget(series_t *series, entry_t *entry)
{
    uint32_t number = entry->id.number;
    name_map_remove(&series->by_name, slice_hash(entry->name, series->seed), entry->name);
    cow_set(&series->by_number, number, 0, NULL);
    push(&series->free, &series->free_count, number);
}

void series_settle(series_t *series)
{
    /* A number may stand in the list twice, and may have found a use since. */
    while (series->unused_count) {
        entry_t *entry = entry_at(series, series->unused[--series->unused_count]);
        if (entry && entry->uses == 0)
            forget(series, entry);
    }
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

bool series_view_has(const cow_view_t *view, series_id_t id)
{
    return id.number < view->size && cow_view_at(view, id.number)->key == id.birth;
}
