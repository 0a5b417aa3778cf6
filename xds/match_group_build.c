/* Divides the routes of a path into groups. */
#include "core/check.h"
#include "xds/match_hash.h"

enum { FEW = 4 }; /* so many routes are tried one by one rather than hashed */

static uint64_t name_hash(const route_matcher_t *matcher, uint64_t seed)
{
    if (matcher->test == ROUTE_TEST_HEADER)
        return header_name_hash(matcher->name, seed);
    return query_name_hash(matcher->name, seed);
}

static uint64_t matcher_hash(const route_matcher_t *matcher, uint64_t seed)
{
    if (matcher->test == ROUTE_TEST_METHOD)
        return method_hash(matcher->value, seed);
    return slice_hash(matcher->value, name_hash(matcher, seed));
}

/* Whether every request that the matcher accepts shows its name and value, so that it is found. */
static bool can_be_hashed(const route_matcher_t *matcher)
{
    if (matcher->invert || (matcher->missing_is_empty && matcher->value.len == 0))
        return false;
    return matcher->test == ROUTE_TEST_METHOD || matcher->test == ROUTE_TEST_HEADER ||
           matcher->test == ROUTE_TEST_QUERY;
}

/* The hashes by which the groups above were divided: what all routes of a group have in common. */
typedef struct used {
    const struct used *up;
    uint64_t hash;
} used_t;

static bool is_used(const used_t *used, uint64_t hash)
{
    for (; used; used = used->up) {
        if (used->hash == hash)
            return true;
    }
    return false;
}

/* A condition of a route by which it could be found. */
typedef struct handle {
    uint64_t hash;
    uint32_t position;
    uint32_t matcher;
} handle_t;

static int compare_handles(const void *left, const void *right)
{
    const handle_t *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return a->matcher < b->matcher ? -1 : a->matcher > b->matcher;
}

typedef struct handles {
    handle_t *at;
    uint32_t count;
} handles_t;

static void add_handles(const match_builder_t *builder, uint32_t position, const used_t *used,
                        handles_t *ret)
{
    const route_t *route = &builder->routes[position];
    for (uint32_t i = 0; i < route->matcher_count; i++) {
        const route_matcher_t *matcher = &route->matchers[i];
        if (!can_be_hashed(matcher))
            continue;
        uint64_t hash = matcher_hash(matcher, builder->seed);
        if (!is_used(used, hash))
            ret->at[ret->count++] = (handle_t){hash, position, i};
    }
}

/* How many handles have a smaller hash. The handles are sorted. */
static uint32_t count_below(const handles_t *handles, uint64_t hash)
{
    uint32_t low = 0, high = handles->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (handles->at[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t frequency(const handles_t *handles, uint64_t hash)
{
    uint32_t end = hash == UINT64_MAX ? handles->count : count_below(handles, hash + 1);
    return end - count_below(handles, hash);
}

/* Sorted handles of all these routes. */
static handles_t all_handles(const match_builder_t *builder, const uint32_t *positions,
                             uint32_t count, const used_t *used)
{
    size_t room = 0;
    for (uint32_t i = 0; i < count; i++)
        room += builder->routes[positions[i]].matcher_count;
    handles_t all = {arena_alloc(builder->temp, room * sizeof(handle_t)), 0};
    for (uint32_t i = 0; i < count; i++)
        add_handles(builder, positions[i], used, &all);
    if (all.count)
        qsort(all.at, all.count, sizeof(handle_t), compare_handles);
    return all;
}

/* The rarest handle of one route; false when it has none. */
static bool choose(const match_builder_t *builder, uint32_t position, const used_t *used,
                   const handles_t *all, handle_t *ret)
{
    handle_t room[ROUTE_MATCHERS_MAX];
    handles_t own = {room, 0};
    GW_ASSERT(builder->routes[position].matcher_count <= ROUTE_MATCHERS_MAX);
    add_handles(builder, position, used, &own);
    uint32_t rarest = UINT32_MAX;
    for (uint32_t i = 0; i < own.count; i++) {
        uint32_t times = frequency(all, own.at[i].hash);
        if (times < rarest) {
            rarest = times;
            *ret = own.at[i];
        }
    }
    return own.count > 0;
}

static uint32_t new_group(match_builder_t *builder, uint32_t lowest)
{
    match_groups_t *groups = &builder->groups;
    if (groups->count == groups->room) {
        uint32_t room = groups->room ? 2 * groups->room : 8;
        match_group_t *at = arena_alloc(builder->temp, room * sizeof(*at));
        if (groups->count)
            memcpy(at, groups->at, groups->count * sizeof(*at));
        groups->at = at;
        groups->room = room;
    }
    groups->at[groups->count] = (match_group_t){.lowest = lowest};
    return groups->count++;
}

static void set_plain(match_builder_t *builder, uint32_t group, const uint32_t *positions,
                      uint32_t count)
{
    uint32_t *plain = arena_alloc(builder->arena, count * sizeof(*plain));
    memcpy(plain, positions, count * sizeof(*plain));
    builder->groups.at[group].plain = plain;
    builder->groups.at[group].plain_count = count;
}

static match_table_t *table_new(arena_t *arena, uint32_t count)
{
    uint32_t size = 4;
    while (size < 2 * count)
        size *= 2;
    match_table_t *table = arena_zalloc(arena, sizeof(*table) + size * sizeof(match_slot_t));
    table->mask = size - 1;
    for (uint32_t i = 0; i < size; i++)
        table->slots[i].group = ROUTE_NONE;
    return table;
}

/* Notes what kind of thing in a request can lead to the table's groups. */
static void widen_filter(match_table_t *table, const route_matcher_t *matcher, uint64_t seed)
{
    if (matcher->test == ROUTE_TEST_METHOD) {
        table->methods = true;
        return;
    }
    name_filter_t *filter = matcher->test == ROUTE_TEST_HEADER ? &table->headers : &table->query;
    filter->lengths |= length_bit(matcher->name.len);
    filter->hashes |= hash_bit(name_hash(matcher, seed));
}

static void table_put(match_table_t *table, uint64_t hash, uint32_t group)
{
    uint32_t i = (uint32_t)hash & table->mask;
    while (table->slots[i].group != ROUTE_NONE)
        i = (i + 1) & table->mask;
    table->slots[i] = (match_slot_t){hash, group};
}

static uint32_t build(match_builder_t *builder, const uint32_t *positions, uint32_t count,
                      const used_t *used);

/* Makes a group of each run of the same hash; the handles are sorted. */
static void build_table(match_builder_t *builder, uint32_t group, const handles_t *chosen,
                        const used_t *used)
{
    match_table_t *table = table_new(builder->arena, chosen->count);
    uint32_t *positions = arena_alloc(builder->temp, chosen->count * sizeof(uint32_t));
    for (uint32_t i = 0, next; i < chosen->count; i = next) {
        uint64_t hash = chosen->at[i].hash;
        for (next = i; next < chosen->count && chosen->at[next].hash == hash; next++) {
            const handle_t *handle = &chosen->at[next];
            positions[next - i] = handle->position;
            widen_filter(table, &builder->routes[handle->position].matchers[handle->matcher],
                         builder->seed);
        }
        uint32_t inner = build(builder, positions, next - i, &(used_t){used, hash});
        table_put(table, hash, inner);
    }
    builder->groups.at[group].table = table;
}

static uint32_t build(match_builder_t *builder, const uint32_t *positions, uint32_t count,
                      const used_t *used)
{
    uint32_t group = new_group(builder, positions[0]);
    if (count <= FEW) {
        set_plain(builder, group, positions, count);
        return group;
    }
    handles_t all = all_handles(builder, positions, count, used);
    handles_t chosen = {arena_alloc(builder->temp, count * sizeof(handle_t)), 0};
    uint32_t *plain = arena_alloc(builder->temp, count * sizeof(*plain));
    uint32_t plain_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (choose(builder, positions[i], used, &all, &chosen.at[chosen.count]))
            chosen.count++;
        else
            plain[plain_count++] = positions[i];
    }
    set_plain(builder, group, plain, plain_count);
    if (chosen.count) {
        qsort(chosen.at, chosen.count, sizeof(handle_t), compare_handles);
        build_table(builder, group, &chosen, used);
    }
    return group;
}

uint32_t match_group_build(match_builder_t *builder, const uint32_t *positions, uint32_t count)
{
    return build(builder, positions, count, NULL);
}
