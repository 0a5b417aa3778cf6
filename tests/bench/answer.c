/* answer.c: see answer.h. */
#include "answer.h"

/* header_value finds a field of the head and gives its value, or the empty slice. */
static slice_t header_value(slice_t head, slice_t name)
{
    for (size_t at = slice_chr(head, '\n'); at < head.len;) {
        slice_t line = slice_sub(head, at + 1, head.len);
        size_t end = slice_chr(line, '\r'), colon = slice_chr(line, ':');
        if (colon < end && slice_eq_nocase(slice_sub(line, 0, colon), name)) {
            slice_t value = slice_sub(line, colon + 1, end - colon - 1);
            return value.len && value.base[0] == ' ' ? slice_sub(value, 1, value.len) : value;
        }
        at += 1 + slice_chr(line, '\n');
    }
    return (slice_t){NULL, 0};
}

static answer_kind_t check_whole(slice_t head, slice_t got, slice_t body)
{
    if (!slice_starts_with(slice_sub(head, 9, 4), SLICE("200 ")))
        return ANSWER_wrong_status;
    if (got.len != body.len)
        return ANSWER_wrong_length;
    return slice_eq(got, body) ? ANSWER_ok : ANSWER_wrong_body;
}

answer_kind_t answer_check(slice_t received, slice_t body)
{
    uint64_t length;
    const char *end = memmem(received.base, received.len, "\r\n\r\n", 4);
    if (end == NULL)
        return ANSWER_incomplete;
    slice_t head = slice_sub(received, 0, (size_t)(end - received.base) + 4);
    slice_t rest = slice_sub(received, head.len, received.len);
    if (!slice_starts_with(head, SLICE("HTTP/1.1 ")) ||
        slice_to_u64(header_value(head, SLICE("content-length")), &length) != 0)
        return ANSWER_malformed;
    if (rest.len < length)
        return ANSWER_incomplete;
    return rest.len > length ? ANSWER_unsolicited : check_whole(head, rest, body);
}
