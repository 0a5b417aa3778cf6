#include "core/host_msg.h"

void spawn_free(spawn_t *spawn)
{
    free(spawn);
}

void spawned_free(spawned_t *spawned)
{
    free(spawned);
}

void actor_pick_free(actor_pick_t *pick)
{
    free(pick);
}

void actor_list_free(actor_list_t *list)
{
    free(list);
}

void actor_description_free(actor_description_t *description)
{
    if (!description)
        return;
    free(description->json);
    free(description);
}

void trace_ask_free(trace_ask_t *ask)
{
    free(ask);
}

void trace_part_free(trace_part_t *part)
{
    free(part);
}

void worker_report_free(worker_report_t *report)
{
    free(report);
}

MSG_DEFINE(host, 1, HOST_MESSAGES)
