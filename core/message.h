/*
 * message.h: the envelope that actors exchange, and the catalogue that gives every message a
 * name, a body type, a release function and typed functions to send it.
 *
 * A protocol is one header, `actors/<noun>_msg.h`:
 *
 *     #define PING_MESSAGES(X)                                                     \
 *         X(PING, ping_t, ping_free, "anyone -> ping: are you there? answer PONG") \
 *         X(PONG, msg_none_t, msg_none_free, "ping -> asker: yes")
 *     MSG_DECLARE(ping, 7, PING_MESSAGES)
 *
 * and, in one .c file, MSG_DEFINE(ping, 7, PING_MESSAGES). For each line the header then has
 *
 *     send_PING(me, to, &body)             move the body to another actor
 *     request_PING(me, to, &body, timeout, context)   the same, and an answer is owed
 *     reply_PONG(me, owed, &body)          answer a request
 *     forward_PING(me, owed, to, &body)    let another actor answer it
 *
 * `T **body` moves: the sender's pointer is NULL afterwards, and the receiver, the runtime or
 * the catalogue's release function frees the body. `body` may be NULL for a message without.
 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/* The address of an actor; 0 is nobody. See address.h for what is in it. */
typedef uint32_t actor_ref_t;

typedef struct actor actor_t;

enum {
    MSG_REQUEST = 1 << 0, /* `corr` names the question, an answer is owed */
    MSG_REPLY = 1 << 1,   /* `corr` names the question that this answers */
    MSG_SYSTEM = 1 << 2,  /* travels in the system lane */
    MSG_TIMER = 1 << 3,   /* `corr` is the timer's id */
    MSG_CANCEL = 1 << 4,  /* the asker of `corr` does not want the answer any more */
    MSG_KIND_SHIFT = 5,   /* what became of it, in the journal: a recorder_kind_t */
    MSG_KIND_MASK = 3,
    MSG_HOP = 1 << 8, /* the upper byte counts how often a request was forwarded */
    MSG_HOPS_MASK = 0xff00
};

/* msg_hops tells how often a request was forwarded. */
#define MSG_HOPS(flags) ((flags) >> 8)

/* The envelope: 32 bytes. */
typedef struct msg {
    void *body;
    actor_ref_t src, dst;
    uint32_t corr; /* request id, timer id, or (in a plain message) whatever the protocol says */
    uint16_t type; /* protocol number << 8 | position in the catalogue, from 1 */
    uint16_t flags;
    uint64_t trace; /* the flow that this message belongs to; inherited; 0 = none */
} msg_t;
_Static_assert(sizeof(msg_t) == 32, "the envelope is 32 bytes");

/* One line of a catalogue. */
typedef struct msg_info {
    const char *name;
    const char *body;  /* the body's C type */
    const char *about; /* who sends it to whom, and what for */
    void (*release)(void *body);
} msg_info_t;

/* A catalogue. */
typedef struct msg_protocol {
    const char *name;
    uint16_t number;
    uint16_t count;
    const msg_info_t *messages; /* messages[i] describes type number << 8 | (i + 1) */
} msg_protocol_t;

enum { MSG_PROTOCOLS_MAX = 64, MSG_TYPES_MAX = 63 /* of one protocol */ };

/* All protocols of a program, by number. */
typedef struct msg_catalogue {
    const msg_protocol_t *protocols[MSG_PROTOCOLS_MAX];
} msg_catalogue_t;

/* msg_catalogue_add enters a protocol; two with the same number are a bug, and so are more than
 * MSG_TYPES_MAX messages in one. */
void msg_catalogue_add(msg_catalogue_t *catalogue, const msg_protocol_t *protocol);

/* msg_info_of finds the description of a type, or NULL. */
const msg_info_t *msg_info_of(const msg_catalogue_t *catalogue, uint16_t type);

/* msg_name gives the name of a type, "UNKNOWN" if there is none. */
const char *msg_name(const msg_catalogue_t *catalogue, uint16_t type);

/* msg_release frees the body of a message that nobody handled and sets it to NULL. */
void msg_release(const msg_catalogue_t *catalogue, msg_t *m);

/* The body type of messages that carry nothing. */
typedef struct msg_none msg_none_t;
void msg_none_free(msg_none_t *none);

/* An answer that is owed: made by actor_keep, 0 is the request that is being handled. */
typedef uint32_t owed_t;
enum { OWED_CURRENT = 0 };

/* The untyped functions under the typed ones; actor.h says what they do. */
void actor_send(actor_t *me, actor_ref_t to, uint16_t type, void *body, uint32_t tag);
void actor_send_system(actor_t *me, actor_ref_t to, uint16_t type, void *body);
uint32_t actor_request(actor_t *me, actor_ref_t to, uint16_t type, void *body, uint64_t timeout_ns,
                       void *context);
uint32_t actor_request_system(actor_t *me, actor_ref_t to, uint16_t type, void *body,
                              uint64_t timeout_ns, void *context);
void actor_reply(actor_t *me, owed_t owed, uint16_t type, void *body);
void actor_forward(actor_t *me, owed_t owed, actor_ref_t to, uint16_t type, void *body);

/* msg_take moves a body out of its owner's pointer. */
static inline void *msg_take(void *owner)
{
    void *body = NULL;
    if (owner) {
        void **place = owner;
        body = *place;
        *place = NULL;
    }
    return body;
}

/* A protocol that is private to one .c file leaves most of its functions unused. */
#define MSG_MAYBE_UNUSED __attribute__((unused))

#define MSG_ENUM_(name_, body_, release_, about_) MSG_##name_,

#define MSG_FUNCTIONS_(name_, body_, release_, about_)                                             \
    typedef body_ msg_body_##name_;                                                                \
    MSG_MAYBE_UNUSED static inline void send_##name_(actor_t *me, actor_ref_t to, body_ **body)    \
    {                                                                                              \
        actor_send(me, to, MSG_##name_, msg_take(body), 0);                                        \
    }                                                                                              \
    MSG_MAYBE_UNUSED static inline void send_##name_##_tag(actor_t *me, actor_ref_t to,            \
                                                           body_ **body, uint32_t tag)             \
    {                                                                                              \
        actor_send(me, to, MSG_##name_, msg_take(body), tag);                                      \
    }                                                                                              \
    MSG_MAYBE_UNUSED static inline void system_##name_(actor_t *me, actor_ref_t to, body_ **body)  \
    {                                                                                              \
        actor_send_system(me, to, MSG_##name_, msg_take(body));                                    \
    }                                                                                              \
    MSG_MAYBE_UNUSED static inline uint32_t request_##name_(                                       \
        actor_t *me, actor_ref_t to, body_ **body, uint64_t timeout_ns, void *context)             \
    {                                                                                              \
        return actor_request(me, to, MSG_##name_, msg_take(body), timeout_ns, context);            \
    }                                                                                              \
    MSG_MAYBE_UNUSED static inline uint32_t request_system_##name_(                                \
        actor_t *me, actor_ref_t to, body_ **body, uint64_t timeout_ns, void *context)             \
    {                                                                                              \
        return actor_request_system(me, to, MSG_##name_, msg_take(body), timeout_ns, context);     \
    }                                                                                              \
    MSG_MAYBE_UNUSED static inline void reply_##name_(actor_t *me, owed_t owed, body_ **body)      \
    {                                                                                              \
        actor_reply(me, owed, MSG_##name_, msg_take(body));                                        \
    }                                                                                              \
    MSG_MAYBE_UNUSED static inline void forward_##name_(actor_t *me, owed_t owed, actor_ref_t to,  \
                                                        body_ **body)                              \
    {                                                                                              \
        actor_forward(me, owed, to, MSG_##name_, msg_take(body));                                  \
    }

/* MSG_DECLARE goes into the protocol's header. */
#define MSG_DECLARE(protocol_, number_, list_)                                                     \
    enum { MSG_##protocol_##_base = (number_) << 8, list_(MSG_ENUM_) MSG_##protocol_##_end };      \
    extern const msg_protocol_t protocol_##_protocol;                                              \
    list_(MSG_FUNCTIONS_)

#define MSG_RELEASE_(name_, body_, release_, about_)                                               \
    static void msg_release_##name_(void *body)                                                    \
    {                                                                                              \
        release_((body_ *)body);                                                                   \
    }
#define MSG_INFO_(name_, body_, release_, about_) {#name_, #body_, about_, msg_release_##name_},

/* MSG_DEFINE goes into one .c file. */
#define MSG_DEFINE(protocol_, number_, list_)                                                      \
    list_(MSG_RELEASE_) static const msg_info_t protocol_##_messages[] = {list_(MSG_INFO_)};       \
    const msg_protocol_t protocol_##_protocol = {                                                  \
        #protocol_, number_, sizeof(protocol_##_messages) / sizeof(protocol_##_messages[0]),       \
        protocol_##_messages};

#endif
