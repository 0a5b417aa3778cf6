/* store_msg.c: the catalogue of store_msg.h and its bodies. */
#include "actors/store_msg.h"

#include "core/mem.h"

manifest_batch_t *manifest_batch_new(uint32_t capacity)
{
    return xcalloc(1, sizeof(manifest_batch_t) + capacity * sizeof(manifest_file_t));
}

void manifest_batch_free(manifest_batch_t *batch)
{
    if (!batch)
        return;
    for (uint32_t i = 0; i < batch->count; i++) {
        manifest_fini(&batch->files[i].manifest);
        free(batch->files[i].source);
    }
    free(batch);
}

void status_text_free(status_text_t *text)
{
    if (text)
        free(text->json);
    free(text);
}

MSG_DEFINE(store, 21, STORE_MESSAGES)
