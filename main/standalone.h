/*
 * standalone.h: `nantian-gw standalone`: both planes in one process, with manifests from a folder.
 */
#ifndef MAIN_STANDALONE_H
#define MAIN_STANDALONE_H

/* standalone_run runs until the process is told to stop; argv[0] is the subcommand. Returns the
 * exit code of the process. */
int standalone_run(int argc, char *const *argv);

/* standalone_usage prints how it is called. */
void standalone_usage(void);

#endif
