/*
 * config_value.c: a text has to be of the type's form and within the key's limits, which are of
 * the same form and parsed by the same functions.
 */
#include "main/config_value.h"

#include "core/check.h"
#include "core/error.h"
#include "core/log.h"
#include "gatewayapi/scalar.h"
#include "gatewayapi/syntax.h"

enum { QUOTED_MAX = 64 };

/* What a value of the type looks like: "must be ...". */
static const char *const forms[CONFIG_TYPE_COUNT] = {
    [CONFIG_BOOL] = "true or false",
    [CONFIG_INT] = "a whole number",
    [CONFIG_DURATION] = "a time with a unit, such as 250ms, 5s or 1h30m",
    [CONFIG_BYTES] = "a size, such as 4096, 64KiB or 1MiB",
    [CONFIG_FRACTION] = "a number from 0 to 1",
    [CONFIG_CHOICE] = "one word",
    [CONFIG_STRING] = "a string in quotes",
    [CONFIG_SECRET] = "a string in quotes",
    [CONFIG_IP] = "an IP address",
    [CONFIG_LOG_SPEC] = "log levels, such as \"info,connection=trace\"",
};

static void add_value(const config_key_t *key, const node_t *node, strbuf_t *why)
{
    if (key->type == CONFIG_SECRET)
        return;
    strbuf_add(why, SLICE(", not "));
    if (node->type == NODE_LIST || node->type == NODE_MAP) {
        strbuf_add_text(why, node_type_name(node->type));
        return;
    }
    strbuf_add_char(why, '"');
    if (strbuf_add_json_part(why, node->text, QUOTED_MAX) < node->text.len)
        strbuf_add(why, SLICE("\xe2\x80\xa6"));
    strbuf_add_char(why, '"');
}

static int wrong_form(const config_key_t *key, const node_t *node, strbuf_t *why)
{
    strbuf_printf(why, "must be %s", forms[key->type]);
    add_value(key, node, why);
    return GW_EPARSE;
}

static int parse_bytes(slice_t text, uint64_t *ret)
{
    static const struct {
        slice_t name;
        unsigned shift;
    } units[] = {{{"KiB", 3}, 10}, {{"MiB", 3}, 20}, {{"GiB", 3}, 30}, {{"B", 1}, 0}};
    unsigned shift = 0;
    uint64_t value;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!slice_ends_with(text, units[i].name))
            continue;
        text.len -= units[i].name.len;
        shift = units[i].shift;
        break;
    }
    int code = slice_to_u64(text, &value);
    if (code != 0 || value > UINT64_MAX >> shift)
        return GW_EPARSE;
    *ret = value << shift;
    return 0;
}

static int parse_duration(slice_t text, uint64_t *ret)
{
    uint64_t ms;
    if (duration_parse(text, &ms) != 0)
        return GW_EPARSE;
    *ret = ms * 1000000u; /* at most four parts of five digits: no overflow */
    return 0;
}

static int parse_number(config_type_t type, slice_t text, uint64_t *ret)
{
    return type == CONFIG_DURATION ? parse_duration(text, ret)
           : type == CONFIG_BYTES  ? parse_bytes(text, ret)
                                   : slice_to_u64(text, ret);
}

/* Digits with at most one point in between: less than strtod would take. */
static int parse_fraction(slice_t text, double *ret)
{
    double value = 0, unit = 1;
    bool point = false;
    if (text.len == 0 || text.len > 20 || text.base[0] == '.' || text.base[text.len - 1] == '.')
        return GW_EPARSE;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.base[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return GW_EPARSE;
        value = value * 10 + (c - '0');
        unit = point ? unit * 10 : unit;
    }
    if (value > unit)
        return GW_EPARSE;
    *ret = value / unit;
    return 0;
}

static bool within(const config_key_t *key, uint64_t value)
{
    slice_t limits = slice_of(key->limits);
    size_t dots = slice_chr(limits, '.');
    uint64_t low, high;
    GW_ASSERT(parse_number(key->type, slice_sub(limits, 0, dots), &low) == 0);
    GW_ASSERT(parse_number(key->type, slice_sub(limits, dots + 2, limits.len), &high) == 0);
    return value >= low && value <= high;
}

static int set_number(const config_key_t *key, const node_t *node, void *place, strbuf_t *why)
{
    slice_t limits = slice_of(key->limits);
    size_t dots = slice_chr(limits, '.');
    uint64_t value;
    bool plain = node->type == NODE_INT;
    bool typed = key->type == CONFIG_INT        ? plain
                 : key->type == CONFIG_DURATION ? node->type == NODE_STRING
                                                : plain || node->type == NODE_STRING;
    if (!typed || parse_number(key->type, node->text, &value) != 0)
        return wrong_form(key, node, why);
    if (!within(key, value)) {
        strbuf_printf(why, "must be from %.*s to %s", (int)dots, limits.base,
                      limits.base + dots + 2);
        add_value(key, node, why);
        return GW_EPARSE;
    }
    *(uint64_t *)place = value;
    return 0;
}

static int set_fraction(const config_key_t *key, const node_t *node, void *place, strbuf_t *why)
{
    bool typed = node->type == NODE_INT || node->type == NODE_FLOAT;
    if (!typed || parse_fraction(node->text, place) != 0)
        return wrong_form(key, node, why);
    return 0;
}

static int set_bool(const config_key_t *key, const node_t *node, void *place, strbuf_t *why)
{
    if (node->type != NODE_BOOL)
        return wrong_form(key, node, why);
    *(bool *)place = node->integer != 0;
    return 0;
}

static int set_choice(const config_key_t *key, const node_t *node, void *place, strbuf_t *why)
{
    unsigned position = 0;
    for (slice_t rest = slice_of(key->limits); rest.len > 0; position++) {
        size_t end = slice_chr(rest, ',');
        if (node->type == NODE_STRING && slice_eq(node->text, slice_sub(rest, 0, end))) {
            *(unsigned *)place = position;
            return 0;
        }
        rest = slice_sub(rest, end + 2, rest.len);
    }
    strbuf_printf(why, "must be one of %s", key->limits);
    add_value(key, node, why);
    return GW_EPARSE;
}

/* What a text has to be besides a string, or 0. */
static int check_text(const config_key_t *key, const node_t *node, strbuf_t *why)
{
    if (node->text.len > CONFIG_STRING_MAX) {
        strbuf_printf(why, "must not have more than %d bytes", CONFIG_STRING_MAX);
        return GW_EPARSE;
    }
    if (key->type == CONFIG_IP && syntax_ip(node->text) != NULL)
        return wrong_form(key, node, why);
    if (key->type != CONFIG_LOG_SPEC)
        return 0;
    strbuf_t reason = {0};
    int code = log_check_spec(node->text, &reason);
    if (code != 0)
        strbuf_printf(why, "cannot be set: %.*s", SLICE_ARG(strbuf_slice(&reason)));
    strbuf_fini(&reason);
    return code;
}

static int set_text(const config_key_t *key, const node_t *node, arena_t *arena, void *place,
                    strbuf_t *why)
{
    if (node->type != NODE_STRING)
        return wrong_form(key, node, why);
    int code = check_text(key, node, why);
    if (code == 0)
        *(slice_t *)place = arena_dup(arena, node->text);
    return code;
}

int config_value_set(const config_key_t *key, const node_t *node, config_t *config, strbuf_t *why)
{
    void *place = (char *)config + key->offset;
    if (node->type == NODE_NULL) {
        strbuf_add(why, SLICE("has no value"));
        return GW_EPARSE;
    }
    switch (key->type) {
    case CONFIG_BOOL:
        return set_bool(key, node, place, why);
    case CONFIG_INT:
    case CONFIG_DURATION:
    case CONFIG_BYTES:
        return set_number(key, node, place, why);
    case CONFIG_FRACTION:
        return set_fraction(key, node, place, why);
    case CONFIG_CHOICE:
        return set_choice(key, node, place, why);
    default:
        return set_text(key, node, &config->priv, place, why);
    }
}

void config_value_default(const config_key_t *key, config_t *config)
{
    strbuf_t why = {0};
    node_t node = {.type = NODE_STRING, .text = slice_of(key->fallback)};
    if (key->type < CONFIG_CHOICE && key->type != CONFIG_DURATION)
        node.type = scalar_resolve(node.text, &node.integer);
    GW_ASSERT(config_value_set(key, &node, config, &why) == 0);
    strbuf_fini(&why);
}
