/*
 * format_ecs: the fields of Elastic Common Schema 8.11 that a line has, and the line itself below `gazetted`. The time of an event is when
 * the line was written: a publisher's date may be a day, or wrong, and rules that look at the last minutes would never see such a record.
 */
#include "daemon/ctl/format_priv.h"

#include "daemon/ctl/member.h"

#define VERSION "8.11.0"
#define NS_PER_MS 1000000

static const char *const datasets[FORMAT_KINDS] = {
	[FORMAT_RECORDS] = "gazetted.items",
	[FORMAT_POLLS] = "gazetted.polls",
	[FORMAT_EVENTS] = "gazetted.events",
	[FORMAT_REVIEWS] = "gazetted.reviews",
	[FORMAT_LETTERS] = "gazetted.dead_letters",
};

static bool has_match(const json_t *topics)
{
	for (size_t i = 0; i < json_array_size(topics); i++)
		if (format_is_match(json_array_get(topics, i)))
			return true;
	return false;
}

/* Of a poll. */
static void write_outcome(struct json *w, const json_t *record)
{
	struct str result = member(record, "result");
	json_int_t ms = json_integer_value(json_object_get(record, "ms"));
	bool good = str_eq(result, STR("ok")) || str_eq(result, STR("unchanged"));
	bool open = str_eq(result, STR("waiting"));
	json_key_string(w, "outcome", good ? STR("success") : open ? STR("unknown") : STR("failure"));
	if (ms >= 0 && ms < INT64_MAX / NS_PER_MS)
		json_key_int(w, "duration", ms * NS_PER_MS);
}

static void write_event(struct json *w, const struct format_line *line)
{
	const json_t *record = line->record;
	struct str action = member(record, line->kind == FORMAT_POLLS ? "result" : "kind");
	json_key(w, "event");
	json_open_object(w);
	json_key_string(
	    w, "kind", has_match(json_object_get(record, "topics")) ? STR("alert") : STR("event"));
	json_key(w, "type");
	json_open_array(w);
	json_str(w, STR("info"));
	json_close_array(w);
	json_key_string(w, "module", STR("gazetted"));
	json_key_string(w, "dataset", str_from(datasets[line->kind]));
	json_key_string_opt(w, "provider", member(record, "feed"));
	json_key_string_opt(w, "action", action);
	if (line->kind == FORMAT_POLLS)
		write_outcome(w, record);
	json_key_string_opt(w, "id", member(record, "chain"));
	json_key_int(w, "sequence", member_number(record, "seq"));
	json_key_string_opt(w, "reference", member(record, "url"));
	json_key_string_opt(w, "reason", member(record, "reason"));
	json_close_object(w);
}

static void write_matches(struct json *w, const json_t *topics)
{
	json_open_array(w);
	for (size_t i = 0; i < json_array_size(topics); i++)
		if (format_is_match(json_array_get(topics, i)))
			json_str(w, member(json_array_get(topics, i), "topic"));
	json_close_array(w);
}

/* The topics are the rules that made it an alert. */
static void write_rules(struct json *w, const json_t *topics)
{
	if (!has_match(topics))
		return;
	json_key(w, "rule");
	json_open_object(w);
	json_key_string(w, "ruleset", STR("gazetted topics"));
	json_key(w, "name");
	write_matches(w, topics);
	json_close_object(w);
	json_key(w, "tags");
	write_matches(w, topics);
}

static void write_sets(struct json *w, const struct format_line *line)
{
	const json_t *record = line->record;
	long long status = member_number(record, "status");
	if (member(record, "url").n > 0) {
		json_key(w, "url");
		json_open_object(w);
		json_key_string(w, "original", member(record, "url"));
		json_close_object(w);
	}
	if (member(record, "error").n > 0) {
		json_key(w, "error");
		json_open_object(w);
		json_key_string(w, "message", member(record, "error"));
		json_close_object(w);
	}
	if (status > 0) {
		json_key(w, "http");
		json_open_object(w);
		json_key(w, "response");
		json_open_object(w);
		json_key_int(w, "status_code", status);
		json_close_object(w);
		json_close_object(w);
	}
}

void format_ecs_line(const struct format_line *line, struct buf *out)
{
	struct json w;
	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "@timestamp", format_time(line->record));
	json_key(&w, "ecs");
	json_open_object(&w);
	json_key_string(&w, "version", STR(VERSION));
	json_close_object(&w);
	json_key_string_opt(&w, "message", member(line->record, "title"));
	write_event(&w, line);
	write_rules(&w, json_object_get(line->record, "topics"));
	write_sets(&w, line);
	json_key(&w, "gazetted");
	json_raw(&w, line->text);
	json_close_object(&w);
	buf_byte(out, '\n');
}
