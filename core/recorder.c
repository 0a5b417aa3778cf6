#include "core/recorder.h"

#include "core/mem.h"

void recorder_init(recorder_t *recorder, uint32_t events)
{
    uint32_t size = 64;
    while (size < events && size < 1u << 24)
        size *= 2;
    *recorder = (recorder_t){.ring = xcalloc(size, sizeof(record_t)), .mask = size - 1};
}

void recorder_fini(recorder_t *recorder)
{
    free(recorder->ring);
    *recorder = (recorder_t){0};
}

record_t record_of(const train_item_t *item)
{
    record_t record = {.queued_ns = item->queued_ns,
                       .handled_ns = item->handled_ns & ~TRAIN_DONE,
                       .kind = (uint8_t)(item->msg.flags >> MSG_KIND_SHIFT & MSG_KIND_MASK)};
    memcpy(&record, &item->msg.src, RECORD_ENVELOPE);
    record.flags &= (uint16_t) ~(MSG_KIND_MASK << MSG_KIND_SHIFT);
    return record;
}

size_t recorder_find(const recorder_t *recorder, uint64_t trace, record_t *ret, size_t max)
{
    uint64_t held = recorder->seq <= recorder->mask ? recorder->seq : recorder->mask + 1;
    size_t found = 0;
    for (uint64_t back = 1; back <= held && found < max; back++) {
        const record_t *record = &recorder->ring[(recorder->seq - back) & recorder->mask];
        if (trace == 0 || record->trace == trace)
            ret[found++] = *record;
    }
    return found;
}

const char *recorder_kind_name(uint8_t kind)
{
    static const char *const names[] = {"handled", "sent", "dropped", "restarted"};
    return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}
