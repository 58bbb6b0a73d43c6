/*
 * format_misp: a record as an event of MISP's core format: its title, its text, links to where it stands. Nothing in it is for detection
 * (to_ids), nothing is shared further until a person says so.
 */
#include "daemon/ctl/format_priv.h"

#include "daemon/base/date.h"
#include "daemon/ctl/member.h"

#include <stdio.h>

#define DATE_LEN 10 /* bytes of "2026-11-21" */

/* An attribute is named by the record and what it says. */
static void write_attribute(
    struct json *w, const struct format_line *line, const char *type, struct str value, struct str comment)
{
	char uuid[UUID_TEXT];
	struct buf which;
	if (value.n == 0)
		return;
	struct str identity = format_identity(line);
	buf_init(&which, identity.n + 1 + value.n);
	buf_str(&which, identity);
	buf_byte(&which, ':');
	buf_str(&which, value);
	format_uuid(type, buf_view(&which), uuid);
	w->out->failed = w->out->failed || which.failed;
	buf_fini(&which);
	json_open_object(w);
	json_key_string(w, "uuid", str_from(uuid));
	json_key_string(w, "type", str_from(type));
	json_key_string(w, "category", STR("External analysis"));
	json_key(w, "to_ids");
	json_bool(w, false);
	json_key_string_opt(w, "comment", comment);
	json_key_string(w, "value", value);
	json_close_object(w);
}

/* Where it stands: the record itself, then its sources. */
static const json_t *place(const json_t *record, size_t i)
{
	return i == 0 ? record : json_array_get(json_object_get(record, "sources"), i - 1);
}

/* Publishers say the same in several feeds: an address is told once, with the names of all feeds that have it. */
static void write_link(struct json *w, const struct format_line *line, size_t at, size_t places)
{
	struct str url = member(place(line->record, at), "url");
	struct buf feeds;
	for (size_t i = 0; i < at; i++)
		if (str_eq(member(place(line->record, i), "url"), url))
			return;
	buf_init(&feeds, line->text.n + 2 * places);
	for (size_t i = at; i < places; i++) {
		const json_t *p = place(line->record, i);
		if (!str_eq(member(p, "url"), url))
			continue;
		if (feeds.n > 0)
			buf_str(&feeds, STR(", "));
		buf_str(&feeds, member(p, "feed"));
	}
	w->out->failed = w->out->failed || feeds.failed;
	write_attribute(w, line, "link", url, buf_view(&feeds));
	buf_fini(&feeds);
}

static void write_attributes(struct json *w, const struct format_line *line)
{
	const json_t *record = line->record;
	size_t places = 1 + json_array_size(json_object_get(record, "sources"));
	json_key(w, "Attribute");
	json_open_array(w);
	for (size_t i = 0; i < places; i++)
		write_link(w, line, i, places);
	write_attribute(w, line, "text", format_text(record), STR("the text as published"));
	json_close_array(w);
}

static void write_tag(struct json *w, const char *predicate, struct str value)
{
	char name[160];
	int n = snprintf(name, sizeof(name), "gazetted:%s=\"%.*s\"", predicate, STR_ARG(value));
	if (value.n == 0 || n < 0 || (size_t)n >= sizeof(name))
		return;
	json_open_object(w);
	json_key_string(w, "name", str_of(name, (size_t)n));
	json_close_object(w);
}

static void write_tags(struct json *w, const json_t *record)
{
	json_key(w, "Tag");
	json_open_array(w);
	write_tag(w, "topic", STR("cybercrime"));
	write_tag(w, "feed", member(record, "feed"));
	write_tag(w, "kind", member(record, "kind"));
	json_close_array(w);
}

static void write_timestamp(struct json *w, struct str time)
{
	char text[32];
	int64_t ms;
	if (!date_parse_rfc3339(time, &ms))
		return;
	int n = snprintf(text, sizeof(text), "%lld", (long long)(ms / 1000));
	json_key_string(w, "timestamp", str_of(text, (size_t)n));
}

void format_misp_line(const struct format_line *line, struct buf *out)
{
	struct str time = format_time(line->record);
	char uuid[UUID_TEXT];
	struct json w;
	format_uuid("event", format_identity(line), uuid);
	json_init(&w, out);
	json_open_object(&w);
	json_key(&w, "Event");
	json_open_object(&w);
	json_key_string(&w, "uuid", str_from(uuid));
	json_key_string(&w, "info", format_title(line->record));
	json_key_string(&w, "date", time.n > DATE_LEN ? str_of(time.p, DATE_LEN) : time);
	write_timestamp(&w, time);
	json_key_string(&w, "threat_level_id", STR("4")); /* undefined */
	json_key_string(&w, "analysis", STR("0")); /* initial */
	json_key_string(&w, "distribution", STR("0")); /* this organisation only */
	json_key(&w, "published");
	json_bool(&w, false);
	write_tags(&w, line->record);
	write_attributes(&w, line);
	json_close_object(&w);
	json_close_object(&w);
	buf_byte(out, '\n');
}
