/* show: formats of tail and search. Everything of a record is hostile text. */
#include "daemon/ctl/show.h"

#include "daemon/base/date.h"
#include "daemon/ctl/member.h"

#include <sysexits.h>

/* "2026-11-21T10:15:03.412Z" -> "2026-11-21 10:15:03" */
static void print_time(struct printer *p, struct str text)
{
	int64_t ms;
	char out[DATE_TEXT_MAX];
	if (!date_parse_rfc3339(text, &ms))
		return;
	struct str when = str_of(out, date_format(ms, out));
	print_style(p, PRINT_DIM);
	print_text(p, str_of(when.p, 10));
	print_fmt(p, " ");
	print_text(p, str_of(when.p + 11, 8));
	print_style(p, PRINT_PLAIN);
	print_fmt(p, " ");
}

/* The signs are those of the tables (format_csv). */
static void print_topic(struct printer *p, const json_t *topic)
{
	bool shadow = json_is_true(json_object_get(topic, "shadow"));
	bool match = str_eq(member(topic, "decision"), STR("match"));
	print_styled(p, shadow ? PRINT_DIM : match ? PRINT_GREEN : PRINT_YELLOW, member(topic, "topic"));
	print_fmt(p, "%c%.2f ",
	    shadow  ? '~'
	    : match ? '='
	            : '?',
	    json_number_value(json_object_get(topic, "score")));
}

static void print_topics(struct printer *p, const json_t *record)
{
	const json_t *topics = json_object_get(record, "topics");
	for (size_t i = 0; i < json_array_size(topics); i++)
		print_topic(p, json_array_get(topics, i));
}

static void print_item(struct printer *p, const json_t *record)
{
	struct str kind = member(record, "kind");
	print_time(p, member(record, "seen_at"));
	print_styled(p, PRINT_CYAN, member(record, "feed"));
	print_fmt(p, " ");
	print_topics(p, record);
	if (kind.n > 0 && !str_eq(kind, STR("new"))) {
		print_styled(p, PRINT_YELLOW, kind);
		print_fmt(p, " ");
	}
	print_styled(p, PRINT_BOLD, member(record, "title"));
	print_fmt(p, " ");
	print_styled(p, PRINT_DIM, member(record, "url"));
	print_fmt(p, "\n");
}

static void print_poll(struct printer *p, const json_t *record)
{
	struct str result = member(record, "result");
	struct str error = member(record, "error");
	print_time(p, member(record, "at"));
	print_styled(p, PRINT_CYAN, member(record, "feed"));
	print_fmt(p, " %lld ", (long long)json_integer_value(json_object_get(record, "status")));
	print_styled(p, error.n > 0 ? PRINT_RED : PRINT_PLAIN, result);
	if (json_is_integer(json_object_get(record, "items")))
		print_fmt(p, " items=%lld new=%lld",
		    (long long)json_integer_value(json_object_get(record, "items")),
		    (long long)json_integer_value(json_object_get(record, "new")));
	if (error.n > 0) {
		print_fmt(p, " ");
		print_text(p, error);
	}
	print_fmt(p, "\n");
}

static void print_short(struct printer *p, struct str line, const json_t *record)
{
	if (json_object_get(record, "seen_at")) {
		print_item(p, record);
	} else if (json_object_get(record, "result")) {
		print_poll(p, record);
	} else {
		print_text(p, line);
		print_fmt(p, "\n");
	}
}

static void print_cat(struct printer *p, struct str line, const json_t *record)
{
	struct str text = member(record, "content_text");
	struct str title = member(record, "title");
	if (!record || (!title.p && !text.p)) {
		print_text(p, line);
		print_fmt(p, "\n");
		return;
	}
	print_styled(p, PRINT_BOLD, title);
	print_fmt(p, "\n");
	if (text.n > 0) {
		print_lines(p, text);
		print_fmt(p, "\n");
	}
	print_fmt(p, "\n");
}

void show_line(struct printer *p, enum ctl_output output, struct str line, const json_t *record)
{
	if (output == CTL_JSON)
		print_json_line(p, line);
	else if (output == CTL_CAT)
		print_cat(p, line, record);
	else
		print_short(p, line, record);
}

bool show_begin(struct show *s, struct printer *p, const struct ctl_args *args, const char *store, int *code)
{
	enum ctl_output output = (enum ctl_output)args->output;
	*s = (struct show){ p, output, format_kind_of(store), format_of(output) };
	if (!s->format)
		return true;
	if (s->format->topic && strcmp(s->format->topic, store) != 0) {
		*code = ctl_fail(EX_USAGE, "--output %s is for records of the topic %s alone: -s %s",
		    ctl_output_names[output], s->format->topic, s->format->topic);
		return false;
	}
	p->data = true;
	if (s->format->begin)
		s->format->begin(s->kind, &p->out);
	return true;
}

void show_entry(const struct show *s, struct str line, const json_t *record)
{
	const struct format_line l = { s->kind, line, record };
	if (!s->format)
		show_line(s->p, s->output, line, record);
	else if (!json_is_object(record))
		ctl_fail(0, "a line that is no JSON was left out");
	else if (!format_takes(s->format, record))
		ctl_fail(0, "record %lld does not match %s: left out", member_number(record, "seq"),
		    s->format->topic);
	else
		s->format->line(&l, &s->p->out);
}
