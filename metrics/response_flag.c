#include "metrics/response_flag.h"

#define FLAG_NAME(name, status, about)   #name,
#define FLAG_STATUS(name, status, about) status,

const char *response_flag_name(response_flag_t flag)
{
    static const char *const names[] = {RESPONSE_FLAGS(FLAG_NAME) ""};
    return names[flag];
}

unsigned response_flag_status(response_flag_t flag)
{
    static const unsigned short statuses[] = {RESPONSE_FLAGS(FLAG_STATUS) 0};
    return statuses[flag];
}
