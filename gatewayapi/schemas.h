/*
 * schemas.h: the schemas of the kinds, and the pieces they share. The tables follow the CRDs of
 * Gateway API v1.7 (standard channel, with the experimental fields known and unsupported) and the
 * Kubernetes core API; see schema.h for what they mean.
 *
 * One rule of the Gateway CRD is left to the translator on purpose: that port, protocol and
 * hostname together are unique among listeners. It answers with the condition Conflicted on those
 * listeners, and the others serve.
 */
#ifndef GATEWAYAPI_SCHEMAS_H
#define GATEWAYAPI_SCHEMAS_H

#include "gatewayapi/kind.h"
#include "gatewayapi/schema.h"

/* schema_of gives the schema of a kind's whole object. */
const schema_t *schema_of(object_kind_t kind);

/* Whole objects. */
extern const schema_t schema_gateway_class, schema_gateway, schema_http_route,
    schema_reference_grant, schema_namespace, schema_service, schema_endpoint_slice;

/* Shared pieces. */
extern const schema_t schema_any, schema_boolean, schema_string, schema_string_list,
    schema_metadata, schema_group, schema_kind, schema_name, schema_namespace_name,
    schema_section_name, schema_port, schema_label_selector, schema_filters;

/* The four fields that every object has, and the end of a table. */
#define SCHEMA_OBJECT_FIELDS                                                                       \
    {"apiVersion", &schema_string, true, false}, {"kind", &schema_string, true, false},            \
        {"metadata", &schema_metadata, true, false},                                               \
    {                                                                                              \
        "status", &schema_any, false, false                                                        \
    }

#define SCHEMA_END                                                                                 \
    {                                                                                              \
        NULL, NULL, false, false                                                                   \
    }

/* A field that may be left out, one that must be there, and one that is not implemented. */
#define FIELD(name, schema)                                                                        \
    {                                                                                              \
        name, &(schema), false, false                                                              \
    }
#define REQUIRED(name, schema)                                                                     \
    {                                                                                              \
        name, &(schema), true, false                                                               \
    }
#define UNSUPPORTED(name, schema)                                                                  \
    {                                                                                              \
        name, &(schema), false, true                                                               \
    }

#endif
