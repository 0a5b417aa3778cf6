/* What is refused, and what the refusal says: one row for each way to be wrong. */
#include "xds/reject.h"

#include "tests/unit/test.h"
#include "tests/unit/xds/world.h"

static route_message_t *route; /* the one under change */
static vhost_message_t *vhost; /* that has it */
static arena_t *arena;

static void no_match(void)
{
    route->match = NULL;
}

static void no_path(void)
{
    route->match->path_specifier_case = 0;
}

static void no_action(void)
{
    route->action_case = 0;
}

static void no_cluster(void)
{
    route->route->cluster_specifier_case = 0;
}

static void regex_path(void)
{
    static Envoy__Type__Matcher__V3__RegexMatcher regex =
        ENVOY__TYPE__MATCHER__V3__REGEX_MATCHER__INIT;
    regex.regex = ".*";
    route->match->path_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_SAFE_REGEX;
    route->match->safe_regex = &regex;
}

static void regex_header(void)
{
    static Envoy__Type__Matcher__V3__RegexMatcher regex =
        ENVOY__TYPE__MATCHER__V3__REGEX_MATCHER__INIT;
    header_message_t *header = make_header(arena, route, "x", "");
    header->string_match->match_pattern_case =
        ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SAFE_REGEX;
    header->string_match->safe_regex = &regex;
}

static void no_pattern(void)
{
    make_header(arena, route, "x", "")->string_match->match_pattern_case = 0;
}

static void ignore_case(void)
{
    make_header(arena, route, "x", "1")->string_match->ignore_case = true;
}

static void pseudo_header(void)
{
    make_header(arena, route, ":authority", "a");
}

static void bad_header_name(void)
{
    make_header(arena, route, "x y", "a");
}

static void empty_presence(void)
{
    make_presence(arena, route, "x", true)->treat_missing_header_as_empty = true;
}

static void absent_parameter(void)
{
    make_query(arena, route, "q", NULL)->present_match = false;
}

static void case_insensitive(void)
{
    static Google__Protobuf__BoolValue off = GOOGLE__PROTOBUF__BOOL_VALUE__INIT;
    route->match->case_sensitive = &off;
}

static void slash_at_the_end(void)
{
    route->match->path_specifier_case =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH_SEPARATED_PREFIX;
    route->match->path_separated_prefix = "/a/";
}

static void long_path(void)
{
    char *path = memset(arena_bytes(arena, 5000), 'a', 5000);
    path[0] = '/';
    path[4999] = '\0';
    route->match->prefix = path;
}

static void zero_weights(void)
{
    make_weights(arena, route, (uint32_t[]){0, 0}, 2);
}

static void large_weights(void)
{
    make_weights(arena, route, (uint32_t[]){UINT32_MAX, 1}, 2);
}

static void retries(void)
{
    static Envoy__Config__Route__V3__RetryPolicy policy =
        ENVOY__CONFIG__ROUTE__V3__RETRY_POLICY__INIT;
    policy.retry_on = "5xx";
    route->route->retry_policy = &policy;
}

static void negative_timeout(void)
{
    static Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
    duration.seconds = -1;
    route->route->timeout = &duration;
}

static void mirror(void)
{
    static Envoy__Config__Route__V3__RouteAction__RequestMirrorPolicy policy =
        ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__REQUEST_MIRROR_POLICY__INIT;
    make_append(arena, &route->route->request_mirror_policies,
                &route->route->n_request_mirror_policies, &policy);
}

static void odd_status(void)
{
    make_respond(arena, route, 99);
}

static void host_change(void)
{
    route->request_headers_to_remove = (char **)arena_alloc(arena, sizeof(char *));
    route->request_headers_to_remove[0] = "Host";
    route->n_request_headers_to_remove = 1;
}

static void rewrite_with_space(void)
{
    route->route->prefix_rewrite = "/a b";
}

static void no_domain(void)
{
    vhost->n_domains = 0;
}

static void domain_with_port(void)
{
    vhost->domains[0] = "a.com:80";
}

static void odd_wildcard(void)
{
    vhost->domains[0] = "*-a.com";
}

static void double_domain(void)
{
    make_append(arena, &vhost->domains, &vhost->n_domains, "*");
}

static void foreign_filter(void)
{
    make_inherits(arena, vhost, "a");
    vhost->typed_per_filter_config[0]->key = "envoy.filters.http.cors";
}

static void inherits_of_another_type(void)
{
    make_inherits(arena, vhost, "a");
    vhost->typed_per_filter_config[0]->value->type_url = "type.googleapis.com/x.y.Z";
}

static void broken_inherits(void)
{
    make_inherits(arena, vhost, "a");
    vhost->typed_per_filter_config[0]->value->value.len--;
}

static void other_name(void)
{
    vhost->name = "other/name";
}

static const struct {
    void (*spoil)(void);
    const char *field, *reason; /* the reason's beginning */
} cases[] = {
    {no_match, "routes[0].match", "must be set"},
    {no_path, "routes[0].match.path_specifier", "must be set"},
    {no_action, "routes[0].action", "must be set"},
    {no_cluster, "routes[0].route.cluster_specifier", "must be set"},
    {regex_path, "routes[0].match.safe_regex", "not supported"},
    {regex_header, "routes[0].match.headers[0].string_match.safe_regex", "not supported"},
    {no_pattern, "routes[0].match.headers[0].string_match.match_pattern", "must be set"},
    {ignore_case, "routes[0].match.headers[0].string_match.ignore_case", "not supported"},
    {pseudo_header, "routes[0].match.headers[0].name", "\":authority\" is not supported"},
    {bad_header_name, "routes[0].match.headers[0].name", "not a header field's name"},
    {empty_presence, "routes[0].match.headers[0].treat_missing_header_as_empty", "not supported"},
    {absent_parameter, "routes[0].match.query_parameters[0].present_match", "false is not"},
    {case_insensitive, "routes[0].match.case_sensitive", "false is not supported"},
    {slash_at_the_end, "routes[0].match.path_separated_prefix", "must not end in '/'"},
    {long_path, "routes[0].match.prefix", "longer than 4096 bytes"},
    {zero_weights, "routes[0].route.weighted_clusters.clusters", "the weights' sum is 0"},
    {large_weights, "routes[0].route.weighted_clusters.clusters[1]", "the weights' sum is too"},
    {retries, "routes[0].route.retry_policy.retry_on", "retries are not supported"},
    {negative_timeout, "routes[0].route.timeout", "not a span of time"},
    {mirror, "routes[0].route.request_mirror_policies", "not supported"},
    {odd_status, "routes[0].direct_response.status", "must be from 200 to 599"},
    {host_change, "routes[0].request_headers_to_remove[0]", "the host is changed by"},
    {rewrite_with_space, "routes[0].route.prefix_rewrite", "has a space"},
    {no_domain, "domains", "must not be empty"},
    {domain_with_port, "domains[0]", "\"a.com:80\" is neither"},
    {odd_wildcard, "domains[0]", "\"*-a.com\" is neither"},
    {double_domain, "domains[1]", "\"*\" is named twice"},
    {foreign_filter, "typed_per_filter_config[0]", "\"envoy.filters.http.cors\" is not supported"},
    {inherits_of_another_type, "typed_per_filter_config[0]", "a message of type"},
    {broken_inherits, "typed_per_filter_config[0]", "malformed nantian.xds.v1.Inherits"},
    {other_name, "name", "\"other/name\" must be \"name\""},
};

static void test_what_is_wrong_is_refused_and_named(void **state)
{
    world_t *world = *state;
    arena = &world->arena;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        route = make_route(arena, ROUTE_PATH_PREFIX, "/", "c");
        vhost = make_vhost(arena, "v", "*");
        make_vhost_route(arena, vhost, route);
        cases[i].spoil();
        world_try(world, vhost);
        assert_int_equal(world->rejects.count, 1);
        assert_string_equal(world_reject_field(world), cases[i].field);
        assert_true(slice_starts_with(world->rejects.at[0].reason, slice_of(cases[i].reason)));
        assert_int_equal(world->rejects.at[0].version.len, 16);
        assert_int_equal(snapshot_sequence(world->snapshot), 1); /* as it was */
    }
}

/* A field that this subset does not know, with a number of the public API. */
static void try_unknown(world_t *world, ProtobufCMessage *message, uint32_t number)
{
    static uint8_t varint[] = {1};
    ProtobufCMessageUnknownField field = {
        .tag = number, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1, .data = varint};
    message->unknown_fields = &field;
    message->n_unknown_fields = 1;
    world_try(world, vhost);
    message->n_unknown_fields = 0;
}

static void test_an_unknown_field_is_refused_by_its_number(void **state)
{
    world_t *world = *state;
    arena = &world->arena;
    route = make_route(arena, ROUTE_PATH_PREFIX, "/", "c");
    vhost = make_vhost(arena, "v", "*");
    make_vhost_route(arena, vhost, route);
    make_header(arena, route, "x", "1");

    try_unknown(world, &route->match->base, 8); /* grpc */
    assert_string_equal(world_reject_field(world), "routes[0].match");
    assert_string_equal(world_reject_reason(world),
                        "unknown field number 8 in envoy.config.route.v3.RouteMatch");
    try_unknown(world, &route->match->headers[0]->base, 6); /* range_match */
    assert_string_equal(world_reject_field(world), "routes[0].match.headers[0]");
    try_unknown(world, &route->route->base, 2); /* cluster_header */
    assert_string_equal(world_reject_field(world), "routes[0].route");
    Envoy__Config__Core__V3__Metadata metadata = ENVOY__CONFIG__CORE__V3__METADATA__INIT;
    vhost->metadata = &metadata;
    try_unknown(world, &metadata.base, 1); /* filter_metadata, harmless */
    assert_int_equal(world->rejects.count, 0);
}

static void test_bytes_that_are_no_message_are_refused(void **state)
{
    world_t *world = *state;
    xds_resource_t *broken =
        xds_resource_from_bytes(XDS_CLUSTER, SLICE("c"), SLICE("\x0a\x7fshort"));
    xds_update_change(&world->update, &broken);
    world_apply(world);
    assert_string_equal(world_reject_field(world), "");
    assert_string_equal(world_reject_reason(world), "malformed envoy.config.cluster.v3.Cluster");
    assert_int_equal(world->rejects.at[0].type, XDS_CLUSTER);
    assert_slice(world->rejects.at[0].name, "c");
}

static void test_the_first_fault_stays(void **state)
{
    (void)state;
    fault_t fault = {0};
    assert_int_equal(fault_at(&fault, ELEMENT(FIELD(NULL, "a"), "b", 3), "%d apples", 2), -1);
    fault_at(&fault, NULL, "another");
    assert_string_equal(fault.field, "a.b[3]");
    assert_string_equal(fault.reason, "2 apples");
    fault_fini(&fault);
    fault_fini(&fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_what_is_wrong_is_refused_and_named),
        WORLD_TEST(test_an_unknown_field_is_refused_by_its_number),
        WORLD_TEST(test_bytes_that_are_no_message_are_refused),
        cmocka_unit_test(test_the_first_fault_stays),
    };
    return cmocka_run_group_tests_name("reject", tests, NULL, NULL);
}
