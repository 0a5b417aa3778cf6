/*
 * config_nearest.h: what somebody probably meant.
 */
#ifndef MAIN_CONFIG_NEAREST_H
#define MAIN_CONFIG_NEAREST_H

#include "core/slice.h"

/*
 * config_nearest gives the path of the key that is most like `path`, or NULL if none is. Case,
 * underscores and hyphens make no difference; a right name in a wrong section is found.
 */
const char *config_nearest(slice_t path);

#endif
