/*
 * mute_cycle.h: a check of the relation who may mute whom. If it has a circle, actors that are
 * full can wait for each other for ever; a test shows it the classes of the program.
 */
#ifndef CORE_MUTE_CYCLE_H
#define CORE_MUTE_CYCLE_H

#include "core/actor.h"

/*
 * mute_cycle looks at classes (NULL-terminated array of pointers). It returns true when a class
 * may come to mute itself through others, or names a class that is not in the array, and then
 * writes what it found into `ret`: "a mutes b mutes a", or "a mutes b, which is no class".
 */
bool mute_cycle(const actor_class_t *const *classes, strbuf_t *ret);

#endif
