/*
 * actor_bench.c: a dispatcher whose lanes are an array. Its trains carry one message each, so
 * that the order of sends is seen across receivers.
 */
#include "core/actor_bench.h"

#include "core/dispatcher.h"
#include "core/host_msg.h"
#include "core/mem.h"
#include "core/name_table.h"

enum { FIRST_PEER_SLOT = 16, START_NS = 1000000000, RECORDER_EVENTS = 256 };
static const uint64_t WALL_START_NS = UINT64_C(1700000000000000000);

struct actor_bench {
    dispatcher_t dispatcher;
    msg_catalogue_t catalogue;
    const actor_class_t *class;
    void *args;
    char text[1024];
    void (*fail)(const char *text);
    uint32_t worker, workers, peer_slots, asked;
    actor_ref_t me;
    uint64_t clock;
    bool open, starting; /* dispatcher prepared; the role to find is the actor's own */

    name_table_t names;
    actor_ref_t *spawns;
    size_t spawn_count, spawn_at;
    msg_t *captured;
    size_t captured_count, captured_at;
    train_t *first, *last; /* from the actor to itself */
};

static const actor_class_t stand_in_class = {.name = "stand-in"};

/* --- failures --- */

/* The text is in the bench: `fail` may jump away and would leak it. */
static void add(actor_bench_t *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(actor_bench_t *b, const char *format, ...)
{
    va_list args;
    size_t len = strlen(b->text);
    va_start(args, format);
    vsnprintf(b->text + len, sizeof(b->text) - len, format, args);
    va_end(args);
}

static void fail(actor_bench_t *b)
{
    add(b, "; captured:");
    for (size_t i = b->captured_at; i < b->captured_count; i++)
        add(b, " %s->%s", msg_name(&b->catalogue, b->captured[i].type),
            bench_name(b, b->captured[i].dst));
    if (b->fail)
        b->fail(b->text);
    fprintf(stderr, "%s\n", b->text);
    abort();
}

void bench_on_failure(actor_bench_t *b, void (*fail_with)(const char *text))
{
    b->fail = fail_with;
}

const char *bench_name(actor_bench_t *b, actor_ref_t ref)
{
    return name_table_name(&b->names, ref);
}

/* --- what the dispatcher asks --- */

static uint64_t op_clock(void *context)
{
    return ((actor_bench_t *)context)->clock;
}

static uint64_t op_wall(void *context)
{
    return WALL_START_NS + ((actor_bench_t *)context)->clock;
}

static const actor_class_t *op_role(void *context, const char *role)
{
    const actor_bench_t *b = context;
    (void)role;
    return b->starting ? b->class : &stand_in_class;
}

static actor_ref_t op_lookup(void *context, const char *name)
{
    return name_table_find(&((actor_bench_t *)context)->names, name);
}

static int op_publish(void *context, const char *name, actor_ref_t ref)
{
    actor_bench_t *b = context;
    if (name_table_add(&b->names, name, ref) < 0)
        return GW_EEXIST;
    if (b->starting) {
        b->me = ref;
        b->starting = false; /* what its init spawns are stand-ins */
    } else if (b->me) {
        b->spawns = xrealloc(b->spawns, (b->spawn_count + 1) * sizeof(*b->spawns));
        b->spawns[b->spawn_count++] = ref;
    }
    return 0;
}

static void op_withdraw(void *context, const char *name, actor_ref_t ref)
{
    name_table_remove(&((actor_bench_t *)context)->names, name, ref);
}

/* A stand-in that is asked keeps the question, so that a cancel is seen. */
static void keep(actor_t *stand_in, const msg_t *m)
{
    stand_in->current = m;
    stand_in->answered = false;
    actor_keep(stand_in, NULL);
    stand_in->current = NULL;
}

/* What the dispatcher does with a message before a handler sees it. */
static void take(dispatcher_t *d, actor_t *stand_in, const msg_t *m)
{
    void *context;
    if (m->flags & MSG_REQUEST)
        keep(stand_in, m);
    else if (m->flags & MSG_CANCEL)
        debt_cancel(d, stand_in, m, &context);
    else if (m->flags & MSG_REPLY)
        request_take(d, stand_in, m, &context);
}

static void capture(actor_bench_t *b, const msg_t *m)
{
    dispatcher_t *d = &b->dispatcher;
    bool here = address_worker(m->dst) == d->index;
    actor_t *stand_in = here ? dispatcher_find(d, m->dst) : NULL;
    if (here && !stand_in) {
        msg_t lost = *m;
        dispatcher_undeliverable(d, &lost);
        return;
    }
    if (stand_in)
        take(d, stand_in, m);
    b->captured = xrealloc(b->captured, (b->captured_count + 1) * sizeof(*b->captured));
    b->captured[b->captured_count++] = *m;
}

static void op_ship(void *context, uint32_t worker, bool system, train_t *train)
{
    actor_bench_t *b = context;
    (void)worker;
    (void)system;
    if (train->items[0].msg.dst != b->me) {
        msg_t m = train->items[0].msg;
        train_free(&b->dispatcher.pool, train);
        capture(b, &m);
        return;
    }
    if (b->last)
        b->last->next = train;
    else
        b->first = train;
    b->last = train;
}

static const dispatcher_ops_t ops = {.ship = op_ship,
                                     .clock = op_clock,
                                     .wall = op_wall,
                                     .role = op_role,
                                     .lookup = op_lookup,
                                     .publish = op_publish,
                                     .withdraw = op_withdraw};

/* --- life --- */

actor_bench_t *actor_bench_new(const actor_class_t *class, void *args,
                               const msg_protocol_t *const *protocols)
{
    actor_bench_t *b = xcalloc(1, sizeof(*b));
    b->class = class;
    b->args = args;
    b->clock = START_NS;
    b->worker = 1;
    b->workers = 2;
    msg_catalogue_add(&b->catalogue, &core_protocol);
    msg_catalogue_add(&b->catalogue, &host_protocol);
    for (; protocols && *protocols; protocols++)
        msg_catalogue_add(&b->catalogue, *protocols);
    return b;
}

void bench_place(actor_bench_t *b, uint32_t worker, uint32_t workers)
{
    GW_ASSERT(!b->open && b->peer_slots == 0 && workers >= 2 && worker < workers);
    b->worker = worker;
    b->workers = workers;
}

static void open_dispatcher(actor_bench_t *b)
{
    dispatcher_t *d = &b->dispatcher;
    char name[ACTOR_NAME_MAX];
    b->open = true;
    dispatcher_init(d, &ops, b, &b->catalogue, b->worker, b->workers, RECORDER_EVENTS, 1);
    dispatcher_be_eager(d);
    snprintf(name, sizeof(name), "host/%u", b->worker);
    int rc = dispatcher_spawn(d, 0, "host", name, NULL, NULL, NULL); /* in host_ref's place */
    GW_ASSERT(rc == 0);
}

int bench_start_named(actor_bench_t *b, const char *name)
{
    GW_ASSERT(!b->open);
    open_dispatcher(b);
    b->starting = true;
    int rc = dispatcher_spawn(&b->dispatcher, 0, b->class->name, name, b->args, NULL, NULL);
    bench_run(b);
    return rc;
}

int bench_start(actor_bench_t *b)
{
    char name[ACTOR_NAME_MAX];
    snprintf(name, sizeof(name), "%s/%u", b->class->name, b->worker);
    return bench_start_named(b, name);
}

static void release_captured(actor_bench_t *b)
{
    msg_t m;
    while (bench_next(b, &m))
        msg_release(&b->catalogue, &m);
}

void actor_bench_free(actor_bench_t *b)
{
    for (train_t *train; (train = b->first) != NULL;) {
        b->first = train->next;
        dispatcher_release(&b->dispatcher, train);
    }
    if (b->open)
        dispatcher_fini(&b->dispatcher);
    release_captured(b);
    name_table_fini(&b->names);
    free(b->spawns);
    free(b->captured);
    free(b);
}

void actor_bench_finish(actor_bench_t *b)
{
    bench_silent(b);
    actor_t *me = actor_bench_me(b);
    if (me && !list_empty(&me->owed)) {
        add(b, "the actor still owes an answer");
        fail(b);
    }
    actor_bench_free(b);
}

actor_t *actor_bench_me(actor_bench_t *b)
{
    return dispatcher_find(&b->dispatcher, b->me);
}

void *actor_bench_state(actor_bench_t *b)
{
    actor_t *me = actor_bench_me(b);
    return me ? me->self : NULL;
}

actor_ref_t bench_peer(actor_bench_t *b, const char *name)
{
    uint32_t worker = b->worker == 0 ? 1 : 0;
    actor_ref_t ref = address_make(worker, FIRST_PEER_SLOT + b->peer_slots++, 1);
    GW_ASSERT(name_table_add(&b->names, name, ref) == 0);
    return ref;
}

/* --- in --- */

void bench_run(actor_bench_t *b)
{
    dispatcher_t *d = &b->dispatcher;
    dispatcher_tick(d);
    for (train_t *train; (train = b->first) != NULL;) {
        b->first = train->next;
        if (!b->first)
            b->last = NULL;
        dispatcher_run(d, train, 1);
        train_free(&d->pool, train);
    }
}

static void deliver(actor_bench_t *b, const msg_t *m)
{
    dispatcher_t *d = &b->dispatcher;
    train_t *train = train_new(&d->pool);
    train->items[train->count++] = (train_item_t){.msg = *m, .sent_ns = d->now};
    dispatcher_arrived(d, train);
    op_ship(b, b->worker, false, train);
    bench_run(b);
}

void bench_send(actor_bench_t *b, actor_ref_t from, uint16_t type, void *body, uint32_t tag)
{
    deliver(b, &(msg_t){.body = body, .src = from, .dst = b->me, .corr = tag, .type = type});
}

uint32_t bench_ask(actor_bench_t *b, actor_ref_t from, uint16_t type, void *body)
{
    actor_t *stand_in =
        address_worker(from) == b->worker ? dispatcher_find(&b->dispatcher, from) : NULL;
    if (stand_in) {
        uint32_t corr = actor_request(stand_in, b->me, type, body, 0, NULL);
        bench_run(b);
        return corr;
    }
    uint32_t corr = ++b->asked;
    deliver(b, &(msg_t){.body = body,
                        .src = from,
                        .dst = b->me,
                        .corr = corr,
                        .type = type,
                        .flags = MSG_REQUEST});
    return corr;
}

void bench_cancel(actor_bench_t *b, actor_ref_t from, uint32_t corr)
{
    deliver(
        b, &(msg_t){
               .src = from, .dst = b->me, .corr = corr, .type = MSG_CANCELED, .flags = MSG_CANCEL});
}

/* The debt of a stand-in that was asked; 0 if a peer was. */
static owed_t owed_by(const actor_t *stand_in, const msg_t *request)
{
    list_each (link, &stand_in->owed) {
        const debt_t *debt = GW_CONTAINER_OF(link, debt_t, link);
        if (debt->asker == request->src && debt->corr == request->corr)
            return debt->node.id;
    }
    return 0;
}

void bench_reply(actor_bench_t *b, const msg_t *request, uint16_t type, void *body)
{
    bool here = address_worker(request->dst) == b->worker;
    actor_t *stand_in = here ? dispatcher_find(&b->dispatcher, request->dst) : NULL;
    if (stand_in) {
        actor_reply(stand_in, owed_by(stand_in, request), type, body);
        bench_run(b);
        return;
    }
    deliver(b, &(msg_t){.body = body,
                        .src = request->dst,
                        .dst = request->src,
                        .corr = request->corr,
                        .type = type,
                        .flags = MSG_REPLY,
                        .trace = request->trace});
}

void bench_fail(actor_bench_t *b, const msg_t *request, int code)
{
    failure_t *failure = xcalloc(1, sizeof(*failure));
    *failure = (failure_t){.code = code, .type = request->type, .from = request->dst};
    bench_reply(b, request, MSG_FAILED, failure);
}

void bench_mute(actor_bench_t *b, bool muted)
{
    actor_t *me = actor_bench_me(b);
    actor_ref_t full = host_ref(b->worker);
    const char *const names[] = {b->class->name, NULL};
    const actor_class_t class = {.name = "full", .mutes = names};
    if (me && muted)
        mute_begin(&b->dispatcher, me, full, &class);
    else if (me)
        mute_end(&b->dispatcher, me, full);
    bench_run(b);
}

void bench_down(actor_bench_t *b, actor_ref_t stand_in, int code)
{
    actor_t *actor = dispatcher_find(&b->dispatcher, stand_in);
    if (actor)
        dispatcher_exit(&b->dispatcher, actor, code);
    bench_run(b);
}

void bench_advance_ns(actor_bench_t *b, uint64_t ns)
{
    uint64_t end = b->clock + ns;
    dispatcher_t *d = &b->dispatcher;
    for (uint64_t next; (next = dispatcher_next_expiry(d)) <= end;) {
        b->clock = next > b->clock ? next : b->clock;
        dispatcher_tick(d);
        dispatcher_expire(d);
        bench_run(b);
    }
    b->clock = end;
    dispatcher_tick(d);
}

void bench_advance_ms(actor_bench_t *b, uint64_t ms)
{
    bench_advance_ns(b, ms * 1000000);
}

/* --- out --- */

size_t bench_pending(const actor_bench_t *b)
{
    return b->captured_count - b->captured_at;
}

bool bench_next(actor_bench_t *b, msg_t *ret)
{
    if (bench_pending(b) == 0)
        return false;
    *ret = b->captured[b->captured_at++];
    if (b->captured_at == b->captured_count)
        b->captured_at = b->captured_count = 0;
    return true;
}

msg_t bench_expect(actor_bench_t *b, actor_ref_t to, uint16_t type)
{
    const msg_t *m = bench_pending(b) ? &b->captured[b->captured_at] : NULL;
    if (!m || m->type != type || (to && m->dst != to)) {
        add(b, "expected %s->%s", msg_name(&b->catalogue, type), to ? bench_name(b, to) : "anyone");
        fail(b);
    }
    msg_t found = {0};
    bench_next(b, &found);
    return found;
}

void bench_skip(actor_bench_t *b, actor_ref_t to, uint16_t type)
{
    msg_t m = bench_expect(b, to, type);
    msg_release(&b->catalogue, &m);
}

void bench_silent(actor_bench_t *b)
{
    if (bench_pending(b) == 0)
        return;
    add(b, "expected silence");
    fail(b);
}

void bench_release(actor_bench_t *b, msg_t *m)
{
    msg_release(&b->catalogue, m);
}

actor_ref_t bench_spawned(actor_bench_t *b, const char *role)
{
    actor_ref_t ref = bench_spawns(b) ? b->spawns[b->spawn_at] : 0;
    const actor_t *stand_in = dispatcher_find(&b->dispatcher, ref);
    if (!stand_in || strcmp(stand_in->role, role) != 0) {
        add(b, "expected that %s is spawned, not %s", role, stand_in ? stand_in->role : "nothing");
        fail(b);
    }
    b->spawn_at++;
    return ref;
}

size_t bench_spawns(const actor_bench_t *b)
{
    return b->spawn_count - b->spawn_at;
}

void *bench_args(actor_bench_t *b, actor_ref_t stand_in)
{
    const actor_t *actor = dispatcher_find(&b->dispatcher, stand_in);
    return actor ? actor->args : NULL;
}
