/*
 * config.c: walks the file's tree and finds the key of each value; then looks at what only shows
 * when all values are known.
 */
#include "main/config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"
#include "core/mem.h"
#include "gatewayapi/yaml.h"
#include "main/config_key.h"
#include "main/config_nearest.h"
#include "main/config_value.h"

typedef struct loader {
    const char *file;
    config_t *config;
    strbuf_t *errors;
    unsigned error_count;
    strbuf_t path; /* of the node that is being looked at */
} loader_t;

static void report(loader_t *loader, uint32_t line, const char *key, slice_t reason)
{
    loader->error_count++;
    strbuf_add_text(loader->errors, loader->file);
    if (line > 0)
        strbuf_printf(loader->errors, ":%u", line);
    strbuf_add(loader->errors, SLICE(": "));
    if (key)
        strbuf_printf(loader->errors, "%s: ", key);
    strbuf_add(loader->errors, reason);
    strbuf_add_char(loader->errors, '\n');
}

/* The key as it stands in the file: shown, but not trusted. */
static void report_unknown(loader_t *loader, const node_t *node)
{
    strbuf_t reason = {0};
    slice_t path = strbuf_slice(&loader->path);
    const char *nearest = config_nearest(path);
    strbuf_add(&reason, SLICE("unknown key \""));
    strbuf_add_json_part(&reason, path, 128);
    strbuf_add_char(&reason, '"');
    if (nearest)
        strbuf_printf(&reason, "; did you mean %s?", nearest);
    report(loader, node->key_line, NULL, strbuf_slice(&reason));
    strbuf_fini(&reason);
}

static void read_value(loader_t *loader, const config_key_t *key, const node_t *node)
{
    strbuf_t why = {0};
    if (config_value_set(key, node, loader->config, &why) != 0)
        report(loader, node->line, key->path, strbuf_slice(&why));
    strbuf_fini(&why);
}

static void read_section(loader_t *loader, const node_t *section);

/* A member: a value, a section, or nothing that we know. */
static void read_member(loader_t *loader, const node_t *node)
{
    slice_t path = strbuf_slice(&loader->path);
    bool dotted = slice_chr(node->key, '.') < node->key.len; /* sections are written nested */
    const config_key_t *key = dotted ? NULL : config_key_find(path);
    if (key)
        read_value(loader, key, node);
    else if (dotted || !config_key_section(path))
        report_unknown(loader, node);
    else
        read_section(loader, node);
}

/* Recursion is as deep as the catalogue is: what is below an unknown key is not looked at. */
static void read_section(loader_t *loader, const node_t *section)
{
    size_t len = loader->path.len;
    if (section->type != NODE_MAP && section->type != NODE_NULL) {
        strbuf_t reason = {0};
        strbuf_printf(&reason, "\"%.*s\" must be a section of keys, not %s",
                      SLICE_ARG(strbuf_slice(&loader->path)), node_type_name(section->type));
        report(loader, section->line, NULL, strbuf_slice(&reason));
        strbuf_fini(&reason);
        return;
    }
    NODE_EACH (node, section) {
        if (loader->error_count == CONFIG_ERRORS_MAX)
            return;
        if (len > 0)
            strbuf_add_char(&loader->path, '.');
        strbuf_add(&loader->path, node->key);
        read_member(loader, node);
        loader->path.len = len;
    }
}

/* Reads all documents, of which there may be one. */
static void read_text(loader_t *loader, slice_t text)
{
    arena_t arena = {0};
    yaml_reader_t *reader = yaml_reader_new(text);
    node_t *document = NULL;
    int code;
    for (int count = 0; (code = yaml_reader_next(reader, &arena, &document)) == 0; count++) {
        if (count > 0) {
            report(loader, document ? document->line : 0, NULL,
                   SLICE("a second document; there must be one"));
            break;
        }
        if (document && document->type != NODE_MAP && document->type != NODE_NULL)
            report(loader, document->line, NULL, SLICE("must be sections of keys"));
        else if (document)
            read_section(loader, document);
    }
    if (code < 0 && code != GW_EOF)
        report(loader, yaml_reader_error_line(reader), NULL, slice_of(yaml_reader_error(reader)));
    yaml_reader_free(reader);
    arena_fini(&arena);
}

static void check_token(loader_t *loader, slice_t token, slice_t file, const char *key)
{
    if (token.len > 0 && file.len > 0)
        report(loader, 0, key, SLICE("must not be set together with token_file"));
}

/* The fixed sockets: no two of them on one port, whatever their addresses. */
static void check_ports(loader_t *loader)
{
    const config_t *config = loader->config;
    const struct {
        const char *key;
        uint64_t port;
    } sockets[] = {{"dataplane.traffic.port", config->dataplane_traffic_port},
                   {"dataplane.admin.port", config->dataplane_admin_port},
                   {"controlplane.admin.port", config->controlplane_admin_port},
                   {"controlplane.metrics.port", config->controlplane_metrics_port}};
    for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
        for (size_t j = 0; j < i; j++) {
            if (sockets[i].port == 0 || sockets[i].port != sockets[j].port)
                continue;
            strbuf_t reason = {0};
            strbuf_printf(&reason, "is the same as %s", sockets[j].key);
            report(loader, 0, sockets[i].key, strbuf_slice(&reason));
            strbuf_fini(&reason);
        }
    }
}

static void check_whole(loader_t *loader)
{
    const config_t *config = loader->config;
    check_token(loader, config->dataplane_admin_token, config->dataplane_admin_token_file,
                "dataplane.admin.token");
    check_token(loader, config->controlplane_admin_token, config->controlplane_admin_token_file,
                "controlplane.admin.token");
    check_ports(loader);
}

void config_defaults(config_t *ret)
{
    const config_key_t *key;
    *ret = (config_t){0};
    for (size_t i = 0; (key = config_key_at(i)); i++)
        config_value_default(key, ret);
}

int config_load(slice_t text, const char *file, config_t *ret, strbuf_t *errors)
{
    config_t config;
    loader_t loader = {.file = file, .config = &config, .errors = errors};
    config_defaults(&config);
    read_text(&loader, text);
    if (loader.error_count == 0)
        check_whole(&loader);
    strbuf_fini(&loader.path);
    if (loader.error_count > 0) {
        config_fini(&config);
        return GW_EPARSE;
    }
    *ret = config;
    return 0;
}

/* Reads until the end or one byte more than is allowed. */
static int read_all(int fd, strbuf_t *text)
{
    ssize_t got;
    do {
        got = read(fd, strbuf_room(text, 4096), 4096);
        if (got > 0)
            text->len += (size_t)got;
    } while ((got > 0 && text->len <= CONFIG_FILE_MAX) || (got < 0 && errno == EINTR));
    if (got < 0)
        return GW_EIO;
    return text->len > CONFIG_FILE_MAX ? GW_ELIMIT : 0;
}

int config_load_file(const char *path, config_t *ret, strbuf_t *errors)
{
    strbuf_t text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int code = fd < 0 ? GW_EIO : read_all(fd, &text);
    if (code == GW_ELIMIT)
        strbuf_printf(errors, "%s: is larger than %d bytes\n", path, CONFIG_FILE_MAX);
    else if (code != 0)
        strbuf_printf(errors, "%s: cannot be read: %s\n", path, strerror(errno));
    else
        code = config_load(strbuf_slice(&text), path, ret, errors);
    if (fd >= 0)
        close(fd);
    strbuf_fini(&text);
    return code;
}

void config_fini(config_t *config)
{
    arena_fini(&config->priv);
    *config = (config_t){0};
}
