/* log_priv: between the two files of log: what writes a line, and what decides that it is a repetition. */
#ifndef BASE_LOG_PRIV_H
#define BASE_LOG_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/base/log.h"

#define LOG_KEPT_MAX 480u /* bytes of a repetition that are kept until it is told */
#define LOG_AROUND_MAX 128u /* bytes around a line's text: time or priority, what is told of repetitions */

struct log_said {
	enum log_level level;
	const char *event;
};

/* log.c: one line; the prefix is added here. */
void log_write(enum log_level level, struct str text);
void log_add_time(struct buf *out, int64_t wall);
const struct clock *log_clock(void);

/* log_repeat.c: true: it was said in these words not long ago, and is counted. `kept` is its line as far as it is kept. */
bool log_counts_instead(
    const struct log_said *said, const struct log_field *fields, size_t count, struct str kept);

#endif
