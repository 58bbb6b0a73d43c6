/* replay: the members, and what they must be like. */
#include "daemon/pipe/replay.h"

#include "daemon/base/member.h"
#include "daemon/pipe/job.h"

#include <math.h>

#define NAME_MAX_BYTES 256 /* bytes of a feed's name */
#define NESTED_MAX 8 /* deep; a record's evidence is 4 */
#define DECIMALS 4 /* of scores and weights */
#define NUMBER_MAX 1e6 /* what is larger is none of ours, and 1e308 would be 309 digits */

enum shape { SHAPE_STRING, SHAPE_ARRAY, SHAPE_INTEGER };

static const struct {
	const char *name;
	enum shape shape;
	bool required;
} members[] = {
	{ "feed", SHAPE_STRING, true },
	{ "key", SHAPE_STRING, true },
	{ "id", SHAPE_STRING, false },
	{ "url", SHAPE_STRING, false },
	{ "external_url", SHAPE_STRING, false },
	{ "title", SHAPE_STRING, false },
	{ "summary", SHAPE_STRING, false },
	{ "content_text", SHAPE_STRING, false },
	{ "text_end", SHAPE_INTEGER, false },
	{ "date_published", SHAPE_STRING, false },
	{ "date_modified", SHAPE_STRING, false },
	{ "language", SHAPE_STRING, false },
	{ "authors", SHAPE_ARRAY, false },
	{ "tags", SHAPE_ARRAY, false },
	{ "attachments", SHAPE_ARRAY, false },
	{ "topics", SHAPE_ARRAY, true },
	{ "model", SHAPE_STRING, true },
	{ "replays", SHAPE_INTEGER, true },
	{ "case", SHAPE_STRING, false },
	{ "sources", SHAPE_ARRAY, false },
};

static void write_value(struct json *w, const json_t *v)
{
	const char *key;
	const json_t *inner;

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		json_open_object(w);
		json_object_foreach((json_t *)v, key, inner)
		{
			json_key_str(w, str_from(key));
			write_value(w, inner);
		}
		json_close_object(w);
		break;
	case JSON_ARRAY:
		json_open_array(w);
		for (size_t i = 0; i < json_array_size(v); i++)
			write_value(w, json_array_get(v, i));
		json_close_array(w);
		break;
	case JSON_STRING:
		json_str(w, member_string(v));
		break;
	case JSON_INTEGER:
		json_int(w, json_integer_value(v));
		break;
	case JSON_REAL:
		json_num(w, json_real_value(v), DECIMALS);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		json_bool(w, json_is_true(v));
		break;
	case JSON_NULL:
		json_none(w);
		break;
	}
}

void replay_write_members(struct json *w, const json_t *record)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const json_t *v = json_object_get(record, members[i].name);

		if (!v)
			continue;
		json_key(w, members[i].name);
		write_value(w, v);
	}
}

static bool has_shape(const json_t *v, enum shape shape)
{
	switch (shape) {
	case SHAPE_STRING:
		return json_string_length(v) > 0;
	case SHAPE_ARRAY:
		return json_is_array(v);
	case SHAPE_INTEGER:
		return json_is_integer(v);
	}
	return false;
}

/* Neither nested without end nor of numbers without end. */
static bool is_bounded(const json_t *v, unsigned left)
{
	const char *key;
	const json_t *inner;

	if (left == 0)
		return false;
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!is_bounded(json_array_get(v, i), left - 1))
			return false;
	json_object_foreach((json_t *)v, key, inner) if (!is_bounded(inner, left - 1)) return false;
	return !json_is_real(v) || fabs(json_real_value(v)) <= NUMBER_MAX;
}

/* Every member is one of ours, and is what ours are. */
static bool is_of_ours(const json_t *record)
{
	size_t known = 0;

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const json_t *v = json_object_get(record, members[i].name);

		if (v ? !has_shape(v, members[i].shape) : members[i].required)
			return false;
		known += v != NULL;
	}
	return known == json_object_size(record) && is_bounded(record, NESTED_MAX);
}

static bool is_key(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	return s.n == JOB_KEY_LEN;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '.' &&
		    s.p[i] != '_' && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n <= NAME_MAX_BYTES;
}

/* One topic and no other: the line goes into its store, and into no store that has the item already. */
static bool is_match_of(const json_t *topics, struct str topic)
{
	const json_t *only = json_array_get(topics, 0);

	return json_array_size(topics) == 1 && str_eq(member(only, "topic"), topic) &&
	       json_is_number(json_object_get(only, "score")) &&
	       str_eq(member(only, "decision"), STR("match"));
}

const char *replay_refusal(const json_t *record, const struct replay_bounds *bounds)
{
	json_int_t seq = json_integer_value(json_object_get(record, "replays"));

	if (!is_of_ours(record))
		return "a record has not the members of one";
	if (seq <= 0 || (uint64_t)seq > bounds->last)
		return "there is no such record";
	if ((uint64_t)seq < bounds->first)
		return "there is no such record any more";
	if (!is_name(member(record, "feed")))
		return "a feed's name is none";
	if (!is_key(member(record, "key")) ||
	    (json_object_get(record, "case") && !is_key(member(record, "case"))))
		return "a key is none";
	if (!is_match_of(json_object_get(record, "topics"), bounds->topic))
		return "a record does not match the topic, and it alone";
	if (!str_eq(member(record, "model"), bounds->model))
		return "other topics are in force; reload the daemon first";
	return NULL;
}
