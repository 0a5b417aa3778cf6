/* publish.c: see publish.h. */
#include "gatewayapi/publish.h"

#include "core/mem.h"

typedef struct published {
    table_node_t node;
    list_t link; /* in publisher.touched, or in itself */
    xds_type_t type;
    bool touched;
    xds_resource_t *now;    /* or NULL: removed in this run */
    xds_resource_t *before; /* as of the last flush; set while touched */
    slice_t name;
    char text[];
} published_t;

void publisher_init(publisher_t *publisher)
{
    *publisher = (publisher_t){0};
    list_init(&publisher->touched);
}

static published_t *find(const publisher_t *publisher, xds_type_t type, slice_t name)
{
    table_node_t *node = table_find(&publisher->resources[type], name, (slice_t){NULL, 0});
    return node ? GW_CONTAINER_OF(node, published_t, node) : NULL;
}

static published_t *find_or_make(publisher_t *publisher, xds_type_t type, slice_t name)
{
    published_t *entry = find(publisher, type, name);
    if (entry)
        return entry;
    entry = xcalloc(1, sizeof(*entry) + name.len);
    memcpy(entry->text, name.base, name.len);
    entry->name = slice_make(entry->text, name.len);
    entry->type = type;
    list_init(&entry->link);
    table_add(&publisher->resources[type], &entry->node, entry->name, (slice_t){NULL, 0});
    return entry;
}

/* touch remembers what the entry was at the last flush. */
static void touch(publisher_t *publisher, published_t *entry)
{
    if (entry->touched)
        return;
    entry->touched = true;
    entry->before = entry->now ? xds_resource_ref(entry->now) : NULL;
    list_append(&publisher->touched, &entry->link);
}

void publish(publisher_t *publisher, xds_type_t type, slice_t name, const ProtobufCMessage *message)
{
    published_t *entry = find_or_make(publisher, type, name);
    xds_resource_t *resource = xds_resource_new(type, name, message);
    if (entry->now && xds_resource_equal(entry->now, resource)) {
        xds_resource_unref(resource);
        return;
    }
    touch(publisher, entry);
    xds_resource_unref(entry->now);
    if (entry->before && xds_resource_equal(entry->before, resource)) {
        xds_resource_unref(resource);
        resource = xds_resource_ref(entry->before);
    }
    entry->now = resource;
}

void publish_remove(publisher_t *publisher, xds_type_t type, slice_t name)
{
    published_t *entry = find(publisher, type, name);
    if (entry == NULL)
        return;
    touch(publisher, entry);
    xds_resource_unref(entry->now);
    entry->now = NULL;
}

const xds_resource_t *publisher_get(const publisher_t *publisher, xds_type_t type, slice_t name)
{
    const published_t *entry = find(publisher, type, name);
    return entry ? entry->now : NULL;
}

size_t publisher_count(const publisher_t *publisher, xds_type_t type)
{
    return publisher->resources[type].count;
}

void publisher_all(const publisher_t *publisher, xds_update_t *update)
{
    for (int type = 0; type < XDS_TYPE_COUNT; type++) {
        table_node_t *node = NULL;
        while ((node = table_next(&publisher->resources[type], node)) != NULL) {
            xds_resource_t *resource =
                xds_resource_ref(GW_CONTAINER_OF(node, published_t, node)->now);
            xds_update_change(update, &resource);
        }
    }
}

static int compare(const void *a, const void *b)
{
    const published_t *left = *(published_t *const *)a, *right = *(published_t *const *)b;
    if (left->type != right->type)
        return left->type < right->type ? -1 : 1;
    return slice_compare(left->name, right->name);
}

static void free_entry(publisher_t *publisher, published_t *entry)
{
    table_remove(&publisher->resources[entry->type], &entry->node);
    xds_resource_unref(entry->now);
    xds_resource_unref(entry->before);
    free(entry);
}

/* flush_one says what became of one touched entry. */
static void flush_one(publisher_t *publisher, published_t *entry, xds_update_t *update)
{
    entry->touched = false;
    list_remove(&entry->link);
    if (entry->now && entry->now != entry->before) {
        xds_resource_t *resource = xds_resource_ref(entry->now);
        xds_update_change(update, &resource);
    } else if (entry->now == NULL && entry->before) {
        xds_update_remove(update, entry->type, entry->name);
    }
    xds_resource_unref(entry->before);
    entry->before = NULL;
    if (entry->now == NULL)
        free_entry(publisher, entry);
}

void publisher_flush(publisher_t *publisher, xds_update_t *update)
{
    size_t count = 0, room = 0;
    published_t **sorted = NULL;
    list_each (link, &publisher->touched) {
        if (count == room) {
            room = room ? room * 2 : 16;
            sorted = xrealloc(sorted, room * sizeof(*sorted));
        }
        sorted[count++] = GW_CONTAINER_OF(link, published_t, link);
    }
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), compare);
    for (size_t i = 0; i < count; i++)
        flush_one(publisher, sorted[i], update);
    free(sorted);
}

void publisher_fini(publisher_t *publisher)
{
    for (int type = 0; type < XDS_TYPE_COUNT; type++) {
        TABLE_EACH (node, &publisher->resources[type])
            free_entry(publisher, GW_CONTAINER_OF(node, published_t, node));
        table_fini(&publisher->resources[type]);
    }
    list_init(&publisher->touched);
}
