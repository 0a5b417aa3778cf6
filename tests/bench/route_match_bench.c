/*
 * What the route snapshot costs.
 *
 *   route_match_bench match SHAPE COUNT ROUNDS   time of a match
 *   route_match_bench build COUNT                time and memory of a configuration, and of changes
 *
 * A SHAPE is where the routes differ: hosts, prefixes (on one host) or headers (on one path);
 * COUNT is how many there are. Under callgrind, count only what happens inside route_match:
 *   valgrind --tool=callgrind --toggle-collect=route_match route_match_bench match hosts 10000 1000
 */
#include <malloc.h>
#include <time.h>

#include "core/check.h"
#include "core/mem.h"
#include "tests/unit/xds/make.h"

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static route_message_t *forward(arena_t *arena, const char *path, unsigned i)
{
    route_message_t *route =
        make_route(arena, ROUTE_PATH_SEPARATED, path, make_text(arena, "shop/service-%u/80", i));
    make_info(arena, route, "shop", make_text(arena, "route-%u", i));
    return route;
}

/* One host for each route. */
static void add_host(xds_update_t *update, arena_t *arena, unsigned i)
{
    const char *host = make_text(arena, "tenant-%u.example.com", i);
    vhost_message_t *vhost = make_vhost(arena, host, host);
    make_vhost_route(arena, vhost, forward(arena, "/api", i));
    change_vhost(update, "rc", vhost);
}

static void fill_hosts(xds_update_t *update, unsigned count)
{
    arena_t arena = {0};
    for (unsigned i = 0; i < count; i++) {
        add_host(update, &arena, i);
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

/* One host, where the routes differ by their path, or by the value of a header. */
static void fill_one_host(xds_update_t *update, unsigned count, bool by_header)
{
    arena_t arena = {0};
    vhost_message_t *vhost = make_vhost(&arena, "v", "tenant-0.example.com");
    for (unsigned i = 0; i < count; i++) {
        const char *path = by_header ? "/api" : make_text(&arena, "/api-%u", i);
        route_message_t *route = forward(&arena, path, i);
        if (by_header)
            make_header(&arena, route, "x-tenant", make_text(&arena, "tenant-%u", i));
        make_vhost_route(&arena, vhost, route);
    }
    change_vhost(update, "rc", vhost);
    arena_fini(&arena);
}

static void fill(xds_update_t *update, const char *shape, unsigned count)
{
    arena_t arena = {0};
    change_listener(update, make_listener(&arena, "l", 80, "rc"));
    arena_fini(&arena);
    if (strcmp(shape, "hosts") == 0)
        fill_hosts(update, count);
    else
        fill_one_host(update, count, strcmp(shape, "headers") == 0);
}

static const snapshot_t *apply(snapshot_builder_t *builder, xds_update_t *update)
{
    xds_rejects_t rejects = {0};
    const snapshot_t *snapshot = snapshot_builder_apply(builder, update, &rejects);
    GW_ASSERT(rejects.count == 0);
    xds_update_fini(update);
    return snapshot;
}

/* The i-th request of a shape, as a browser would send it. */
static route_request_t request_for(arena_t *arena, const char *shape, unsigned i)
{
    bool hosts = strcmp(shape, "hosts") == 0, prefixes = strcmp(shape, "prefixes") == 0;
    const char *fields[][2] = {
        {"Host", "tenant-0.example.com"},
        {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
        {"Accept", "application/json"},
        {"Accept-Language", "en-US,en;q=0.5"},
        {"Accept-Encoding", "gzip, deflate, br"},
        {"X-Tenant", make_text(arena, "tenant-%u", i)},
        {"Cookie", "session=0123456789abcdef0123456789abcdef"},
        {"Connection", "keep-alive"},
    };
    http_headers_t *headers = arena_zalloc(arena, sizeof(*headers));
    headers->count = sizeof(fields) / sizeof(fields[0]);
    headers->at = arena_zalloc(arena, headers->count * sizeof(http_header_t));
    for (unsigned field = 0; field < headers->count; field++)
        headers->at[field] = (http_header_t){.name = slice_of(fields[field][0]),
                                             .value = slice_of(fields[field][1])};
    return (route_request_t){
        .method = SLICE("GET"),
        .host = slice_of(make_text(arena, "tenant-%u.example.com", hosts ? i : 0)),
        .path =
            slice_of(prefixes ? make_text(arena, "/api-%u/v1/items/42", i) : "/api/v1/items/42"),
        .headers = headers,
    };
}

enum { REQUESTS = 256 };

static void bench_match(const char *shape, unsigned count, unsigned rounds)
{
    snapshot_builder_t *builder = snapshot_builder_new(42);
    xds_update_t update = {0};
    arena_t arena = {0};
    fill(&update, shape, count);
    const snapshot_t *snapshot = apply(builder, &update);
    const route_table_t *table = snapshot_find_listener(snapshot, SLICE("l"))->routes;
    route_request_t requests[REQUESTS];
    for (unsigned i = 0; i < REQUESTS; i++)
        requests[i] = request_for(&arena, shape, (i * 7919) % count);
    double start = now();
    for (unsigned i = 0; i < rounds; i++)
        GW_ASSERT(route_match(table, &requests[i % REQUESTS]) != NULL);
    printf("%s %u: %.1f ns a match\n", shape, count, (now() - start) / rounds * 1e9);
    snapshot_unref(snapshot);
    snapshot_builder_free(builder);
    arena_fini(&arena);
}

static double heap_mib(void)
{
    return (double)mallinfo2().uordblks / (1 << 20);
}

/* A host with a route, and a cluster with two endpoints, for each i. */
static void fill_all(xds_update_t *update, unsigned count)
{
    arena_t arena = {0};
    fill(update, "hosts", count);
    for (unsigned i = 0; i < count; i++) {
        const char *name = make_text(&arena, "shop/service-%u/80", i);
        cluster_message_t *cluster = make_cluster(&arena, name);
        make_backend(&arena, cluster, "shop", make_text(&arena, "service-%u", i));
        change_cluster(update, cluster);
        change_assignment(update, make_assignment(&arena, name, 2, 8080));
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

enum { CHANGES = 1000 };

/* Applies one change at a time and prints how long each took. */
static void bench_changes(snapshot_builder_t *builder, unsigned count, bool endpoints)
{
    static double times[CHANGES];
    arena_t arena = {0};
    for (unsigned i = 0; i < CHANGES; i++) {
        xds_update_t update = {0};
        unsigned which = (i * 7919) % count;
        if (endpoints) {
            const char *name = make_text(&arena, "shop/service-%u/80", which);
            change_assignment(&update, make_assignment(&arena, name, 2, 10000 + i));
        } else {
            const char *host = make_text(&arena, "tenant-%u.example.com", which);
            vhost_message_t *vhost = make_vhost(&arena, host, host);
            make_vhost_route(&arena, vhost, forward(&arena, make_text(&arena, "/v%u", i), which));
            change_vhost(&update, "rc", vhost);
        }
        double start = now();
        snapshot_unref(apply(builder, &update));
        times[i] = now() - start;
        arena_reset(&arena);
    }
    qsort(times, CHANGES, sizeof(times[0]), compare_doubles);
    printf("%s changed among %u: median %.1f us, p99 %.1f us, most %.1f us\n",
           endpoints ? "endpoints" : "route", count, times[CHANGES / 2] * 1e6,
           times[CHANGES * 99 / 100] * 1e6, times[CHANGES - 1] * 1e6);
    arena_fini(&arena);
}

static void bench_build(unsigned count)
{
    xds_update_t update = {0};
    double before = heap_mib();
    fill_all(&update, count);
    double resources = heap_mib();
    snapshot_builder_t *builder = snapshot_builder_new(42);
    double start = now();
    const snapshot_t *snapshot = apply(builder, &update);
    printf("%u routes with a cluster each: built in %.1f ms\n", count, (now() - start) * 1e3);
    printf("memory: %.2f MiB of resources, %.2f MiB of snapshot\n", resources - before,
           heap_mib() - resources);
    bench_changes(builder, count, false);
    bench_changes(builder, count, true);
    printf("memory after the changes: %.2f MiB\n", heap_mib() - before);
    snapshot_unref(snapshot);
    snapshot_builder_free(builder);
}

static unsigned number(const char *text)
{
    uint64_t value = 0;
    if (slice_to_u64(slice_of(text), &value) || value == 0 || value > UINT32_MAX) {
        fprintf(stderr, "not a count: %s\n", text);
        exit(2);
    }
    return (unsigned)value;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "match") == 0) {
        bench_match(argv[2], number(argv[3]), number(argv[4]));
    } else if (argc == 3 && strcmp(argv[1], "build") == 0) {
        bench_build(number(argv[2]));
    } else {
        fprintf(stderr, "usage: %s match hosts|prefixes|headers COUNT ROUNDS | build COUNT\n",
                argv[0]);
        return 2;
    }
    return 0;
}
