#include "core/check.h"

void gw_check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "bug: %s does not hold at %s:%d\n", condition, file, line);
    fflush(stderr);
    abort();
}
