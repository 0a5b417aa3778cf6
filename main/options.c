/* options.c: see options.h. */
#include "main/options.h"

#include <getopt.h>

#include "core/error.h"

static const struct option known[] = {
    {"file", required_argument, NULL, 'f'},    {"config", required_argument, NULL, 'c'},
    {"workers", required_argument, NULL, 'w'}, {"log", required_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};

static int parse_workers(const char *text, uint32_t *ret, strbuf_t *error)
{
    uint64_t workers;
    if (slice_to_u64(slice_of(text), &workers) < 0 || workers < 1 || workers > WORKERS_MAX) {
        strbuf_printf(error, "--workers: '%s' is no number from 1 to %d", text, WORKERS_MAX);
        return GW_EINVAL;
    }
    *ret = (uint32_t)workers;
    return 0;
}

static int unknown(int argc, char *const *argv, int code, strbuf_t *error)
{
    const char *option = optind > 0 && optind <= argc ? argv[optind - 1] : "?";
    if (code == ':')
        strbuf_printf(error, "%s needs a value", option);
    else
        strbuf_printf(error, "there is no option %s", option);
    return GW_EINVAL;
}

static int take(int code, standalone_options_t *options, strbuf_t *error)
{
    switch (code) {
    case 'f':
        options->folder = optarg;
        return 0;
    case 'c':
        options->config = optarg;
        return 0;
    case 'l':
        options->log = optarg;
        return 0;
    case 'h':
        options->help = true;
        return 0;
    default:
        return parse_workers(optarg, &options->workers, error);
    }
}

int standalone_options_parse(int argc, char *const *argv, standalone_options_t *ret,
                             strbuf_t *error)
{
    standalone_options_t options = {0};
    int code;
    optind = 0; /* start anew */
    opterr = 0;
    while ((code = getopt_long(argc, argv, "+:f:h", known, NULL)) != -1) {
        if (code == '?' || code == ':')
            return unknown(argc, argv, code, error);
        if (take(code, &options, error) < 0)
            return GW_EINVAL;
    }
    if (optind < argc) {
        strbuf_printf(error, "'%s' is one argument too many", argv[optind]);
        return GW_EINVAL;
    }
    if (!options.folder && !options.help) {
        strbuf_add_text(error, "-f DIR is missing: the folder of manifests");
        return GW_EINVAL;
    }
    *ret = options;
    return 0;
}
