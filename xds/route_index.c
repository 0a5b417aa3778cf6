#include "xds/route_index.h"

static int compare_routes(const void *left, const void *right)
{
    const route_t *a = *(const route_t *const *)left, *b = *(const route_t *const *)right;
    int order = slice_compare(a->path, b->path);
    if (order == 0)
        order = (int)a->path_kind - (int)b->path_kind;
    if (order == 0)
        order = a->position < b->position ? -1 : a->position > b->position;
    return order;
}

/* The routes by path, then by kind, then by position. */
static const route_t **sorted(const route_t *routes, uint32_t count, arena_t *temp)
{
    const route_t **list = arena_alloc(temp, count * sizeof(*list));
    for (uint32_t i = 0; i < count; i++)
        list[i] = &routes[i];
    if (count)
        qsort(list, count, sizeof(*list), compare_routes);
    return list;
}

/* Makes a group of the first routes in the list that ask for the same, and gives their number. */
static uint32_t take_group(match_builder_t *builder, const route_t *const *list, uint32_t count,
                           path_entry_t *entry)
{
    uint32_t *positions = arena_alloc(builder->temp, count * sizeof(*positions));
    uint32_t taken = 0;
    while (taken < count && list[taken]->path_kind == list[0]->path_kind &&
           slice_eq(list[taken]->path, list[0]->path)) {
        positions[taken] = list[taken]->position;
        taken++;
    }
    entry->groups[list[0]->path_kind] = match_group_build(builder, positions, taken);
    if (positions[0] < entry->lowest)
        entry->lowest = positions[0];
    return taken;
}

/* Writes one entry a path and gives their number. */
static uint32_t take_entries(match_builder_t *builder, const route_t *const *list, uint32_t count,
                             path_entry_t *entries)
{
    uint32_t made = 0;
    for (uint32_t i = 0; i < count;) {
        if (made == 0 || !slice_eq(entries[made - 1].path, list[i]->path))
            entries[made++] =
                (path_entry_t){list[i]->path, ROUTE_NONE, {ROUTE_NONE, ROUTE_NONE, ROUTE_NONE}};
        i += take_group(builder, list + i, count - i, &entries[made - 1]);
    }
    return made;
}

route_index_t route_index_build(const route_t *routes, uint32_t count, uint64_t seed,
                                arena_t *arena, arena_t *temp)
{
    match_builder_t builder = {.arena = arena, .temp = temp, .routes = routes, .seed = seed};
    const route_t **list = sorted(routes, count, temp);
    path_entry_t *entries = arena_alloc(temp, count * sizeof(*entries));
    uint32_t entry_count = take_entries(&builder, list, count, entries);
    size_t groups_size = builder.groups.count * sizeof(match_group_t);
    match_group_t *groups = arena_alloc(arena, groups_size);
    if (groups_size)
        memcpy(groups, builder.groups.at, groups_size);
    path_tree_t tree = path_tree_build(entries, entry_count, arena, temp);
    return (route_index_t){tree, groups, seed};
}

/* One walk down the tree. */
typedef struct walk {
    const route_index_t *index;
    const route_t *routes;
    const route_request_t *request;
    size_t depth; /* bytes of the path that are behind */
    uint32_t best;
} walk_t;

static void try_group(walk_t *walk, const path_node_t *node, route_path_kind_t kind)
{
    if (node->groups[kind] != ROUTE_NONE)
        walk->best = match_group_search(walk->index->groups, node->groups[kind], walk->routes,
                                        walk->index->seed, walk->request, walk->best);
}

static void try_node(walk_t *walk, const path_node_t *node)
{
    slice_t path = walk->request->path;
    bool at_end = walk->depth == path.len;
    if (at_end)
        try_group(walk, node, ROUTE_PATH_EXACT);
    if (at_end || path.base[walk->depth] == '/')
        try_group(walk, node, ROUTE_PATH_SEPARATED);
    try_group(walk, node, ROUTE_PATH_PREFIX);
}

/* Goes down the edge to the node; false when the path differs on the way. */
static bool go_down(walk_t *walk, const path_node_t *node)
{
    slice_t path = walk->request->path;
    if (path.len - walk->depth < node->label_len ||
        (node->label_len && memcmp(path.base + walk->depth, node->label, node->label_len) != 0))
        return false;
    walk->depth += node->label_len;
    return true;
}

uint32_t route_index_search(const route_index_t *index, const route_t *routes,
                            const route_request_t *request)
{
    walk_t walk = {index, routes, request, 0, ROUTE_NONE};
    const path_node_t *node = index->tree.nodes;
    while (node && node->lowest < walk.best && go_down(&walk, node)) {
        try_node(&walk, node);
        if (walk.depth == request->path.len)
            break;
        node = path_tree_child(&index->tree, node, request->path.base[walk.depth]);
    }
    return walk.best;
}
