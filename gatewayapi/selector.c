/* selector.c: see selector.h. */
#include "gatewayapi/selector.h"

/* find_label gives the label's value; false if it is not there. */
static bool find_label(slice_t key, slice_t name, const object_t *object, slice_t *ret)
{
    for (size_t i = 0; object && i < object->labels.count; i++) {
        if (slice_eq(object->labels.at[i].key, key)) {
            *ret = object->labels.at[i].value;
            return true;
        }
    }
    *ret = name;
    return slice_eq(key, SLICE("kubernetes.io/metadata.name"));
}

static bool has_value(const selector_requirement_t *requirement, slice_t value)
{
    for (size_t i = 0; i < requirement->value_count; i++)
        if (slice_eq(requirement->values[i], value))
            return true;
    return false;
}

bool selector_matches_namespace(const selector_t *selector, slice_t name, const object_t *object)
{
    for (size_t i = 0; i < selector->count; i++) {
        const selector_requirement_t *requirement = &selector->at[i];
        slice_t value;
        bool found = find_label(requirement->key, name, object, &value);
        bool ok = false;
        switch (requirement->operator) {
        case SELECTOR_IN:
            ok = found && has_value(requirement, value);
            break;
        case SELECTOR_NOT_IN:
            ok = !found || !has_value(requirement, value);
            break;
        case SELECTOR_EXISTS:
            ok = found;
            break;
        case SELECTOR_DOES_NOT_EXIST:
            ok = !found;
            break;
        }
        if (!ok)
            return false;
    }
    return true;
}
