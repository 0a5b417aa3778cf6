/*
 * poison.h: calls that this project does not use, made unusable. The build includes it before
 * every file (see CMakeLists.txt), so that it holds without anybody thinking of it.
 *
 * Each of them writes without knowing how much room there is, or parses without telling an error
 * from a zero. Use slice.h, strbuf.h and snprintf instead.
 */
#ifndef CORE_POISON_H
#define CORE_POISON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gets

#endif
