/*
 * commands.h: what all subcommands have in common: their exit codes, and how they complain.
 */
#ifndef MAIN_COMMANDS_H
#define MAIN_COMMANDS_H

#include "core/strbuf.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* complain prints "nantian-gw: " and the text to standard error, and empties the buffer. */
void complain(strbuf_t *text);

#endif
