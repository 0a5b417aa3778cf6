/*
 * clerk.h: an actor for the tests of the runtime that does a little of everything: it keeps
 * questions, asks a colleague, starts timers, spawns, fails and exits, each on demand.
 */
#ifndef TESTS_UNIT_CORE_CLERK_H
#define TESTS_UNIT_CORE_CLERK_H

#include "core/core_msg.h"

typedef struct note {
    uint32_t number;
} note_t;
note_t *note_new(uint32_t number);
void note_free(note_t *note);

/* How many notes exist: 0 at the end of each test. */
int notes_alive(void);

#define CLERK_MESSAGES(X)                                                                          \
    X(CLERK_ASK, note_t, note_free, "anyone -> clerk: answer CLERK_ANSWER with number + 1")        \
    X(CLERK_ANSWER, note_t, note_free, "clerk -> asker")                                           \
    X(CLERK_KEEP, note_t, note_free, "anyone -> clerk: answer at CLERK_RELEASE")                   \
    X(CLERK_RELEASE, msg_none_t, msg_none_free, "anyone -> clerk: answer what was kept")           \
    X(CLERK_FORWARD, note_t, note_free,                                                            \
      "anyone -> clerk: the colleague keeps it, or forwards it so often")                          \
    X(CLERK_PASS, msg_none_t, msg_none_free, "anyone -> clerk: the colleague keeps what is kept")  \
    X(CLERK_CONSULT, note_t, note_free, "anyone -> clerk: ask the colleague, wait 1 s")            \
    X(CLERK_DROP, msg_none_t, msg_none_free, "anyone -> clerk: cancel what was asked")             \
    X(CLERK_WAKE, msg_none_t, msg_none_free, "clerk -> itself: a timer has expired")               \
    X(CLERK_TIMER, note_t, note_free, "anyone -> clerk: start a timer of number ms")               \
    X(CLERK_EXTEND, note_t, note_free, "anyone -> clerk: move it to number ms from now")           \
    X(CLERK_UNTIMER, msg_none_t, msg_none_free, "anyone -> clerk: stop it")                        \
    X(CLERK_SPAWN, msg_none_t, msg_none_free, "anyone -> clerk: spawn an assistant")               \
    X(CLERK_FAULT, note_t, note_free, "anyone -> clerk: fail; answer nothing")                     \
    X(CLERK_EXIT, note_t, note_free, "anyone -> clerk: end")                                       \
    X(CLERK_IGNORE, note_t, note_free, "anyone -> clerk: do nothing with it")                      \
    X(CLERK_UNKNOWN, note_t, note_free, "anyone -> clerk: it has no handler for this")
MSG_DECLARE(clerk, 60, CLERK_MESSAGES)

/* The arguments: an actor to consult, and what init is to return. Both may be absent. */
typedef struct clerk_args {
    const char *colleague;
    int init_code;
    int *inits, *finis; /* counted */
} clerk_args_t;

/* What the tests look at. */
typedef struct clerk {
    const clerk_args_t *args;
    actor_ref_t colleague, assistant;
    owed_t owed;
    timer_ref_t timer;
    uint32_t asked, wakes, answers, failures, cancels, recalls, mutes, unmutes, downs, ignored;
    uint32_t last_number;
    int last_code;
    void *last_context;
} clerk_t;

extern const actor_class_t clerk_class;

#endif
