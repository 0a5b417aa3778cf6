#include "core/slab.h"

#include "core/check.h"
#include "core/mem.h"

enum { GENERATION_STEP = 1 << SLAB_SLOT_BITS };
/* `next` of the last free node: it must not look live. */
static const uint32_t END = UINT32_MAX;

void slab_init(slab_t *slab, size_t size)
{
    GW_ASSERT(size >= sizeof(slab_node_t));
    *slab = (slab_t){.size = (size + 15) & ~(size_t)15, .first = END};
}

void slab_fini(slab_t *slab)
{
    for (uint32_t i = 0; i < slab->slots / SLAB_CHUNK; i++)
        free(slab->chunks[i]);
    free(slab->chunks);
    *slab = (slab_t){.size = slab->size, .first = END};
}

static void add_free(slab_t *slab, slab_node_t *node, uint32_t slot)
{
    node->next = END;
    if (slab->first == END)
        slab->first = slot + 1;
    else
        slab_at(slab, slab->last - 1)->next = slot + 1;
    slab->last = slot + 1;
}

static void add_chunk(slab_t *slab)
{
    uint32_t first = slab->slots, chunk = first / SLAB_CHUNK;
    slab->chunks = xrealloc(slab->chunks, (chunk + 1) * sizeof(*slab->chunks));
    slab->chunks[chunk] = xcalloc(SLAB_CHUNK, slab->size);
    slab->slots += SLAB_CHUNK;
    for (uint32_t slot = first; slot < slab->slots; slot++) {
        slab_node_t *node = slab_at(slab, slot);
        node->id = GENERATION_STEP | slot;
        add_free(slab, node, slot);
    }
}

void *slab_new(slab_t *slab)
{
    if (slab->slots - slab->live < SLAB_REST && slab->slots < SLAB_CHUNKS_MAX * SLAB_CHUNK)
        add_chunk(slab);
    if (slab->first == END)
        return NULL;
    slab_node_t *node = slab_at(slab, slab->first - 1);
    slab->first = node->next;
    slab->live++;
    uint32_t id = node->id;
    memset(node, 0, slab->size);
    node->id = id;
    return node;
}

void slab_free(slab_t *slab, void *object)
{
    slab_node_t *node = object;
    GW_ASSERT(node->next == 0);
    uint32_t slot = node->id & (GENERATION_STEP - 1);
    node->id += GENERATION_STEP;
    if (node->id < GENERATION_STEP) /* generation 0 is never given: no id is 0 */
        node->id += GENERATION_STEP;
    add_free(slab, node, slot);
    slab->live--;
}
