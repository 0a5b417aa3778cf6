/* translator_ports.c: see translator_ports.h. */
#include "actors/translator_ports.h"

#include "core/log.h"
#include "core/mem.h"

static char *gateway_of(const port_mapping_t *mapping)
{
    strbuf_t text = {0};
    strbuf_printf(&text, "%.*s/%.*s", SLICE_ARG(mapping->namespace_), SLICE_ARG(mapping->name));
    return strbuf_take(&text);
}

static bool was_told(const told_ports_t *told, const told_port_t *port)
{
    for (size_t i = 0; i < told->count; i++) {
        if (told->at[i].port == port->port && told->at[i].bound == port->bound &&
            strcmp(told->at[i].gateway, port->gateway) == 0)
            return true;
    }
    return false;
}

static void tell(const told_port_t *port)
{
    if (port->bound == 0)
        log_warn(translator, "PORT-NONE-FREE", "no port of the data plane is left for a listener",
                 log_text("gateway", port->gateway), log_u64("port", port->port));
    else if (port->bound != port->port)
        log_info(translator, "PORT-MAPPED", "a listener's port is another one in the data plane",
                 log_text("gateway", port->gateway), log_u64("port", port->port),
                 log_u64("bound", port->bound));
}

void told_ports_update(told_ports_t *told, const port_mapping_t *ports, size_t count)
{
    told_ports_t now = {xcalloc(count + 1, sizeof(told_port_t)), count};
    for (size_t i = 0; i < count; i++) {
        now.at[i] = (told_port_t){gateway_of(&ports[i]), ports[i].port, ports[i].bound};
        if (!was_told(told, &now.at[i]))
            tell(&now.at[i]);
    }
    told_ports_fini(told);
    *told = now;
}

void told_ports_fini(told_ports_t *told)
{
    for (size_t i = 0; i < told->count; i++)
        free(told->at[i].gateway);
    free(told->at);
    *told = (told_ports_t){0};
}
