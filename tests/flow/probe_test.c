/*
 * probe_test.c: swapping for real: the whole data plane, with `upstream` replaced by a probe of
 * ten lines, answers a request from that probe.
 */
#include "tests/flow/data_plane.h"

#include "actors/connection_msg.h"
#include "actors/upstream_msg.h"

#include "tests/unit/test.h"
#include "tests/unit/xds/make.h"

static int on_dispatch(void *self, actor_t *me, exchange_t **body, const msg_t *m)
{
    (void)self;
    (void)m;
    exchange_respond(*body, 200, SLICE("from the probe\n"));
    reply_RESPONSE(me, OWED_CURRENT, body);
    return 0;
}
HANDLER(void, DISPATCH, on_dispatch)
static const actor_handler_t probe_handlers[] = {ON(DISPATCH), ON_END};
static const actor_class_t probe_class = {.name = "probe", .handlers = probe_handlers};

static void with_workers(uint32_t workers)
{
    /* given a data plane whose upstream is the probe */
    arena_t arena = {0};
    xds_update_t update = {0};
    uint16_t port = free_port();
    vhost_message_t *vhost = make_vhost(&arena, "all", "*");
    make_vhost_route(&arena, vhost, make_route(&arena, ROUTE_PATH_PREFIX, "/", "demo"));
    change_vhost(&update, "routes", vhost);
    change_listener(&update, make_listener(&arena, "web", port, "routes"));
    change_cluster(&update, make_cluster(&arena, "demo"));
    change_assignment(&update, make_assignment(&arena, "demo", 1, 80));
    data_plane_t *plane = data_plane_new(workers);
    runtime_replace(data_plane_runtime(plane), "upstream", &probe_class);
    data_plane_start(plane, &update);

    /* when a client asks */
    char *answer = exchange_bytes(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "probe\n");

    /* then the probe's answer comes */
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\nfrom the probe\n"));
    free(answer);
    data_plane_stop(plane);
    xds_update_fini(&update);
    arena_fini(&arena);
}

static void a_probe_answers_in_the_place_of_upstream(void **state)
{
    (void)state;
    with_workers(1);
    with_workers(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_answers_in_the_place_of_upstream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
