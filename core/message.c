#include "core/message.h"

#include "core/check.h"

void msg_catalogue_add(msg_catalogue_t *catalogue, const msg_protocol_t *protocol)
{
    GW_ASSERT(protocol->number < MSG_PROTOCOLS_MAX && protocol->count <= MSG_TYPES_MAX);
    const msg_protocol_t **place = &catalogue->protocols[protocol->number];
    GW_ASSERT(*place == NULL || *place == protocol);
    *place = protocol;
}

const msg_info_t *msg_info_of(const msg_catalogue_t *catalogue, uint16_t type)
{
    unsigned number = type >> 8, index = type & 0xff;
    const msg_protocol_t *protocol =
        number < MSG_PROTOCOLS_MAX ? catalogue->protocols[number] : NULL;
    if (!protocol || index == 0 || index > protocol->count)
        return NULL;
    return &protocol->messages[index - 1];
}

const char *msg_name(const msg_catalogue_t *catalogue, uint16_t type)
{
    const msg_info_t *info = msg_info_of(catalogue, type);
    return info ? info->name : "UNKNOWN";
}

void msg_release(const msg_catalogue_t *catalogue, msg_t *m)
{
    if (!m->body)
        return;
    const msg_info_t *info = msg_info_of(catalogue, m->type);
    GW_ASSERT(info != NULL); /* a body whose owner is unknown can only leak */
    info->release(m->body);
    m->body = NULL;
}

void msg_none_free(msg_none_t *none)
{
    GW_ASSERT(none == NULL);
}
