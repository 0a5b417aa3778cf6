#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

typedef Google__Protobuf__Duration duration_message_t;

#define HEADER_OPTION_INIT ENVOY__CONFIG__CORE__V3__HEADER_VALUE_OPTION__INIT

static route_message_t *simple(world_t *world)
{
    return make_route(&world->arena, ROUTE_PATH_PREFIX, "/", "c");
}

static void test_absent_fields_have_the_defaults_of_the_api(void **state)
{
    world_t *world = *state;
    world_try_route(world, simple(world));
    const route_forward_t *forward = &world_route(world)->forward;
    assert_int_equal(world_route(world)->action, ROUTE_FORWARD);
    assert_int_equal(forward->timeout_ms, 15000);
    assert_int_equal(forward->backend_timeout_ms, 0);
    assert_int_equal(forward->missing_status, 503);
    assert_int_equal(forward->cluster_count, 1);
    assert_int_equal(forward->prefix_rewrite.len, 0);
}

static void test_timeouts_are_milliseconds_rounded_up(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    duration_message_t timeout = GOOGLE__PROTOBUF__DURATION__INIT, try = timeout;
    Envoy__Config__Route__V3__RetryPolicy policy = ENVOY__CONFIG__ROUTE__V3__RETRY_POLICY__INIT;
    timeout.seconds = 2;
    timeout.nanos = 500000001;
    policy.per_try_timeout = &try;
    try.nanos = 1;
    message->route->timeout = &timeout;
    message->route->retry_policy = &policy;
    world_try_route(world, message);
    assert_int_equal(world_route(world)->forward.timeout_ms, 2501);
    assert_int_equal(world_route(world)->forward.backend_timeout_ms, 1);
    timeout.seconds = 0;
    timeout.nanos = 0;
    world_try_route(world, message);
    assert_int_equal(world_route(world)->forward.timeout_ms, 0);
}

static void test_where_a_route_comes_from_is_what_it_is_counted_as(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    make_info(&world->arena, message, "shop", "cart");
    world_try_route(world, message);
    const route_t *route = world_route(world);
    assert_slice(route->info.kind, "HTTPRoute");
    assert_slice(route->info.namespace, "shop");
    assert_slice(route->info.name, "cart");
    assert_slice(snapshot_series_name(world->snapshot, SERIES_ROUTE, route->series.number),
                 "Http/shop/cart");
    message = simple(world);
    message->name = "foreign";
    world_try_route(world, message);
    assert_slice(
        snapshot_series_name(world->snapshot, SERIES_ROUTE, world_route(world)->series.number),
        "foreign");
}

static void test_weights_share_requests(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    make_weights(&world->arena, message, (uint32_t[]){0, 70, 0, 30, 0}, 5);
    world_try_route(world, message);
    const route_t *route = world_route(world);
    uint32_t picks[5] = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t random = (uint32_t)((uint64_t)i * UINT32_MAX / 999);
        picks[route_pick_cluster(route, random) - route->forward.clusters]++;
    }
    assert_int_equal(route->forward.total_weight, 100);
    assert_in_range(picks[1], 699, 701);
    assert_int_equal(picks[1] + picks[3], 1000);
}

static void test_a_direct_response_has_status_and_body(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    Envoy__Config__Core__V3__DataSource body = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__INIT;
    make_respond(&world->arena, message, 500);
    body.specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING;
    body.inline_string = "no backend";
    message->direct_response->body = &body;
    world_try_route(world, message);
    const route_t *route = world_route(world);
    assert_int_equal(route->action, ROUTE_RESPOND);
    assert_int_equal(route->respond.status, 500);
    assert_slice(route->respond.body, "no backend");
}

static void test_a_redirect_is_compiled(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    Envoy__Config__Route__V3__RedirectAction redirect =
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__INIT;
    redirect.scheme_rewrite_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__SCHEME_REWRITE_SPECIFIER_HTTPS_REDIRECT;
    redirect.https_redirect = true;
    redirect.host_redirect = "b.com";
    redirect.port_redirect = 8443;
    redirect.response_code =
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__PERMANENT_REDIRECT;
    redirect.path_rewrite_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_PREFIX_REWRITE;
    redirect.prefix_rewrite = "/new";
    message->action_case = ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_REDIRECT;
    message->redirect = &redirect;
    world_try_route(world, message);
    const route_redirect_t *got = &world_route(world)->redirect;
    assert_int_equal(world_route(world)->action, ROUTE_REDIRECT);
    assert_slice(got->scheme, "https");
    assert_slice(got->host, "b.com");
    assert_slice(got->prefix, "/new");
    assert_int_equal(got->port, 8443);
    assert_int_equal(got->status, 308);
    assert_true(got->has_prefix && !got->has_path && !got->strip_query);
}

static void test_header_changes_are_removals_then_additions(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    Envoy__Config__Core__V3__HeaderValue plain = ENVOY__CONFIG__CORE__V3__HEADER_VALUE__INIT,
                                         empty = plain;
    header_option_t set = HEADER_OPTION_INIT, nothing = HEADER_OPTION_INIT;
    plain.key = "X-A";
    plain.value = "100%% sure";
    empty.key = "X-Empty";
    set.header = &plain;
    set.append_action =
        ENVOY__CONFIG__CORE__V3__HEADER_VALUE_OPTION__HEADER_APPEND_ACTION__OVERWRITE_IF_EXISTS_OR_ADD;
    nothing.header = &empty;
    message->request_headers_to_add = (header_option_t *[]){&nothing, &set};
    message->n_request_headers_to_add = 2;
    message->request_headers_to_remove = (char *[]){"X-Gone"};
    message->n_request_headers_to_remove = 1;
    world_try_route(world, message);
    const header_edits_t *edits = &world_route(world)->request_edits;
    assert_int_equal(edits->count, 2);
    assert_int_equal(edits->at[0].change, HEADER_REMOVE);
    assert_slice(edits->at[0].name, "X-Gone");
    assert_int_equal(edits->at[1].change, HEADER_OVERWRITE);
    assert_slice(edits->at[1].value, "100% sure");
    assert_int_equal(world_route(world)->response_edits.count, 0);
}

static void test_rewrites_are_compiled(void **state)
{
    world_t *world = *state;
    route_message_t *message = simple(world);
    message->route->prefix_rewrite = "/inner";
    message->route->host_rewrite_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL;
    message->route->host_rewrite_literal = "backend.local";
    message->route->append_x_forwarded_host = true;
    message->route->cluster_not_found_response_code =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_NOT_FOUND_RESPONSE_CODE__INTERNAL_SERVER_ERROR;
    world_try_route(world, message);
    const route_forward_t *forward = &world_route(world)->forward;
    assert_slice(forward->prefix_rewrite, "/inner");
    assert_slice(forward->host_rewrite, "backend.local");
    assert_true(forward->append_x_forwarded_host);
    assert_int_equal(forward->missing_status, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_absent_fields_have_the_defaults_of_the_api),
        WORLD_TEST(test_timeouts_are_milliseconds_rounded_up),
        WORLD_TEST(test_where_a_route_comes_from_is_what_it_is_counted_as),
        WORLD_TEST(test_weights_share_requests),
        WORLD_TEST(test_a_direct_response_has_status_and_body),
        WORLD_TEST(test_a_redirect_is_compiled),
        WORLD_TEST(test_header_changes_are_removals_then_additions),
        WORLD_TEST(test_rewrites_are_compiled),
    };
    return cmocka_run_group_tests_name("route_compile", tests, NULL, NULL);
}
