/*
 * core_msg.h: the messages that the runtime itself sends and understands.
 */
#ifndef CORE_CORE_MSG_H
#define CORE_CORE_MSG_H

#include "core/actor.h"

/* Why a request got no reply. */
typedef struct failure {
    int code;         /* GW_E* */
    uint16_t type;    /* the request's message type */
    actor_ref_t from; /* whom it was sent to last */
} failure_t;
void failure_free(failure_t *failure);

/* An actor that has ended, for whoever spawned it. */
typedef struct obituary {
    actor_ref_t ref;
    int code; /* 0: it exited; else the error that its last restart could not mend */
    char name[64];
} obituary_t;
void obituary_free(obituary_t *obituary);

/* A receiver is full; whether it may mute the sender, its class says. */
typedef struct mute {
    const actor_class_t *by;
} mute_t;
void mute_free(mute_t *mute);

#define CORE_MESSAGES(X)                                                                           \
    X(FAILED, failure_t, failure_free, "runtime -> asker: your request gets no other answer")      \
    X(CANCELED, msg_none_t, msg_none_free,                                                         \
      "runtime -> who owes an answer: it is not wanted any more; actor_context tells which")       \
    X(RECALLED, msg_none_t, msg_none_free,                                                         \
      "runtime -> who owes an answer: answer soon, whatever it is; actor_context tells which")     \
    X(MUTED, msg_none_t, msg_none_free, "runtime -> sender: begin no new work")                    \
    X(UNMUTED, msg_none_t, msg_none_free, "runtime -> sender: go on")                              \
    X(MUTE_ASK, mute_t, mute_free, "runtime -> runtime: mute this sender on another worker")       \
    X(MUTE_END, msg_none_t, msg_none_free, "runtime -> runtime: unmute it")                        \
    X(DOWN, obituary_t, obituary_free, "runtime -> spawner: this actor has ended")                 \
    X(DRAIN, msg_none_t, msg_none_free, "supervisor -> all: shutdown is near, take no new work")   \
    X(STOP, msg_none_t, msg_none_free,                                                             \
      "supervisor -> actor: finish and exit; without a handler it exits at once")                  \
    X(KEPT, msg_none_t, msg_none_free,                                                             \
      "runtime -> runtime: a request that was forwarded is now mine to answer")

MSG_DECLARE(core, 0, CORE_MESSAGES)

#endif
