/*
 * log_spec.c: the levels as text, "info,connection=trace", in and out.
 */
#include "core/error.h"
#include "core/log.h"

/* What the spec says: no exception for a component is -1. */
typedef struct spec {
    int base;
    int exceptions[LOG_COMPONENT_COUNT];
} spec_t;

static slice_t trim(slice_t s)
{
    while (s.len > 0 && s.base[0] == ' ')
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && s.base[s.len - 1] == ' ')
        s.len--;
    return s;
}

static int find_level(slice_t name)
{
    for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (slice_eq(name, slice_of(log_level_name((log_level_t)i))))
            return i;
    }
    return -1;
}

static int find_component(slice_t name)
{
    for (int i = 0; i < LOG_COMPONENT_COUNT; i++) {
        if (slice_eq(name, slice_of(log_component_name((log_component_t)i))))
            return i;
    }
    return -1;
}

static int bad_level(slice_t name, strbuf_t *error)
{
    if (error)
        strbuf_printf(error,
                      "\"%.*s\" is no level; there are off, error, warn, info, debug and trace",
                      SLICE_ARG(name));
    return GW_EPARSE;
}

static int bad_component(slice_t name, strbuf_t *error)
{
    if (error)
        strbuf_printf(error, "there is no component \"%.*s\"", SLICE_ARG(name));
    return GW_EPARSE;
}

static int parse_item(spec_t *spec, slice_t item, strbuf_t *error)
{
    size_t equals = slice_chr(item, '=');
    bool has_component = equals < item.len;
    slice_t name = trim(has_component ? slice_sub(item, equals + 1, item.len) : item);
    int level = find_level(name);
    if (level < 0)
        return bad_level(name, error);
    if (!has_component) {
        spec->base = level;
        return 0;
    }
    slice_t component_name = trim(slice_sub(item, 0, equals));
    int component = find_component(component_name);
    if (component < 0)
        return bad_component(component_name, error);
    spec->exceptions[component] = level;
    return 0;
}

static int parse(spec_t *spec, slice_t text, strbuf_t *error)
{
    spec->base = LOG_LEVEL_INFO;
    for (int i = 0; i < LOG_COMPONENT_COUNT; i++)
        spec->exceptions[i] = -1;
    for (slice_t rest = text; rest.len > 0;) {
        size_t end = slice_chr(rest, ',');
        int code = parse_item(spec, trim(slice_sub(rest, 0, end)), error);
        if (code != 0)
            return code;
        rest = slice_sub(rest, end + 1, rest.len);
    }
    return 0;
}

int log_check_spec(slice_t text, strbuf_t *error)
{
    spec_t spec;
    return parse(&spec, text, error);
}

int log_set_spec(slice_t text, strbuf_t *error)
{
    spec_t spec;
    int code = parse(&spec, text, error);
    if (code != 0)
        return code;
    for (int i = 0; i < LOG_COMPONENT_COUNT; i++) {
        int level = spec.exceptions[i] < 0 ? spec.base : spec.exceptions[i];
        atomic_store_explicit(&log_levels[i], (unsigned char)level, memory_order_relaxed);
    }
    return 0;
}

/* The level that most components have: with it as the default, exceptions are fewest. */
static int most_common(void)
{
    int count[LOG_LEVEL_COUNT] = {0}, best = LOG_LEVEL_INFO;
    for (int i = 0; i < LOG_COMPONENT_COUNT; i++)
        count[atomic_load_explicit(&log_levels[i], memory_order_relaxed)]++;
    for (int level = 0; level < LOG_LEVEL_COUNT; level++) {
        if (count[level] > count[best])
            best = level;
    }
    return best;
}

void log_get_spec(strbuf_t *buf)
{
    int base = most_common();
    strbuf_add_text(buf, log_level_name((log_level_t)base));
    for (int i = 0; i < LOG_COMPONENT_COUNT; i++) {
        int level = atomic_load_explicit(&log_levels[i], memory_order_relaxed);
        if (level != base)
            strbuf_printf(buf, ",%s=%s", log_component_name((log_component_t)i),
                          log_level_name((log_level_t)level));
    }
}
