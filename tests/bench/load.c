/*
 * load.c: the load client of the benchmarks. One thread, epoll, a closed loop: a connection that
 * got its answer asks again at once. Every answer is checked and counted, nothing is ever asked
 * twice, and a connection that fails stays closed.
 *
 * It obeys lines on standard input, so that whoever measures can read counters while nothing is
 * in flight:
 *     requests N    sends N requests, waits for all answers, prints a report (one JSON line)
 *     seconds S     the same for S seconds
 * and ends at the end of the input. For each report: sent = ok + the faults of answer.h.
 * `alive` counts open connections, `idle_faults` those that ended, or sent something, while no
 * request was on them.
 *
 * At most --inflight connections (all, if not given) have a request at a time. The others wait in
 * a ring, so the first requests of a run open all connections and each is used in turn. With
 * --other-port every other connection goes there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "core/mem.h"
#include "targets.h"

enum { RECEIVE_MAX = 4096, EVENTS_MAX = 256 };
enum { FD_UNOPENED = -1, FD_GONE = -2 };

typedef struct connection {
    int fd;       /* or FD_UNOPENED, FD_GONE */
    bool waiting; /* a request is in flight */
    size_t len;
    char received[RECEIVE_MAX];
} connection_t;

typedef struct report {
    uint64_t sent, kinds[ANSWER_KINDS], idle_faults;
} report_t;

typedef struct load {
    int epoll;
    uint16_t ports[2]; /* every other connection goes to the second one */
    slice_t body;
    targets_t targets;
    connection_t *connections;
    connection_t **ring; /* those that may send next */
    size_t count, limit, in_flight, alive, head, ready;
    uint64_t to_send; /* by this run, still */
    int patience;     /* milliseconds without any answer after which all are given up */
    report_t report;
} load_t;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ring_push(load_t *load, connection_t *connection)
{
    load->ring[(load->head + load->ready++) % load->count] = connection;
}

static connection_t *ring_pop(load_t *load)
{
    connection_t *connection = load->ring[load->head];
    load->head = (load->head + 1) % load->count;
    load->ready--;
    return connection;
}

/* finish counts the verdict on a connection's request. */
static void finish(load_t *load, connection_t *connection, answer_kind_t kind)
{
    load->report.kinds[kind]++;
    connection->waiting = false;
    connection->len = 0;
    load->in_flight--;
}

/* drop closes a connection for good; it resets, so that no port stays in TIME_WAIT. */
static void drop(load_t *load, connection_t *connection)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(connection->fd);
    connection->fd = FD_GONE;
    load->alive--;
}

static bool open_connection(load_t *load, connection_t *connection)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = load->ports[(connection - load->connections) % 2],
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd);
        return false;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connection->fd = fd;
    load->alive++;
    return true;
}

static void send_request(load_t *load, connection_t *connection)
{
    slice_t request = targets_choose(&load->targets);
    load->report.sent++;
    load->to_send--;
    load->in_flight++;
    connection->waiting = true;
    if (connection->fd == FD_UNOPENED && !open_connection(load, connection)) {
        finish(load, connection, ANSWER_connect_failed);
        return;
    }
    if (send(connection->fd, request.base, request.len, MSG_NOSIGNAL) != (ssize_t)request.len) {
        finish(load, connection, ANSWER_closed);
        drop(load, connection);
    }
}

static void send_more(load_t *load)
{
    while (load->to_send > 0 && load->ready > 0 && load->in_flight < load->limit) {
        connection_t *connection = ring_pop(load);
        if (connection->fd != FD_GONE)
            send_request(load, connection);
    }
}

/* end_connection takes note that the peer, or a fault in its answer, ended the connection. */
static void end_connection(load_t *load, connection_t *connection, answer_kind_t kind)
{
    if (connection->waiting)
        finish(load, connection, kind);
    else
        load->report.idle_faults++;
    drop(load, connection);
}

static void receive(load_t *load, connection_t *connection)
{
    ssize_t got = recv(connection->fd, connection->received + connection->len,
                       RECEIVE_MAX - connection->len, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        end_connection(load, connection, ANSWER_closed);
        return;
    }
    connection->len += (size_t)got;
    answer_kind_t kind =
        answer_check(slice_make(connection->received, connection->len), load->body);
    if (!connection->waiting)
        kind = ANSWER_unsolicited;
    if (kind == ANSWER_incomplete && connection->len < RECEIVE_MAX)
        return;
    if (kind > ANSWER_wrong_body) {
        end_connection(load, connection, kind == ANSWER_incomplete ? ANSWER_malformed : kind);
        return;
    }
    finish(load, connection, kind);
    ring_push(load, connection);
    send_more(load);
}

static void give_up(load_t *load)
{
    for (size_t i = 0; i < load->count; i++) {
        if (load->connections[i].waiting)
            end_connection(load, &load->connections[i], ANSWER_timed_out);
    }
}

static int wait_events(load_t *load, int patience)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(load->epoll, events, EVENTS_MAX, patience);
    for (int i = 0; i < count; i++) {
        connection_t *connection = events[i].data.ptr;
        if (connection->fd >= 0)
            receive(load, connection);
    }
    return count;
}

/* settle takes note of what happened on idle connections. */
static void settle(load_t *load)
{
    while (wait_events(load, 0) > 0)
        continue;
}

static void run(load_t *load, uint64_t requests, double until)
{
    settle(load);
    load->to_send = requests;
    send_more(load);
    while (load->in_flight > 0) {
        if (wait_events(load, load->patience) == 0)
            give_up(load);
        if (now() >= until)
            load->to_send = 0;
    }
}

static void print_report(const load_t *load, double seconds)
{
    const report_t *report = &load->report;
    printf("{\"sent\":%llu,\"ok\":%llu,", (unsigned long long)report->sent,
           (unsigned long long)report->kinds[ANSWER_ok]);
#define PRINT(name, text)                                                                          \
    printf("\"" #name "\":%llu,", (unsigned long long)report->kinds[ANSWER_##name]);
    ANSWER_FAULTS(PRINT)
#undef PRINT
    printf("\"idle_faults\":%llu,\"alive\":%zu,\"elapsed\":%.6f}\n",
           (unsigned long long)report->idle_faults, load->alive, seconds);
    fflush(stdout);
}

static bool obey(load_t *load, const char *command)
{
    unsigned long long requests;
    double seconds, start = now();
    load->report = (report_t){0};
    if (sscanf(command, "requests %llu", &requests) == 1)
        run(load, requests, start + 1e9);
    else if (sscanf(command, "seconds %lf", &seconds) == 1)
        run(load, UINT64_MAX, start + seconds);
    else
        return false;
    double elapsed = now() - start;
    settle(load);
    print_report(load, elapsed);
    return true;
}

static void load_init(load_t *load, size_t connections)
{
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->count = connections;
    load->connections = xcalloc(connections, sizeof(connection_t));
    load->ring = xcalloc(connections, sizeof(connection_t *));
    for (size_t i = 0; i < connections; i++) {
        load->connections[i].fd = FD_UNOPENED;
        ring_push(load, &load->connections[i]);
    }
}

static void load_fini(load_t *load)
{
    for (size_t i = 0; i < load->count; i++) {
        if (load->connections[i].fd >= 0)
            drop(load, &load->connections[i]);
    }
    free(load->ring);
    free(load->connections);
    targets_fini(&load->targets);
    close(load->epoll);
}

typedef enum argument {
    PORT,
    OTHER_PORT,
    CONNECTIONS,
    IN_FLIGHT,
    SEED,
    PATIENCE,
    TARGETS,
    BODY
} argument_t;

typedef struct arguments {
    unsigned long numbers[TARGETS]; /* those before TARGETS */
    const char *targets, *body;
} arguments_t;

static bool parse_arguments(int argc, char **argv, arguments_t *ret)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, PORT},
        {"other-port", required_argument, NULL, OTHER_PORT},
        {"connections", required_argument, NULL, CONNECTIONS},
        {"inflight", required_argument, NULL, IN_FLIGHT},
        {"seed", required_argument, NULL, SEED},
        {"patience", required_argument, NULL, PATIENCE},
        {"targets", required_argument, NULL, TARGETS},
        {"body", required_argument, NULL, BODY},
        {0},
    };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option > BODY)
            return false;
        if (option == TARGETS)
            ret->targets = optarg;
        else if (option == BODY)
            ret->body = optarg;
        else
            ret->numbers[option] = strtoul(optarg, NULL, 10);
    }
    return ret->numbers[PORT] && ret->numbers[CONNECTIONS] && ret->targets && ret->body;
}

static void load_configure(load_t *load, const arguments_t *arguments)
{
    const unsigned long *numbers = arguments->numbers;
    load->ports[0] = htons((uint16_t)numbers[PORT]);
    load->ports[1] = numbers[OTHER_PORT] ? htons((uint16_t)numbers[OTHER_PORT]) : load->ports[0];
    load->body = slice_of(arguments->body);
    load->limit = numbers[IN_FLIGHT] ? numbers[IN_FLIGHT] : numbers[CONNECTIONS];
    load->patience = (int)numbers[PATIENCE];
    targets_load(&load->targets, arguments->targets, numbers[SEED]);
    load_init(load, numbers[CONNECTIONS]);
}

int main(int argc, char **argv)
{
    char command[64];
    load_t load = {0};
    arguments_t arguments = {.numbers = {[CONNECTIONS] = 64, [SEED] = 1, [PATIENCE] = 10000}};
    if (!parse_arguments(argc, argv, &arguments)) {
        fprintf(stderr, "bench_load --port N --targets FILE --body TEXT [--connections N] "
                        "[--other-port N] [--inflight N] [--seed N] [--patience MS]\n");
        return 2;
    }
    load_configure(&load, &arguments);
    bool known = true;
    while (known && fgets(command, sizeof(command), stdin) != NULL)
        known = obey(&load, command);
    load_fini(&load);
    return known ? 0 : 2;
}
