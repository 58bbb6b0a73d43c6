/*
 * format_stix: a record as a report of STIX 2.1, with the publisher whose words it holds and references to where they stand. There are no
 * indicators in it: prose that names an address accuses nobody.
 */
#include "daemon/ctl/format_priv.h"

#include "daemon/ctl/member.h"

#include <stdio.h>

#define IDENTIFIER_MAX 64 /* bytes: a type, two dashes, a UUID */
/* A publisher has one version only, whatever record names it. */
#define IDENTITY_SINCE "2026-01-01T00:00:00.000Z"

static void identifier(const char *type, struct str which, char out[IDENTIFIER_MAX])
{
	char uuid[UUID_TEXT];
	format_uuid(type, which, uuid);
	snprintf(out, IDENTIFIER_MAX, "%s--%s", type, uuid);
}

static void open_object(struct json *w, const char *type, const char *id)
{
	json_open_object(w);
	json_key_string(w, "type", str_from(type));
	json_key_string(w, "spec_version", STR("2.1"));
	json_key_string(w, "id", str_from(id));
}

static void write_times(struct json *w, struct str time)
{
	json_key_string(w, "created", time);
	json_key_string(w, "modified", time);
}

static void write_publisher(struct json *w, const char *id, struct str feed)
{
	open_object(w, "identity", id);
	write_times(w, STR(IDENTITY_SINCE));
	json_key_string(w, "name", feed);
	json_key_string(w, "identity_class", STR("organization"));
	json_close_object(w);
}

static void write_reference(struct json *w, struct str feed, struct str url, struct str id)
{
	if (url.n == 0 && id.n == 0)
		return;
	json_open_object(w);
	json_key_string(w, "source_name", feed.n > 0 ? feed : STR("gazetted"));
	json_key_string_opt(w, "url", url);
	json_key_string_opt(w, "external_id", id);
	json_close_object(w);
}

/* Where it stands, where else the same text stands, and which record it is. */
static void write_references(struct json *w, const struct format_line *line)
{
	const json_t *record = line->record, *sources = json_object_get(record, "sources");
	char number[32];
	int n = snprintf(number, sizeof(number), "items/%lld", member_number(record, "seq"));
	json_key(w, "external_references");
	json_open_array(w);
	write_reference(w, member(record, "feed"), member(record, "url"), member(record, "id"));
	for (size_t i = 0; i < json_array_size(sources); i++) {
		const json_t *s = json_array_get(sources, i);
		write_reference(w, member(s, "feed"), member(s, "url"), (struct str){ NULL, 0 });
	}
	write_reference(w, STR("gazetted"), (struct str){ NULL, 0 }, str_of(number, (size_t)n));
	json_close_array(w);
}

static void write_report(
    struct json *w, const struct format_line *line, const char *id, const char *publisher)
{
	const json_t *record = line->record;
	struct str time = format_time(record), published = member(record, "date_published");
	open_object(w, "report", id);
	json_key_string(w, "created_by_ref", str_from(publisher));
	write_times(w, time);
	json_key_string(w, "name", format_title(record));
	json_key_string_opt(w, "description", format_text(record));
	json_key_string(w, "published", published.n > 0 ? published : time);
	json_key_string_opt(w, "lang", member(record, "language"));
	json_key(w, "labels");
	json_open_array(w);
	json_str(w, STR("cybercrime"));
	json_close_array(w);
	write_references(w, line);
	json_key(w, "object_refs");
	json_open_array(w);
	json_str(w, str_from(publisher));
	json_close_array(w);
	json_close_object(w);
}

void format_stix_line(const struct format_line *line, struct buf *out)
{
	char bundle[IDENTIFIER_MAX], report[IDENTIFIER_MAX], publisher[IDENTIFIER_MAX];
	struct str feed = member(line->record, "feed");
	struct json w;
	feed = feed.n > 0 ? feed : STR("gazetted");
	identifier("bundle", format_identity(line), bundle);
	identifier("report", format_identity(line), report);
	identifier("identity", feed, publisher);
	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "type", STR("bundle"));
	json_key_string(&w, "id", str_from(bundle));
	json_key(&w, "objects");
	json_open_array(&w);
	write_publisher(&w, publisher, feed);
	write_report(&w, line, report, publisher);
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(out, '\n');
}
