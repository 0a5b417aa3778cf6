/* decode.c: the part of the decoder that all kinds share; see decode.h. */
#include "gatewayapi/decode_priv.h"

#include "core/check.h"
#include "core/mem.h"
#include "gatewayapi/syntax.h"

enum { ALIGNMENT = 16 };

void *decode_alloc(decoder_t *decoder, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    decoder->used += bytes;
    return arena_zalloc(&decoder->arena, bytes);
}

slice_t decode_text(decoder_t *decoder, slice_t text)
{
    if (text.len == 0)
        return (slice_t){NULL, 0};
    char *copy = decode_alloc(decoder, 1, text.len);
    memcpy(copy, text.base, text.len);
    return (slice_t){copy, text.len};
}

slice_t decode_member(decoder_t *decoder, const node_t *map, const char *key, slice_t fallback)
{
    return decode_text(decoder, node_text(map, key, fallback));
}

const slice_t *decode_strings(decoder_t *decoder, const node_t *list, size_t *ret_count)
{
    size_t count = 0;
    slice_t *texts = decode_alloc(decoder, node_length(list), sizeof(*texts));
    NODE_EACH (item, list)
        texts[count++] = decode_text(decoder, item->text);
    *ret_count = count;
    return texts;
}

size_t node_length(const node_t *list)
{
    return list ? list->count : 0;
}

static labels_t decode_labels(decoder_t *decoder, const node_t *map)
{
    labels_t labels = {.count = node_length(map)};
    label_t *at = decode_alloc(decoder, labels.count, sizeof(*at));
    labels.at = at;
    NODE_EACH (label, map)
        *at++ = (label_t){decode_text(decoder, label->key), decode_text(decoder, label->text)};
    return labels;
}

static void decode_metadata(decoder_t *decoder, object_t *object, const node_t *metadata)
{
    slice_t fallback = kind_is_namespaced(object->kind) ? SLICE("default") : SLICE("");
    if (kind_is_namespaced(object->kind))
        object->namespace_ = decode_member(decoder, metadata, "namespace", fallback);
    object->name = decode_member(decoder, metadata, "name", SLICE(""));
    object->generation = node_integer(metadata, "generation", 0);
    object->created_ms = OBJECT_NO_TIME;
    (void)time_parse(node_text(metadata, "creationTimestamp", SLICE("")), &object->created_ms);
    object->labels = decode_labels(decoder, node_get(metadata, "labels"));
    decoder->namespace_ = object->namespace_;
}

static void decode_content(decoder_t *decoder, object_t *object, const node_t *node)
{
    switch (object->kind) {
    case KIND_GATEWAY_CLASS:
        object->gateway_class = decode_gateway_class(decoder, node);
        break;
    case KIND_GATEWAY:
        object->gateway = decode_gateway(decoder, node);
        break;
    case KIND_HTTP_ROUTE:
        object->http_route = decode_http_route(decoder, node);
        break;
    case KIND_REFERENCE_GRANT:
        object->reference_grant = decode_reference_grant(decoder, node);
        break;
    case KIND_SERVICE:
        object->service = decode_service(decoder, node);
        break;
    case KIND_ENDPOINT_SLICE:
        object->endpoint_slice = decode_endpoint_slice(decoder, node);
        break;
    case KIND_NAMESPACE:
    case KIND_COUNT:
        break;
    }
}

/* decode makes the object in the decoder's arena. */
static object_t *decode(decoder_t *decoder, object_kind_t kind, const node_t *node, slice_t source,
                        slice_t unsupported)
{
    object_t *object = decode_alloc(decoder, 1, sizeof(*object));
    object->kind = kind;
    object->line = node->line;
    object->source = decode_text(decoder, source);
    object->unsupported = decode_text(decoder, unsupported);
    decode_metadata(decoder, object, node_get(node, "metadata"));
    decode_content(decoder, object, node);
    return object;
}

object_t *object_decode(object_kind_t kind, const node_t *node, slice_t source, slice_t unsupported)
{
    decoder_t measure = {0};
    decode(&measure, kind, node, source, unsupported);
    arena_fini(&measure.arena);

    decoder_t decoder = {0};
    void *memory = xmalloc(measure.used);
    arena_init_with(&decoder.arena, memory, measure.used);
    object_t *object = decode(&decoder, kind, node, source, unsupported);
    GW_ASSERT((void *)object == memory && decoder.used == measure.used);
    ref_init(&object->ref);
    object->hash = node_hash(node, "status");
    return object;
}
