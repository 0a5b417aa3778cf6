/*
 * The route index against a walk through the list: the input chooses a table and requests, see
 * random_table.h.
 */
#include "core/check.h"
#include "tests/unit/xds/random_table.h"

enum { REQUESTS = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1] = {0};
    choices_t choices = {.data = size ? data : nothing, .left = size};
    arena_t arena = {0};
    reference_t reference = random_reference(&choices, &arena);
    const snapshot_t *snapshot = random_table(&reference, 1);
    for (int i = 0; i < REQUESTS && choices.left > 0; i++) {
        route_request_t request = random_request(&choices, &reference, &arena);
        GW_ASSERT(random_agree(&reference, snapshot, &request));
    }
    snapshot_unref(snapshot);
    arena_fini(&arena);
    return 0;
}
