#include "tests/unit/actors/objects.h"

#include "core/mem.h"

manifest_batch_t *files_of(const char *source, const char *text)
{
    manifest_batch_t *batch = manifest_batch_new(1);
    manifest_file_t *file = &batch->files[batch->count++];
    batch->complete = true;
    file->source = xstrdup(source);
    file->gone = text == NULL;
    if (text)
        file->broken = manifest_parse(slice_of(source), slice_of(text), &file->manifest) < 0;
    return batch;
}

change_batch_t *changes_of(const char *source, const char *text)
{
    manifest_batch_t *files = files_of(source, text);
    change_batch_t *batch = change_batch_new(1);
    change_batch_add(batch, source, files->files[0].manifest.objects,
                     files->files[0].manifest.count);
    manifest_batch_free(files);
    return batch;
}
