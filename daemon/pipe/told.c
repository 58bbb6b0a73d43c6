/*
 * told: a request that one alert tells of records that a topic matched when they came, before the alert was there or asked for them. No line is written: a
 * delivery is owed for each case, under the key that it would have had then, unless the alert has, or remembers, one about that case.
 */
#include "daemon/pipe/told.h"
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/member.h"
#include "daemon/pipe/record.h"
#include "daemon/pipe/replay.h"
#include "daemon/pipe/rules.h"

#define CASE_MAX 128 /* bytes */

const json_t *told_matched(const json_t *record, struct str topic)
{
	const json_t *topics = json_object_get(record, "topics");

	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *t = json_array_get(topics, i);

		if (str_eq(member(t, "topic"), topic) && str_eq(member(t, "decision"), STR("match")) &&
		    !json_is_true(json_object_get(t, "shadow")))
			return t;
	}
	return NULL;
}

bool told_is_wanted(const struct conf_alert *a, const json_t *record, struct str topic)
{
	const json_t *t = told_matched(record, topic);
	const char *feed = json_string_value(json_object_get(record, "feed"));

	return t && feed && rules_want_items(a) && rules_want_feed(a, feed) &&
	       rules_want_topic(a, json_string_value(json_object_get(t, "topic")),
	           json_number_value(json_object_get(t, "score")), true);
}

/* As in the key of a delivery: records of old have no case, and are one by themselves. */
static struct str case_of(const json_t *record)
{
	struct str which = member(record, "case");

	return which.n ? which : member(record, "key");
}

/* Each is one line of `items`, and later than the one before. */
static const char *line_refusal(const struct engine *x, const json_t *text, struct str topic, json_int_t *seq)
{
	struct str line = str_of(json_string_value(text), json_string_length(text));
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	json_int_t before = *seq;
	struct str which = case_of(record);
	const char *why = NULL;

	*seq = json_integer_value(json_object_get(record, "seq"));
	if (!json_is_object(record) || str_find_byte(line, '\n', 0) != SIZE_MAX || which.n == 0 ||
	    which.n > CASE_MAX || !told_matched(record, topic))
		why = "a line is no record that the topic matched";
	else if (*seq <= before || (uint64_t)*seq > x->commits.chains.items.seq)
		why = "the records are not in order, or not of here";
	json_decref(record);
	return why;
}

const char *told_refusal(const struct engine *x, const json_t *request)
{
	const json_t *lines = json_object_get(request, "lines");
	const struct conf_alert *a = rules_find(x->conf, member(request, "alert"));
	const char *topic = json_string_value(json_object_get(request, "topic")), *why = NULL;
	json_int_t seq = 0;

	if (!a)
		return "there is no such alert";
	if (!topic || !rules_want_items(a) || !rules_want_topic(a, topic, 1, true))
		return "the alert does not ask for the topic";
	if (a->when == CONF_WHEN_CONFIRMED)
		return "the alert waits for a person, who is not asked about the past";
	if (json_array_size(lines) == 0 || json_array_size(lines) > REPLAY_RECORDS_MAX)
		return "no records, or too many";
	for (size_t i = 0; i < json_array_size(lines) && !why; i++)
		why = line_refusal(x, json_array_get(lines, i), member(request, "topic"), &seq);
	return why;
}

static bool owe_once(struct engine *x, const struct conf_alert *a, const struct owed *o, struct err *e)
{
	struct buf *key = &x->scratch;
	bool known = false;

	buf_reset(key);
	buf_fmt(key, "%s:%.*s", a->name, STR_ARG(o->key));
	return (!key->failed || err_nomem(e)) &&
	       state_delivery_is_about(x->parts.state, buf_view(key), &known, e) &&
	       (known || owe_alert(x, o, str_from(a->name), e));
}

static bool owe_line(
    struct engine *x, const struct conf_alert *a, const json_t *text, struct str topic, struct err *e)
{
	struct str line = str_of(json_string_value(text), json_string_length(text));
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	struct buf whole;
	bool ok = record || err_nomem(e);

	buf_init(&whole, line.n + 2);
	buf_str(&whole, line);
	buf_byte(&whole, '\n');
	ok = ok && (!whole.failed || err_nomem(e));
	if (ok && told_is_wanted(a, record, topic)) {
		const struct owed o = {
			.seq = (uint64_t)json_integer_value(json_object_get(record, "seq")),
			.at = wall(x),
			.key = case_of(record),
			.line = buf_view(&whole),
		};

		ok = owe_once(x, a, &o, e);
	}
	buf_fini(&whole);
	json_decref(record);
	return ok;
}

bool told_owe(struct engine *x, const json_t *request, struct err *e)
{
	const struct conf_alert *a = rules_find(x->conf, member(request, "alert"));
	const json_t *lines = json_object_get(request, "lines");

	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!owe_line(x, a, json_array_get(lines, i), member(request, "topic"), e))
			return false;
	return gather_burst(x, str_from(a->name), wall(x), e);
}
