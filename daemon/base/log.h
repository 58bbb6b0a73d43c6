/*
 * log: one line per event, logfmt, on stderr (journald reads the <N> priority prefix when JOURNAL_STREAM says that it listens).
 * `warn fetch feed=hk-gov-press kind=http status=503 next=240s`. Only floors 2 and 3 speak.
 * Hostile bytes are escaped here and nowhere else. Main thread only.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "daemon/base/str.h"

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field { /* name is a literal; exactly one kind of value */
	const char *name;
	enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_DURATION_MS } kind;
	struct str s;
	int64_t i;
};

#define LOG_STR(name, value) ((struct log_field){ name, LOG_FIELD_STR, value, 0 })
#define LOG_CSTR(name, value) ((struct log_field){ name, LOG_FIELD_STR, str_from(value), 0 })
#define LOG_INT(name, value) ((struct log_field){ name, LOG_FIELD_INT, { NULL, 0 }, (int64_t)(value) })
#define LOG_MS(name, value) ((struct log_field){ name, LOG_FIELD_DURATION_MS, { NULL, 0 }, (int64_t)(value) })

void log_set_level(enum log_level level);

/* Where lines go; NULL restores stderr. Tests collect them. */
typedef void log_sink_f(void *ctx, enum log_level level, struct str line);
void log_set_sink(log_sink_f *sink, void *ctx);

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count);

/* log_info("start", LOG_CSTR("version", v), LOG_INT("feeds", n)); */
#define LOG_EVENT(level, event, ...)                                                                         \
	log_event(level, event, (const struct log_field[]){ __VA_ARGS__ },                                   \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
#define log_error(event, ...) LOG_EVENT(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) LOG_EVENT(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) LOG_EVENT(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) LOG_EVENT(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
