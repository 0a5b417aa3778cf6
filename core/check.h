/*
 * check.h: assertions. A failed one is a bug in this program, never bad input, and ends the
 * process in every build (STYLE.md, rule 11).
 */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

/* gw_check_failed prints the condition and its place to standard error and aborts. */
_Noreturn void gw_check_failed(const char *condition, const char *file, int line);

/* GW_ASSERT ends the process when the condition does not hold. */
#define GW_ASSERT(condition)                                                                       \
    (__builtin_expect(!!(condition), 1) ? (void)0 : gw_check_failed(#condition, __FILE__, __LINE__))

#define GW_LIKELY(x)   __builtin_expect(!!(x), 1)
#define GW_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* GW_CONTAINER_OF gives the struct that a member is part of. */
#define GW_CONTAINER_OF(pointer, type, member)                                                     \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
