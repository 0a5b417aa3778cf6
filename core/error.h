/*
 * error.h: the error codes that functions return. Zero is success and every error is negative;
 * text is for people and is made at the boundary (a log line, an HTTP answer) by gw_error_text.
 */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

/* NAME, number, text */
#define GW_ERRORS(X)                                                                               \
    X(GW_EINVAL, 1, "invalid argument or input")                                                   \
    X(GW_EAGAIN, 2, "not now")                                                                     \
    X(GW_EOF, 3, "end of stream")                                                                  \
    X(GW_EIO, 4, "input or output failed")                                                         \
    X(GW_ELIMIT, 5, "a limit was reached")                                                         \
    X(GW_ENOTFOUND, 6, "not found")                                                                \
    X(GW_EEXIST, 7, "exists already")                                                              \
    X(GW_ENOACTOR, 8, "no such actor")                                                             \
    X(GW_EDEADLINE, 9, "deadline passed")                                                          \
    X(GW_ECANCELED, 10, "canceled")                                                                \
    X(GW_ERESTART, 11, "the actor was restarted")                                                  \
    X(GW_ENOREPLY, 12, "the handler gave no answer")                                               \
    X(GW_EUNHANDLED, 13, "the actor does not handle this message")                                 \
    X(GW_ESHUTDOWN, 14, "shutting down")                                                           \
    X(GW_ECRASHLOOP, 15, "restarted too often")                                                    \
    X(GW_EPARSE, 16, "malformed input")                                                            \
    X(GW_ECONFLICT, 17, "conflict")

#define GW_ERROR_ENUM(name, number, text) name = -(number),
typedef enum gw_error { GW_OK = 0, GW_ERRORS(GW_ERROR_ENUM) } gw_error_t;
#undef GW_ERROR_ENUM

/* gw_error_name gives "GW_EINVAL" for a code, "GW_OK" for 0. The string is static. */
const char *gw_error_name(int code);

/* gw_error_text gives the sentence for people. The string is static. */
const char *gw_error_text(int code);

#endif
