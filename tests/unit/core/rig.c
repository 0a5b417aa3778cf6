#include "tests/unit/core/rig.h"

#include <pthread.h>
#include <time.h>

#include "core/check.h"
#include "core/mem.h"

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    uint32_t count;
};

void rig_init_with(rig_t *rig, const runtime_options_t *options)
{
    pthread_condattr_t attributes;
    *rig = (rig_t){.runtime = runtime_new(options), .bell = xcalloc(1, sizeof(*rig->bell))};
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&rig->bell->lock, NULL);
    pthread_cond_init(&rig->bell->rung, &attributes);
    pthread_condattr_destroy(&attributes);
}

void rig_init(rig_t *rig, uint32_t workers, uint32_t batch)
{
    rig_init_with(rig, &(runtime_options_t){
                           .workers = workers, .batch = batch, .recorder_events = 256, .seed = 1});
}

void rig_child(rig_t *rig, const actor_class_t *class, child_place_t place, void *args)
{
    GW_ASSERT(rig->child_count < RIG_CHILDREN_MAX);
    runtime_register(rig->runtime, class->name, class);
    rig->children[rig->child_count++] =
        (child_spec_t){.role = class->name, .place = place, .args = args};
}

int rig_start(rig_t *rig)
{
    return runtime_start(rig->runtime, rig->children, &rig->stop);
}

void rig_ring(rig_t *rig)
{
    pthread_mutex_lock(&rig->bell->lock);
    rig->bell->count++;
    pthread_cond_signal(&rig->bell->rung);
    pthread_mutex_unlock(&rig->bell->lock);
}

bool rig_wait(rig_t *rig, uint32_t count)
{
    struct timespec end;
    int rc = 0;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += RIG_PATIENCE_MS / 1000;
    pthread_mutex_lock(&rig->bell->lock);
    while (rig->bell->count < count && rc == 0)
        rc = pthread_cond_timedwait(&rig->bell->rung, &rig->bell->lock, &end);
    bool enough = rig->bell->count >= count;
    pthread_mutex_unlock(&rig->bell->lock);
    return enough;
}

int rig_finish(rig_t *rig)
{
    int code = runtime_wait(rig->runtime);
    runtime_free(rig->runtime);
    pthread_cond_destroy(&rig->bell->rung);
    pthread_mutex_destroy(&rig->bell->lock);
    free(rig->bell);
    *rig = (rig_t){0};
    return code;
}

int rig_stop(rig_t *rig)
{
    runtime_stop(rig->runtime);
    return rig_finish(rig);
}

uint64_t rig_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
