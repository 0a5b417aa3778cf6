#include "core/core_msg.h"

void failure_free(failure_t *failure)
{
    free(failure);
}

void obituary_free(obituary_t *obituary)
{
    free(obituary);
}

void mute_free(mute_t *mute)
{
    free(mute);
}

MSG_DEFINE(core, 0, CORE_MESSAGES)
