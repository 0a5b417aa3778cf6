/*
 * host.c: the actor that speaks for a worker's runtime. It is the one actor that looks into its
 * dispatcher.
 */
#include "core/dispatcher.h"
#include "core/host_msg.h"
#include "core/mem.h"

typedef struct host {
    host_args_t args;
} host_t;

static int host_init(void *self, actor_t *me, const void *args)
{
    (void)me;
    host_t *host = self;
    if (args)
        host->args = *(const host_args_t *)args;
    return 0;
}

static int on_spawn(host_t *host, actor_t *me, spawn_t **body, const msg_t *m)
{
    (void)host;
    spawned_t *answer = xcalloc(1, sizeof(*answer));
    answer->code = dispatcher_spawn(me->home, m->src, (*body)->role, (*body)->name, (*body)->args,
                                    NULL, &answer->ref);
    reply_SPAWNED(me, OWED_CURRENT, &answer);
    return 0;
}

static actor_t *pick(const actor_t *me, const actor_pick_t *pick)
{
    if (pick->name[0] == '\0')
        return dispatcher_find(me->home, pick->ref);
    for (uint32_t slot = 0; slot < me->home->slots; slot++) {
        actor_t *actor = dispatcher_at(me->home, slot);
        if (actor && strcmp(actor->name, pick->name) == 0)
            return actor;
    }
    return NULL;
}

static int on_kill(host_t *host, actor_t *me, actor_pick_t **body, const msg_t *m)
{
    (void)host;
    (void)m;
    actor_t *actor = pick(me, *body);
    if (actor && actor != me)
        dispatcher_exit(me->home, actor, GW_EDEADLINE);
    return 0;
}

static int on_swap(host_t *host, actor_t *me, actor_pick_t **body, const msg_t *m)
{
    (void)host;
    (void)m;
    spawned_t *answer = xcalloc(1, sizeof(*answer));
    actor_t *actor = pick(me, *body);
    answer->ref = actor ? actor->ref : 0;
    answer->code = actor ? dispatcher_swap(me->home, actor->ref, (*body)->class) : GW_ENOACTOR;
    reply_SWAPPED(me, OWED_CURRENT, &answer);
    return 0;
}

static uint32_t list_length(const list_t *list)
{
    uint32_t length = 0;
    for (const list_t *node = list->next; node != list; node = node->next)
        length++;
    return length;
}

static void inform(const actor_t *actor, actor_info_t *info)
{
    snprintf(info->name, sizeof(info->name), "%s", actor->name);
    info->class = actor->map->class->name;
    info->ref = actor->ref;
    info->worker = actor->home->index;
    info->mailbox = actor->mailbox;
    info->muted = actor->muted;
    info->open_requests = list_length(&actor->requests);
    info->owed_answers = list_length(&actor->owed);
    info->timers = list_length(&actor->timers);
    info->stats = actor->stats;
    info->arena_bytes = arena_heap_size(&actor->arena);
}

static int on_actors_ask(host_t *host, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)host;
    (void)body;
    (void)m;
    const dispatcher_t *d = me->home;
    actor_list_t *list = xcalloc(1, sizeof(*list) + d->slots * sizeof(list->actors[0]));
    for (uint32_t slot = 0; slot < d->slots; slot++) {
        if (dispatcher_at(d, slot))
            inform(dispatcher_at(d, slot), &list->actors[list->count++]);
    }
    reply_ACTORS(me, OWED_CURRENT, &list);
    return 0;
}

static int on_describe(host_t *host, actor_t *me, actor_pick_t **body, const msg_t *m)
{
    (void)host;
    (void)m;
    actor_description_t *answer = xcalloc(1, sizeof(*answer));
    actor_t *actor = pick(me, *body);
    if (actor) {
        answer->found = true;
        inform(actor, &answer->info);
        if (actor->map->class->describe) {
            strbuf_t json = {0};
            actor->map->class->describe(actor->self, actor, &json);
            answer->json = strbuf_take(&json);
        }
    }
    reply_DESCRIPTION(me, OWED_CURRENT, &answer);
    return 0;
}

static void name_of(const dispatcher_t *d, actor_ref_t ref, char *ret)
{
    const actor_t *actor = address_worker(ref) == d->index ? dispatcher_find(d, ref) : NULL;
    snprintf(ret, ACTOR_NAME_MAX, "%s", actor ? actor->name : "");
}

static int on_trace_ask(host_t *host, actor_t *me, trace_ask_t **body, const msg_t *m)
{
    enum { STEPS_MAX = 10000 };
    (void)host;
    (void)m;
    const dispatcher_t *d = me->home;
    uint32_t max = (*body)->max < STEPS_MAX ? (*body)->max : STEPS_MAX;
    record_t *records = xcalloc(max, sizeof(*records));
    size_t found = dispatcher_find_records(d, (*body)->trace, records, max);
    trace_part_t *part = xcalloc(1, sizeof(*part) + found * sizeof(part->steps[0]));
    part->worker = d->index;
    part->count = (uint32_t)found;
    for (size_t i = 0; i < found; i++) {
        trace_step_t *step = &part->steps[i];
        step->record = records[i];
        step->type = msg_name(d->catalogue, records[i].type);
        name_of(d, records[i].src, step->from);
        name_of(d, records[i].dst, step->to);
    }
    free(records);
    reply_TRACE(me, OWED_CURRENT, &part);
    return 0;
}

static void report_actor(const actor_t *actor, class_report_t *report)
{
    report->actors++;
    report->mailbox += actor->mailbox;
    report->muted += actor->muted != 0;
    stats_fold(&report->stats, &actor->stats);
}

/* Actors are looked at once, however many classes there are: thousands of upstreams take a while
 * even so, in which nothing else happens on this worker. */
static void report_actors(const dispatcher_t *d, worker_report_t *report)
{
    for (uint32_t slot = 0; slot < d->slots; slot++) {
        const actor_t *actor = dispatcher_at(d, slot);
        uint32_t i = 0;
        for (const class_map_t *map = d->classes; actor && map != actor->map; map = map->next)
            i++;
        if (actor)
            report_actor(actor, &report->classes[i]);
    }
}

static void report_classes(const dispatcher_t *d, worker_report_t *report)
{
    for (const class_map_t *map = d->classes; map; map = map->next) {
        class_report_t *class = &report->classes[report->count++];
        class->class = map->class->name;
        class->stats = map->stats;
    }
    report_actors(d, report);
    for (uint32_t i = 0; i < report->count; i++)
        stats_complete(&report->classes[i].stats);
}

static int on_report_ask(host_t *host, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)host;
    (void)body;
    (void)m;
    const dispatcher_t *d = me->home;
    uint32_t classes = 0;
    for (const class_map_t *map = d->classes; map; map = map->next)
        classes++;
    worker_report_t *report = xcalloc(1, sizeof(*report) + classes * sizeof(report->classes[0]));
    report->worker = d->index;
    report->stats = d->stats;
    report_classes(d, report);
    reply_REPORT(me, OWED_CURRENT, &report);
    return 0;
}

static int on_leave(host_t *host, actor_t *me, msg_none_t **body, const msg_t *m)
{
    (void)body;
    (void)m;
    if (host->args.leave)
        host->args.leave(me->home);
    return 0;
}

HANDLER(host_t, SPAWN, on_spawn)
HANDLER(host_t, KILL, on_kill)
HANDLER(host_t, SWAP, on_swap)
HANDLER(host_t, ACTORS_ASK, on_actors_ask)
HANDLER(host_t, DESCRIBE, on_describe)
HANDLER(host_t, TRACE_ASK, on_trace_ask)
HANDLER(host_t, REPORT_ASK, on_report_ask)
HANDLER(host_t, LEAVE, on_leave)

static const actor_handler_t handlers[] = {ON(SPAWN),      ON(KILL),     ON(SWAP),
                                           ON(ACTORS_ASK), ON(DESCRIBE), ON(TRACE_ASK),
                                           ON(REPORT_ASK), ON(LEAVE),    ON_END};

const actor_class_t host_class = {
    .name = "host", .state_size = sizeof(host_t), .init = host_init, .handlers = handlers};
