#include "xds/reject.h"

#include "core/error.h"
#include "core/mem.h"
#include "core/strbuf.h"

void xds_rejects_fini(xds_rejects_t *rejects)
{
    free(rejects->at);
    arena_fini(&rejects->priv.arena);
    *rejects = (xds_rejects_t){0};
}

void xds_rejects_add(xds_rejects_t *rejects, const xds_resource_t *resource, slice_t field,
                     slice_t reason)
{
    arena_t *arena = &rejects->priv.arena;
    if (rejects->count == rejects->priv.room) {
        rejects->priv.room = rejects->priv.room ? 2 * rejects->priv.room : 8;
        rejects->at = xrealloc(rejects->at, rejects->priv.room * sizeof(xds_reject_t));
    }
    rejects->at[rejects->count++] = (xds_reject_t){
        .type = xds_resource_type(resource),
        .name = arena_dup(arena, xds_resource_name(resource)),
        .version = arena_dup(arena, slice_of(xds_resource_version(resource))),
        .field = arena_dup(arena, field),
        .reason = arena_dup(arena, reason),
    };
}

static void write_path(strbuf_t *text, const field_path_t *path)
{
    if (path == NULL)
        return;
    write_path(text, path->up);
    if (text->len)
        strbuf_add_char(text, '.');
    strbuf_add_text(text, path->field);
    if (path->index >= 0)
        strbuf_printf(text, "[%ld]", path->index);
}

int fault_at(fault_t *fault, const field_path_t *path, const char *format, ...)
{
    if (fault->reason)
        return GW_EINVAL;
    strbuf_t field = {0}, reason = {0};
    write_path(&field, path);
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&reason, format, args);
    va_end(args);
    fault->field = strbuf_take(&field);
    fault->reason = strbuf_take(&reason);
    return GW_EINVAL;
}

void fault_fini(fault_t *fault)
{
    free(fault->field);
    free(fault->reason);
    *fault = (fault_t){0};
}
