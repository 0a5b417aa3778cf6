#include "xds/path_tree.h"

#include "core/check.h"

/* A node while the tree grows. Its label is path[start..end). */
typedef struct draft {
    struct draft *parent, *first_child, *last_child, *next;
    const path_entry_t *entry; /* NULL: no path ends here */
    slice_t path;
    size_t start, end;
    uint32_t lowest;
} draft_t;

typedef struct growth {
    arena_t *temp;
    draft_t *root;
    draft_t *last; /* where the path before this one ends */
    size_t count;
} growth_t;

static draft_t *draft_new(growth_t *growth, slice_t path, size_t start, size_t end)
{
    draft_t *draft = arena_zalloc(growth->temp, sizeof(*draft));
    *draft = (draft_t){.path = path, .start = start, .end = end, .lowest = ROUTE_NONE};
    growth->count++;
    return draft;
}

static void append_child(draft_t *parent, draft_t *child)
{
    child->parent = parent;
    if (parent->last_child)
        parent->last_child->next = child;
    else
        parent->first_child = child;
    parent->last_child = child;
}

static size_t common_length(slice_t a, slice_t b)
{
    size_t len = 0, most = a.len < b.len ? a.len : b.len;
    while (len < most && a.base[len] == b.base[len])
        len++;
    return len;
}

/* Cuts the edge above a node at a depth inside it: the upper part becomes a node of its own. */
static draft_t *split(growth_t *growth, draft_t *node, size_t depth)
{
    draft_t *upper = draft_new(growth, node->path, node->start, depth);
    draft_t *parent = node->parent;
    upper->parent = parent;
    upper->lowest = node->lowest;
    GW_ASSERT(parent->last_child == node && node->next == NULL);
    if (parent->first_child == node) {
        parent->first_child = upper;
    } else {
        draft_t *before = parent->first_child;
        while (before->next != node)
            before = before->next;
        before->next = upper;
    }
    parent->last_child = upper;
    node->start = depth;
    append_child(upper, node);
    return upper;
}

/*
 * The paths come sorted, so a new one leaves the tree somewhere on the way to the last one: where
 * the two differ.
 */
static void add_entry(growth_t *growth, const path_entry_t *entry)
{
    draft_t *node = growth->last;
    size_t common = common_length(node->path, entry->path);
    while (node != growth->root && node->start >= common)
        node = node->parent;
    if (node->end > common)
        node = split(growth, node, common);
    if (entry->path.len > common) {
        draft_t *leaf = draft_new(growth, entry->path, common, entry->path.len);
        append_child(node, leaf);
        node = leaf;
    }
    node->entry = entry;
    growth->last = node;
    for (; node; node = node->parent)
        node->lowest = entry->lowest < node->lowest ? entry->lowest : node->lowest;
}

static void write_node(const draft_t *draft, path_node_t *node, char *first_byte)
{
    node->label = draft->path.base + draft->start;
    node->label_len = (uint32_t)(draft->end - draft->start);
    node->lowest = draft->lowest;
    *first_byte = node->label_len ? *node->label : '\0';
    for (int kind = 0; kind < ROUTE_PATH_KINDS; kind++)
        node->groups[kind] = draft->entry ? draft->entry->groups[kind] : ROUTE_NONE;
}

/* Writes the nodes level by level; the queue is as long as the tree. */
static path_tree_t flatten(const draft_t *root, size_t count, arena_t *arena, arena_t *temp)
{
    path_node_t *nodes = arena_zalloc(arena, count * sizeof(*nodes));
    char *first_bytes = arena_bytes(arena, count);
    const draft_t **queue = arena_alloc(temp, count * sizeof(*queue));
    size_t end = 0;
    queue[end++] = root;
    for (size_t at = 0; at < end; at++) {
        write_node(queue[at], &nodes[at], &first_bytes[at]);
        nodes[at].first_child = (uint32_t)end;
        for (const draft_t *child = queue[at]->first_child; child; child = child->next)
            queue[end++] = child;
        nodes[at].child_count = (uint32_t)end - nodes[at].first_child;
    }
    GW_ASSERT(end == count);
    return (path_tree_t){nodes, first_bytes};
}

path_tree_t path_tree_build(const path_entry_t *entries, size_t count, arena_t *arena,
                            arena_t *temp)
{
    growth_t growth = {.temp = temp};
    if (count == 0)
        return (path_tree_t){NULL, NULL};
    growth.root = growth.last = draft_new(&growth, slice_make("", 0), 0, 0);
    for (size_t i = 0; i < count; i++)
        add_entry(&growth, &entries[i]);
    const draft_t *root = growth.root;
    if (root->entry == NULL && root->first_child == root->last_child) { /* nothing happens there */
        root = root->first_child;
        growth.count--;
    }
    return flatten(root, growth.count, arena, temp);
}
