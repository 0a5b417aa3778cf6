/*
 * log.h: what the process has to say: one JSON object (or one line of text) per event, on
 * standard error.
 *
 *     log_info(listener, "LISTENER-BOUND", "the listener is bound", log_str("name", name),
 *              log_u64("port", port));
 *
 *     {"time":"2026-11-24T09:55:05.123Z","level":"info","msg":"the listener is bound",
 *      "id":"LISTENER-BOUND","component":"listener","name":"web","port":10080}
 *
 * The id is stable, unique and documented: alerts and runbooks hang on it, the text may change.
 * Any thread logs, and no call blocks: a line that the sink does not take at once is dropped and
 * counted. A call whose level is off costs one load and one branch; its fields are not evaluated.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/check.h"
#include "core/slice.h"
#include "core/strbuf.h"

/* From silent to talkative: NAME, name. Each level includes those before it. */
#define LOG_LEVELS(X)                                                                              \
    X(OFF, off)                                                                                    \
    X(ERROR, error) /* something does not work and stays so until somebody acts */                 \
    X(WARN, warn)   /* something went wrong and was dealt with */                                  \
    X(INFO, info)   /* a change of state that an operator wants in the history */                  \
    X(DEBUG, debug) /* for who looks at one component; may be one line per message */              \
    X(TRACE, trace) /* everything */

/* Who speaks. Each has a level of its own; the names are the ones in a spec. */
#define LOG_COMPONENTS(X)                                                                          \
    X(main)                                                                                        \
    X(config)                                                                                      \
    X(worker)                                                                                      \
    X(actor) /* at debug: a line per message of a traced flow */                                   \
    X(supervisor)                                                                                  \
    X(watchdog)                                                                                    \
    X(listener)                                                                                    \
    X(connection)                                                                                  \
    X(router)                                                                                      \
    X(upstream)                                                                                    \
    X(snapshot)                                                                                    \
    X(file_watch)                                                                                  \
    X(store)                                                                                       \
    X(translator)                                                                                  \
    X(metrics)                                                                                     \
    X(access_log)                                                                                  \
    X(admin)

#define LOG_LEVEL_ENUM(id, name) LOG_LEVEL_##id,
#define LOG_COMPONENT_ENUM(name) LOG_COMPONENT_##name,
typedef enum log_level { LOG_LEVELS(LOG_LEVEL_ENUM) LOG_LEVEL_COUNT } log_level_t;
typedef enum log_component {
    LOG_COMPONENTS(LOG_COMPONENT_ENUM) LOG_COMPONENT_COUNT
} log_component_t;
#undef LOG_LEVEL_ENUM
#undef LOG_COMPONENT_ENUM

typedef enum log_format { LOG_FORMAT_JSON, LOG_FORMAT_TEXT } log_format_t;

/* One field of a line; made by the functions below. Members are private. */
typedef struct log_field {
    const char *key;
    enum { LOG_STR, LOG_U64, LOG_I64, LOG_BOOL, LOG_SECONDS, LOG_HEX, LOG_CODE, LOG_ERRNO } kind;
    union {
        slice_t str;
        uint64_t u64;
        int64_t i64;
    };
} log_field_t;

/* log_str borrows a text for the call; log_text does the same with a C string (NULL is empty). */
static inline log_field_t log_str(const char *key, slice_t value)
{
    return (log_field_t){.key = key, .kind = LOG_STR, .str = value};
}

static inline log_field_t log_text(const char *key, const char *value)
{
    return log_str(key, slice_of(value));
}

static inline log_field_t log_u64(const char *key, uint64_t value)
{
    return (log_field_t){.key = key, .kind = LOG_U64, .u64 = value};
}

static inline log_field_t log_i64(const char *key, int64_t value)
{
    return (log_field_t){.key = key, .kind = LOG_I64, .i64 = value};
}

static inline log_field_t log_bool(const char *key, bool value)
{
    return (log_field_t){.key = key, .kind = LOG_BOOL, .u64 = value};
}

/* log_seconds prints a time given in nanoseconds as seconds: 1500000 is 0.0015. */
static inline log_field_t log_seconds(const char *key, uint64_t nanoseconds)
{
    return (log_field_t){.key = key, .kind = LOG_SECONDS, .u64 = nanoseconds};
}

/* log_hex prints 16 hexadecimal digits: the form of ids. */
static inline log_field_t log_hex(const char *key, uint64_t value)
{
    return (log_field_t){.key = key, .kind = LOG_HEX, .u64 = value};
}

/* log_code prints the text of a GW_E code, log_errno the text of an errno. */
static inline log_field_t log_code(const char *key, int code)
{
    return (log_field_t){.key = key, .kind = LOG_CODE, .i64 = code};
}

static inline log_field_t log_errno(const char *key, int number)
{
    return (log_field_t){.key = key, .kind = LOG_ERRNO, .i64 = number};
}

#define log_error(component, id, msg, ...) LOG_(ERROR, component, id, msg, __VA_ARGS__)
#define log_warn(component, id, msg, ...)  LOG_(WARN, component, id, msg, __VA_ARGS__)
#define log_info(component, id, msg, ...)  LOG_(INFO, component, id, msg, __VA_ARGS__)
#define log_debug(component, id, msg, ...) LOG_(DEBUG, component, id, msg, __VA_ARGS__)
#define log_trace(component, id, msg, ...) LOG_(TRACE, component, id, msg, __VA_ARGS__)

/* log_on says whether a line of that level would be written: for what is costly to prepare. */
#define log_on(level, component) log_level_on(LOG_LEVEL_##level, LOG_COMPONENT_##component)

/* The `"" id ""` lets only literals through, so that grep finds every id. */
#define LOG_(level_, component_, id_, msg_, ...)                                                   \
    do {                                                                                           \
        if (GW_UNLIKELY(log_on(level_, component_)))                                               \
            log_write(LOG_LEVEL_##level_, LOG_COMPONENT_##component_, "" id_ "", "" msg_ "",       \
                      LOG_FIELDS_(__VA_ARGS__));                                                   \
    } while (0)

/* The first field is not used: an array must not be empty. */
#define LOG_FIELDS_(...)                                                                           \
    (const log_field_t[]){{0}, __VA_ARGS__},                                                       \
        sizeof((const log_field_t[]){{0}, __VA_ARGS__}) / sizeof(log_field_t)

/* Read with log_on, written by log_set_spec. */
extern atomic_uchar log_levels[LOG_COMPONENT_COUNT];

static inline bool log_level_on(log_level_t level, log_component_t component)
{
    return level <= atomic_load_explicit(&log_levels[component], memory_order_relaxed);
}

/* log_write is behind the macros above: fields[1] to fields[count - 1] are printed. */
void log_write(log_level_t level, log_component_t component, const char *id, const char *msg,
               const log_field_t *fields, size_t count);

/*
 * log_open chooses where lines go; until then it is descriptor 2 and JSON. To be called before
 * other threads log. `fd` stays the caller's and is not changed: where it can be opened once
 * more (pipes, terminals) the log writes through a non-blocking descriptor of its own.
 */
void log_open(int fd, log_format_t format);

/* log_close goes back to descriptor 2 and JSON; no other thread may log during the call. */
void log_close(void);

/*
 * log_set_spec sets the levels: "info,connection=trace,router=warn" is a default and exceptions;
 * an absent default is info. All components are named anew by each call. Any thread, at any time.
 * On GW_EPARSE nothing has changed and `error` (may be NULL) says what is wrong.
 */
int log_set_spec(slice_t spec, strbuf_t *error);

/* log_check_spec does no more than say whether log_set_spec would take it. */
int log_check_spec(slice_t spec, strbuf_t *error);

/* log_get_spec appends the levels in the form that log_set_spec reads. */
void log_get_spec(strbuf_t *buf);

/* log_level_name and log_component_name give the names that a line shows. Static strings. */
const char *log_level_name(log_level_t level);
const char *log_component_name(log_component_t component);

/* What was logged since the start of the process. */
typedef struct log_counters {
    uint64_t lines[LOG_LEVEL_COUNT]; /* by level, with the dropped ones */
    uint64_t dropped;                /* the sink did not take them */
} log_counters_t;

/* log_read_counters reads the counters; any thread. */
void log_read_counters(log_counters_t *ret);

/*
 * log_capture hands every line, without its newline, to `sink` instead of writing it; NULL ends
 * that. For tests, while no other thread logs.
 */
void log_capture(void (*sink)(void *context, slice_t line), void *context);

#endif
