/*
 * log: one line per event, logfmt, on stderr (journald reads the <N> priority prefix when JOURNAL_STREAM says that it listens).
 * `warn fetch feed=hk-gov-press kind=http status=503 next=240s`. Only floors 2 and 3 speak.
 * Hostile bytes are escaped here and nowhere else. Main thread only.
 *
 * A warning or an error that is said again in the same words within a minute of its last line is counted instead: the minute's last one is
 * written with repeated=COUNT since=TIME at the end of it, so that nothing floods the log and nothing is lost in silence. The words are the level,
 * the event and all values of text; numbers, durations and LOG_VARYING may differ.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "daemon/base/clock.h"
#include "daemon/base/str.h"

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field { /* name is a literal; exactly one kind of value */
	const char *name;
	enum { LOG_FIELD_STR, LOG_FIELD_VARYING, LOG_FIELD_INT, LOG_FIELD_DURATION_MS } kind;
	struct str s;
	int64_t i;
};

#define LOG_STR(name, value) ((struct log_field){ name, LOG_FIELD_STR, value, 0 })
#define LOG_CSTR(name, value) ((struct log_field){ name, LOG_FIELD_STR, str_from(value), 0 })
/* A text that is another one each time, though the trouble is the same: the key of a delivery. */
#define LOG_VARYING(name, value) ((struct log_field){ name, LOG_FIELD_VARYING, value, 0 })
#define LOG_INT(name, value) ((struct log_field){ name, LOG_FIELD_INT, { NULL, 0 }, (int64_t)(value) })
#define LOG_MS(name, value) ((struct log_field){ name, LOG_FIELD_DURATION_MS, { NULL, 0 }, (int64_t)(value) })

void log_set_level(enum log_level level);

/* Where lines go; NULL restores stderr. Tests collect them. */
typedef void log_sink_f(void *ctx, enum log_level level, struct str line);
void log_set_sink(log_sink_f *sink, void *ctx);

/* Whose time it is; NULL: the system's. The clock must live until another is set. */
void log_set_clock(const struct clock *clock);

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count);
/* The same, but never counted instead: an answer that somebody waits for, or one of several that belong together. */
void log_event_each(enum log_level level, const char *event, const struct log_field *fields, size_t count);

/* Writes what was counted in minutes that are over: to be called every few seconds by something that is awake anyway. */
void log_tell_repeated(void);
/* Writes all that was counted, and forgets what was said: before the end, or to begin anew. */
void log_end_repeated(void);

/* log_info("start", LOG_CSTR("version", v), LOG_INT("feeds", n)); */
#define LOG_EVENT(level, event, ...)                                                                         \
	log_event(level, event, (const struct log_field[]){ __VA_ARGS__ },                                   \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define LOG_EACH(level, event, ...)                                                                          \
	log_event_each(level, event, (const struct log_field[]){ __VA_ARGS__ },                              \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define log_error(event, ...) LOG_EVENT(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) LOG_EVENT(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) LOG_EVENT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) LOG_EVENT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
