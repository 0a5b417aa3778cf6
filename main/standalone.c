/*
 * standalone.c: both planes in one process: the table of actors, and the life of the process
 * around the runtime. Main thread only.
 */
#include "main/standalone.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "actors/access_log_msg.h"
#include "actors/classes.h"
#include "actors/connection_msg.h"
#include "actors/metrics_msg.h"
#include "actors/router_msg.h"
#include "actors/store_msg.h"
#include "actors/upstream_msg.h"
#include "core/log.h"
#include "main/commands.h"
#include "main/machine.h"
#include "main/options.h"
#include "main/settings.h"
#include "main/signals.h"
#include "main/version.h"

enum { CHILDREN_MAX = 16 };

typedef struct process {
    config_t config;
    settings_t settings;
    child_spec_t children[CHILDREN_MAX];
    runtime_t *runtime;
} process_t;

void standalone_usage(void)
{
    printf("nantian-gw standalone -f DIR [--config FILE] [--workers N] [--log SPEC]\n"
           "  -f, --file DIR   the folder of manifests (*.yaml, *.yml, *.json), with its\n"
           "                   sub-folders; a change takes effect at once\n"
           "  --config FILE    see docs/configuration.md\n"
           "  --workers N      threads that serve traffic (1 to %d); default: one per CPU\n"
           "  --log SPEC       levels, such as info,connection=debug\n",
           WORKERS_MAX);
}

/* --- what the process is made of --- */

static const struct role {
    const char *name;
    const actor_class_t *class;
} roles[] = {
    {"metrics", &metrics_class},       {"access_log", &access_log_class},
    {"admin", &admin_class},           {"admin_control", &admin_class},
    {"admin_metrics", &admin_class},   {"router", &router_class},
    {"upstream", &upstream_class},     {"connection", &connection_class},
    {"listener", &listener_class},     {"snapshot", &snapshot_class},
    {"translator", &translator_class}, {"store", &store_class},
    {"file_watch", &file_watch_class},
#if defined(NANTIAN_DEBUG)
    {"probe", &probe_class},
#endif
};

static const msg_protocol_t *const protocols[] = {
    &access_log_protocol, &connection_protocol, &file_watch_protocol, &listener_protocol,
    &metrics_protocol,    &router_protocol,     &snapshot_protocol,   &store_protocol,
    &translator_protocol, &upstream_protocol,
};

static runtime_t *make_runtime(const settings_t *settings)
{
    runtime_t *runtime = runtime_new(&settings->runtime);
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        runtime_protocol(runtime, protocols[i]);
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        runtime_register(runtime, roles[i].name, roles[i].class);
    return runtime;
}

/* In this order they start, each ready before the next; in reverse they stop. What answers the
 * health checks comes first and goes last; what brings configuration comes last and goes first. */
static void list_children(settings_t *s, child_spec_t children[CHILDREN_MAX])
{
    const child_spec_t list[] = {
        {"metrics", CHILD_CONTROL, &s->metrics, 0},
        {"access_log", CHILD_CONTROL, &s->access_log, 0},
        {"admin", CHILD_CONTROL, &s->dataplane_admin, 0},
        {"admin_control", CHILD_CONTROL, &s->controlplane_admin, 0},
        {"admin_metrics", CHILD_CONTROL, &s->controlplane_metrics, 0},
        {"router", CHILD_EACH_WORKER, &s->router, 0},
        {"connection", CHILD_EACH_WORKER, &s->connection, s->drain_ms},
        {"listener", CHILD_EACH_WORKER, NULL, 0},
        {"snapshot", CHILD_CONTROL, &s->snapshot, 0},
        {"translator", CHILD_CONTROL, &s->translator, 0},
        {"store", CHILD_CONTROL, NULL, 0},
        {"file_watch", CHILD_CONTROL, &s->file_watch, 0},
        {NULL, CHILD_CONTROL, NULL, 0},
    };
    _Static_assert(sizeof(list) / sizeof(list[0]) <= CHILDREN_MAX, "there is room");
    memcpy(children, list, sizeof(list));
}

/* --- before the start --- */

static int check_folder(const char *path, strbuf_t *error)
{
    DIR *folder = opendir(path);
    if (!folder) {
        strbuf_printf(error, "%s: %s", path, strerrordesc_np(errno));
        return GW_EINVAL;
    }
    closedir(folder);
    return 0;
}

static int load_config(const char *path, config_t *config, strbuf_t *error)
{
    if (path)
        return config_load_file(path, config, error);
    config_defaults(config);
    return 0;
}

static int set_up_log(const config_t *config, const char *spec, strbuf_t *error)
{
    log_open(STDERR_FILENO, config->log_format == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
    if (!spec)
        return log_set_spec(config->log_level, error);
    strbuf_t reason = {0};
    int rc = log_set_spec(slice_of(spec), &reason);
    if (rc < 0)
        strbuf_printf(error, "--log: '%s': %.*s", spec, SLICE_ARG(strbuf_slice(&reason)));
    strbuf_fini(&reason);
    return rc;
}

static int prepare(process_t *process, const standalone_options_t *options, strbuf_t *error)
{
    int rc = set_up_log(&process->config, options->log, error);
    if (rc == 0)
        rc = settings_fill(&process->settings, &process->config, error);
    if (options->workers)
        process->settings.runtime.workers = options->workers;
    process->settings.file_watch.folder = options->folder;
    process->settings.runtime.stop_signal = SIGNAL_STOP;
    list_children(&process->settings, process->children);
    return rc;
}

/* --- the life of the process --- */

static void log_started(const process_t *process, uint64_t files)
{
    log_info(main, "STARTED", "all actors have started", log_text("version", NANTIAN_VERSION),
             log_text("revision", NANTIAN_REVISION),
             log_u64("workers", process->settings.runtime.workers),
             log_u64("open_files_max", files),
             log_text("folder", process->settings.file_watch.folder),
             log_u64("pid", (uint64_t)getpid()));
}

/* The second signal does not wait for anybody. A signal also comes from the runtime, when it ends
 * by itself. */
static int serve(process_t *process)
{
    int number = signals_wait();
    signals_end_at_once();
    log_info(main, "STOPPING", "the process drains and stops", log_i64("signal", number));
    runtime_stop(process->runtime);
    int rc = runtime_wait(process->runtime);
    if (rc < 0)
        log_error(main, "STOPPED", "the process has stopped because a part of it failed",
                  log_code("error", rc));
    else
        log_info(main, "STOPPED", "the process has stopped");
    return rc < 0 ? EXIT_FAILED : EXIT_OK;
}

static int run(process_t *process)
{
    signals_block();
    uint64_t files = machine_raise_files();
    process->runtime = make_runtime(&process->settings);
    settings_watch(&process->settings, process->runtime);
    int rc = runtime_start(process->runtime, process->children, &process->settings.stop);
    if (rc < 0)
        log_error(main, "START-FAILED", "the process could not start", log_code("error", rc));
    else
        log_started(process, files);
    int code = rc < 0 ? EXIT_FAILED : serve(process);
    runtime_free(process->runtime);
    return code;
}

int standalone_run(int argc, char *const *argv)
{
    standalone_options_t options;
    process_t process;
    strbuf_t error = {0};
    int code = EXIT_USAGE;
    if (standalone_options_parse(argc, argv, &options, &error) < 0) {
        complain(&error);
        return EXIT_USAGE;
    }
    if (options.help) {
        standalone_usage();
        return EXIT_OK;
    }
    if (check_folder(options.folder, &error) < 0 ||
        load_config(options.config, &process.config, &error) < 0) {
        complain(&error);
        return EXIT_USAGE;
    }
    if (prepare(&process, &options, &error) < 0)
        complain(&error);
    else
        code = run(&process);
    config_fini(&process.config);
    return code;
}
