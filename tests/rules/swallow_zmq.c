/*
 * swallow_zmq.c: a library to preload. While the file named in SWALLOW_ZMQ_TRIGGER exists, no
 * message leaves through ZeroMQ: each send reports success and the message is gone. A request
 * that is answered nevertheless went another way than through the actors' queues, and
 * tests/blackbox shows that there is none.
 */
#include <dlfcn.h>
#include <unistd.h>
#include <zmq.h>

static int triggered(void)
{
    const char *path = getenv("SWALLOW_ZMQ_TRIGGER");
    return path && access(path, F_OK) == 0;
}

/* next_symbol gives the real function behind ours. */
static void *next_symbol(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        abort();
    return symbol;
}

/* Like a send that worked: the message is empty afterwards and its size is the result. */
static int swallow(zmq_msg_t *msg)
{
    int size = (int)zmq_msg_size(msg);
    zmq_msg_close(msg);
    zmq_msg_init(msg);
    return size;
}

int zmq_msg_send(zmq_msg_t *msg, void *socket, int flags)
{
    if (triggered())
        return swallow(msg);
    int (*send)(zmq_msg_t *, void *, int);
    *(void **)&send = next_symbol("zmq_msg_send");
    return send(msg, socket, flags);
}

int zmq_sendmsg(void *socket, zmq_msg_t *msg, int flags)
{
    return zmq_msg_send(msg, socket, flags);
}

int zmq_send(void *socket, const void *bytes, size_t len, int flags)
{
    if (triggered())
        return (int)len;
    int (*send)(void *, const void *, size_t, int);
    *(void **)&send = next_symbol("zmq_send");
    return send(socket, bytes, len, flags);
}

int zmq_send_const(void *socket, const void *bytes, size_t len, int flags)
{
    if (triggered())
        return (int)len;
    int (*send)(void *, const void *, size_t, int);
    *(void **)&send = next_symbol("zmq_send_const");
    return send(socket, bytes, len, flags);
}
