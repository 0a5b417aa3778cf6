#include "tests/unit/xds/random_table.h"

#include "core/check.h"
#include "core/strbuf.h"

#define COUNT(array)         ((uint32_t)(sizeof(array) / sizeof((array)[0])))
#define PICK(choices, array) ((array)[choose((choices), COUNT(array))])

static const char *const domains[] = {"a.com",     "b.a.com", "c.b.a.com", "*.a.com",
                                      "*.b.a.com", "*.com",   "x.org",     "*",
                                      "A.B.com",   "[::1]",   "*.x.org",   "*.c.b.a.com"};
static const char *const hosts[] = {"a.com", "b.a.com", "c.b.a.com", "d.c.b.a.com",
                                    "x.org", "y.x.org", "a.b.com",   "nowhere",
                                    "[::1]", ".a.com",  "*",         ""};
static const char *const segments[] = {"/",   "/a", "/b", "/ab", "/abc",
                                       "/a/", "a",  "b",  "//",  "/a/b"};
static const char *const names[] = {"x", "y", "x-long-name", "ab", "host"};
static const char *const spellings[] = {"x", "X", "y", "Y", "X-Long-Name", "ab", "aB", "host", "z"};
static const char *const values[] = {"1", "2", "", "1,2", "1,1", "value", "2,1,1"};
static const char *const methods[] = {"GET", "POST", "PUT", "get"};
static const char *const parameters[] = {"q", "r", "long-name", "=", "x"};
static const char *const pairs[] = {"q=1", "q=2",     "q",           "r=1",   "r=",    "&",
                                    "=1",  "x=value", "long-name=2", "q=1=2", "%71=1", "x=1,2"};

uint32_t choose(choices_t *choices, uint32_t count)
{
    if (choices->data == NULL) {
        choices->seed = choices->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        return (uint32_t)(choices->seed >> 33) % count;
    }
    if (choices->left == 0)
        return 0;
    choices->left--;
    return *choices->data++ % count;
}

static char *random_path(choices_t *choices, arena_t *arena)
{
    strbuf_t path = {0};
    strbuf_add_char(&path, '/');
    for (uint32_t more = choose(choices, 5); more > 0; more--)
        strbuf_add_text(&path, PICK(choices, segments));
    char *text = make_text(arena, "%.*s", SLICE_ARG(strbuf_slice(&path)));
    strbuf_fini(&path);
    return text;
}

/* A path that the kind allows: no '/' at the end of a path prefix. */
static char *path_for(choices_t *choices, arena_t *arena, route_path_kind_t kind)
{
    char *path = random_path(choices, arena);
    size_t len = strlen(path);
    while (kind == ROUTE_PATH_SEPARATED && len > 1 && path[len - 1] == '/')
        path[--len] = '\0';
    if (kind == ROUTE_PATH_SEPARATED && len == 1)
        return make_text(arena, "/a");
    if (kind == ROUTE_PATH_PREFIX && choose(choices, 16) == 1)
        path[0] = '\0';
    return path;
}

static void random_condition(choices_t *choices, arena_t *arena, route_message_t *route)
{
    header_message_t *header;
    switch (choose(choices, 8)) {
    case 0:
        header = make_header(arena, route, ":method", PICK(choices, methods));
        header->invert_match = choose(choices, 8) == 1;
        break;
    case 1:
        header = make_presence(arena, route, PICK(choices, names), choose(choices, 2));
        header->invert_match = choose(choices, 2);
        break;
    case 2:
        make_query(arena, route, PICK(choices, parameters),
                   choose(choices, 4) ? PICK(choices, values) : NULL);
        break;
    default:
        header = make_header(arena, route, PICK(choices, names), PICK(choices, values));
        header->invert_match = choose(choices, 8) == 1;
        header->treat_missing_header_as_empty = choose(choices, 8) == 1;
    }
}

/* Conditions that only one route of many has: what makes groups large. */
static void rare_condition(choices_t *choices, arena_t *arena, route_message_t *route)
{
    const char *value = make_text(arena, "%u", choose(choices, 50));
    if (choose(choices, 4))
        make_header(arena, route, PICK(choices, names), value);
    else
        make_query(arena, route, PICK(choices, parameters), value);
}

static void random_routes(choices_t *choices, arena_t *arena, vhost_message_t *vhost)
{
    static const uint32_t sizes[] = {0, 1, 2, 3, 5, 8, 12, 40};
    uint32_t count = PICK(choices, sizes), shared = choose(choices, 3);
    const char *one_path = path_for(choices, arena, ROUTE_PATH_SEPARATED);
    for (uint32_t i = 0; i < count; i++) {
        route_path_kind_t kind = choose(choices, ROUTE_PATH_KINDS);
        const char *path = shared ? one_path : path_for(choices, arena, kind);
        route_message_t *route = make_route(arena, kind, path, "c");
        for (uint32_t more = choose(choices, 4); more > 0; more--)
            random_condition(choices, arena, route);
        if (shared == 2 && choose(choices, 4))
            rare_condition(choices, arena, route);
        make_vhost_route(arena, vhost, route);
    }
}

static bool domain_taken(const reference_t *reference, const vhost_message_t *own,
                         const char *domain)
{
    for (size_t i = 0; i <= reference->count; i++) {
        const vhost_message_t *vhost = i < reference->count ? reference->vhosts[i] : own;
        for (size_t d = 0; d < vhost->n_domains; d++) {
            if (slice_eq_nocase(slice_of(vhost->domains[d]), slice_of(domain)))
                return true;
        }
    }
    return false;
}

static void random_domains(choices_t *choices, arena_t *arena, const reference_t *reference,
                           vhost_message_t *vhost)
{
    for (uint32_t more = 1 + choose(choices, 3); more > 0; more--) {
        const char *domain = PICK(choices, domains);
        if (!domain_taken(reference, vhost, domain))
            make_append(arena, &vhost->domains, &vhost->n_domains, make_text(arena, "%s", domain));
    }
    if (vhost->n_domains == 0)
        make_append(arena, &vhost->domains, &vhost->n_domains,
                    make_text(arena, "only-%zu.org", reference->count));
}

static void random_inherits(choices_t *choices, arena_t *arena, vhost_message_t *vhost)
{
    strbuf_t list = {0};
    for (uint32_t more = choose(choices, 4); more > 0; more--)
        strbuf_printf(&list, "v%u ", choose(choices, 7));
    if (list.len)
        make_inherits(arena, vhost, make_text(arena, "%.*s", SLICE_ARG(strbuf_slice(&list))));
    strbuf_fini(&list);
}

reference_t random_reference(choices_t *choices, arena_t *arena)
{
    reference_t reference = {NULL, 0};
    uint32_t count = 1 + choose(choices, 6);
    for (uint32_t i = 0; i < count; i++) {
        vhost_message_t *vhost = make_vhost(arena, make_text(arena, "v%u", i), "");
        random_domains(choices, arena, &reference, vhost);
        random_inherits(choices, arena, vhost);
        random_routes(choices, arena, vhost);
        make_append(arena, &reference.vhosts, &reference.count, vhost);
    }
    return reference;
}

static void add_header(http_headers_t *headers, const char *name, const char *value)
{
    http_header_t *header = &headers->at[headers->count++];
    *header = (http_header_t){.name = slice_of(name), .value = slice_of(value)};
}

static http_headers_t *random_headers(choices_t *choices, arena_t *arena, uint32_t room)
{
    http_headers_t *headers = arena_zalloc(arena, sizeof(*headers));
    uint32_t count = choose(choices, 6);
    headers->at = arena_zalloc(arena, (count + room) * sizeof(http_header_t));
    for (uint32_t i = 0; i < count; i++)
        add_header(headers, PICK(choices, spellings),
                   choose(choices, 3) ? PICK(choices, values)
                                      : make_text(arena, "%u", choose(choices, 50)));
    return headers;
}

static void add_pair(strbuf_t *query, const char *name, const char *value)
{
    if (query->len)
        strbuf_add_char(query, '&');
    strbuf_printf(query, "%s=%s", name, value);
}

static void random_query(choices_t *choices, arena_t *arena, strbuf_t *query)
{
    for (uint32_t more = choose(choices, 6); more > 0; more--) {
        if (choose(choices, 3)) {
            if (query->len)
                strbuf_add_char(query, '&');
            strbuf_add_text(query, PICK(choices, pairs));
        } else {
            add_pair(query, PICK(choices, parameters), make_text(arena, "%u", choose(choices, 50)));
        }
    }
}

static const char *match_path(const Envoy__Config__Route__V3__RouteMatch *match)
{
    return match->prefix; /* the texts of the path specifiers share their place */
}

/* Lets the request show what the route asks for, mostly. */
static void follow_conditions(choices_t *choices, const route_message_t *route,
                              route_request_t *request, http_headers_t *headers, strbuf_t *query)
{
    const Envoy__Config__Route__V3__RouteMatch *match = route->match;
    for (size_t i = 0; i < match->n_headers; i++) {
        const header_message_t *header = match->headers[i];
        bool exact = header->header_match_specifier_case ==
                     ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH;
        const char *value = exact ? header->string_match->exact : "present";
        if (strcmp(header->name, ":method") == 0)
            request->method = slice_of(value);
        else if (choose(choices, 8) != 1)
            add_header(headers, header->name, value);
    }
    for (size_t i = 0; i < match->n_query_parameters; i++) {
        const query_message_t *parameter = match->query_parameters[i];
        bool exact =
            parameter->query_parameter_match_specifier_case ==
            ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH;
        add_pair(query, parameter->name, exact ? parameter->string_match->exact : "");
    }
}

/* A route of the reference, or NULL. */
static const route_message_t *some_route(choices_t *choices, const reference_t *reference,
                                         const vhost_message_t **ret_vhost)
{
    *ret_vhost = reference->vhosts[choose(choices, (uint32_t)reference->count)];
    uint32_t count = (uint32_t)(*ret_vhost)->n_routes;
    return count ? (*ret_vhost)->routes[choose(choices, count)] : NULL;
}

static slice_t host_for(choices_t *choices, arena_t *arena, const vhost_message_t *vhost)
{
    const char *domain = vhost->domains[choose(choices, (uint32_t)vhost->n_domains)];
    if (*domain == '*')
        return slice_of(make_text(arena, "%s%s", PICK(choices, segments) + 1, domain + 1));
    char *host = make_text(arena, "%s", domain);
    for (char *c = host; *c; c++)
        *c = slice_lower(*c);
    return slice_of(host);
}

route_request_t random_request(choices_t *choices, const reference_t *reference, arena_t *arena)
{
    const vhost_message_t *vhost;
    const route_message_t *route = some_route(choices, reference, &vhost);
    http_headers_t *headers = random_headers(choices, arena, ROUTE_MATCHERS_MAX);
    strbuf_t query = {0};
    route_request_t request = {
        .method = slice_of(PICK(choices, methods)),
        .host =
            choose(choices, 4) ? host_for(choices, arena, vhost) : slice_of(PICK(choices, hosts)),
        .path = slice_of(random_path(choices, arena)),
    };
    if (route && choose(choices, 4))
        request.path = slice_of(make_text(arena, "%s%s", match_path(route->match),
                                          choose(choices, 2) ? PICK(choices, segments) : ""));
    if (request.path.len == 0)
        request.path = SLICE("/");
    random_query(choices, arena, &query);
    if (route && choose(choices, 2))
        follow_conditions(choices, route, &request, headers, &query);
    request.query = arena_dup(arena, strbuf_slice(&query));
    request.has_query = query.len > 0;
    request.headers = choose(choices, 8) ? headers : NULL;
    strbuf_fini(&query);
    return request;
}

const snapshot_t *random_table(const reference_t *reference, uint64_t seed)
{
    snapshot_builder_t *builder = snapshot_builder_new(seed);
    xds_update_t update = {0};
    xds_rejects_t rejects = {0};
    arena_t arena = {0};
    change_listener(&update, make_listener(&arena, "l", 80, "rc"));
    for (size_t i = 0; i < reference->count; i++)
        change_vhost(&update, "rc", reference->vhosts[i]);
    const snapshot_t *snapshot = snapshot_builder_apply(builder, &update, &rejects);
    if (rejects.count)
        fprintf(stderr, "%.*s: %.*s\n", SLICE_ARG(rejects.at[0].field),
                SLICE_ARG(rejects.at[0].reason));
    GW_ASSERT(rejects.count == 0);
    xds_update_fini(&update);
    arena_fini(&arena);
    snapshot_builder_free(builder);
    return snapshot;
}

static void print_request(const route_request_t *request)
{
    fprintf(stderr, "%.*s http://%.*s%.*s?%.*s\n", SLICE_ARG(request->method),
            SLICE_ARG(request->host), SLICE_ARG(request->path), SLICE_ARG(request->query));
    for (uint32_t i = 0; request->headers && i < request->headers->count; i++)
        fprintf(stderr, "  %.*s: %.*s\n", SLICE_ARG(request->headers->at[i].name),
                SLICE_ARG(request->headers->at[i].value));
}

bool random_agree(const reference_t *reference, const snapshot_t *snapshot,
                  const route_request_t *request)
{
    const snapshot_listener_t *listener = snapshot_find_listener(snapshot, SLICE("l"));
    const route_t *route = route_match(listener->routes, request);
    reference_match_t expected = reference_find(reference, request);
    if (route == NULL && expected.vhost == NULL)
        return true;
    if (route && expected.vhost && slice_eq(route->vhost->name, slice_of(expected.vhost->name)) &&
        route->position == expected.position)
        return true;
    print_request(request);
    fprintf(stderr, "index: %.*s %d, reference: %s %d\n",
            SLICE_ARG(route ? route->vhost->name : SLICE("none")),
            route ? (int)route->position : -1, expected.vhost ? expected.vhost->name : "none",
            expected.vhost ? (int)expected.position : -1);
    return false;
}
