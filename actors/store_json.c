/* store_json.c: see store_json.h. */
#include "actors/store_json.h"

#include "core/mem.h"

/* An object that counts. Lies in an array, one for each object that there is. */
typedef struct counted {
    table_node_t node;
    const object_t *object;
} counted_t;

typedef struct writer {
    strbuf_t *out;
    const status_book_t *book;
    source_t **sources; /* by name */
    size_t source_count;
    table_t seen[KIND_COUNT];
    counted_t *counted;
    size_t count;
} writer_t;

static int compare_sources(const void *a, const void *b)
{
    return strcmp((*(source_t *const *)a)->name, (*(source_t *const *)b)->name);
}

static void sort_sources(writer_t *w, source_t *sources)
{
    source_t *source, *next;
    size_t objects = 0;
    w->sources = xcalloc(HASH_COUNT(sources) + 1, sizeof(source_t *));
    HASH_ITER (hh, sources, source, next) {
        w->sources[w->source_count++] = source;
        objects += source->count;
    }
    if (w->source_count > 1)
        qsort(w->sources, w->source_count, sizeof(source_t *), compare_sources);
    w->counted = xcalloc(objects + 1, sizeof(*w->counted));
}

static const object_t *first_of(const writer_t *w, const object_t *object)
{
    table_node_t *node = table_find(&w->seen[object->kind], object->namespace_, object->name);
    return node ? GW_CONTAINER_OF(node, counted_t, node)->object : NULL;
}

static void count(writer_t *w, const object_t *object)
{
    counted_t *counted = &w->counted[w->count++];
    counted->object = object;
    table_add(&w->seen[object->kind], &counted->node, object->namespace_, object->name);
}

static void member(strbuf_t *out, const char *name, slice_t value)
{
    if (value.len == 0)
        return;
    strbuf_printf(out, ",\"%s\":", name);
    strbuf_add_json(out, value);
}

static void comma(strbuf_t *out)
{
    char last = out->base[out->len - 1];
    if (last != '[')
        strbuf_add_char(out, ',');
}

static void write_problem(strbuf_t *out, const problem_t *problem)
{
    comma(out);
    strbuf_printf(out, "{\"line\":%u", problem->line);
    member(out, "file", problem->file);
    member(out, "object", problem->object);
    member(out, "field", problem->field);
    member(out, "reason", problem->reason);
    strbuf_add_char(out, '}');
}

static void write_shadowed(strbuf_t *out, const object_t *object, const object_t *first)
{
    strbuf_t title = {0}, reason = {0};
    strbuf_printf(&title, "%s %.*s%s%.*s", kind_name(object->kind), SLICE_ARG(object->namespace_),
                  object->namespace_.len ? "/" : "", SLICE_ARG(object->name));
    strbuf_printf(&reason, "is ignored: %.*s line %u defines it too", SLICE_ARG(first->source),
                  first->line);
    write_problem(out, &(problem_t){.file = object->source,
                                    .line = object->line,
                                    .object = strbuf_slice(&title),
                                    .reason = strbuf_slice(&reason)});
    strbuf_fini(&title);
    strbuf_fini(&reason);
}

static void write_object(const writer_t *w, const object_t *object)
{
    strbuf_t *out = w->out;
    const object_status_t *status = status_book_find(w->book, object);
    comma(out);
    if (status) {
        status_add_json(status, out);
        out->len--; /* the members below go into the same object */
    } else {
        strbuf_printf(out, "{\"kind\":\"%s\"", kind_name(object->kind));
        member(out, "namespace", object->namespace_);
        member(out, "name", object->name);
    }
    member(out, "file", object->source);
    strbuf_printf(out, ",\"line\":%u}", object->line);
}

static void write_problems(writer_t *w)
{
    for (size_t i = 0; i < w->source_count; i++) {
        const source_t *source = w->sources[i];
        for (size_t j = 0; j < source->problems.count; j++)
            write_problem(w->out, &source->problems.at[j]);
        for (size_t j = 0; j < source->count; j++) {
            const object_t *first = first_of(w, source->objects[j]);
            if (first)
                write_shadowed(w->out, source->objects[j], first);
            else
                count(w, source->objects[j]);
        }
    }
}

void store_json_write(source_t *sources, const status_book_t *book, strbuf_t *out)
{
    writer_t w = {.out = out, .book = book};
    sort_sources(&w, sources);
    strbuf_printf(out, "{\"files\":%zu,\"problems\":[", w.source_count);
    write_problems(&w);
    strbuf_add_text(out, "],\"objects\":[");
    for (size_t i = 0; i < w.count; i++)
        write_object(&w, w.counted[i].object);
    strbuf_add_text(out, "]}");
    for (int kind = 0; kind < KIND_COUNT; kind++)
        table_fini(&w.seen[kind]);
    free(w.counted);
    free(w.sources);
}
