/*
 * Fuzz target: a configuration file. Whatever it is, it is loaded or refused with a reason, and a
 * secret is in no message.
 */
#include "main/config.h"
#include "core/check.h"
#include "core/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_loaded(config_t *config)
{
    GW_ASSERT(config->dataplane_traffic_port <= 65535);
    GW_ASSERT(config->dataplane_access_log_sample_rate >= 0);
    GW_ASSERT(config->dataplane_access_log_sample_rate <= 1);
    GW_ASSERT(config->log_format <= 1);
    GW_ASSERT(config->dataplane_node_id.base[config->dataplane_node_id.len] == '\0');
    config_fini(config);
}

static void load(slice_t text, strbuf_t *errors)
{
    config_t config;
    int code = config_load(text, "fuzz", &config, errors);
    GW_ASSERT(code == 0 || code == GW_EPARSE);
    GW_ASSERT((code == 0) == (errors->len == 0));
    if (code == 0)
        check_loaded(&config);
    else
        GW_ASSERT(errors->base[errors->len - 1] == '\n');
}

/* The text behind a token of the right form, and behind one that is none. */
static void load_behind(slice_t token, slice_t text)
{
    strbuf_t whole = {0}, errors = {0};
    strbuf_printf(&whole, "controlplane:\n  admin:\n    token: %.*s\n", SLICE_ARG(token));
    strbuf_add(&whole, text);
    load(strbuf_slice(&whole), &errors);
    if (errors.len > 0)
        GW_ASSERT(!memmem(errors.base, errors.len, "5ecret", 6));
    strbuf_fini(&whole);
    strbuf_fini(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice_t text = slice_make((const char *)data, size);
    strbuf_t errors = {0};
    load(text, &errors);
    strbuf_fini(&errors);
    if (size == 0 || memmem(data, size, "5ecret", 6))
        return 0;
    load_behind(SLICE("5ecret"), text);
    load_behind(SLICE("[5ecret, {5ecret: 5ecret}]"), text);
    return 0;
}
