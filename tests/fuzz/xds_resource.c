/*
 * Resources as they come from the wire: each piece of the input is one, with a byte in front that
 * says of which type; all of them go through one builder, in turn. Whatever they are, the builder
 * ends, and a snapshot can be asked for a route.
 */
#include "core/check.h"
#include "tests/unit/xds/make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name that the message has itself, so that it is not refused for its name. */
static slice_t name_of(arena_t *arena, xds_type_t type, slice_t packed)
{
    ProtobufCMessage *message = xds_unpack(xds_type_descriptor(type), packed, arena);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(xds_type_descriptor(type), 1);
    if (message == NULL)
        return SLICE("broken");
    const char *name = *(char *const *)(const void *)((const char *)message + field->offset);
    return slice_of(type == XDS_VIRTUAL_HOST ? make_text(arena, "rc/%s", name) : name);
}

static void apply(snapshot_builder_t *builder, xds_type_t type, slice_t packed)
{
    arena_t arena = {0};
    xds_update_t update = {0};
    xds_rejects_t rejects = {0};
    xds_resource_t *resource = xds_resource_from_bytes(type, name_of(&arena, type, packed), packed);
    xds_update_change(&update, &resource);
    const snapshot_t *snapshot = snapshot_builder_apply(builder, &update, &rejects);
    GW_ASSERT(rejects.count <= 1);
    snapshot_unref(snapshot);
    xds_rejects_fini(&rejects);
    xds_update_fini(&update);
    arena_fini(&arena);
}

/* Asks every table for every domain that it has. */
static void ask(const route_table_t *table)
{
    http_header_t field = {.name = SLICE("x"), .value = SLICE("1")};
    http_headers_t headers = {.at = &field, .count = 1};
    uint32_t at = 0;
    for (const vhost_t *vhost; table && (vhost = route_table_next(table, &at));) {
        for (uint32_t i = 0; i < vhost->domain_count; i++) {
            slice_t path = vhost->route_count ? vhost->routes[0].path : SLICE("/");
            route_request_t request = {.method = SLICE("GET"),
                                       .host = vhost_domain_text(&vhost->domains[i]),
                                       .path = path,
                                       .query = SLICE("q=1"),
                                       .headers = &headers};
            const route_t *route = route_match(table, &request);
            if (route && route->action == ROUTE_FORWARD)
                GW_ASSERT(route_pick_cluster(route, UINT32_MAX)->upto > 0);
        }
    }
}

static void ask_all(const snapshot_t *snapshot)
{
    uint32_t count, at = 0;
    const snapshot_listener_t *listeners = snapshot_listeners(snapshot, &count);
    for (uint32_t i = 0; i < count; i++)
        ask(listeners[i].routes);
    for (const cluster_t *cluster; (cluster = snapshot_next_cluster(snapshot, &at));)
        snapshot_endpoints(snapshot, cluster);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    snapshot_builder_t *builder = snapshot_builder_new(1);
    arena_t arena = {0};
    xds_update_t update = {0};
    change_listener(&update, make_listener(&arena, "l", 80, "rc"));
    snapshot_unref(snapshot_builder_apply(builder, &update, NULL));
    while (size > 3) { /* type, length in two bytes, message */
        size_t len = (size_t)data[1] << 8 | data[2];
        if (len > size - 3)
            len = size - 3;
        apply(builder, data[0] % XDS_TYPE_COUNT, slice_make((const char *)data + 3, len));
        data += 3 + len;
        size -= 3 + len;
    }
    ask_all(snapshot_builder_current(builder));
    snapshot_builder_free(builder);
    xds_update_fini(&update);
    arena_fini(&arena);
    return 0;
}
