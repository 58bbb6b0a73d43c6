/* filter: the questions that tail and search ask of a record. */
#include "daemon/ctl/filter.h"

#include "daemon/base/date.h"
#include "daemon/ctl/member.h"

#include <fnmatch.h>
#include <stdio.h>

bool filter_is_open(const struct ctl_args *args)
{
	return args->topics.n == 0 && args->feeds.n == 0 && args->languages.n == 0 && args->min_score < 0 &&
	       args->kind == 0 && !args->item && !args->of_case && args->since == INT64_MIN &&
	       args->until == INT64_MAX;
}

int64_t filter_time(const json_t *record)
{
	int64_t ms;
	struct str text = member(record, "seen_at");
	if (!text.p)
		text = member(record, "at");
	return date_parse_rfc3339(text, &ms) ? ms : INT64_MIN;
}

static bool in_list(const struct ctl_list *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(str_from(list->at[i]), s))
			return true;
	return false;
}

bool filter_wants_topic(const struct ctl_args *args, struct str name)
{
	return args->topics.n == 0 || in_list(&args->topics, name);
}

static bool takes_topic(const struct ctl_args *args, const json_t *record)
{
	if (args->topics.n == 0 && args->min_score < 0)
		return true;
	const json_t *topics = json_object_get(record, "topics");
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *topic = json_array_get(topics, i);
		bool named = filter_wants_topic(args, member(topic, "topic"));
		if (named && json_number_value(json_object_get(topic, "score")) >= args->min_score)
			return true;
	}
	return false;
}

static bool takes_feed(const struct ctl_args *args, const json_t *record)
{
	const char *feed = json_string_value(json_object_get(record, "feed"));
	for (size_t i = 0; i < args->feeds.n; i++)
		if (feed && fnmatch(args->feeds.at[i], feed, 0) == 0)
			return true;
	return args->feeds.n == 0;
}

/* "zh" takes "zh" and "zh-Hant", not "zha". */
static bool takes_language(const struct ctl_args *args, const json_t *record)
{
	struct str language = member(record, "language");
	for (size_t i = 0; i < args->languages.n; i++) {
		struct str wanted = str_from(args->languages.at[i]);
		struct str rest = str_skip(language, wanted.n);
		if (str_starts_nocase(language, wanted) && (rest.n == 0 || rest.p[0] == '-'))
			return true;
	}
	return args->languages.n == 0;
}

static bool takes_keys(const struct ctl_args *args, const json_t *record)
{
	return (!args->item || str_eq(member(record, "key"), str_from(args->item))) &&
	       (!args->of_case || str_eq(member(record, "case"), str_from(args->of_case))) &&
	       (args->kind == 0 || str_eq(member(record, "kind"), str_from(ctl_kind_names[args->kind])));
}

bool filter_takes(const struct ctl_args *args, const json_t *record)
{
	if (args->since != INT64_MIN || args->until != INT64_MAX) {
		int64_t at = filter_time(record);
		if (at < args->since || at >= args->until)
			return false;
	}
	return takes_keys(args, record) && takes_feed(args, record) && takes_language(args, record) &&
	       takes_topic(args, record);
}

/* A key stands in its line as it is; one that does not is nobody's. */
static bool may_hold_key(const char *key, struct str line)
{
	return !key || str_find(line, str_from(key), 0) != SIZE_MAX;
}

/* Names of topics hold nothing that JSON escapes, and stand in our lines in this one form. */
bool filter_may_take(const struct ctl_args *args, struct str line)
{
	char key[160];
	if (!may_hold_key(args->item, line) || !may_hold_key(args->of_case, line))
		return false;
	for (size_t i = 0; i < args->topics.n; i++) {
		int n = snprintf(key, sizeof(key), "\"topic\":\"%s\"", args->topics.at[i]);
		if (n < 0 || (size_t)n >= sizeof(key) ||
		    str_find(line, str_of(key, (size_t)n), 0) != SIZE_MAX)
			return true;
	}
	return args->topics.n == 0;
}
