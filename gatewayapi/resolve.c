/*
 * resolve.c: whether a backend reference can be used: its kind, its namespace's permission, the
 * Service and its port (HTTPBackendRef in the Gateway API). See model.h.
 */
#include "gatewayapi/model.h"

/* grants says whether a ReferenceGrant lets HTTPRoutes of a namespace refer to a Service. */
static bool grants(const reference_grant_t *grant, slice_t namespace_, slice_t service)
{
    bool from = false, to = false;
    for (size_t i = 0; i < grant->from_count; i++)
        from = from || (slice_eq(grant->from[i].group, SLICE(GATEWAY_GROUP)) &&
                        slice_eq(grant->from[i].kind, SLICE("HTTPRoute")) &&
                        slice_eq(grant->from[i].namespace_, namespace_));
    for (size_t i = 0; i < grant->to_count; i++)
        to = to || (grant->to[i].group.len == 0 && slice_eq(grant->to[i].kind, SLICE("Service")) &&
                    (grant->to[i].name.len == 0 || slice_eq(grant->to[i].name, service)));
    return from && to;
}

static bool is_permitted(const translator_t *translator, const object_t *route,
                         const backend_ref_t *ref)
{
    if (slice_eq(ref->namespace_, route->namespace_))
        return true;
    store_list_t list =
        store_find(translator->store, STORE_GRANTS_BY_NAMESPACE, SLICE(""), ref->namespace_);
    for (size_t i = 0; i < list.count; i++)
        if (grants(list.at[i]->reference_grant, route->namespace_, ref->name))
            return true;
    return false;
}

/* is_foreign_protocol: an appProtocol that asks for something other than HTTP/1.1 in clear text
 * (GEP-1911). Names that are no HTTP at all say nothing and are passed over. */
static bool is_foreign_protocol(slice_t protocol)
{
    static const char *const names[] = {"kubernetes.io/h2c", "kubernetes.io/ws",
                                        "kubernetes.io/wss", "https", "tls"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (slice_eq(protocol, slice_of(names[i])))
            return true;
    return false;
}

static const service_port_t *find_port(const service_t *service, uint16_t port)
{
    for (size_t i = 0; i < service->port_count; i++)
        if (service->ports[i].port == port && service->ports[i].tcp)
            return &service->ports[i];
    return NULL;
}

/* resolve_service judges the Service and the port, once the reference may be made. */
static const char *resolve_service(translator_t *translator, const backend_ref_t *ref,
                                   slice_t *ret_message)
{
    const object_t *object = store_get(translator->store, KIND_SERVICE, ref->namespace_, ref->name);
    if (object == NULL) {
        *ret_message = scratch_printf(translator, "Service %.*s/%.*s does not exist",
                                      SLICE_ARG(ref->namespace_), SLICE_ARG(ref->name));
        return "BackendNotFound";
    }
    if (object->service->external_name) {
        *ret_message = scratch_printf(translator, "Service %.*s/%.*s has the type ExternalName",
                                      SLICE_ARG(ref->namespace_), SLICE_ARG(ref->name));
        return "InvalidKind";
    }
    const service_port_t *port = find_port(object->service, ref->port);
    if (port == NULL) {
        *ret_message = scratch_printf(translator, "Service %.*s/%.*s has no TCP port %u",
                                      SLICE_ARG(ref->namespace_), SLICE_ARG(ref->name), ref->port);
        return "BackendNotFound";
    }
    if (is_foreign_protocol(port->app_protocol)) {
        *ret_message = scratch_printf(translator, "appProtocol %.*s is not supported",
                                      SLICE_ARG(port->app_protocol));
        return "UnsupportedProtocol";
    }
    return NULL;
}

const char *resolve_backend(translator_t *translator, const object_t *route,
                            const backend_ref_t *ref, slice_t *ret_message)
{
    if (ref->group.len > 0 || !slice_eq(ref->kind, SLICE("Service"))) {
        *ret_message = scratch_printf(translator, "kind %.*s of group \"%.*s\" is no backend",
                                      SLICE_ARG(ref->kind), SLICE_ARG(ref->group));
        return "InvalidKind";
    }
    if (!is_permitted(translator, route, ref)) {
        *ret_message = scratch_printf(translator, "no ReferenceGrant permits Service %.*s/%.*s",
                                      SLICE_ARG(ref->namespace_), SLICE_ARG(ref->name));
        return "RefNotPermitted";
    }
    return resolve_service(translator, ref, ret_message);
}
