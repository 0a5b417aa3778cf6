/*
 * decode_priv.h: what the files of the decoder share. An object is decoded twice by the same
 * code: once to measure, once into a block of exactly that size, so that an object costs no more
 * memory than it needs and is freed with one call.
 */
#ifndef GATEWAYAPI_DECODE_PRIV_H
#define GATEWAYAPI_DECODE_PRIV_H

#include "core/arena.h"
#include "gatewayapi/decode.h"

typedef struct decoder {
    arena_t arena;
    size_t used;        /* bytes that the object needs so far, with padding */
    slice_t namespace_; /* of the object: the default of references */
} decoder_t;

/* decode_alloc gives cleared memory for `count` things of `size` bytes; NULL for none. */
void *decode_alloc(decoder_t *decoder, size_t count, size_t size);

/* decode_text copies a text. */
slice_t decode_text(decoder_t *decoder, slice_t text);

/* decode_member copies a string member of a map, or `fallback` if it is absent. */
slice_t decode_member(decoder_t *decoder, const node_t *map, const char *key, slice_t fallback);

/* decode_strings copies a list of strings and says how many there are. */
const slice_t *decode_strings(decoder_t *decoder, const node_t *list, size_t *ret_count);

/* node_length gives the number of items of a list that may be absent. */
size_t node_length(const node_t *list);

/* One function a kind: the content of an object from the whole object's tree. */
const gateway_class_t *decode_gateway_class(decoder_t *decoder, const node_t *object);
const gateway_t *decode_gateway(decoder_t *decoder, const node_t *object);
const http_route_t *decode_http_route(decoder_t *decoder, const node_t *object);
const reference_grant_t *decode_reference_grant(decoder_t *decoder, const node_t *object);
const service_t *decode_service(decoder_t *decoder, const node_t *object);
const endpoint_slice_t *decode_endpoint_slice(decoder_t *decoder, const node_t *object);

#endif
