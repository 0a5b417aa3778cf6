/*
 * selector.h: whether a label selector (metav1.LabelSelector) selects labels.
 */
#ifndef GATEWAYAPI_SELECTOR_H
#define GATEWAYAPI_SELECTOR_H

#include "gatewayapi/object.h"

/*
 * selector_matches_namespace judges a namespace. `object` may be NULL: a namespace that nothing
 * describes has only the label that every namespace has, kubernetes.io/metadata.name. An empty
 * selector selects everything.
 */
bool selector_matches_namespace(const selector_t *selector, slice_t name, const object_t *object);

#endif
