/*
 * format_cloudevents: an event of CloudEvents 1.0 in its JSON format, the line as its data. Source and id are the same whichever store a
 * record is read from, so that a receiver knows it again.
 */
#include "daemon/ctl/format_priv.h"

#include "daemon/ctl/member.h"

#include <stdio.h>

#define NAME_MAX_BYTES ((size_t)64 << 10) /* of a feed's name, with its escapes */

static const char *const types[FORMAT_KINDS] = {
	[FORMAT_RECORDS] = "gazetted.record",
	[FORMAT_POLLS] = "gazetted.poll",
	[FORMAT_EVENTS] = "gazetted.event",
	[FORMAT_REVIEWS] = "gazetted.review",
	[FORMAT_LETTERS] = "gazetted.dead-letter",
};

/* What may stand in a segment of a path (RFC 3986) as it is. */
static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

/* Where it happened: the feed, an alert, or the daemon itself. */
static void write_source(struct json *w, const json_t *record)
{
	struct str feed = member(record, "feed"), alert = member(record, "alert");
	struct str name = feed.n > 0 ? feed : alert;
	struct buf path;
	buf_init(&path, NAME_MAX_BYTES);
	buf_str(&path, feed.n > 0 ? STR("/gazetted/feeds/") : STR("/gazetted"));
	if (feed.n == 0 && alert.n > 0)
		buf_str(&path, STR("/alerts/"));
	for (size_t i = 0; i < name.n; i++) {
		if (is_unreserved(name.p[i]))
			buf_byte(&path, name.p[i]);
		else
			buf_fmt(&path, "%%%02X", (unsigned char)name.p[i]);
	}
	json_key_string(w, "source", path.failed ? STR("/gazetted") : buf_view(&path));
	buf_fini(&path);
}

static void write_type(struct json *w, const struct format_line *line)
{
	char type[80];
	struct str kind = member(line->record, "kind");
	bool divided = line->kind == FORMAT_RECORDS || line->kind == FORMAT_EVENTS;
	int n = divided && kind.n > 0
	            ? snprintf(type, sizeof(type), "%s.%.*s", types[line->kind], STR_ARG(kind))
	            : snprintf(type, sizeof(type), "%s", types[line->kind]);
	json_key_string(w, "type",
	    n > 0 && (size_t)n < sizeof(type) ? str_of(type, (size_t)n) : str_from(types[line->kind]));
}

static void write_id(struct json *w, const struct format_line *line)
{
	char id[UUID_TEXT];
	struct str chain = member(line->record, "chain");
	format_uuid("event", line->text, id);
	json_key_string(w, "id", chain.n > 0 ? chain : str_from(id));
}

void format_cloudevents_line(const struct format_line *line, struct buf *out)
{
	struct json w;
	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "specversion", STR("1.0"));
	write_id(&w, line);
	write_source(&w, line->record);
	write_type(&w, line);
	json_key_string_opt(&w, "subject", member(line->record, "key"));
	json_key_string_opt(&w, "time", format_time(line->record));
	json_key_string(&w, "datacontenttype", STR("application/json"));
	json_key(&w, "data");
	json_raw(&w, line->text);
	json_close_object(&w);
	buf_byte(out, '\n');
}
