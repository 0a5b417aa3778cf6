#include "main/config_key.h"

#include <stddef.h>

#define KEY(type_, field_, path_, fallback_, limits_, help_)                                       \
    {CONFIG_##type_, #field_, path_, fallback_, limits_, help_, offsetof(config_t, field_)},

static const config_key_t keys[] = {CONFIG_KEYS(KEY)};

const config_key_t *config_key_at(size_t i)
{
    return i < sizeof(keys) / sizeof(keys[0]) ? &keys[i] : NULL;
}

const config_key_t *config_key_find(slice_t path)
{
    for (size_t i = 0; config_key_at(i); i++) {
        if (slice_eq(slice_of(keys[i].path), path))
            return &keys[i];
    }
    return NULL;
}

bool config_key_section(slice_t path)
{
    for (size_t i = 0; config_key_at(i); i++) {
        slice_t key = slice_of(keys[i].path);
        if (slice_starts_with(key, path) && key.len > path.len && key.base[path.len] == '.')
            return true;
    }
    return false;
}
