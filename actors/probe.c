/*
 * probe.c: a stand-in for an upstream actor: it answers every request by itself. With it a person
 * sees what a request looks like when it leaves the router, with no backend there.
 */
#include "actors/classes.h"
#include "actors/connection_msg.h"
#include "actors/upstream_msg.h"

typedef struct probe {
    uint64_t answered;
} probe_t;

static int on_dispatch(probe_t *probe, actor_t *me, exchange_t **body, const msg_t *m)
{
    (void)m;
    probe->answered++;
    exchange_respond(*body, 200, SLICE("from the probe\n"));
    reply_RESPONSE(me, OWED_CURRENT, body);
    return 0;
}

static void probe_describe(void *self, actor_t *me, strbuf_t *json)
{
    const probe_t *probe = self;
    (void)me;
    strbuf_printf(json, "\"answered\":%llu", (unsigned long long)probe->answered);
}

HANDLER(probe_t, DISPATCH, on_dispatch)

static const actor_handler_t handlers[] = {ON(DISPATCH), ON_END};

const actor_class_t probe_class = {.name = "probe",
                                   .state_size = sizeof(probe_t),
                                   .describe = probe_describe,
                                   .handlers = handlers};
