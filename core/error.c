#include "core/error.h"

const char *gw_error_name(int code)
{
    switch (code) {
#define GW_ERROR_NAME(name, number, text)                                                          \
    case name:                                                                                     \
        return #name;
        GW_ERRORS(GW_ERROR_NAME)
    case GW_OK:
        return "GW_OK";
    default:
        return "GW_EUNKNOWN";
    }
}

const char *gw_error_text(int code)
{
    switch (code) {
#define GW_ERROR_TEXT(name, number, text)                                                          \
    case name:                                                                                     \
        return text;
        GW_ERRORS(GW_ERROR_TEXT)
    case GW_OK:
        return "success";
    default:
        return "unknown error";
    }
}
