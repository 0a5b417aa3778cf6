/*
 * object.h: the Kubernetes and Gateway API objects as typed structs. An object is immutable and
 * reference-counted: any number of stores and translators may hold it, on any worker. All its
 * texts and lists live and die with it.
 *
 * Defaults of the API are filled in: a port that is absent is 0, a reference's absent namespace is
 * the object's own, and so on, as each field says.
 */
#ifndef GATEWAYAPI_OBJECT_H
#define GATEWAYAPI_OBJECT_H

#include "core/ref.h"
#include "core/slice.h"
#include "gatewayapi/kind.h"

typedef struct label {
    slice_t key, value;
} label_t;

typedef struct labels {
    const label_t *at;
    size_t count;
} labels_t;

/* GatewayClass */
typedef struct gateway_class {
    slice_t controller;
} gateway_class_t;

/* metav1.LabelSelector; a requirement of matchLabels is one with operator In and one value. */
typedef enum selector_operator {
    SELECTOR_IN,
    SELECTOR_NOT_IN,
    SELECTOR_EXISTS,
    SELECTOR_DOES_NOT_EXIST
} selector_operator_t;

typedef struct selector_requirement {
    slice_t key;
    selector_operator_t operator;
    const slice_t *values;
    size_t value_count;
} selector_requirement_t;

typedef struct selector {
    const selector_requirement_t *at;
    size_t count;
} selector_t;

/* Gateway */
typedef struct route_kind {
    slice_t group, kind;
} route_kind_t;

typedef enum routes_from { ROUTES_FROM_SAME, ROUTES_FROM_ALL, ROUTES_FROM_SELECTOR } routes_from_t;

typedef struct gateway_listener {
    slice_t name;
    slice_t hostname; /* empty: any */
    uint16_t port;
    slice_t protocol;
    routes_from_t from;
    selector_t selector;       /* for ROUTES_FROM_SELECTOR */
    const route_kind_t *kinds; /* none: those that fit the protocol */
    size_t kind_count;
} gateway_listener_t;

typedef struct gateway {
    slice_t class_name;
    const gateway_listener_t *listeners;
    size_t listener_count;
} gateway_t;

/* HTTPRoute */
typedef struct parent_ref {
    slice_t group, kind, namespace_, name;
    slice_t section;    /* empty: all */
    uint16_t port;      /* 0: all */
    bool has_namespace; /* it was written, so the status repeats it */
} parent_ref_t;

typedef enum path_type { PATH_PREFIX, PATH_EXACT } path_type_t;

typedef struct name_value {
    slice_t name, value;
} name_value_t;

typedef struct route_match {
    path_type_t path_type;
    slice_t path;                /* of a prefix: without a slash at the end, except "/" */
    slice_t method;              /* empty: any */
    const name_value_t *headers; /* names in lower case, each once: the first of equals */
    const name_value_t *queries;
    uint16_t header_count, query_count;
} route_match_t;

typedef struct backend_ref {
    slice_t group, kind, namespace_, name;
    uint16_t port; /* 0: not given */
    uint32_t weight;
} backend_ref_t;

typedef struct route_rule {
    slice_t name;
    const route_match_t *matches; /* at least one */
    size_t match_count;
    const backend_ref_t *backends;
    size_t backend_count;
    uint64_t request_ms, backend_request_ms; /* 0: no timeout; see the flags */
    bool has_request, has_backend_request;   /* whether it was given */
} route_rule_t;

typedef struct http_route {
    const parent_ref_t *parents;
    size_t parent_count;
    const slice_t *hostnames; /* none: any */
    size_t hostname_count;
    const route_rule_t *rules;
    size_t rule_count;
} http_route_t;

/* ReferenceGrant */
typedef struct grant_from {
    slice_t group, kind, namespace_;
} grant_from_t;

typedef struct grant_to {
    slice_t group, kind;
    slice_t name; /* empty: every object of the kind */
} grant_to_t;

typedef struct reference_grant {
    const grant_from_t *from;
    const grant_to_t *to;
    size_t from_count, to_count;
} reference_grant_t;

/* Service */
typedef struct service_port {
    slice_t name;
    uint16_t port;
    bool tcp; /* protocol TCP, the default */
    slice_t app_protocol;
} service_port_t;

typedef struct service {
    const service_port_t *ports;
    size_t port_count;
    bool external_name; /* type ExternalName: no endpoints of its own */
} service_t;

/* EndpointSlice */
typedef struct slice_port {
    slice_t name;
    uint16_t port; /* 0: all ports; such a one is not usable here */
    bool tcp;
} slice_port_t;

typedef struct slice_endpoint {
    const slice_t *addresses;
    size_t address_count;
    bool ready, serving, terminating; /* absent conditions: ready, and serving as ready */
    slice_t target;                   /* targetRef as "kind/namespace/name"; empty: none */
} slice_endpoint_t;

typedef struct endpoint_slice {
    slice_t service; /* label kubernetes.io/service-name; empty: none */
    bool fqdn;       /* addressType FQDN: not usable here */
    const slice_endpoint_t *endpoints;
    size_t endpoint_count;
    const slice_port_t *ports;
    size_t port_count;
} endpoint_slice_t;

/* What every object has, and its content by kind (a Namespace has only labels). */
typedef struct object {
    ref_count_t ref; /* private */
    object_kind_t kind;
    slice_t namespace_; /* empty for kinds without one */
    slice_t name;
    slice_t source; /* the file it came from */
    uint32_t line;  /* where it begins in it */
    int64_t generation;
    int64_t created_ms; /* since 1970; OBJECT_NO_TIME if not given, which counts as youngest */
    uint64_t hash;      /* of its meaning; equal objects change nothing */
    labels_t labels;
    slice_t unsupported; /* path of the first field whose feature is not implemented, or empty */
    union {
        const gateway_class_t *gateway_class;
        const gateway_t *gateway;
        const http_route_t *http_route;
        const reference_grant_t *reference_grant;
        const service_t *service;
        const endpoint_slice_t *endpoint_slice;
    };
} object_t;

#define OBJECT_NO_TIME INT64_MAX

/* object_ref adds a reference and gives the same object. Any thread. */
object_t *object_ref(const object_t *object);

/* object_unref gives a reference back; the last one frees the object. NULL is fine. */
void object_unref(const object_t *object);

/* object_label gives a label's value, or the empty slice. */
slice_t object_label(const object_t *object, slice_t key);

/* object_compare_age orders by age, then namespace, then name (Gateway API's rule for conflicts):
 * <0 if `a` takes precedence. */
int object_compare_age(const object_t *a, const object_t *b);

#endif
