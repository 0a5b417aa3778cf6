#include "core/lane.h"

#include <errno.h>
#include <zmq.h>

#include "core/check.h"
#include "core/mem.h"

/* libzmq is not instrumented: ThreadSanitizer has to be told that a train changes hands. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define HAND_OVER(train) __tsan_release(train)
#define TAKE_OVER(train) __tsan_acquire(train)
#else
#define HAND_OVER(train) (void)(train)
#define TAKE_OVER(train) (void)(train)
#endif

struct lanes {
    zmq_msg_t incoming, outgoing; /* used again and again */
    void *context;
    uint32_t index, workers;
    void *inbox[2];
    void *local_push, *local_pull;
    void *out[2][ADDRESS_WORKERS_MAX];
};

void *lanes_context(uint32_t workers)
{
    void *context = zmq_ctx_new();
    if (!context)
        return NULL;
    int sockets = (int)((workers + 1) * (2 * workers + 4));
    zmq_ctx_set(context, ZMQ_IO_THREADS, 0); /* inproc needs none */
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, sockets < 64 ? 64 : sockets);
    return context;
}

void lanes_context_free(void *context)
{
    while (zmq_ctx_term(context) != 0 && errno == EINTR)
        ;
}

static void *open_socket(void *context, int type)
{
    void *socket = zmq_socket(context, type);
    GW_ASSERT(socket != NULL);
    int none = 0; /* no high-water mark: the runtime counts messages, ZeroMQ would count trains */
    zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof(none));
    zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof(none));
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none));
    return socket;
}

static void attach(void *socket, bool bind, const char *lane, uint32_t worker)
{
    char name[64];
    snprintf(name, sizeof(name), "inproc://%s/%u", lane, worker);
    int rc = bind ? zmq_bind(socket, name) : zmq_connect(socket, name);
    GW_ASSERT(rc == 0);
}

static const char *const lane_names[2] = {"user", "system"};

lanes_t *lanes_open(void *context, uint32_t index, uint32_t workers)
{
    lanes_t *lanes = xcalloc(1, sizeof(*lanes));
    lanes->context = context;
    lanes->index = index;
    lanes->workers = workers;
    zmq_msg_init(&lanes->incoming);
    if (index == UINT32_MAX)
        return lanes;
    for (int system = 0; system < 2; system++) {
        lanes->inbox[system] = open_socket(context, ZMQ_PULL);
        attach(lanes->inbox[system], true, lane_names[system], index);
    }
    lanes->local_pull = open_socket(context, ZMQ_PAIR);
    lanes->local_push = open_socket(context, ZMQ_PAIR);
    attach(lanes->local_pull, true, "local", index);
    attach(lanes->local_push, false, "local", index);
    return lanes;
}

void lanes_connect(lanes_t *lanes)
{
    for (int system = 0; system < 2; system++) {
        for (uint32_t worker = 0; worker < lanes->workers; worker++) {
            lanes->out[system][worker] = open_socket(lanes->context, ZMQ_PUSH);
            attach(lanes->out[system][worker], false, lane_names[system], worker);
        }
    }
}

static void close_socket(void *socket)
{
    if (socket)
        zmq_close(socket);
}

void lanes_close(lanes_t *lanes)
{
    for (int system = 0; system < 2; system++) {
        close_socket(lanes->inbox[system]);
        for (uint32_t worker = 0; worker < lanes->workers; worker++)
            close_socket(lanes->out[system][worker]);
    }
    close_socket(lanes->local_push);
    close_socket(lanes->local_pull);
    zmq_msg_close(&lanes->incoming);
    free(lanes);
}

/* Without a high-water mark a send can only be told "not now" because a command (a new peer)
 * waits to be processed; reading ZMQ_EVENTS processes it. */
static __attribute__((noinline)) void push_again(zmq_msg_t *message, void *socket)
{
    do {
        GW_ASSERT(errno == EAGAIN || errno == EINTR);
        int events;
        size_t size = sizeof(events);
        zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size);
    } while (zmq_msg_send(message, socket, ZMQ_DONTWAIT) < 0);
}

static inline void push(lanes_t *lanes, void *socket, train_t *train)
{
    zmq_msg_t *message = &lanes->outgoing;
    zmq_msg_init_size(message, sizeof(train)); /* stored inline: no allocation, no error */
    memcpy(zmq_msg_data(message), &train, sizeof(train));
    HAND_OVER(train);
    if (GW_UNLIKELY(zmq_msg_send(message, socket, ZMQ_DONTWAIT) < 0))
        push_again(message, socket);
}

static inline train_t *pull(lanes_t *lanes, void *socket)
{
    train_t *train = NULL;
    int rc;
    do {
        rc = zmq_msg_recv(&lanes->incoming, socket, ZMQ_DONTWAIT);
    } while (rc < 0 && errno == EINTR);
    if (rc == sizeof(train)) {
        memcpy(&train, zmq_msg_data(&lanes->incoming), sizeof(train));
        TAKE_OVER(train);
    }
    return train;
}

void lanes_send(lanes_t *lanes, uint32_t worker, bool system, train_t *train)
{
    push(lanes, lanes->out[system][worker], train);
}

void lanes_send_local(lanes_t *lanes, train_t *train)
{
    push(lanes, lanes->local_push, train);
}

train_t *lanes_receive(lanes_t *lanes, bool system)
{
    return pull(lanes, lanes->inbox[system]);
}

train_t *lanes_receive_local(lanes_t *lanes)
{
    train_t *train = pull(lanes, lanes->local_pull);
    GW_ASSERT(train != NULL);
    return train;
}

int lanes_fd(const lanes_t *lanes, bool system)
{
    int fd = -1;
    size_t size = sizeof(fd);
    int rc = zmq_getsockopt(lanes->inbox[system], ZMQ_FD, &fd, &size);
    GW_ASSERT(rc == 0);
    return fd;
}
