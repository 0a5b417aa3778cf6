/*
 * kind.h: the kinds of objects that the gateway reads, in one catalogue.
 */
#ifndef GATEWAYAPI_KIND_H
#define GATEWAYAPI_KIND_H

#include "core/slice.h"

/* ID, kind, API group, versions (all with the same schema), namespaced */
#define GATEWAYAPI_KINDS(X)                                                                        \
    X(GATEWAY_CLASS, "GatewayClass", "gateway.networking.k8s.io", "v1,v1beta1", false)             \
    X(GATEWAY, "Gateway", "gateway.networking.k8s.io", "v1,v1beta1", true)                         \
    X(HTTP_ROUTE, "HTTPRoute", "gateway.networking.k8s.io", "v1,v1beta1", true)                    \
    X(REFERENCE_GRANT, "ReferenceGrant", "gateway.networking.k8s.io", "v1,v1beta1", true)          \
    X(NAMESPACE, "Namespace", "", "v1", false)                                                     \
    X(SERVICE, "Service", "", "v1", true)                                                          \
    X(ENDPOINT_SLICE, "EndpointSlice", "discovery.k8s.io", "v1", true)

typedef enum object_kind {
#define KIND_ENUM(id, kind, group, versions, namespaced) KIND_##id,
    GATEWAYAPI_KINDS(KIND_ENUM)
#undef KIND_ENUM
        KIND_COUNT
} object_kind_t;

#define GATEWAY_GROUP "gateway.networking.k8s.io"

/* kind_name gives "HTTPRoute". The string is static. */
const char *kind_name(object_kind_t kind);

/* kind_group gives "gateway.networking.k8s.io"; "" is the core group. The string is static. */
const char *kind_group(object_kind_t kind);

/* kind_is_namespaced says whether objects of the kind live in a namespace. */
bool kind_is_namespaced(object_kind_t kind);

/*
 * kind_find looks a kind up by a manifest's apiVersion ("group/version" or "v1") and kind. It
 * returns 0; GW_ENOTFOUND if group and kind are none of ours; GW_EINVAL if they are and the version
 * is none that is known. *ret is set in the first and last case.
 */
int kind_find(slice_t api_version, slice_t kind, object_kind_t *ret);

#endif
