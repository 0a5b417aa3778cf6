/* targets.c: see targets.h. */
#include "targets.h"

#include "core/mem.h"
#include "core/strbuf.h"

enum { LINE_MAX_BYTES = 4096 };

/* next_field cuts the line at its first tab. */
static slice_t next_field(slice_t *line)
{
    size_t len = slice_chr(*line, '\t');
    slice_t field = slice_sub(*line, 0, len);
    *line = slice_sub(*line, len + 1, line->len);
    return field;
}

static slice_t request_of(slice_t line)
{
    strbuf_t text = {0};
    slice_t host = next_field(&line), path = next_field(&line), header = next_field(&line);
    strbuf_printf(&text, "GET %.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: bench\r\nAccept: */*\r\n",
                  SLICE_ARG(path), SLICE_ARG(host));
    if (header.len > 0)
        strbuf_printf(&text, "%.*s\r\n", SLICE_ARG(header));
    strbuf_add_text(&text, "\r\n");
    size_t len = text.len;
    return slice_make(strbuf_take(&text), len);
}

static void add(targets_t *targets, slice_t line)
{
    if ((targets->count & (targets->count - 1)) == 0) {
        size_t cap = targets->count ? targets->count * 2 : 1;
        targets->requests = xrealloc(targets->requests, cap * sizeof(slice_t));
    }
    targets->requests[targets->count++] = request_of(line);
}

void targets_load(targets_t *targets, const char *file, uint64_t seed)
{
    char line[LINE_MAX_BYTES];
    FILE *stream = fopen(file, "re");
    *targets = (targets_t){.state = seed * 2 + 1};
    while (stream != NULL && fgets(line, sizeof(line), stream) != NULL) {
        slice_t text = slice_of(line);
        add(targets, slice_sub(text, 0, slice_chr(text, '\n')));
    }
    if (targets->count == 0) {
        fprintf(stderr, "bench_load: no target in %s\n", file);
        exit(2);
    }
    fclose(stream);
}

slice_t targets_choose(targets_t *targets)
{
    if (targets->count == 1)
        return targets->requests[0];
    targets->state ^= targets->state << 13;
    targets->state ^= targets->state >> 7;
    targets->state ^= targets->state << 17;
    return targets->requests[(targets->state >> 11) % targets->count];
}

void targets_fini(targets_t *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        free((void *)(uintptr_t)targets->requests[i].base);
    free(targets->requests);
    *targets = (targets_t){0};
}
