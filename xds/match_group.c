/* The search; match_group_build.c has the making. */
#include "xds/match_group.h"

#include "xds/match_hash.h"

/* One search through a group and the groups below it. */
typedef struct search {
    const match_group_t *groups;
    const route_t *routes;
    const route_request_t *request;
    uint64_t seed;
    uint32_t best;
} search_t;

static void search_group(search_t *search, const match_group_t *group);

/* The group of a hash, or NULL. */
static const match_group_t *find_group(const search_t *search, const match_table_t *table,
                                       uint64_t hash)
{
    for (uint32_t i = (uint32_t)hash & table->mask;; i = (i + 1) & table->mask) {
        const match_slot_t *slot = &table->slots[i];
        if (slot->group == ROUTE_NONE)
            return NULL;
        if (slot->hash == hash)
            return &search->groups[slot->group];
    }
}

static void search_method(search_t *search, const match_table_t *table)
{
    const match_group_t *group =
        find_group(search, table, method_hash(search->request->method, search->seed));
    if (group)
        search_group(search, group);
}

static void search_header(search_t *search, const match_table_t *table, uint32_t i)
{
    slice_t name = search->request->headers->at[i].name, value;
    uint64_t hash = header_name_hash(name, search->seed);
    route_scratch_t scratch;
    if (!(table->headers.hashes & hash_bit(hash)) ||
        !request_header_at(search->request, i, &scratch, &value))
        return;
    const match_group_t *group = find_group(search, table, slice_hash(value, hash));
    if (group)
        search_group(search, group);
}

static bool length_occurs(const name_filter_t *filter, size_t len)
{
    return (filter->lengths & length_bit(len)) && len <= ROUTE_NAME_MAX;
}

static void search_headers(search_t *search, const match_table_t *table)
{
    const http_headers_t *headers = search->request->headers;
    for (uint32_t i = 0; headers && i < headers->count; i++) {
        if (length_occurs(&table->headers, headers->at[i].name.len))
            search_header(search, table, i);
    }
}

/*
 * Names of parameters that led to a group already. Only the first parameter of a name counts, so
 * a later one need not be followed; without this, a query that repeats itself would cost the
 * product of its repetitions over the levels of groups.
 */
typedef struct seen {
    uint64_t names[16];
    uint32_t count;
} seen_t;

static bool seen_before(seen_t *seen, uint64_t name)
{
    uint32_t room = sizeof(seen->names) / sizeof(seen->names[0]);
    uint32_t known = seen->count < room ? seen->count : room;
    for (uint32_t i = 0; i < known; i++) {
        if (seen->names[i] == name)
            return true;
    }
    if (known < room)
        seen->names[seen->count] = name;
    seen->count++;
    return false;
}

/* Beyond what `seen` can hold, the request itself says which parameter is the first. */
static bool is_repetition(const search_t *search, seen_t *seen, uint64_t hash, slice_t name,
                          slice_t value)
{
    slice_t first = value;
    if (seen_before(seen, hash))
        return true;
    if (seen->count > sizeof(seen->names) / sizeof(seen->names[0]))
        request_parameter(search->request, name, &first);
    return first.base != value.base;
}

static void search_query(search_t *search, const match_table_t *table)
{
    slice_t rest = search->request->query, name, value;
    seen_t seen = {.count = 0};
    while (query_next(&rest, &name, &value)) {
        if (!length_occurs(&table->query, name.len))
            continue;
        uint64_t hash = query_name_hash(name, search->seed);
        if (!(table->query.hashes & hash_bit(hash)))
            continue;
        const match_group_t *group = find_group(search, table, slice_hash(value, hash));
        if (group && !is_repetition(search, &seen, hash, name, value))
            search_group(search, group);
    }
}

static void search_table(search_t *search, const match_table_t *table)
{
    if (table->methods)
        search_method(search, table);
    if (table->headers.lengths)
        search_headers(search, table);
    if (table->query.lengths)
        search_query(search, table);
}

static void search_group(search_t *search, const match_group_t *group)
{
    if (group->lowest >= search->best)
        return;
    for (uint32_t i = 0; i < group->plain_count && group->plain[i] < search->best; i++) {
        if (route_accepts(&search->routes[group->plain[i]], search->request))
            search->best = group->plain[i];
    }
    if (group->table)
        search_table(search, group->table);
}

uint32_t match_group_search(const match_group_t *groups, uint32_t group, const route_t *routes,
                            uint64_t seed, const route_request_t *request, uint32_t best)
{
    search_t search = {groups, routes, request, seed, best};
    search_group(&search, &groups[group]);
    return search.best;
}
