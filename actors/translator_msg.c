/* translator_msg.c: the catalogue of translator_msg.h and its bodies. */
#include "actors/translator_msg.h"

#include "core/mem.h"

change_batch_t *change_batch_new(uint32_t capacity)
{
    return xcalloc(1, sizeof(change_batch_t) + capacity * sizeof(source_change_t));
}

void change_batch_add(change_batch_t *batch, const char *source, object_t *const *objects,
                      size_t count)
{
    source_change_t *change = &batch->sources[batch->count++];
    change->source = xstrdup(source);
    change->objects = count ? xcalloc(count, sizeof(*change->objects)) : NULL;
    change->count = count;
    for (size_t i = 0; i < count; i++)
        change->objects[i] = object_ref(objects[i]);
}

void change_batch_free(change_batch_t *batch)
{
    if (!batch)
        return;
    for (uint32_t i = 0; i < batch->count; i++) {
        source_change_t *change = &batch->sources[i];
        for (size_t j = 0; j < change->count; j++)
            object_unref(change->objects[j]);
        free(change->objects);
        free(change->source);
    }
    free(batch);
}

void translation_free(translation_t *translation)
{
    if (!translation)
        return;
    status_update_fini(&translation->status);
    problems_clear(&translation->problems);
    free(translation);
}

MSG_DEFINE(translator, 22, TRANSLATOR_MESSAGES)
