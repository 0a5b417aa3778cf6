/*
 * simulation.c: dispatchers whose lanes are queues per pair of actors. Trains carry one message
 * each, so that every message can be overtaken by every other that the rules allow.
 */
#include "core/simulation.h"

#include <inttypes.h>
#include <uthash.h>

#include "core/dispatcher.h"
#include "core/host_msg.h"
#include "core/mem.h"
#include "core/name_table.h"

enum { START_NS = 1000000000, RECORDER_EVENTS = 1024, TIME_PASSES_ONE_IN = 64 };
static const uint64_t WALL_START_NS = UINT64_C(1700000000000000000);

typedef struct queue_key {
    actor_ref_t src, dst;
    uint32_t system;
} queue_key_t;

typedef struct queue {
    UT_hash_handle hh;
    queue_key_t key;
    train_t *first, *last;
    size_t place; /* among the waiting ones */
} queue_t;

typedef struct sim_role {
    const char *name;
    const actor_class_t *class;
} sim_role_t;

typedef struct sim_worker {
    dispatcher_t dispatcher;
    simulation_t *simulation;
} sim_worker_t;

struct simulation {
    msg_catalogue_t catalogue;
    uint64_t clock, random, signature;
    sim_worker_t *workers;
    uint32_t count;
    name_table_t names;
    sim_role_t *roles;
    size_t role_count;
    queue_t *queues;
    queue_t **waiting; /* the queues that are not empty */
    size_t waiting_count;
};

/* --- queues --- */

static queue_t *queue_of(simulation_t *s, const msg_t *m)
{
    queue_t *queue = NULL;
    queue_key_t key = {.src = m->src, .dst = m->dst, .system = m->flags & MSG_SYSTEM};
    HASH_FIND(hh, s->queues, &key, sizeof(key), queue);
    if (queue)
        return queue;
    queue = xcalloc(1, sizeof(*queue));
    queue->key = key;
    HASH_ADD(hh, s->queues, key, sizeof(queue->key), queue);
    size_t count = HASH_COUNT(s->queues);
    s->waiting = xrealloc(s->waiting, count * sizeof(queue_t *));
    return queue;
}

static void enqueue(simulation_t *s, train_t *train)
{
    queue_t *queue = queue_of(s, &train->items[0].msg);
    if (queue->first) {
        queue->last->next = train;
    } else {
        queue->first = train;
        queue->place = s->waiting_count;
        s->waiting[s->waiting_count++] = queue;
    }
    queue->last = train;
}

static train_t *dequeue(simulation_t *s, queue_t *queue)
{
    train_t *train = queue->first;
    queue->first = train->next;
    if (!queue->first) {
        queue_t *last = s->waiting[--s->waiting_count];
        s->waiting[queue->place] = last;
        last->place = queue->place;
    }
    return train;
}

/* --- what a dispatcher asks --- */

static void op_ship(void *context, uint32_t worker, bool system, train_t *train)
{
    simulation_t *s = ((sim_worker_t *)context)->simulation;
    dispatcher_t *from = &((sim_worker_t *)context)->dispatcher;
    enqueue(s, train);
    if (worker != from->index && !system)
        dispatcher_arrived(&s->workers[worker].dispatcher, train);
}

static uint64_t op_clock(void *context)
{
    return ((sim_worker_t *)context)->simulation->clock;
}

static uint64_t op_wall(void *context)
{
    return WALL_START_NS + op_clock(context);
}

static const actor_class_t *op_role(void *context, const char *role)
{
    const simulation_t *s = ((sim_worker_t *)context)->simulation;
    for (size_t i = 0; i < s->role_count; i++) {
        if (strcmp(s->roles[i].name, role) == 0)
            return s->roles[i].class;
    }
    return NULL;
}

static actor_ref_t op_lookup(void *context, const char *name)
{
    return name_table_find(&((sim_worker_t *)context)->simulation->names, name);
}

static int op_publish(void *context, const char *name, actor_ref_t ref)
{
    return name_table_add(&((sim_worker_t *)context)->simulation->names, name, ref);
}

static void op_withdraw(void *context, const char *name, actor_ref_t ref)
{
    name_table_remove(&((sim_worker_t *)context)->simulation->names, name, ref);
}

static const dispatcher_ops_t ops = {.ship = op_ship,
                                     .clock = op_clock,
                                     .wall = op_wall,
                                     .role = op_role,
                                     .lookup = op_lookup,
                                     .publish = op_publish,
                                     .withdraw = op_withdraw};

/* --- life --- */

static void open_worker(simulation_t *s, uint32_t index, uint64_t seed)
{
    sim_worker_t *worker = &s->workers[index];
    char name[ACTOR_NAME_MAX];
    worker->simulation = s;
    dispatcher_init(&worker->dispatcher, &ops, worker, &s->catalogue, index, s->count,
                    RECORDER_EVENTS, seed);
    dispatcher_be_eager(&worker->dispatcher);
    snprintf(name, sizeof(name), "host/%u", index);
    actor_ref_t host = simulation_spawn(s, index, "host", name, NULL);
    GW_ASSERT(host == host_ref(index));
}

simulation_t *simulation_new(uint64_t seed, uint32_t workers,
                             const msg_protocol_t *const *protocols)
{
    simulation_t *s = xcalloc(1, sizeof(*s));
    s->clock = START_NS;
    s->random = seed;
    s->count = workers;
    msg_catalogue_add(&s->catalogue, &core_protocol);
    msg_catalogue_add(&s->catalogue, &host_protocol);
    for (; protocols && *protocols; protocols++)
        msg_catalogue_add(&s->catalogue, *protocols);
    simulation_role(s, "host", &host_class);
    s->workers = xcalloc(workers, sizeof(*s->workers));
    for (uint32_t i = 0; i < workers; i++)
        open_worker(s, i, seed);
    return s;
}

static void release_queues(simulation_t *s)
{
    queue_t *queue, *next;
    while (s->waiting_count) {
        train_t *train = dequeue(s, s->waiting[0]);
        dispatcher_release(&s->workers[0].dispatcher, train);
    }
    HASH_ITER (hh, s->queues, queue, next) {
        HASH_DEL(s->queues, queue);
        free(queue);
    }
    free(s->waiting);
}

void simulation_free(simulation_t *s)
{
    release_queues(s);
    for (uint32_t i = 0; i < s->count; i++)
        dispatcher_fini(&s->workers[i].dispatcher);
    name_table_fini(&s->names);
    free(s->roles);
    free(s->workers);
    free(s);
}

void simulation_role(simulation_t *s, const char *role, const actor_class_t *class)
{
    for (size_t i = 0; i < s->role_count; i++) {
        if (strcmp(s->roles[i].name, role) == 0) {
            s->roles[i].class = class;
            return;
        }
    }
    s->roles = xrealloc(s->roles, (s->role_count + 1) * sizeof(*s->roles));
    s->roles[s->role_count++] = (sim_role_t){.name = role, .class = class};
}

actor_ref_t simulation_spawn(simulation_t *s, uint32_t worker, const char *role, const char *name,
                             void *args)
{
    actor_ref_t ref = 0;
    dispatcher_spawn(&s->workers[worker].dispatcher, 0, role, name, args, NULL, &ref);
    return ref;
}

/* --- from outside --- */

void simulation_post(simulation_t *s, actor_ref_t from, actor_ref_t to, uint16_t type, void *body)
{
    msg_t m = {.body = body, .src = from, .dst = to, .type = type};
    dispatcher_post(&s->workers[address_worker(from)].dispatcher, m);
}

uint32_t simulation_ask(simulation_t *s, actor_ref_t from, actor_ref_t to, uint16_t type,
                        void *body, uint64_t timeout_ns)
{
    return actor_request(simulation_actor(s, from), to, type, body, timeout_ns, NULL);
}

actor_ref_t simulation_lookup(const simulation_t *s, const char *name)
{
    return name_table_find(&s->names, name);
}

actor_t *simulation_actor(simulation_t *s, actor_ref_t ref)
{
    uint32_t worker = address_worker(ref);
    return worker < s->count ? dispatcher_find(&s->workers[worker].dispatcher, ref) : NULL;
}

void *simulation_state(simulation_t *s, actor_ref_t ref)
{
    actor_t *actor = simulation_actor(s, ref);
    return actor ? actor->self : NULL;
}

uint64_t simulation_signature(const simulation_t *s)
{
    return s->signature;
}

/* --- steps --- */

static uint64_t next_random(simulation_t *s) /* splitmix64 */
{
    uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void sign(simulation_t *s, const msg_t *m)
{
    uint64_t parts[] = {m->src, m->dst, m->type, m->corr};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        s->signature = (s->signature ^ parts[i]) * UINT64_C(0x100000001b3) + 1;
}

static void hand_over(simulation_t *s)
{
    train_t *train = dequeue(s, s->waiting[next_random(s) % s->waiting_count]);
    uint32_t worker = address_worker(train->items[0].msg.dst);
    dispatcher_t *d = &s->workers[worker].dispatcher;
    sign(s, &train->items[0].msg);
    dispatcher_tick(d);
    dispatcher_run(d, train, 1);
    train_free(&d->pool, train);
}

static uint64_t next_expiry(const simulation_t *s)
{
    uint64_t earliest = UINT64_MAX;
    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t expiry = dispatcher_next_expiry(&s->workers[i].dispatcher);
        earliest = expiry < earliest ? expiry : earliest;
    }
    return earliest;
}

static void pass_time(simulation_t *s, uint64_t until)
{
    s->clock = until > s->clock ? until : s->clock;
    for (uint32_t i = 0; i < s->count; i++) {
        dispatcher_tick(&s->workers[i].dispatcher);
        dispatcher_expire(&s->workers[i].dispatcher);
    }
}

/* One message, or the next timer if it expires before `end`; false: neither. */
static bool step(simulation_t *s, uint64_t end)
{
    uint64_t expiry = next_expiry(s);
    bool may_pass = expiry != UINT64_MAX && expiry <= end;
    if (may_pass && (s->waiting_count == 0 || next_random(s) % TIME_PASSES_ONE_IN == 0))
        pass_time(s, expiry);
    else if (s->waiting_count)
        hand_over(s);
    else
        return false;
    return true;
}

bool simulation_step(simulation_t *s)
{
    return step(s, UINT64_MAX);
}

uint64_t simulation_settle(simulation_t *s, uint64_t max)
{
    uint64_t count = 0;
    for (; s->waiting_count && count < max; count++)
        hand_over(s);
    return count;
}

void simulation_run_ms(simulation_t *s, uint64_t ms)
{
    uint64_t end = s->clock + ms * 1000000;
    while (step(s, end))
        ;
    pass_time(s, end);
}

/* --- seeds --- */

bool simulation_holds(simulation_scenario_fn *scenario, void *context, uint64_t first,
                      uint64_t count, uint64_t *ret_seed)
{
    const char *wanted = getenv("NANTIAN_SEED");
    if (wanted) {
        first = strtoull(wanted, NULL, 0);
        count = 1;
    }
    for (uint64_t seed = first; seed - first < count; seed++) {
        uint64_t signature = 0;
        if (scenario(seed, &signature, context))
            continue;
        fprintf(stderr,
                "the property does not hold with NANTIAN_SEED=%" PRIu64 " (order %016" PRIx64 ")\n",
                seed, signature);
        if (ret_seed)
            *ret_seed = seed;
        return false;
    }
    return true;
}
