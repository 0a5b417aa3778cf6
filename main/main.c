/*
 * main.c: the program: its subcommands.
 */
#include <stdio.h>

#include "main/commands.h"
#include "main/standalone.h"
#include "main/version.h"

typedef struct command {
    const char *name, *about;
    int (*run)(int argc, char *const *argv);
} command_t;

static int run_version(int argc, char *const *argv)
{
    (void)argc;
    (void)argv;
    printf("nantian-gw %s (%s)\n", NANTIAN_VERSION, NANTIAN_REVISION);
    return EXIT_OK;
}

static int run_help(int argc, char *const *argv);

static const command_t commands[] = {
    {"standalone", "serve the manifests of a folder", standalone_run},
    {"version", "print the version", run_version},
    {"help", "print this", run_help},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int run_help(int argc, char *const *argv)
{
    (void)argc;
    (void)argv;
    printf("usage: nantian-gw COMMAND ...\n\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].about);
    printf("\n");
    standalone_usage();
    return EXIT_OK;
}

void complain(strbuf_t *text)
{
    if (text->len > 0 && text->base[text->len - 1] == '\n')
        text->len--;
    fprintf(stderr, "nantian-gw: %.*s\n", SLICE_ARG(strbuf_slice(text)));
    strbuf_fini(text);
}

static const command_t *find(const char *name)
{
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const command_t *command = argc > 1 ? find(argv[1]) : NULL;
    strbuf_t error = {0};
    if (command)
        return command->run(argc - 1, argv + 1);
    if (argc > 1)
        strbuf_printf(&error, "there is no command '%s'; see `nantian-gw help`", argv[1]);
    else
        strbuf_printf(&error, "a command is missing; see `nantian-gw help`");
    complain(&error);
    return EXIT_USAGE;
}
