/*
 * objects.h: manifests for tests of the control actors, as texts and as batches.
 */
#ifndef TESTS_UNIT_ACTORS_OBJECTS_H
#define TESTS_UNIT_ACTORS_OBJECTS_H

#include "actors/store_msg.h"
#include "actors/translator_msg.h"

#define CLASS_TEXT                                                                                 \
    "apiVersion: gateway.networking.k8s.io/v1\n"                                                   \
    "kind: GatewayClass\n"                                                                         \
    "metadata: {name: nantian-gw}\n"                                                               \
    "spec: {controllerName: gateway.networking.k8s.io/nantian-gw}\n"                               \
    "---\n"

#define GATEWAY_TEXT(name, port)                                                                   \
    "apiVersion: gateway.networking.k8s.io/v1\n"                                                   \
    "kind: Gateway\n"                                                                              \
    "metadata: {name: " name "}\n"                                                                 \
    "spec: {gatewayClassName: nantian-gw, listeners: [{name: http, port: " port                    \
    ", protocol: HTTP}]}\n"                                                                        \
    "---\n"

#define ROUTE_TEXT(name, path)                                                                     \
    "apiVersion: gateway.networking.k8s.io/v1\n"                                                   \
    "kind: HTTPRoute\n"                                                                            \
    "metadata: {name: " name "}\n"                                                                 \
    "spec:\n"                                                                                      \
    "  parentRefs: [{name: web}]\n"                                                                \
    "  rules:\n"                                                                                   \
    "  - matches: [{path: {type: PathPrefix, value: " path "}}]\n"                                 \
    "    backendRefs: [{name: backend, port: 80}]\n"                                               \
    "---\n"

#define BACKEND_TEXT(port)                                                                         \
    "apiVersion: v1\n"                                                                             \
    "kind: Service\n"                                                                              \
    "metadata: {name: backend}\n"                                                                  \
    "spec: {ports: [{port: 80}]}\n"                                                                \
    "---\n"                                                                                        \
    "apiVersion: discovery.k8s.io/v1\n"                                                            \
    "kind: EndpointSlice\n"                                                                        \
    "metadata: {name: backend-1, labels: {kubernetes.io/service-name: backend}}\n"                 \
    "addressType: IPv4\n"                                                                          \
    "endpoints: [{addresses: [127.0.0.1]}]\n"                                                      \
    "ports: [{port: " port "}]\n"                                                                  \
    "---\n"

/* files_of makes the report of one file with that content; NULL: it is gone. */
manifest_batch_t *files_of(const char *source, const char *text);

/* changes_of makes a batch for the translator with the objects of one source. */
change_batch_t *changes_of(const char *source, const char *text);

#endif
