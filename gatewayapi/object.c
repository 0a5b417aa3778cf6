/* object.c: see object.h. decode.c makes objects: one block of memory each. */
#include "gatewayapi/object.h"

#include <stdlib.h>

/* The count is the one part that changes in an object that is const for everybody. */
object_t *object_ref(const object_t *object)
{
    object_t *counted = (object_t *)(uintptr_t)object;
    ref_hold(&counted->ref);
    return counted;
}

void object_unref(const object_t *object)
{
    object_t *counted = (object_t *)(uintptr_t)object;
    if (counted && ref_drop(&counted->ref))
        free(counted);
}

slice_t object_label(const object_t *object, slice_t key)
{
    for (size_t i = 0; i < object->labels.count; i++)
        if (slice_eq(object->labels.at[i].key, key))
            return object->labels.at[i].value;
    return (slice_t){NULL, 0};
}

int object_compare_age(const object_t *a, const object_t *b)
{
    if (a->created_ms != b->created_ms)
        return a->created_ms < b->created_ms ? -1 : 1;
    int order = slice_compare(a->namespace_, b->namespace_);
    return order ? order : slice_compare(a->name, b->name);
}
