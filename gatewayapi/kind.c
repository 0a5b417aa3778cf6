/* kind.c: see kind.h. */
#include "gatewayapi/kind.h"

#include "core/error.h"

static const struct {
    const char *name, *group, *versions;
    bool namespaced;
} kinds[KIND_COUNT] = {
#define KIND_ROW(id, kind, group, versions, namespaced) {kind, group, versions, namespaced},
    GATEWAYAPI_KINDS(KIND_ROW)
#undef KIND_ROW
};

const char *kind_name(object_kind_t kind)
{
    return kinds[kind].name;
}

const char *kind_group(object_kind_t kind)
{
    return kinds[kind].group;
}

bool kind_is_namespaced(object_kind_t kind)
{
    return kinds[kind].namespaced;
}

/* is_listed: whether a comma-separated list has the word. */
static bool is_listed(slice_t list, slice_t word)
{
    while (list.len > 0) {
        size_t comma = slice_chr(list, ',');
        if (slice_eq(slice_sub(list, 0, comma), word))
            return true;
        list = slice_sub(list, comma + 1, list.len);
    }
    return false;
}

int kind_find(slice_t api_version, slice_t kind, object_kind_t *ret)
{
    size_t slash = slice_chr(api_version, '/');
    bool core = slash == api_version.len;
    slice_t group = core ? (slice_t){NULL, 0} : slice_sub(api_version, 0, slash);
    slice_t version = core ? api_version : slice_sub(api_version, slash + 1, api_version.len);
    for (int i = 0; i < KIND_COUNT; i++) {
        if (!slice_eq(kind, slice_of(kinds[i].name)) || !slice_eq(group, slice_of(kinds[i].group)))
            continue;
        *ret = (object_kind_t)i;
        return is_listed(slice_of(kinds[i].versions), version) ? 0 : GW_EINVAL;
    }
    return GW_ENOTFOUND;
}
