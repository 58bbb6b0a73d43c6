/* log: one event, one line. The only place that escapes hostile bytes for people; knows nothing of what is said. */
#include "daemon/base/log_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_BYTES (8u << 10) /* bytes of one line; journald cuts at 48 kB, people long before */
#define VALUE_MAX 1024 /* bytes of one value before quoting: a URL fits, a page does not */

static const struct {
	const char *name;
	char priority; /* of syslog, as sd-daemon(3) wants it */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", '3' },
	[LOG_LEVEL_WARN] = { "warn", '4' },
	[LOG_LEVEL_INFO] = { "info", '6' },
	[LOG_LEVEL_DEBUG] = { "debug", '7' },
};

/* Main thread only, as the header says: how much is said, and to whom. */
static struct {
	enum log_level level;
	log_sink_f *sink;
	void *ctx;
	const struct clock *clock;
} speaker = { LOG_LEVEL_INFO, NULL, NULL, &clock_system };

void log_set_level(enum log_level level)
{
	speaker.level = level;
}

void log_set_sink(log_sink_f *sink, void *ctx)
{
	speaker.sink = sink;
	speaker.ctx = ctx;
}

void log_set_clock(const struct clock *clock)
{
	speaker.clock = clock ? clock : &clock_system;
}

const struct clock *log_clock(void)
{
	return speaker.clock;
}

static bool needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
			return true;
	}
	return s.n == 0;
}

static void add_quoted(struct buf *out, struct str s)
{
	struct buf shown;
	buf_init(&shown, 8 * VALUE_MAX);
	utf8_for_terminal(s, &shown);
	buf_byte(out, '"');
	for (size_t i = 0; i < shown.n; i++) {
		/* utf8_for_terminal's own escapes begin with a backslash and stay single: readers see \x1b, not \\x1b. */
		if (shown.p[i] == '"')
			buf_byte(out, '\\');
		buf_byte(out, shown.p[i]);
	}
	buf_byte(out, '"');
	buf_fini(&shown);
}

static void add_text(struct buf *out, struct str s)
{
	bool cut = s.n > VALUE_MAX;
	s = utf8_cut(s, VALUE_MAX);
	if (!cut && !needs_quotes(s)) {
		buf_str(out, s);
		return;
	}
	add_quoted(out, s);
	if (cut)
		buf_str(out, STR("…"));
}

/* 240s, 1.500s, 12ms: the unit is in the value, so that a line needs no manual. */
static void add_duration(struct buf *out, int64_t ms)
{
	if (ms > -1000 && ms < 1000)
		buf_fmt(out, "%lldms", (long long)ms);
	else if (ms % 1000 == 0)
		buf_fmt(out, "%llds", (long long)(ms / 1000));
	else
		buf_fmt(out, "%.3fs", (double)ms / 1000.0);
}

static void add_field(struct buf *out, const struct log_field *f)
{
	buf_byte(out, ' ');
	buf_str(out, str_from(f->name));
	buf_byte(out, '=');
	switch (f->kind) {
	case LOG_FIELD_STR:
	case LOG_FIELD_VARYING:
		add_text(out, f->s);
		break;
	case LOG_FIELD_INT:
		buf_fmt(out, "%lld", (long long)f->i);
		break;
	case LOG_FIELD_DURATION_MS:
		add_duration(out, f->i);
		break;
	}
}

/* journald stamps what it reads; anybody else gets our time. */
static void add_prefix(struct buf *out, enum log_level level)
{
	if (getenv("JOURNAL_STREAM")) {
		buf_fmt(out, "<%c>", levels[level].priority);
		return;
	}
	log_add_time(out, clock_wall(speaker.clock));
	buf_byte(out, ' ');
}

void log_add_time(struct buf *out, int64_t wall)
{
	char when[DATE_TEXT_MAX];

	buf_add(out, when, date_format_ms(wall, when));
}

void log_write(enum log_level level, struct str text)
{
	struct buf line;

	if (speaker.sink) {
		speaker.sink(speaker.ctx, level, text);
		return;
	}
	buf_init(&line, text.n + LOG_AROUND_MAX);
	add_prefix(&line, level);
	buf_str(&line, text);
	buf_byte(&line, '\n');
	/* stderr is unbuffered: one line, one write. Nobody listens? A daemon must not die of that. */
	if (!line.failed)
		(void)!fwrite(line.p, 1, line.n, stderr);
	buf_fini(&line);
}

/* Without its prefix. *cut: how much of it a line that is kept takes; a field is never torn. */
static void make_line(
    struct buf *line, const struct log_said *said, const struct log_field *fields, size_t count, size_t *cut)
{
	buf_str(line, str_from(levels[said->level].name));
	buf_byte(line, ' ');
	buf_str(line, str_from(said->event));
	*cut = line->n;
	for (size_t i = 0; i < count; i++) {
		add_field(line, &fields[i]);
		if (line->n <= LOG_KEPT_MAX)
			*cut = line->n;
	}
}

static void speak(const struct log_said *said, const struct log_field *fields, size_t count, bool each)
{
	struct buf line;
	size_t cut;

	buf_init(&line, LINE_MAX_BYTES + count * 8 * VALUE_MAX);
	make_line(&line, said, fields, count, &cut);
	if (!line.failed && (each || !log_counts_instead(said, fields, count, str_of(line.p, cut))))
		log_write(said->level, buf_view(&line));
	buf_fini(&line);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	if (level <= speaker.level)
		speak(&(struct log_said){ level, event }, fields, count, level > LOG_LEVEL_WARN);
}

void log_event_each(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	if (level <= speaker.level)
		speak(&(struct log_said){ level, event }, fields, count, true);
}
