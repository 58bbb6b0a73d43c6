/* format: the table, and what several formats need. */
#include "daemon/ctl/format_priv.h"

#include "daemon/ctl/member.h"

#define THREATS "cybercrime" /* the topic that tools for threats are told about */

static const struct format formats[CTL_OUTPUTS] = {
	[CTL_CSV] = { format_csv_begin, format_csv_line, NULL },
	[CTL_TSV] = { format_tsv_begin, format_tsv_line, NULL },
	[CTL_ECS] = { NULL, format_ecs_line, NULL },
	[CTL_CLOUDEVENTS] = { NULL, format_cloudevents_line, NULL },
	[CTL_STIX] = { NULL, format_stix_line, THREATS },
	[CTL_MISP] = { NULL, format_misp_line, THREATS },
};

static const char *const ledgers[FORMAT_KINDS] = {
	[FORMAT_POLLS] = "polls",
	[FORMAT_EVENTS] = "events",
	[FORMAT_REVIEWS] = "reviews",
	[FORMAT_LETTERS] = "dead-letters",
};

/* Of all that is named here; made once, by chance. */
static const uint8_t our_space[UUID_LEN] = { 0x5b, 0x1f, 0x0c, 0x8e, 0x6d, 0x27, 0x4a, 0x93, 0xa8, 0x41, 0x3c,
	0xd9, 0x70, 0xe5, 0x12, 0xb6 };

enum format_kind format_kind_of(const char *store)
{
	for (int i = 0; i < FORMAT_KINDS; i++)
		if (ledgers[i] && strcmp(ledgers[i], store) == 0)
			return (enum format_kind)i;
	return FORMAT_RECORDS;
}

const struct format *format_of(enum ctl_output output)
{
	return formats[output].line ? &formats[output] : NULL;
}

bool format_is_match(const json_t *topic)
{
	return str_eq(member(topic, "decision"), STR("match")) &&
	       !json_is_true(json_object_get(topic, "shadow"));
}

bool format_takes(const struct format *f, const json_t *record)
{
	const json_t *topics = json_object_get(record, "topics");
	for (size_t i = 0; f->topic && i < json_array_size(topics); i++) {
		const json_t *topic = json_array_get(topics, i);
		if (str_eq(member(topic, "topic"), str_from(f->topic)) && format_is_match(topic))
			return true;
	}
	return !f->topic;
}

struct str format_time(const json_t *record)
{
	struct str time = member(record, "seen_at");
	return time.n > 0 ? time : member(record, "at");
}

struct str format_title(const json_t *record)
{
	static const char *const members[] = { "title", "url", "id", "key" };
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (member(record, members[i]).n > 0)
			return member(record, members[i]);
	return STR("without a title");
}

struct str format_text(const json_t *record)
{
	struct str text = member(record, "content_text");
	return text.n > 0 ? text : member(record, "summary");
}

struct str format_identity(const struct format_line *line)
{
	struct str chain = member(line->record, "chain");
	return chain.n > 0 ? chain : line->text;
}

void format_uuid(const char *what, struct str which, char out[UUID_TEXT])
{
	const struct str pieces[] = { str_from(what), STR(":"), which };
	uuid5(our_space, pieces, ARRAY_LEN(pieces), out);
}
