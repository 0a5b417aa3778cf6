/* What a request must look like: RouteMatch. */
#include "core/error.h"
#include "xds/route_compile.h"

typedef Envoy__Config__Route__V3__RouteMatch match_message_t;
typedef Envoy__Config__Route__V3__HeaderMatcher header_message_t;
typedef Envoy__Config__Route__V3__QueryParameterMatcher query_message_t;
typedef Envoy__Type__Matcher__V3__StringMatcher string_message_t;

static int set_path(const compile_t *c, route_path_kind_t kind, const char *text,
                    const field_path_t *path, route_t *ret)
{
    size_t len = strlen(text);
    if (len > ROUTE_PATH_MAX)
        return fault_at(c->fault, path, "longer than %d bytes", ROUTE_PATH_MAX);
    if (kind != ROUTE_PATH_PREFIX && text[0] != '/')
        return fault_at(c->fault, path, "must begin with '/'");
    if (kind == ROUTE_PATH_SEPARATED && (len < 2 || text[len - 1] == '/' || strpbrk(text, "?#")))
        return fault_at(c->fault, path, "must not end in '/' nor contain '?' or '#'");
    ret->path_kind = (uint8_t)kind;
    ret->path = compile_text(c, text);
    return 0;
}

static int compile_path(const compile_t *c, const match_message_t *message,
                        const field_path_t *path, route_t *ret)
{
    if (message->case_sensitive && !message->case_sensitive->value)
        return fault_at(c->fault, FIELD(path, "case_sensitive"), "false is not supported");
    switch (message->path_specifier_case) {
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH:
        return set_path(c, ROUTE_PATH_EXACT, message->path, FIELD(path, "path"), ret);
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX:
        return set_path(c, ROUTE_PATH_PREFIX, message->prefix, FIELD(path, "prefix"), ret);
    case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH_SEPARATED_PREFIX:
        return set_path(c, ROUTE_PATH_SEPARATED, message->path_separated_prefix,
                        FIELD(path, "path_separated_prefix"), ret);
    default:
        return fault_at(c->fault, FIELD(path, "path_specifier"), "must be set");
    }
}

/* The text that a StringMatcher compares with; support_check let only `exact` through. */
static int exact_text(const compile_t *c, const string_message_t *message, const field_path_t *path,
                      slice_t *ret)
{
    if (message->match_pattern_case !=
        ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT)
        return fault_at(c->fault, FIELD(path, "match_pattern"), "must be set");
    if (strlen(message->exact) > ROUTE_VALUE_MAX)
        return fault_at(c->fault, FIELD(path, "exact"), "longer than %d bytes", ROUTE_VALUE_MAX);
    *ret = compile_text(c, message->exact);
    return 0;
}

static int compile_method(const compile_t *c, const header_message_t *message,
                          const field_path_t *path, route_matcher_t *ret)
{
    if (message->header_match_specifier_case !=
        ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH)
        return fault_at(c->fault, path, "\":method\" can only be compared by string_match");
    *ret = (route_matcher_t){.test = ROUTE_TEST_METHOD, .invert = message->invert_match};
    return exact_text(c, message->string_match, FIELD(path, "string_match"), &ret->value);
}

static int check_name(const compile_t *c, const char *name, const field_path_t *path)
{
    if (name[0] == ':')
        return fault_at(c->fault, path, "\"%s\" is not supported", name);
    if (!text_is_token(name) || strlen(name) > ROUTE_NAME_MAX)
        return fault_at(c->fault, path, "not a header field's name");
    return 0;
}

static int compile_presence(const compile_t *c, const header_message_t *message,
                            const field_path_t *path, route_matcher_t *ret)
{
    bool present = true;
    if (message->header_match_specifier_case ==
        ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_PRESENT_MATCH)
        present = message->present_match;
    if (message->treat_missing_header_as_empty)
        return fault_at(c->fault, FIELD(path, "treat_missing_header_as_empty"),
                        "not supported where presence is asked for");
    ret->test = ROUTE_TEST_HEADER_PRESENT;
    ret->invert = message->invert_match == present;
    return 0;
}

static int compile_header(const compile_t *c, const header_message_t *message,
                          const field_path_t *path, route_matcher_t *ret)
{
    if (strcmp(message->name, ":method") == 0)
        return compile_method(c, message, path, ret);
    int error = check_name(c, message->name, FIELD(path, "name"));
    if (error)
        return error;
    *ret = (route_matcher_t){.name = compile_lower(c, message->name)};
    if (message->header_match_specifier_case !=
        ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH)
        return compile_presence(c, message, path, ret);
    ret->test = ROUTE_TEST_HEADER;
    ret->invert = message->invert_match;
    ret->missing_is_empty = message->treat_missing_header_as_empty;
    return exact_text(c, message->string_match, FIELD(path, "string_match"), &ret->value);
}

static int compile_query(const compile_t *c, const query_message_t *message,
                         const field_path_t *path, route_matcher_t *ret)
{
    if (message->name[0] == '\0' || strlen(message->name) > ROUTE_NAME_MAX)
        return fault_at(c->fault, FIELD(path, "name"), "must have 1 to %d bytes", ROUTE_NAME_MAX);
    *ret = (route_matcher_t){.name = compile_text(c, message->name)};
    switch (message->query_parameter_match_specifier_case) {
    case ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH:
        ret->test = ROUTE_TEST_QUERY;
        return exact_text(c, message->string_match, FIELD(path, "string_match"), &ret->value);
    case ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_PRESENT_MATCH:
        if (!message->present_match)
            return fault_at(c->fault, FIELD(path, "present_match"), "false is not supported");
        break;
    default:
        break; /* the name alone asks for presence */
    }
    ret->test = ROUTE_TEST_QUERY_PRESENT;
    return 0;
}

int route_compile_match(const compile_t *c, const match_message_t *message,
                        const field_path_t *path, route_t *ret)
{
    size_t count = message->n_headers + message->n_query_parameters;
    if (count > ROUTE_MATCHERS_MAX)
        return fault_at(c->fault, path, "more than %d conditions", ROUTE_MATCHERS_MAX);
    int error = compile_path(c, message, path, ret);
    if (error || count == 0)
        return error;
    route_matcher_t *matchers = arena_zalloc(c->arena, count * sizeof(*matchers));
    ret->matchers = matchers;
    ret->matcher_count = (uint32_t)count;
    for (size_t i = 0; i < message->n_headers && !error; i++)
        error = compile_header(c, message->headers[i], ELEMENT(path, "headers", i), matchers++);
    for (size_t i = 0; i < message->n_query_parameters && !error; i++)
        error = compile_query(c, message->query_parameters[i], ELEMENT(path, "query_parameters", i),
                              matchers++);
    return error;
}
