/*
 * route.h: one compiled route: what a request must look like, and what happens to it then. Routes
 * lie in the memory of their virtual host (vhost.h) and are immutable; any thread reads them.
 *
 * What a field means is what the public API says of the field it comes from (Route in
 * route_components.proto); where that API has a default for an absent field, it is applied here.
 */
#ifndef XDS_ROUTE_H
#define XDS_ROUTE_H

#include "core/slice.h"
#include "xds/series.h"

typedef struct vhost vhost_t;

enum {
    ROUTE_PATH_MAX = 4096,   /* bytes of a path to match */
    ROUTE_NAME_MAX = 256,    /* bytes of a header or query parameter name to match */
    ROUTE_VALUE_MAX = 4096,  /* bytes of a value to match */
    ROUTE_MATCHERS_MAX = 64, /* of one route */
};

/* How the path is compared; each kind has a group of routes of its own in the path index. */
typedef enum route_path_kind {
    ROUTE_PATH_EXACT,     /* the whole path */
    ROUTE_PATH_SEPARATED, /* the whole path, or up to a '/' in it */
    ROUTE_PATH_PREFIX,    /* any beginning */
    ROUTE_PATH_KINDS
} route_path_kind_t;

typedef enum route_test {
    ROUTE_TEST_METHOD, /* the method is the value */
    ROUTE_TEST_HEADER, /* the field is there and its value (several joined by ',') is the value */
    ROUTE_TEST_HEADER_PRESENT,
    ROUTE_TEST_QUERY, /* the first parameter of that name has the value, undecoded */
    ROUTE_TEST_QUERY_PRESENT
} route_test_t;

/* One condition beside the path; all of a route's must hold. */
typedef struct route_matcher {
    slice_t name; /* a header's in lower case */
    slice_t value;
    uint8_t test;          /* route_test_t */
    bool invert;           /* the result is turned round; a missing header stays a mismatch */
    bool missing_is_empty; /* a missing header counts as one with an empty value */
} route_matcher_t;

/* What a change of header fields does with fields of that name that are there already. */
typedef enum header_change {
    HEADER_REMOVE,
    HEADER_APPEND,
    HEADER_ADD_IF_ABSENT,
    HEADER_OVERWRITE, /* add or replace */
    HEADER_OVERWRITE_IF_EXISTS
} header_change_t;

typedef struct header_edit {
    slice_t name, value;
    uint8_t change; /* header_change_t */
} header_edit_t;

/* Changes in the order in which they are made. */
typedef struct header_edits {
    const header_edit_t *at;
    uint32_t count;
} header_edits_t;

typedef enum route_action {
    ROUTE_FORWARD,  /* to a cluster, by weight */
    ROUTE_REDIRECT, /* answer with a Location */
    ROUTE_RESPOND   /* answer with a fixed status and body */
} route_action_t;

/* One of the clusters of a route. */
typedef struct route_cluster {
    uint32_t cluster; /* its dense number: snapshot_cluster(snapshot, cluster), which may be NULL */
    uint32_t upto;    /* sum of the weights up to and with this one */
    slice_t host_rewrite;                         /* empty: the route's */
    header_edits_t request_edits, response_edits; /* made before the route's */
} route_cluster_t;

typedef struct route_forward {
    const route_cluster_t *clusters;
    uint32_t cluster_count;
    uint32_t total_weight;       /* > 0 */
    uint32_t timeout_ms;         /* of the whole request, from its end to the response's; 0: none */
    uint32_t backend_timeout_ms; /* of one try at a backend; 0: none */
    uint16_t missing_status;     /* the answer when the chosen cluster does not exist */
    bool append_x_forwarded_host; /* with the host that was replaced */
    slice_t host_rewrite;         /* empty: the host stays */
    slice_t prefix_rewrite; /* what replaces the matched path or prefix; empty: nothing does */
} route_forward_t;

typedef struct route_redirect {
    slice_t scheme; /* empty: the request's */
    slice_t host;   /* empty: the request's */
    slice_t path;   /* replaces the whole path; may carry a query */
    slice_t prefix; /* replaces the matched prefix */
    uint16_t status;
    uint16_t port; /* 0: none was named */
    bool has_path, has_prefix;
    bool strip_query;
} route_redirect_t;

typedef struct route_respond {
    slice_t body;
    uint16_t status;
} route_respond_t;

/* Where the route comes from; all empty for a foreign configuration. */
typedef struct route_info {
    slice_t kind, namespace, name; /* "HTTPRoute", of the Kubernetes object */
    slice_t rule_name;
    uint32_t rule_index;
} route_info_t;

typedef struct route {
    const vhost_t *vhost;
    slice_t name;
    slice_t path;
    const route_matcher_t *matchers;
    uint32_t matcher_count;
    uint32_t position;  /* in the virtual host's list */
    series_id_t series; /* of "Http/NAMESPACE/NAME" */
    uint8_t path_kind;  /* route_path_kind_t */
    uint8_t action;     /* route_action_t: which member of the union counts */
    route_info_t info;
    header_edits_t request_edits, response_edits;
    union {
        route_forward_t forward;
        route_redirect_t redirect;
        route_respond_t respond;
    };
} route_t;

/*
 * route_pick_cluster chooses one of the clusters of a ROUTE_FORWARD by their weights; `random` is
 * uniform over all of its values. Never NULL, and never one of weight 0.
 */
const route_cluster_t *route_pick_cluster(const route_t *route, uint32_t random);

/* route_path_kind_text and route_action_text give words for people; the strings are static. */
const char *route_path_kind_text(route_path_kind_t kind);
const char *route_action_text(route_action_t action);

#endif
