/*
 * format_csv: tables for spreadsheets. What such a program would take for a formula gets an apostrophe before it, which makes it a text: nobody's title may
 * run a command on the desk of whoever opens the table. Where the comma is the decimal sign they part cells at semicolons, and may take quotes in the
 * middle of a line for text: there a text may become several cells, and each of them begins harmlessly.
 */
#include "daemon/ctl/format_priv.h"

#include "daemon/ctl/member.h"

#define CELL_MAX ((size_t)16 << 20) /* bytes; a record is smaller */

typedef void cell_f(const json_t *value, struct buf *out);

struct column {
	const char *name; /* the member's */
	cell_f *write;
};

static void text(const json_t *v, struct buf *out)
{
	buf_str(out, member_string(v));
}

static void number(const json_t *v, struct buf *out)
{
	if (json_is_integer(v))
		buf_fmt(out, "%lld", (long long)json_integer_value(v));
}

static void flag(const json_t *v, struct buf *out)
{
	if (json_is_boolean(v))
		buf_str(out, json_is_true(v) ? STR("true") : STR("false"));
}

/* Strings, or the names of objects. */
static void list(const json_t *v, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);
		if (i > 0)
			buf_str(out, STR("; "));
		buf_str(out, json_is_object(one) ? member(one, "name") : member_string(one));
	}
}

/* "cybercrime=0.9940; fraud?0.5100": as people get them from tail; "~" of a shadow. */
static void topics(const json_t *v, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);
		bool shadow = json_is_true(json_object_get(one, "shadow"));
		char sign = shadow ? '~' : format_is_match(one) ? '=' : '?';
		if (i > 0)
			buf_str(out, STR("; "));
		buf_str(out, member(one, "topic"));
		buf_fmt(out, "%c%.4f", sign, json_number_value(json_object_get(one, "score")));
	}
}

static const struct column records[] = {
	{ "seq", number },
	{ "seen_at", text },
	{ "kind", text },
	{ "feed", text },
	{ "key", text },
	{ "id", text },
	{ "url", text },
	{ "external_url", text },
	{ "title", text },
	{ "summary", text },
	{ "content_text", text },
	{ "date_published", text },
	{ "date_modified", text },
	{ "language", text },
	{ "authors", list },
	{ "tags", list },
	{ "topics", topics },
	{ "model", text },
	{ "revises", number },
	{ "replays", number },
	{ "changed", list },
	{ "case", text },
	{ "chain", text },
};
static const struct column polls[] = {
	{ "seq", number },
	{ "at", text },
	{ "feed", text },
	{ "asked_by", text },
	{ "url", text },
	{ "status", number },
	{ "result", text },
	{ "kind", text },
	{ "error", text },
	{ "items", number },
	{ "new", number },
	{ "overlap", number },
	{ "revised", number },
	{ "withdrawn", number },
	{ "held", number },
	{ "left", number },
	{ "tie", text },
	{ "gap", flag },
	{ "archive", number },
	{ "whole", flag },
	{ "pushed", flag },
	{ "recovered", flag },
	{ "incomplete", flag },
	{ "bytes", number },
	{ "ms", number },
	{ "next", text },
	{ "chain", text },
};
static const struct column events[] = {
	{ "seq", number },
	{ "at", text },
	{ "kind", text },
	{ "feed", text },
	{ "key", text },
	{ "reason", text },
	{ "since", text },
	{ "lasted_ms", number },
	{ "failures", number },
	{ "status", number },
	{ "error", text },
	{ "usual_ms", number },
	{ "from", text },
	{ "to", text },
	{ "archive", flag },
	{ "chain", text },
};
static const struct column reviews[] = {
	{ "seq", number },
	{ "at", text },
	{ "record", number },
	{ "key", text },
	{ "topic", text },
	{ "verdict", text },
	{ "by", text },
	{ "why", text },
	{ "chain", text },
};
static const struct column letters[] = {
	{ "seq", number },
	{ "at", text },
	{ "alert", text },
	{ "delivery", text },
	{ "attempts", number },
	{ "error", text },
	{ "record_seq", number },
	{ "chain", text },
};

static const struct {
	const struct column *columns;
	size_t count;
} tables[FORMAT_KINDS] = {
	[FORMAT_RECORDS] = { records, ARRAY_LEN(records) },
	[FORMAT_POLLS] = { polls, ARRAY_LEN(polls) },
	[FORMAT_EVENTS] = { events, ARRAY_LEN(events) },
	[FORMAT_REVIEWS] = { reviews, ARRAY_LEN(reviews) },
	[FORMAT_LETTERS] = { letters, ARRAY_LEN(letters) },
};

/* OWASP's list: what begins a formula, also in full width. */
static bool is_formula(struct str s)
{
	static const char *const beginnings[] = { "=", "+", "-", "@", "＝", "＋", "－", "＠" };
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
		if (str_starts(s, str_from(beginnings[i])))
			return true;
	return false;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

/* Or what is skipped before one. */
static bool is_armed(struct str s)
{
	return is_formula(s) || (s.n > 0 && is_one_of(s.p[0], "\t\r\n"));
}

/* Some readers part cells elsewhere than at commas, trim what has no quotes, or take a sign for more than a text. */
static bool wants_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_one_of(s.p[i], "\",;\t\r\n"))
			return true;
	return s.n > 0 && (is_one_of(s.p[0], " '") || s.p[s.n - 1] == ' ');
}

/* Controls but tabs and line ends have no place in a table. */
static void write_csv(struct str s, struct buf *out)
{
	bool quoted = wants_quotes(s), begins = false; /* a cell, for whoever parts them at semicolons */
	if (quoted)
		buf_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (begins && is_formula(str_skip(s, i)))
			buf_byte(out, '\'');
		begins = is_one_of(s.p[i], ";\t\r\n") || (begins && is_one_of(s.p[i], " \""));
		if (c == '"')
			buf_byte(out, '"');
		if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
			buf_str(out, STR("\xef\xbf\xbd"));
		else
			buf_byte(out, s.p[i]);
	}
	if (quoted)
		buf_byte(out, '"');
}

/* What would end a cell or a line is written as PostgreSQL and others read it. */
static void write_tsv(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\t')
			buf_str(out, STR("\\t"));
		else if (c == '\n')
			buf_str(out, STR("\\n"));
		else if (c == '\r')
			buf_str(out, STR("\\r"));
		else if (c == '\\')
			buf_str(out, STR("\\\\"));
		else if (c < ' ' || c == 0x7f)
			buf_str(out, STR("\xef\xbf\xbd"));
		else
			buf_byte(out, s.p[i]);
	}
}

typedef void write_f(struct str s, struct buf *out);

struct dialect {
	write_f *write;
	char between;
	const char *end;
};
static const struct dialect csv = { write_csv, ',', "\r\n" };
static const struct dialect tsv = { write_tsv, '\t', "\n" };

static void begin(enum format_kind kind, const struct dialect *d, struct buf *out)
{
	for (size_t i = 0; i < tables[kind].count; i++) {
		if (i > 0)
			buf_byte(out, d->between);
		buf_str(out, str_from(tables[kind].columns[i].name));
	}
	buf_str(out, str_from(d->end));
}

static void line(const struct format_line *l, const struct dialect *d, struct buf *out)
{
	struct buf cell;
	buf_init(&cell, CELL_MAX);
	for (size_t i = 0; i < tables[l->kind].count; i++) {
		const struct column *c = &tables[l->kind].columns[i];
		if (i > 0)
			buf_byte(out, d->between);
		/* Written behind an apostrophe, which is left out when it is not needed. */
		buf_reset(&cell);
		buf_byte(&cell, '\'');
		c->write(json_object_get(l->record, c->name), &cell);
		struct str value = str_skip(buf_view(&cell), 1);
		bool armed = c->write != number && is_armed(value);
		d->write(armed ? buf_view(&cell) : value, out);
	}
	out->failed = out->failed || cell.failed;
	buf_fini(&cell);
	buf_str(out, str_from(d->end));
}

void format_csv_begin(enum format_kind kind, struct buf *out)
{
	begin(kind, &csv, out);
}

void format_csv_line(const struct format_line *l, struct buf *out)
{
	line(l, &csv, out);
}

void format_tsv_begin(enum format_kind kind, struct buf *out)
{
	begin(kind, &tsv, out);
}

void format_tsv_line(const struct format_line *l, struct buf *out)
{
	line(l, &tsv, out);
}
