/*
 * timer.c: a worker's timers, in a 4-ary heap. A timer that is extended stays where it is and
 * is moved only when its old time comes: timeouts that are pushed back with every request cost
 * next to nothing.
 */
#include "core/dispatcher.h"
#include "core/mem.h"

enum { ARITY = 4 };

static void put(dispatcher_t *d, uint32_t at, heap_item_t item)
{
    d->heap[at] = item;
    item.timer->position = at + 1;
}

static void sift_up(dispatcher_t *d, uint32_t at, heap_item_t item)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / ARITY;
        if (d->heap[parent].key <= item.key)
            break;
        put(d, at, d->heap[parent]);
        at = parent;
    }
    put(d, at, item);
}

static uint32_t least_child(const dispatcher_t *d, uint32_t at)
{
    uint32_t first = at * ARITY + 1, best = first;
    for (uint32_t child = first + 1; child < first + ARITY && child < d->heap_count; child++) {
        if (d->heap[child].key < d->heap[best].key)
            best = child;
    }
    return best;
}

static void sift_down(dispatcher_t *d, uint32_t at, heap_item_t item)
{
    while (at * ARITY + 1 < d->heap_count) {
        uint32_t child = least_child(d, at);
        if (d->heap[child].key >= item.key)
            break;
        put(d, at, d->heap[child]);
        at = child;
    }
    put(d, at, item);
}

static void insert(dispatcher_t *d, timer_entry_t *timer)
{
    if (d->heap_count == d->heap_capacity) {
        d->heap_capacity = d->heap_capacity ? d->heap_capacity * 2 : 64;
        d->heap = xrealloc(d->heap, d->heap_capacity * sizeof(*d->heap));
    }
    timer->key = timer->expiry;
    sift_up(d, d->heap_count++, (heap_item_t){timer->key, timer});
}

static void take_out(dispatcher_t *d, timer_entry_t *timer)
{
    uint32_t at = timer->position - 1;
    timer->position = 0;
    heap_item_t last = d->heap[--d->heap_count];
    if (last.timer == timer)
        return;
    if (at > 0 && last.key < d->heap[(at - 1) / ARITY].key)
        sift_up(d, at, last);
    else
        sift_down(d, at, last);
}

timer_entry_t *timer_new(dispatcher_t *d, actor_t *owner, uint64_t delay_ns)
{
    timer_entry_t *timer = slab_new(&d->timers);
    GW_ASSERT(timer != NULL); /* bounded by connections and requests, far below a million */
    timer->owner = owner;
    timer->expiry = d->now + delay_ns;
    list_init(&timer->link);
    if (owner)
        list_append(&owner->timers, &timer->link);
    insert(d, timer);
    return timer;
}

void timer_drop(dispatcher_t *d, timer_entry_t *timer)
{
    if (timer->position)
        take_out(d, timer);
    list_remove(&timer->link);
    slab_free(&d->timers, timer);
}

void timers_drop(dispatcher_t *d, actor_t *actor)
{
    list_each (link, &actor->timers)
        timer_drop(d, GW_CONTAINER_OF(link, timer_entry_t, link));
}

timer_ref_t actor_timer_start(actor_t *me, uint64_t delay_ns, uint16_t type, void *context)
{
    timer_entry_t *timer = timer_new(me->home, me, delay_ns);
    timer->type = type;
    timer->context = context;
    timer->trace = me->trace;
    return timer->node.id;
}

bool actor_timer_extend(actor_t *me, timer_ref_t id, uint64_t delay_ns)
{
    dispatcher_t *d = me->home;
    timer_entry_t *timer = slab_get(&d->timers, id);
    if (!timer || timer->owner != me)
        return false;
    timer->expiry = d->now + delay_ns;
    bool waits = timer->position != 0; /* else its message is on the way: timer_take drops it */
    if (waits && timer->expiry >= timer->key)
        return true;
    if (waits)
        take_out(d, timer);
    insert(d, timer);
    return true;
}

void actor_timer_stop(actor_t *me, timer_ref_t id)
{
    timer_entry_t *timer = slab_get(&me->home->timers, id);
    if (timer && timer->owner == me)
        timer_drop(me->home, timer);
}

bool timer_take(dispatcher_t *d, const actor_t *owner, const msg_t *m, void **context)
{
    timer_entry_t *timer = slab_get(&d->timers, m->corr);
    if (!timer || timer->owner != owner || timer->position)
        return false;
    *context = timer->context;
    timer_drop(d, timer);
    return true;
}

static void expire(dispatcher_t *d, timer_entry_t *timer)
{
    take_out(d, timer);
    if (timer->request) {
        request_expired(d, timer);
        slab_free(&d->timers, timer);
        return;
    }
    msg_t m = {.src = timer->owner->ref,
               .dst = timer->owner->ref,
               .corr = timer->node.id,
               .type = timer->type,
               .flags = MSG_TIMER,
               .trace = timer->trace};
    dispatcher_post(d, m);
}

void dispatcher_expire(dispatcher_t *d)
{
    while (d->heap_count && d->heap[0].key <= d->now) {
        timer_entry_t *timer = d->heap[0].timer;
        if (timer->expiry > timer->key) { /* it was extended */
            timer->key = timer->expiry;
            sift_down(d, 0, (heap_item_t){timer->key, timer});
        } else {
            expire(d, timer);
        }
    }
}

uint64_t dispatcher_next_expiry(const dispatcher_t *d)
{
    return d->heap_count ? d->heap[0].key : UINT64_MAX;
}
