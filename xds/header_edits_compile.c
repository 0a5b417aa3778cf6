/* Changes of header fields: HeaderValueOption and lists of names to remove. */
#include "core/error.h"
#include "xds/route_compile.h"

/* The API's enum and ours, by the API's number. */
static const uint8_t changes[] = {HEADER_APPEND, HEADER_ADD_IF_ABSENT, HEADER_OVERWRITE,
                                  HEADER_OVERWRITE_IF_EXISTS};

static int check_name(const compile_t *c, const char *name, const field_path_t *path)
{
    if (!text_is_token(name))
        return fault_at(c->fault, path, "\"%s\" is not a header field's name", name);
    if (slice_eq_nocase(slice_of(name), SLICE("host")))
        return fault_at(c->fault, path, "the host is changed by host_rewrite_literal");
    return 0;
}

/* '%' begins a variable in the public API, of which none is supported; "%%" is a '%'. */
static int unescape(const compile_t *c, const char *text, const field_path_t *path, slice_t *ret)
{
    char *out = arena_bytes(c->arena, strlen(text) + 1), *to = out;
    for (const char *p = text; *p; p++) {
        if (*p == '%' && *++p != '%')
            return fault_at(c->fault, path, "a variable is not supported; write %%%% for a %%");
        *to++ = *p;
    }
    *to = '\0';
    *ret = slice_make(out, (size_t)(to - out));
    return 0;
}

static int compile_add(const compile_t *c, const header_option_t *option, const field_path_t *path,
                       header_edit_t *ret)
{
    if (option->header == NULL)
        return fault_at(c->fault, FIELD(path, "header"), "must be set");
    if ((unsigned)option->append_action >= sizeof(changes))
        return fault_at(c->fault, FIELD(path, "append_action"), "unknown");
    if (!text_is_value(option->header->value))
        return fault_at(c->fault, FIELD(path, "header"), "not a header field's value");
    int error = check_name(c, option->header->key, FIELD(path, "header"));
    if (error)
        return error;
    ret->name = compile_text(c, option->header->key);
    ret->change = changes[option->append_action];
    return unescape(c, option->header->value, FIELD(path, "header"), &ret->value);
}

/* An option with an empty value does nothing, unless it says that it means it. */
static bool does_nothing(const header_option_t *option)
{
    return option->header && option->header->value[0] == '\0' && !option->keep_empty_value;
}

int header_edits_compile(const compile_t *c, const header_lists_t *lists, const field_path_t *path,
                         header_edits_t *ret)
{
    size_t room = lists->remove_count + lists->add_count, count = 0;
    int error = 0;
    if (room == 0)
        return 0;
    header_edit_t *edits = arena_zalloc(c->arena, room * sizeof(*edits));
    for (size_t i = 0; i < lists->remove_count && !error; i++) {
        error = check_name(c, lists->remove[i], ELEMENT(path, lists->remove_field, i));
        edits[count].change = HEADER_REMOVE;
        edits[count++].name = compile_text(c, lists->remove[i]);
    }
    for (size_t i = 0; i < lists->add_count && !error; i++) {
        if (!does_nothing(lists->add[i]))
            error =
                compile_add(c, lists->add[i], ELEMENT(path, lists->add_field, i), &edits[count++]);
    }
    *ret = (header_edits_t){edits, (uint32_t)count};
    return error;
}
